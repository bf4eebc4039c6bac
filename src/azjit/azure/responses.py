"""Reads the answers of Azure, Microsoft Graph and Partner Center: usable, refused, or lost.

Whether a write was carried out is never guessed: what is not known is `AnswerLost`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from azjit.azure.clouds import Cloud
from azjit.azure.failures import error_for
from azjit.azure.wire.values import read_json, unusable
from azjit.domain.calls import Call
from azjit.errors import AnswerLost, AzjitError, Failed, Unavailable

_READ_FIRST = "it is unknown whether Azure made the change; read the state before trying again"


class Answer(NamedTuple):
    """What came back, below 400; header names are in lower case, `text` is the body as it came."""

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str = ""

    @property
    def request_id(self) -> str | None:
        """Azure's id of the call."""
        return self.headers.get("x-ms-request-id")


def read_answer(call: Call, status: int, text: str, headers: Mapping[str, str]) -> Answer:
    """Give a usable answer.

    Raises:
        AnswerLost: a write was sent, and the answer does not say whether it was carried out.
        AzjitError: any other answer of 400 or more, by its status and code.
        Unavailable: the answer to a read is not JSON.
    """
    if status >= HTTPStatus.BAD_REQUEST:
        raise _failure(call, status, text, headers)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise lost(call, f"Azure answered {status}, a redirect, which azjit does not follow")
    if not text.strip():
        return Answer(status, None, headers, text)
    try:
        return Answer(status, read_json(text), headers, text)
    except ValueError as error:
        raise lost(call, f"the answer ({status}) is not complete JSON") from error


def lost(call: Call, why: str) -> Unavailable:
    """Make the error for a call without a usable answer: a write may have been carried out."""
    message = f"could not {call.what}: {why}"
    return unusable(message) if call.is_read else AnswerLost(message, hint=_READ_FIRST)


def listed(call: Call, answer: Answer) -> list[Any]:
    """Give the list in an answer's `value`.

    Raises:
        Unavailable: it holds none.
    """
    found = answer.body.get("value") if isinstance(answer.body, dict) else None
    if not isinstance(found, list):
        raise lost(call, "the answer contains no list")
    return found


def all_pages(
    call: Call, cloud: Cloud, send: Callable[[Call], Answer], next_key: str = "nextLink"
) -> Iterator[Any]:
    """Give the objects of all pages of a list.

    Raises:
        Unavailable: a page holds no list, or points back to an earlier one.
        Failed: a page points to another host.
    """
    seen = {call.url}
    while True:
        answer = send(call)
        # What is no object is an item too, of which nothing can be read.
        yield from (item if isinstance(item, dict) else {} for item in listed(call, answer))
        following = answer.body.get(next_key)
        if not following:
            return
        call = call._replace(url=str(following))
        check_host(call, cloud)
        if call.url in seen:
            raise Unavailable(
                f"could not {call.what}: the list points back to an earlier page",
                hint="try again; if it happens again, contact Azure support",
            )
        seen.add(call.url)


def check_host(call: Call, cloud: Cloud) -> None:
    """Refuse a call to an address from an answer that leads to another host.

    Raises:
        Failed: it does; that host must not get the token.
    """
    if not cloud.owns(call.url):
        host = _host_of(call.url)
        raise Failed(
            f"could not {call.what}: Azure's answer points to the foreign address {host}",
            hint="nothing was sent there; report this to your network administrator",
        )


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc or repr(url[:60])
    except ValueError:
        return repr(url[:60])


def _failure(call: Call, status: int, text: str, headers: Mapping[str, str]) -> AzjitError:
    error = error_for(call, status, text, headers)
    # A gateway gives up on a call (5xx, 408) that the service behind it may still carry out.
    is_open = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT
    if call.is_read or not is_open or type(error) is not Unavailable:
        return error
    gone = AnswerLost(error.message, hint=_READ_FIRST, code=error.code, request_id=error.request_id)
    gone.status, gone.wait_seconds = error.status, error.wait_seconds
    return gone
