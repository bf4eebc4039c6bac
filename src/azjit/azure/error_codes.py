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
WRONG_TENANT = "InvalidAuthenticationTokenTenant"
LICENCE = "AadPremiumLicenseRequired"
PIM_EXISTS = "RoleAssignmentExists"
PIM_PENDING = "PendingRoleAssignmentRequest"
PIM_NAME_TAKEN = "RoleAssignmentRequestExists"
_RULES_FAILED = "RoleAssignmentRequestPolicyValidationFailed"
_STEP_UP = "RoleAssignmentRequestAcrsValidationFailed"

RIGHTS_HINT = (
    "ask for the role that allows it; the least rights per command are in the documentation,"
    " how-to/least-privilege"
)
_GRAPH_RIGHTS = Meaning(
    "reading the directory takes Microsoft Graph's User.ReadBasic.All and GroupMember.Read.All;"
    " without them azjit works by ids"
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
        "the request points to an application that you may not use; ask its consumer which rights"
        " the publisher has"
    ),
    WRONG_TENANT: Meaning(
        "name the right tenant with --tenant ID, signed in by: az login --tenant ID"
    ),
    "InvalidAuthenticationToken": _SIGN_IN_AGAIN,
    EXPIRED_TOKEN: _SIGN_IN_AGAIN,
    "MissingSubscriptionRegistration": Meaning(
        "register the provider once: az provider register --namespace Microsoft.Solutions"
    ),
    "SubscriptionNotFound": Meaning(
        "check the subscription id and the tenant that you are signed in to"
    ),
    "ResourceGroupNotFound": Meaning("check the resource group's name and the subscription"),
    "ScopeLocked": Meaning("a lock protects this scope; remove it or ask who set it"),
    "RequestDisallowedByPolicy": Meaning("an Azure policy of the consumer forbids this"),
    "RequestDisallowedByAzure": Meaning(
        "Azure asks for multi-factor sign-in: az login, then try again"
    ),
    LICENCE: Meaning(
        "the consumer's tenant needs Microsoft Entra ID P2 or Microsoft Entra ID Governance;"
        " one licence in the tenant is enough to try",
        Refused,
    ),
}
PIM_CODES = {
    PIM_EXISTS: Meaning("the role is active already: azjit publisher roles APP --pim", Refused),
    PIM_PENDING: Meaning("it waits already: azjit publisher roles APP --pim", Refused),
    PIM_NAME_TAKEN: Meaning("choose another --name", Refused),
    "RoleAssignmentDoesNotExist": Meaning(
        "nothing is active; there is nothing to give back", NotFound
    ),
    "ActiveDurationTooShort": Meaning(
        "PIM's shortest activation is five minutes: --duration 5m", Usage
    ),
    "InvalidRoleAssignmentRequestSchedule": _INPUT,
    "InvalidRoleAssignmentRequest": _READ_AGAIN,
    "InvalidScope": _INPUT,
    "RoleNotFound": _INPUT,
    "SubjectNotFound": _INPUT,
    "InvalidPolicy": _INPUT,
    "ResourceIsLocked": Meaning(
        "a lock protects the resource: ask its owner to take it off, or for another scope", Refused
    ),
    "PermissionScopeNotGranted": Meaning(
        "the sign-in lacks a permission for PIM; ask an administrator to grant it", NotAllowed
    ),
    "RoleAssignmentApprovalCompleted": _READ_AGAIN,
    "JustificationRequired": Meaning('say why: --reason "..."', Usage),
}
_PIM_RULES = {
    "ExpirationRule": "it is longer than the role allows: a shorter --duration",
    "MfaRule": "PIM asks for multi-factor sign-in: az login, then try again",
    "JustificationRule": 'PIM asks for a justification: --reason "..."',
    "TicketingRule": "PIM asks for a ticket: --ticket NUMBER@SYSTEM",
    "EligibilityRule": "you are not eligible for the role here: azjit publisher roles APP --pim",
    "ApprovalRule": "PIM asks for an approval that nobody could give",
    "AuthenticationContextRule": "PIM asks for a stronger sign-in: az login, then try again",
}
PIM_HINTS = {
    **{code: meaning.hint for code, meaning in PIM_CODES.items()},
    **{f"{_RULES_FAILED}, {name}": hint for name, hint in _PIM_RULES.items()},
    _STEP_UP: "sign in as PIM asks: az login --claims-challenge CLAIMS, which the error names",
}
_CLAIMS = re.compile(r"claims=(\{.*\})")


def meaning_of(code: str, message: str, *, is_graph: bool) -> Meaning | None:
    """Give what a code of Resource Manager or of Microsoft Graph means; None where unknown."""
    word = code.lower()
    if not is_graph and word == _RULES_FAILED.lower():
        return Meaning(_broken_rules(message), Refused)
    if not is_graph and word == _STEP_UP.lower():
        return Meaning(_step_up(message), NotSignedIn)
    table = AZURE_CODES | (GRAPH_CODES if is_graph else PIM_CODES)
    return next((meaning for known, meaning in table.items() if known.lower() == word), None)


def _broken_rules(message: str) -> str:
    by_name = {name.lower(): hint for name, hint in _PIM_RULES.items()}
    names = re.findall(r'"(\w+Rule)"', message)
    hints = [by_name.get(name.lower(), f"PIM's rule {name} is not kept") for name in names]
    return "; ".join(hints) or "see the role's rules: azjit publisher request --pim --dry-run"


def _step_up(message: str) -> str:
    found = _CLAIMS.search(unquote(message))
    if found is None:
        return "PIM asks for an authentication context: sign in again: az login"
    claims = base64.b64encode(found[1].encode()).decode()
    return f"sign in as PIM asks: az login --claims-challenge {claims}"
