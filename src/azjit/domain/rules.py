"""Rules of the consumer: approve, deny, revoke, and change the JIT settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.applications import Application, ApprovalMode, JitPolicy
from azjit.domain.concerns import CODES, Sheet
from azjit.domain.levels import Level
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.errors import Refused


class Verdict(StrEnum):
    """A consumer's decision."""

    APPROVE = "approve"
    DENY = "deny"
    REVOKE = "revoke"

    @property
    def done(self) -> str:
        """The past participle: `approved`."""
        return _DONE[self]


class AccessUpdate(NamedTuple):
    """The content of a call of `updateAccess`; it has no field for a reason."""

    verdict: Verdict
    origin_request: str
    requestor: str
    approver: str | None
    publisher: str | None
    subject: str | None


# The state that a request is in once a read shows the decision; a revocation has none.
LEADS_TO: Mapping[str, RequestState] = {
    Verdict.APPROVE: RequestState.APPROVED,
    Verdict.DENY: RequestState.DENIED,
}
# What forbids a decision: the codes of concerns with the level `refused`.
_REFUSALS: Mapping[str, frozenset[str]] = {
    Verdict.APPROVE: frozenset(each.code for each in CODES),
    Verdict.DENY: frozenset({"own-request", "other-place", "other-publisher"}),
    Verdict.REVOKE: frozenset({"other-place", "other-publisher"}),
}
_DONE = {Verdict.APPROVE: "approved", Verdict.DENY: "denied", Verdict.REVOKE: "revoked"}


class Judgement(StrEnum):
    """Whether a decision is to be sent, or was made already."""

    GO = "go"
    ALREADY = "already"


def judge(verdict: Verdict, request: JitRequest, sheet: Sheet) -> Judgement:
    """Judge whether a decision may be sent, or was made already.

    Raises:
        Refused: it may not.
    """
    if request.state is LEADS_TO.get(verdict):
        return Judgement.ALREADY
    _check_state(verdict, request)
    check_place(verdict, request, sheet)
    return Judgement.GO


def check_place(verdict: Verdict, request: JitRequest, sheet: Sheet) -> None:
    """Refuse a decision that a concern of the sheet forbids, whatever state the request is in.

    Raises:
        Refused: one does.
    """
    for each in sheet.concerns:
        if each.level is Level.REFUSED and each.code in _REFUSALS[verdict]:
            raise Refused(f"request {request.name} {each.text.removeprefix('it ')}", hint=each.hint)


def check_not_gone(
    request: JitRequest, application: Application, now: datetime, *, held: bool | None
) -> None:
    """Check that access is left to take away: role assignments tell, and no clock.

    Raises:
        Refused: its time is over, and so is its access.
    """
    if held is False and request.has_ended(now):
        raise Refused(
            f"the access of request {request.name} has already ended",
            hint=f"see who has access now: azjit consumer show {application.name}",
        )


def proves_revocation(request: JitRequest, *, before: bool | None, now: datetime) -> bool:
    """Tell whether missing access proves a revocation; access that has not begun proves nothing.

    `before` says whether the access existed before the call.
    """
    if request.state is not RequestState.APPROVED:
        return True
    return before is True and request.phase(now) in {Phase.OPEN, Phase.ENDED}


def _check_state(verdict: Verdict, request: JitRequest) -> None:
    if verdict is Verdict.REVOKE and request.state is not RequestState.APPROVED:
        raise Refused(
            f"request {request.name} is {request.state_clause}: it gives no access",
            hint="to deny a pending request: azjit consumer deny REQUEST --reason TEXT",
        )
    if verdict is Verdict.DENY and request.state is RequestState.APPROVED:
        raise Refused(
            f"request {request.name} is approved already",
            hint="to take access away: azjit consumer revoke REQUEST --reason TEXT",
        )
    if verdict is not Verdict.REVOKE and request.state is not RequestState.PENDING:
        raise Refused(
            f"cannot {verdict} request {request.name}: it is {request.state_clause}",
            hint="only a pending request can be decided; the publisher can file a new one",
        )


def check_policy_change(before: JitPolicy | None, name: str) -> JitPolicy:
    """Refuse to change settings without JIT, which cannot be enabled after deployment.

    Raises:
        Refused: JIT is off, or an approver cannot be read.
    """
    if before is None or not before.enabled:
        raise Refused(
            f"JIT access was not enabled when {name} was deployed, and Azure cannot enable it"
            " later: its publisher has standing access",
            hint="deploy the application again with JIT enabled",
        )
    if any(each.is_blank for each in before.approvers):
        raise Refused(
            f"an approver of {name} cannot be read: a change, which writes all, would remove it",
            hint="change the settings in the portal, JIT Configuration",
        )
    return before


def check_manual_has_approver(policy: JitPolicy, *, allowed: bool) -> None:
    """Refuse manual mode without an approver, unless it is allowed.

    Raises:
        Refused: the mode is manual and there is no approver.
    """
    if policy.mode is ApprovalMode.MANUAL and not policy.approvers and not allowed:
        raise Refused(
            "manual approval without approvers: nobody could approve",
            hint="add one with --add-approver, or use --allow-no-approver",
        )
