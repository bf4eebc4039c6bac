"""What PIM's error codes mean, and what to do next.

Source: the codes of Microsoft.Authorization that its clients are seen to handle; how an
authentication context is asked for is in https://learn.microsoft.com/entra/identity-platform/claims-challenge
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import unquote

from azjit.errors import AzjitError, NotAllowed, NotFound, NotSignedIn, Refused, Usage

EXISTS = "RoleAssignmentExists"
PENDING = "PendingRoleAssignmentRequest"
NAME_TAKEN = "RoleAssignmentRequestExists"
_RULES_FAILED = "RoleAssignmentRequestPolicyValidationFailed"
_STEP_UP = "RoleAssignmentRequestAcrsValidationFailed"

_INPUT = "check the role, the scope and the times; --dry-run shows what is sent"
_CODES: dict[str, tuple[type[AzjitError], str]] = {
    EXISTS: (Refused, "the role is active already: azjit publisher roles APP --pim"),
    PENDING: (Refused, "it waits already: azjit publisher roles APP --pim"),
    NAME_TAKEN: (Refused, "choose another --name"),
    "RoleAssignmentDoesNotExist": (NotFound, "nothing is active; there is nothing to give back"),
    "ActiveDurationTooShort": (Usage, "PIM's shortest activation is five minutes: --duration 5m"),
    "InvalidRoleAssignmentRequestSchedule": (Usage, _INPUT),
    "InvalidRoleAssignmentRequest": (Refused, "read the state before trying again"),
    "InvalidScope": (Usage, _INPUT),
    "RoleNotFound": (Usage, _INPUT),
    "SubjectNotFound": (Usage, _INPUT),
    "InvalidPolicy": (Usage, _INPUT),
    "ResourceIsLocked": (
        Refused,
        "a lock protects the resource: ask its owner to take it off, or for another scope",
    ),
    "PermissionScopeNotGranted": (
        NotAllowed,
        "the sign-in lacks a permission for PIM; ask an administrator to grant it",
    ),
    "RoleAssignmentApprovalCompleted": (Refused, "read the state before trying again"),
    "JustificationRequired": (Usage, 'say why: --reason "..."'),
}
_RULES = {
    "ExpirationRule": "it is longer than the role allows: a shorter --duration",
    "MfaRule": "PIM asks for multi-factor sign-in: az login, then try again",
    "JustificationRule": 'PIM asks for a justification: --reason "..."',
    "TicketingRule": "PIM asks for a ticket: --ticket NUMBER@SYSTEM",
    "EligibilityRule": "you are not eligible for the role here: azjit publisher roles APP --pim",
    "ApprovalRule": "PIM asks for an approval that nobody could give",
    "AuthenticationContextRule": "PIM asks for a stronger sign-in: az login, then try again",
}
_BY_CODE = {code.lower(): told for code, told in _CODES.items()}
_BY_RULE = {name.lower(): hint for name, hint in _RULES.items()}
HINTS = {
    **{code: hint for code, (_, hint) in _CODES.items()},
    **{f"{_RULES_FAILED}, {name}": hint for name, hint in _RULES.items()},
    _STEP_UP: "sign in as PIM asks: az login --claims-challenge CLAIMS, which the error names",
}
_CLAIMS = re.compile(r"claims=(\{.*\})")


@dataclass(frozen=True, slots=True)
class Explained:
    """Which error a code is, and the next step."""

    kind: type[AzjitError]
    hint: str


def explained(code: str, message: str) -> Explained | None:
    """Say what a code of PIM means; None where it is none of PIM's own."""
    word = code.lower()
    if word == _RULES_FAILED.lower():
        return Explained(Refused, _broken_rules(message))
    if word == _STEP_UP.lower():
        return Explained(NotSignedIn, _challenge(message))
    found = _BY_CODE.get(word)
    return Explained(*found) if found is not None else None


def _broken_rules(message: str) -> str:
    names = re.findall(r'"(\w+Rule)"', message)
    hints = [_BY_RULE.get(name.lower(), f"PIM's rule {name} is not kept") for name in names]
    return "; ".join(hints) or "see the role's rules: azjit publisher request --pim --dry-run"


def _challenge(message: str) -> str:
    found = _CLAIMS.search(unquote(message))
    if found is None:
        return "PIM asks for an authentication context: sign in again: az login"
    claims = base64.b64encode(found[1].encode()).decode()
    return f"sign in as PIM asks: az login --claims-challenge {claims}"
