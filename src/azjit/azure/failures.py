"""Turns an answer of 400 or more into one of our errors, by its status and error code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from azjit.azure.error_codes import (
    AZURE_CODES,
    LICENCE,
    MENDED_BY_NEWER_TOKENS,
    RIGHTS_HINT,
    WRONG_TENANT,
    meaning_of,
)
from azjit.azure.wire.values import read_json
from azjit.domain.calls import Call
from azjit.errors import AzjitError, Failed, NotAllowed, NotFound, NotSignedIn, Refused, Unavailable
from azjit.redaction import without_tokens


class ErrorBody(NamedTuple):
    """What an error's body says; `code` is empty if it names none."""

    code: str
    message: str


_BY_STATUS: dict[int, tuple[type[AzjitError], str]] = {
    HTTPStatus.BAD_REQUEST: (
        Failed,
        "--dry-run shows what a command sends; if that is right, report it",
    ),
    HTTPStatus.UNAUTHORIZED: (NotSignedIn, "sign in again: az login"),
    HTTPStatus.FORBIDDEN: (NotAllowed, RIGHTS_HINT),
    HTTPStatus.NOT_FOUND: (NotFound, "check the id, the subscription and the tenant"),
    HTTPStatus.REQUEST_TIMEOUT: (Unavailable, "try again in a minute"),
    HTTPStatus.CONFLICT: (Refused, "read the state before trying again"),
    HTTPStatus.PRECONDITION_FAILED: (Refused, "read the state before trying again"),
    HTTPStatus.TOO_MANY_REQUESTS: (
        Unavailable,
        "Azure throttles this principal; wait a minute and try again",
    ),
    HTTPStatus.NOT_IMPLEMENTED: (Failed, "Azure failed; try again in a minute"),
}
_OTHER = (Failed, "--debug shows each call; Azure support can look up the request id")
_SERVER_ERROR = (Unavailable, "Azure failed; try again in a minute")
_WORTH_WAITING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_WAITS = (("x-ms-retry-after-ms", 0.001), ("retry-after-ms", 0.001), ("retry-after", 1))
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.\d+)?", re.ASCII)
_REQUEST_IDS = (
    "x-ms-request-id",
    "x-ms-correlation-request-id",
    "request-id",
    "client-request-id",
)
_MAX_DIGITS = 12
_MAX_MESSAGE = 400


def read_error_body(body: Any) -> ErrorBody:
    """Find code and message in an error body of any of the forms that Azure uses."""
    whole = _lower_keys(body)
    inner = whole.get("error")
    if inner is None:
        inner = whole.get("odata.error", whole)
    if isinstance(inner, str):
        return ErrorBody(inner, str(whole.get("error_description") or whole.get("message") or ""))
    error = _lower_keys(inner)
    message = error.get("message")
    if isinstance(message, Mapping):
        message = message.get("value")
    detail = _first_detail(error)
    found = ErrorBody(str(error.get("code") or ""), str(message or detail.message))
    # Resource Graph gives every error the code BadRequest; only the detail says what is wrong.
    is_vague = found.code.lower() == "badrequest"
    return detail if is_vague and detail.code and detail.message else found


def _lower_keys(value: Any) -> Mapping[str, Any]:
    # Older providers write `Code` and `Message`.
    return {str(k).lower(): v for k, v in value.items()} if isinstance(value, Mapping) else {}


def _first_detail(error: Mapping[str, Any]) -> ErrorBody:
    details = error.get("details")
    if not isinstance(details, list) or not details or not isinstance(details[0], Mapping):
        return ErrorBody("", "")
    return read_error_body({"error": details[0]})


def requested_wait(headers: Mapping[str, str]) -> float | None:
    """Give how many seconds Azure asks to wait; header names are in lower case."""
    for name, unit in _WAITS:
        text = headers.get(name, "")
        if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
            return int(text) * unit
    return quota_reset(headers)


def quota_reset(headers: Mapping[str, str]) -> float | None:
    """Give in how many seconds Resource Graph's quota is full again: it sends no `Retry-After`.

    Source: https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
    """
    found = _CLOCK.fullmatch(headers.get("x-ms-user-quota-resets-after", ""))
    if found is None:
        return None
    hours, minutes, seconds = map(int, found.groups())
    return float(hours * 3600 + minutes * 60 + seconds)


def error_for(call: Call, status: int, text: str, headers: Mapping[str, str]) -> AzjitError:
    """Make the error for an answer of 400 or more; header names are in lower case."""
    body, wait_seconds = read_error_body(_json_or_none(text)), requested_wait(headers)
    kind, hint = _by_status(status, wait_seconds)
    meaning = meaning_of(body.code, body.message, is_graph=call.is_graph)
    if meaning is None or meaning.kind is None:
        meaning = AZURE_CODES[LICENCE] if _is_licence(body) else meaning
    if meaning is not None:
        kind, hint = meaning.kind or kind, meaning.hint
    message = f"could not {call.what}: {_short(body.message) or _status_line(status, text)}"
    request_id = next((headers[name] for name in _REQUEST_IDS if headers.get(name)), None)
    error = kind(message, hint=hint, code=body.code or None, request_id=request_id)
    error.status = status
    if isinstance(error, Unavailable):
        error.wait_seconds = wait_seconds
    return error


def _by_status(status: int, wait_seconds: float | None) -> tuple[type[AzjitError], str]:
    is_server_error = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind, hint = _BY_STATUS.get(status, _SERVER_ERROR if is_server_error else _OTHER)
    if wait_seconds is not None and wait_seconds >= 1 and status in _WORTH_WAITING:
        hint = f"Azure asks to wait {wait_seconds:.0f} s; try again then"
    return kind, hint


def _is_licence(body: ErrorBody) -> bool:
    # The exact code is not documented for managed applications; both texts name the licence.
    text = f"{body.code} {body.message}".lower()
    names_one = any(word in text for word in ("p2", "premium", "governance"))
    return "aadpremiumlicense" in text or ("licen" in text and names_one)


def _short(message: str) -> str:
    line = without_tokens(" ".join(message.split()))
    return f"{line[:_MAX_MESSAGE]}..." if len(line) > _MAX_MESSAGE else line


def _status_line(status: int, text: str) -> str:
    phrase = next((each.phrase for each in HTTPStatus if each == status), "")
    label = f"{status} {phrase}".strip()
    if text.lstrip()[:1] == "<":
        return (
            f"Azure answered {label} with a web page, not JSON; a gateway or proxy may have"
            " answered"
        )
    return f"Azure answered {label}"


def _json_or_none(text: str) -> Any:
    try:
        return read_json(text)
    except ValueError:
        return None


def may_be_mended(status: int, text: str) -> bool:
    """Tell whether Azure may accept a newer token of the same principal."""
    code = read_error_body(_json_or_none(text)).code.lower()
    return status == HTTPStatus.UNAUTHORIZED or code in MENDED_BY_NEWER_TOKENS


_AUTHORIZATION_URI = re.compile(
    r"authorization_uri=\"https://[^/\"]+/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.IGNORECASE,
)


def wanted_tenant(text: str, challenge: str) -> str | None:
    """Give the tenant whose token Azure wants, if a 401 says that ours is of another.

    Only the tenant's id is taken from the answer; the sign-in host stays our own.
    """
    body = read_error_body(_json_or_none(text))
    found = _AUTHORIZATION_URI.search(challenge)
    if body.code.lower() != WRONG_TENANT.lower() or found is None:
        return None
    return found[1].lower()
