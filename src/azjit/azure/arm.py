"""Resource Manager, spoken plainly: send, list all pages, follow an operation, fail clearly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from azjit.azure.calls import Answer, Call, Json
from azjit.azure.clouds import Cloud
from azjit.azure.operations import address_of, has_ended, wait_of
from azjit.azure.redaction import first_line
from azjit.azure.responses import lost, read_answer
from azjit.azure.transport_errors import sign_in_failure, unreached
from azjit.errors import AnswerLost, AzjitError, Failed, NotFound, Unavailable

if TYPE_CHECKING:
    from azure.mgmt.resource.resources import ResourceManagementClient

__all__ = ["Answer", "Arm", "Call", "Json"]

_SAFE = "/:()-_.~!$&'*+,;=@"
_GATEWAY = "try again; a gateway or proxy may be at work"


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
            raise Unavailable(f"could not {what}: the answer is not a JSON object", hint=_GATEWAY)
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
                raise Unavailable(
                    f"could not {what}: Azure's list points back to an earlier page",
                    hint="try again; if it stays so, report it to Azure support",
                )
            seen.add(url)
            page = self._exchange(call, url).body
            items = page.get("value") if isinstance(page, dict) else None
            if not isinstance(items, list):
                raise Unavailable(f"could not {what}: the answer holds no list", hint=_GATEWAY)
            yield from (item for item in items if isinstance(item, dict))
            following = page.get("nextLink")
            url = self._at_home(str(following), what) if following else None

    def settle(self, answer: Answer, what: str, timeout: timedelta) -> bool:
        """Follow a long-running operation to its end; False if it had none in time.

        Raises:
            AzjitError: the operation failed.
        """
        url = address_of(answer)
        if url is None:
            return True
        follow = Call("GET", "", "", f"follow Azure's operation to {what}")
        deadline = self._now() + timeout
        wait = wait_of(answer.headers)
        while self._now() < deadline:
            self._sleep(wait)
            seen = self._look(follow, url)
            if has_ended(seen, what):
                return True
            wait = wait_of(seen.headers)
        return False

    def _look(self, follow: Call, url: str) -> Answer:
        try:
            return self._exchange(follow, self._at_home(url, follow.what))
        except AzjitError as error:
            # Azure took the write before: only a read of its target can tell what became of it.
            raise AnswerLost(
                error.message,
                hint="Azure took the call; read the state before trying again",
                code=error.code,
                request_id=error.request_id,
            ) from error

    def _at_home(self, url: str, what: str) -> str:
        if not self._cloud.owns(url):
            raise Failed(
                f"could not {what}: Azure's answer points to the foreign address {_place_of(url)}",
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
        what = f"could not {call.what}"
        try:
            response = self._client.send_request(request, **options)
            text = response.text()
        except ClientAuthenticationError as error:
            raise sign_in_failure(what, self._cloud.login, error) from error
        except ServiceRequestError as error:
            raise unreached(what, self._cloud.host, error) from error
        except (AzureError, ValueError) as error:
            # ValueError: azure-core on a malformed challenge, an unknown charset's bytes.
            raise lost(call, f"no usable answer came ({first_line(error)})") from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        return read_answer(call, response.status_code, text, headers)


def _place_of(url: str) -> str:
    try:
        return urlsplit(url).netloc or repr(url[:60])
    except ValueError:
        return repr(url[:60])
