"""Resource Manager, spoken plainly: send, list all pages, follow an operation, fail clearly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from azjit.azure.clouds import Cloud
from azjit.azure.failures import error_for, read_fault
from azjit.errors import AnswerLost, Failed, NotFound, NotSignedIn, Unavailable

if TYPE_CHECKING:
    from azure.mgmt.resource.resources import ResourceManagementClient

Json = dict[str, Any]
_SAFE = "/:()-_.~!$&'*+,;=@"
_DEFAULT_WAIT = 2.0
_LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request to Resource Manager; `what` names it in errors: `read application x`."""

    method: str
    path: str
    api: str
    what: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None
    resend: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, below 400; header names are in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def request_id(self) -> str | None:
        """Azure's id of the call."""
        return self.headers.get("x-ms-request-id")


class Arm:
    """Sends calls through Microsoft's pipeline to one cloud's Resource Manager."""

    def __init__(
        self,
        client: ResourceManagementClient,
        cloud: Cloud,
        *,
        sleep: Callable[[float], None],
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._cloud = cloud
        self._sleep = sleep
        self._now = now

    def url(self, call: Call) -> str:
        """Give the whole address of a call, as `--dry-run` shows it."""
        query = urlencode({"api-version": call.api, **call.query}, quote_via=quote, safe="'()$")
        return f"{self._cloud.arm}{quote(call.path, safe=_SAFE)}?{query}"

    def send(self, call: Call) -> Answer:
        """Send a call and give its answer.

        Raises:
            NotSignedIn: no token, or Azure refuses it.
            Unavailable: Azure was not reached, throttles or fails on a read.
            AnswerLost: a write was sent and no usable answer came.
            AzjitError: any other answer of 400 or more, by its status and code.
        """
        return self._exchange(call, self.url(call))

    def read(self, path: str, api: str, what: str, query: Mapping[str, str] | None = None) -> Json:
        """Read one object.

        Raises:
            NotFound: there is none.
        """
        answer = self.send(Call("GET", path, api, what, query or {}))
        if not isinstance(answer.body, dict):
            raise Unavailable(f"could not {what}: the answer is not a JSON object")
        return answer.body

    def find(self, path: str, api: str, what: str) -> Json | None:
        """Read one object, or None where Azure has none."""
        try:
            return self.read(path, api, what)
        except NotFound:
            return None

    def list(
        self, path: str, api: str, what: str, query: Mapping[str, str] | None = None
    ) -> Iterator[Json]:
        """Give the items of all pages, page by page."""
        call = Call("GET", path, api, what, query or {})
        url: str | None = self.url(call)
        seen: set[str] = set()
        while url:
            if url in seen:
                raise Unavailable(f"could not {what}: Azure's list points back to an earlier page")
            seen.add(url)
            page = self._exchange(call, url).body
            items = page.get("value") if isinstance(page, dict) else None
            if not isinstance(items, list):
                raise Unavailable(f"could not {what}: the answer holds no list")
            yield from (item for item in items if isinstance(item, dict))
            following = page.get("nextLink")
            url = self._at_home(str(following), what) if following else None

    def settle(self, answer: Answer, what: str, timeout: timedelta) -> bool:
        """Follow a long-running operation to its end; False if it had none in time.

        Raises:
            AzjitError: the operation failed.
        """
        headers = answer.headers
        status_url = headers.get("azure-asyncoperation")
        url = status_url or (
            headers.get("location") if answer.status == HTTPStatus.ACCEPTED else None
        )
        if url is None:
            return True
        address = self._at_home(url, what)
        deadline = self._now() + timeout
        wait = _wait_of(headers)
        while self._now() < deadline:
            self._sleep(wait)
            seen = self._exchange(Call("GET", "", "", what), address)
            if _has_ended(seen, what, by_body=status_url is not None):
                return True
            wait = _wait_of(seen.headers)
        return False

    def _at_home(self, url: str, what: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.netloc.lower() != self._cloud.host:
            raise Failed(
                f"could not {what}: Azure's answer points to the foreign host {parts.netloc}",
                hint="nothing was sent there; report this to whoever runs the network",
            )
        return url

    def _exchange(self, call: Call, url: str) -> Answer:
        from azure.core.exceptions import (
            AzureError,
            ClientAuthenticationError,
            ServiceRequestError,
        )
        from azure.core.rest import HttpRequest

        request = HttpRequest(call.method, url, json=call.body)
        options: dict[str, Any] = {} if call.resend else {"retry_total": 0}
        try:
            response = self._client.send_request(request, **options)
            text = response.text()
        except ClientAuthenticationError as error:
            raise NotSignedIn(
                f"could not {call.what}: {_first_line(error)}", hint="sign in: az login"
            ) from error
        except ServiceRequestError as error:
            raise self._unreached(call, error) from error
        except AzureError as error:
            raise _lost(call, f"no usable answer came ({_first_line(error)})") from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        return _answer(call, response.status_code, text, headers)

    def _unreached(self, call: Call, error: Exception) -> Unavailable:
        return Unavailable(
            f"could not {call.what}: {self._cloud.host} was not reached ({_first_line(error)})",
            hint="check the network, the proxy variables and --cloud",
        )


def _answer(call: Call, status: int, text: str, headers: Mapping[str, str]) -> Answer:
    request_id = headers.get("x-ms-request-id")
    if status >= HTTPStatus.BAD_REQUEST:
        error = error_for(f"could not {call.what}", status, text, request_id)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and type(error) is Unavailable:
            raise _lost(call, f"Azure answered {status}", error) from None
        raise error
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise Unavailable(
            f"could not {call.what}: Azure answered {status}, a redirection that is not followed"
        )
    if not text.strip():
        return Answer(status, None, headers)
    try:
        return Answer(status, json.loads(text), headers)
    except ValueError as error:
        raise _lost(call, f"the answer ({status}) is not whole JSON") from error


def _lost(call: Call, why: str, error: Unavailable | None = None) -> Unavailable:
    if call.method == "GET":
        return error or Unavailable(
            f"could not {call.what}: {why}", hint="try again; a gateway or proxy may be at work"
        )
    return AnswerLost(
        f"could not {call.what}: {why}",
        hint="whether Azure acted is not known; read the state before trying again",
        code=error.code if error else None,
        request_id=error.request_id if error else None,
    )


def _has_ended(seen: Answer, what: str, *, by_body: bool) -> bool:
    if not by_body:
        return seen.status != HTTPStatus.ACCEPTED
    status = str(seen.body.get("status", "")).lower() if isinstance(seen.body, dict) else ""
    if status in {"failed", "canceled", "cancelled"}:
        fault = read_fault(seen.body)
        raise Failed(
            f"could not {what}: Azure's operation {status}: {fault.message or 'no reason given'}",
            code=fault.code or None,
            request_id=seen.request_id,
        )
    return status == "succeeded"


def _wait_of(headers: Mapping[str, str]) -> float:
    for name, unit in (
        ("x-ms-retry-after-ms", 0.001),
        ("retry-after-ms", 0.001),
        ("retry-after", 1),
    ):
        text = headers.get(name, "")
        if text.isascii() and text.isdigit():
            return min(int(text) * unit, _LONGEST_WAIT)
    return _DEFAULT_WAIT


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
