"""Azure's failures as our errors: one border, by status and code, never by guesswork.

Source of the codes: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

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


_HINTS = {
    "authorizationfailed": "ask for the role that allows it; the least rights per command are in"
    " the documentation, how-to/least-privilege",
    "denyassignmentauthorizationfailed": "a deny assignment of the managed application forbids"
    " this; only its publisher is exempt",
    "linkedauthorizationfailed": "the request points to an application that you may not use; ask"
    " its consumer which rights the publisher has",
    "invalidauthenticationtokentenant": "sign in to the tenant that owns the subscription:"
    " az login --tenant TENANT",
    "invalidauthenticationtoken": "sign in again: az login",
    "expiredauthenticationtoken": "sign in again: az login",
    "missingsubscriptionregistration": "register the provider once:"
    " az provider register --namespace Microsoft.Solutions",
    "subscriptionnotfound": "check the subscription id and the tenant that you are signed in to",
    "resourcegroupnotfound": "check the resource group's name and the subscription",
    "scopelocked": "a lock protects this scope; remove it or ask who set it",
    "requestdisallowedbypolicy": "an Azure policy of the consumer forbids this",
    "requestdisallowedbyazure": "Azure asks for multi-factor sign-in: az login, then try again",
}
_LICENCE_HINT = (
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
    HTTPStatus.UNAUTHORIZED: "sign in again: az login",
    HTTPStatus.NOT_FOUND: "check the id, the subscription and the tenant",
    HTTPStatus.TOO_MANY_REQUESTS: "Azure throttles this principal; wait a minute and try again",
}


def read_fault(body: Any) -> Fault:
    """Find code and message in an error body of any of the forms that Azure uses."""
    if not isinstance(body, Mapping):
        return Fault("", "")
    inner = body.get("error")
    if inner is None:
        inner = body.get("odata.error", body)
    if isinstance(inner, str):
        return Fault(inner, str(body.get("error_description") or body.get("message") or ""))
    if not isinstance(inner, Mapping):
        return Fault("", "")
    message = inner.get("message")
    if isinstance(message, Mapping):
        message = message.get("value")
    return Fault(str(inner.get("code") or ""), str(message or ""))


def error_for(what: str, status: int, text: str, request_id: str | None) -> AzjitError:
    """Make the error for an answer of 400 or more to `what`, e.g. `could not read X`."""
    fault = read_fault(_json_or_none(text))
    said = " ".join(fault.message.split())
    if len(said) > _LONGEST_SAYING:
        said = f"{said[:_LONGEST_SAYING]}..."
    tail = said or _without_words(status, text)
    licence = _is_licence(fault)
    kind = Refused if licence else _kind(status)
    hint = _LICENCE_HINT if licence else _hint(fault.code, status)
    return kind(f"{what}: {tail}", hint=hint, code=fault.code or None, request_id=request_id)


_LONGEST_SAYING = 400


def _kind(status: int) -> type[AzjitError]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failed if status == HTTPStatus.NOT_IMPLEMENTED else Unavailable
    return _BY_STATUS.get(status, Failed)


def _hint(code: str, status: int) -> str | None:
    known = _HINTS.get(code.lower())
    if known is None and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "Azure's side failed; try again in a minute"
    return known or _STATUS_HINTS.get(status)


def _is_licence(fault: Fault) -> bool:
    # The exact code is not documented for managed applications; both texts name the licence.
    text = f"{fault.code} {fault.message}".lower()
    return "aadpremiumlicense" in text or ("licen" in text and "p2" in text)


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
