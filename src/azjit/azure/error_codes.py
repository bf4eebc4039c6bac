"""What Azure's error codes mean: which of our errors each becomes, and the next step.

A code that is not here becomes an error by its HTTP status. Sources:
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors,
for PIM the codes that clients of Microsoft.Authorization are seen to handle, and for sign-in
contexts https://learn.microsoft.com/entra/identity-platform/claims-challenge
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple
from urllib.parse import unquote

from azjit.errors import AzjitError, NotAllowed, NotFound, NotSignedIn, Refused, Usage


class Meaning(NamedTuple):
    """The next step, and which error the code is; None leaves that to the HTTP status."""

    hint: str
    kind: type[AzjitError] | None = None


# Codes that other modules act on.
EXPIRED_TOKEN = "ExpiredAuthenticationToken"  # noqa: S105 - a code, no secret
NO_SUBSCRIPTION = "SubscriptionNotFound"
WRONG_TENANT = "InvalidAuthenticationTokenTenant"
LICENCE = "AadPremiumLicenseRequired"
PIM_EXISTS = "RoleAssignmentExists"
PIM_ABSENT, PIM_TOO_EARLY = "RoleAssignmentDoesNotExist", "ActiveDurationTooShort"
PIM_PENDING = "PendingRoleAssignmentRequest"
PIM_NAME_TAKEN = "RoleAssignmentRequestExists"
_BY_AZURE = "RequestDisallowedByAzure"
_RULES_FAILED = "RoleAssignmentRequestPolicyValidationFailed"
_STEP_UP = "RoleAssignmentRequestAcrsValidationFailed"

RIGHTS_HINT = (
    "ask for the role that allows it; the least rights per command are in the documentation,"
    " how-to/least-privilege"
)
_REGISTER = "register the provider once: az provider register --namespace {}"
# The Monitor service says so under the code AuthorizationFailed.
_UNREGISTERED = re.compile(
    r"not registered to use namespace '([\w.]+)'|register the subscription .* with ([\w.]+\w)",
    re.IGNORECASE,
)
_GRAPH_RIGHTS = Meaning(
    "reading the directory needs Microsoft Graph's User.ReadBasic.All and GroupMember.Read.All;"
    " without them azjit works with ids"
)
_SIGN_IN_AGAIN = Meaning("sign in again: az login")
_READ_AGAIN = Meaning("read the state before trying again", Refused)
_INPUT = Meaning("check the role, the scope and the times; --dry-run shows what is sent", Usage)

GRAPH_CODES = {
    "Authorization_RequestDenied": _GRAPH_RIGHTS,
    "PermissionScopeNotGranted": _GRAPH_RIGHTS,
}
AZURE_CODES = {
    "AuthorizationFailed": Meaning(RIGHTS_HINT),
    "DenyAssignmentAuthorizationFailed": Meaning(
        "a deny assignment of the managed application forbids this; only its publisher is exempt"
    ),
    "LinkedAuthorizationFailed": Meaning(
        "the request points to an application that you cannot use; ask its consumer which"
        " permissions the publisher has"
    ),
    WRONG_TENANT: Meaning(
        "sign in to the right tenant with az login --tenant ID, then use --tenant ID"
    ),
    "InvalidAuthenticationToken": _SIGN_IN_AGAIN,
    EXPIRED_TOKEN: _SIGN_IN_AGAIN,
    "MissingSubscriptionRegistration": Meaning(_REGISTER.format("Microsoft.Solutions")),
    "SubscriptionNotRegistered": Meaning(_REGISTER.format("Microsoft.Solutions")),
    "ReadOnlyDisabledSubscription": Meaning(
        "the subscription is disabled, so that it can only be read: its owner can enable it"
    ),
    "DisallowedOperation": Meaning(
        "Azure forbids this in the subscription, because of its type or state: look through the"
        " others with --subscription ID"
    ),
    NO_SUBSCRIPTION: Meaning("check the subscription id and the tenant that you are signed in to"),
    "ResourceGroupNotFound": Meaning("check the resource group's name and the subscription"),
    "JitAuthorizationNotFound": Meaning(
        "the application may lack this row of its definition: azjit publisher check APP, then"
        " azjit publisher refresh-permissions APP"
    ),
    "ScopeLocked": Meaning("a lock protects this scope; remove it or ask who set it"),
    "RequestDisallowedByPolicy": Meaning("an Azure policy of the consumer forbids this"),
    _BY_AZURE: Meaning("Azure itself forbids this, for the reason that its message gives"),
    LICENCE: Meaning(
        "the consumer's tenant needs Microsoft Entra ID P2 or Microsoft Entra ID Governance;"
        " one licence in the tenant is enough to try",
        Refused,
    ),
}
PIM_CODES = {
    PIM_EXISTS: Meaning("the role is active already: azjit publisher roles APP --pim", Refused),
    PIM_PENDING: Meaning("an equal request is pending: azjit publisher roles APP --pim", Refused),
    PIM_NAME_TAKEN: Meaning("choose another --name", Refused),
    PIM_ABSENT: Meaning("the role is not active, so there is nothing to deactivate", NotFound),
    PIM_TOO_EARLY: Meaning("PIM's shortest activation is five minutes: --duration 5m", Usage),
    "InvalidRoleAssignmentRequestSchedule": _INPUT,
    "InvalidRoleAssignmentRequest": _READ_AGAIN,
    "InvalidScope": _INPUT,
    "RoleNotFound": _INPUT,
    "SubjectNotFound": _INPUT,
    "InvalidPolicy": _INPUT,
    "ResourceIsLocked": Meaning(
        "a lock protects the resource: ask its owner to remove it, or use another scope", Refused
    ),
    "PermissionScopeNotGranted": Meaning(
        "the sign-in lacks a permission for PIM; ask an administrator to grant it", NotAllowed
    ),
    "RoleAssignmentApprovalCompleted": _READ_AGAIN,
    "JustificationRequired": Meaning('give a reason: --reason "..."', Usage),
}
_PIM_RULES = {
    "ExpirationRule": "it is longer than the role allows: use a shorter --duration",
    "MfaRule": "PIM requires multi-factor authentication: run az login, then try again",
    "JustificationRule": 'PIM requires a justification: --reason "..."',
    "TicketingRule": "PIM requires a ticket: --ticket NUMBER@SYSTEM",
    "EligibilityRule": "you are not eligible for the role here: azjit publisher roles APP --pim",
    "ApprovalRule": "PIM requires an approval, but nobody can approve",
    "AuthenticationContextRule": "PIM requires a stronger sign-in: run az login, then try again",
}
PIM_HINTS = {
    **{code: meaning.hint for code, meaning in PIM_CODES.items()},
    **{f"{_RULES_FAILED}, {name}": hint for name, hint in _PIM_RULES.items()},
    _STEP_UP: "sign in again: az login --claims-challenge CLAIMS, with the claims of the error",
}
# Groups, directory roles and the second factor stand in the token, as they were at its issue.
MENDED_BY_NEWER_TOKENS = {
    "authorizationfailed",
    "linkedauthorizationfailed",
    "denyassignmentauthorizationfailed",
    "requestdisallowedbyazure",
    "authorization_requestdenied",
    "permissionscopenotgranted",
}
_MFA = re.compile(r"\bmfa\b|multi-?factor|authentication (strength|context)", re.IGNORECASE)
_CLAIMS = re.compile(r"claims=(\{.*\})")


def meaning_of(code: str, message: str, *, is_graph: bool) -> Meaning | None:
    """Give what a code of Resource Manager or of Microsoft Graph means; None where unknown."""
    word = code.lower()
    if not is_graph and word == _RULES_FAILED.lower():
        return Meaning(_broken_rules(message), Refused)
    if not is_graph and word == _STEP_UP.lower():
        return Meaning(_step_up(message), NotSignedIn)
    if word == _BY_AZURE.lower() and _MFA.search(message) is not None:
        return Meaning("Azure requires multi-factor authentication: run az login, then try again")
    if not is_graph and (found := _UNREGISTERED.search(message)) is not None:
        return Meaning(_REGISTER.format(found[1] or found[2]))
    table = AZURE_CODES | (GRAPH_CODES if is_graph else PIM_CODES)
    return next((meaning for known, meaning in table.items() if known.lower() == word), None)


def is_absent(error: AzjitError) -> bool:
    """Tell whether an error says that a thing does not exist.

    A subscription is not found, with all that is in it, where it is only another tenant's.
    """
    is_elsewhere = (error.code or "").lower() == NO_SUBSCRIPTION.lower()
    return isinstance(error, NotFound) and not is_elsewhere


def _broken_rules(message: str) -> str:
    by_name = {name.lower(): hint for name, hint in _PIM_RULES.items()}
    names = re.findall(r'"(\w+Rule)"', message)
    hints = [by_name.get(name.lower(), f"the request violates PIM's rule {name}") for name in names]
    return "; ".join(hints) or "see the role's rules: azjit publisher request --pim --dry-run"


def _step_up(message: str) -> str:
    found = _CLAIMS.search(unquote(message))
    if found is None:
        return "PIM requires an authentication context; sign in again: az login"
    claims = base64.b64encode(found[1].encode()).decode()
    return f"sign in again: az login --claims-challenge {claims}"
