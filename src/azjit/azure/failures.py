"""Azure's failures as our errors: one border, by status and code, never by guesswork.

Source of the codes: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from azjit.azure import pim_failures
from azjit.azure.redaction import without_tokens
from azjit.errors import (
    AzjitError,
    Failed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    Unavailable,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What Azure said went wrong; `code` is empty where it named none."""

    code: str
    message: str


_RIGHTS_HINT = (
    "ask for the role that allows it; the least rights per command are in the documentation,"
    " how-to/least-privilege"
)
_GRAPH_HINT = (
    "reading the directory takes Microsoft Graph's User.ReadBasic.All and GroupMember.Read.All;"
    " without them azjit works by ids"
)
HINTS = {
    "Authorization_RequestDenied": _GRAPH_HINT,
    "PermissionScopeNotGranted": _GRAPH_HINT,
    "AuthorizationFailed": _RIGHTS_HINT,
    "DenyAssignmentAuthorizationFailed": "a deny assignment of the managed application forbids"
    " this; only its publisher is exempt",
    "LinkedAuthorizationFailed": "the request points to an application that you may not use; ask"
    " its consumer which rights the publisher has",
    "InvalidAuthenticationTokenTenant": "name the right tenant with --tenant ID, signed in by:"
    " az login --tenant ID",
    "InvalidAuthenticationToken": "sign in again: az login",
    "ExpiredAuthenticationToken": "sign in again: az login",
    "MissingSubscriptionRegistration": "register the provider once:"
    " az provider register --namespace Microsoft.Solutions",
    "SubscriptionNotFound": "check the subscription id and the tenant that you are signed in to",
    "ResourceGroupNotFound": "check the resource group's name and the subscription",
    "ScopeLocked": "a lock protects this scope; remove it or ask who set it",
    "RequestDisallowedByPolicy": "an Azure policy of the consumer forbids this",
    "RequestDisallowedByAzure": "Azure asks for multi-factor sign-in: az login, then try again",
}
_BY_CODE = {code.lower(): hint for code, hint in HINTS.items()}
LICENCE_CODE = "AadPremiumLicenseRequired"
LICENCE_HINT = (
    "the consumer's tenant needs Microsoft Entra ID P2 or Microsoft Entra ID Governance;"
    " one licence in the tenant is enough to try"
)
_BY_STATUS: dict[int, type[AzjitError]] = {
    HTTPStatus.UNAUTHORIZED: NotSignedIn,
    HTTPStatus.FORBIDDEN: NotAllowed,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Refused,
    HTTPStatus.PRECONDITION_FAILED: Refused,
    HTTPStatus.REQUEST_TIMEOUT: Unavailable,
    HTTPStatus.TOO_MANY_REQUESTS: Unavailable,
}
_STATUS_HINTS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "--dry-run shows what a command sends; if that is right, report it",
    HTTPStatus.UNAUTHORIZED: "sign in again: az login",
    HTTPStatus.FORBIDDEN: _RIGHTS_HINT,
    HTTPStatus.NOT_FOUND: "check the id, the subscription and the tenant",
    HTTPStatus.REQUEST_TIMEOUT: "try again in a minute",
    HTTPStatus.CONFLICT: "read the state before trying again",
    HTTPStatus.PRECONDITION_FAILED: "read the state before trying again",
    HTTPStatus.TOO_MANY_REQUESTS: "Azure throttles this principal; wait a minute and try again",
}
_ANY_HINT = "--debug shows each call; Azure support can look up the request id"
_WORTH_WAITING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_WAITS = (("x-ms-retry-after-ms", 0.001), ("retry-after-ms", 0.001), ("retry-after", 1))
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.\d+)?", re.ASCII)
_LONGEST_NUMBER = 12
_LONGEST_SAYING = 400


def read_fault(body: Any) -> Fault:
    """Find code and message in an error body of any of the forms that Azure uses."""
    whole = _lowered(body)
    inner = whole.get("error")
    if inner is None:
        inner = whole.get("odata.error", whole)
    if isinstance(inner, str):
        return Fault(inner, str(whole.get("error_description") or whole.get("message") or ""))
    told = _lowered(inner)
    message = told.get("message")
    if isinstance(message, Mapping):
        message = message.get("value")
    fault = Fault(str(told.get("code") or ""), str(message or _first_detail(told).message))
    # Resource Graph calls everything a BadRequest; only the detail tells what is wrong.
    detail = _first_detail(told) if fault.code.lower() == "badrequest" else fault
    return detail if detail.code and detail.message else fault


def _lowered(value: Any) -> Mapping[str, Any]:
    # Older providers write `Code` and `Message`.
    return {str(k).lower(): v for k, v in value.items()} if isinstance(value, Mapping) else {}


def _first_detail(told: Mapping[str, Any]) -> Fault:
    details = told.get("details")
    if not isinstance(details, list) or not details or not isinstance(details[0], Mapping):
        return Fault("", "")
    return read_fault({"error": details[0]})


def requested_wait(headers: Mapping[str, str]) -> float | None:
    """Give how many seconds Azure asks to wait; header names are in lower case."""
    for name, unit in _WAITS:
        text = headers.get(name, "")
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER:
            return int(text) * unit
    return quota_reset(headers)


def quota_reset(headers: Mapping[str, str]) -> float | None:
    """Give in how many seconds Resource Graph's quota is full again: it tells no `Retry-After`.

    Source: https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
    """
    found = _CLOCK.fullmatch(headers.get("x-ms-user-quota-resets-after", ""))
    if found is None:
        return None
    hours, minutes, seconds = map(int, found.groups())
    return float(hours * 3600 + minutes * 60 + seconds)


def error_for(
    what: str,
    status: int,
    text: str,
    request_id: str | None,
    wait: float | None = None,
    *,
    knows_pim: bool = True,
) -> AzjitError:
    """Make the error for an answer of 400 or more to `what`, e.g. `could not read X`.

    `wait` is how many seconds Azure asks to wait before the next try; `knows_pim` is False of
    Microsoft Graph, which has codes of PIM's spelling that are about the directory.
    """
    fault = read_fault(_json_or_none(text))
    said = without_tokens(" ".join(fault.message.split()))
    if len(said) > _LONGEST_SAYING:
        said = f"{said[:_LONGEST_SAYING]}..."
    tail = said or _without_words(status, text)
    licence = _is_licence(fault)
    pim = pim_failures.explained(fault.code, fault.message) if knows_pim else None
    if pim is not None:
        return pim.kind(f"{what}: {tail}", hint=pim.hint, code=fault.code, request_id=request_id)
    kind = Refused if licence else _kind(status)
    hint = LICENCE_HINT if licence else _hint(fault.code, status, wait)
    return kind(f"{what}: {tail}", hint=hint, code=fault.code or None, request_id=request_id)


def _kind(status: int) -> type[AzjitError]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failed if status == HTTPStatus.NOT_IMPLEMENTED else Unavailable
    return _BY_STATUS.get(status, Failed)


def _hint(code: str, status: int, wait: float | None) -> str:
    known = _BY_CODE.get(code.lower())
    if known is not None:
        return known
    if wait is not None and wait >= 1 and status in _WORTH_WAITING:
        return f"Azure asks to wait {wait:.0f} s; try again then"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "Azure's side failed; try again in a minute"
    return _STATUS_HINTS.get(status, _ANY_HINT)


def _is_licence(fault: Fault) -> bool:
    # The exact code is not documented for managed applications; both texts name the licence.
    text = f"{fault.code} {fault.message}".lower()
    names_one = any(word in text for word in ("p2", "premium", "governance"))
    return "aadpremiumlicense" in text or ("licen" in text and names_one)


def _without_words(status: int, text: str) -> str:
    phrase = next((each.phrase for each in HTTPStatus if each == status), "")
    label = f"{status} {phrase}".strip()
    if text.lstrip()[:1] == "<":
        return (
            f"Azure answered {label} with a web page, not JSON; a gateway or proxy may be at work"
        )
    return f"Azure answered {label}"


def _json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


_WRONG_TENANT = "invalidauthenticationtokentenant"
_AUTHORIZATION_URI = re.compile(
    r"authorization_uri=\"https://[^/\"]+/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.IGNORECASE,
)


def wanted_tenant(text: str, challenge: str) -> str | None:
    """Give the tenant whose token Azure wants, where a 401 says that ours is of another.

    Only the tenant's id is taken from the answer; the sign-in host stays our own.
    """
    fault = read_fault(_json_or_none(text))
    found = _AUTHORIZATION_URI.search(challenge)
    if fault.code.lower() != _WRONG_TENANT or found is None:
        return None
    return found[1].lower()
