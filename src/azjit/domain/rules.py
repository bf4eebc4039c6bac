"""Rules of the consumer: approve, deny, revoke, and change the JIT settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.access import Caller
from azjit.domain.applications import Application, ApprovalMode, JitPolicy
from azjit.domain.durations import human_duration
from azjit.domain.ids import PrincipalId, short_name
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
_DONE = {Verdict.APPROVE: "approved", Verdict.DENY: "denied", Verdict.REVOKE: "revoked"}


class Judgement(StrEnum):
    """Whether a decision is to be sent, or was made already."""

    GO = "go"
    ALREADY = "already"


def judge(
    verdict: Verdict,
    request: JitRequest,
    application: Application,
    caller: Caller,
    now: datetime,
    *,
    attended: bool = False,
) -> Judgement:
    """Judge whether a decision may be sent, or was made already.

    A person who is `attended` is told what is not known; else it counts as a reason to refuse.

    Raises:
        Refused: it may not.
    """
    if verdict is Verdict.APPROVE:
        return judge_approval(request, application, caller, now, attended=attended)
    if verdict is Verdict.DENY:
        return judge_denial(request, application, caller, attended=attended)
    judge_revocation(request, application)
    return Judgement.GO


def judge_approval(
    request: JitRequest, application: Application, caller: Caller, now: datetime, *, attended: bool
) -> Judgement:
    """Judge whether a request may be approved, or was approved already.

    Raises:
        Refused: it is over, is the caller's own, or does not belong to the application.
    """
    if request.state is RequestState.APPROVED:
        return Judgement.ALREADY
    _check_undecided(request, Verdict.APPROVE)
    _check_in_place(request, application)
    _check_whole(request)
    _check_not_over(request, now)
    _check_not_own(request, caller, attended=attended)
    return Judgement.GO


def judge_denial(
    request: JitRequest, application: Application, caller: Caller, *, attended: bool
) -> Judgement:
    """Judge whether a request may be denied, or was; it may be one that is partly unreadable.

    Raises:
        Refused: it was approved already, is over, or is the caller's own.
    """
    if request.state is RequestState.DENIED:
        return Judgement.ALREADY
    if request.state is RequestState.APPROVED:
        raise Refused(
            f"request {request.name} is approved already",
            hint="to take access away: azjit consumer revoke REQUEST --reason TEXT",
        )
    _check_undecided(request, Verdict.DENY)
    _check_in_place(request, application)
    _check_not_own(request, caller, attended=attended)
    return Judgement.GO


def judge_revocation(request: JitRequest, application: Application) -> None:
    """Check that the request was granted, and belongs to the application.

    Raises:
        Refused: it was not, or does not.
    """
    if request.state is not RequestState.APPROVED:
        raise Refused(
            f"request {request.name} is {request.state_clause}: it gives no access",
            hint="to deny a pending request: azjit consumer deny REQUEST --reason TEXT",
        )
    _check_in_place(request, application)


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


def remarks_on(request: JitRequest, application: Application) -> tuple[str, ...]:
    """Give remarks on details of a request that an approver may overlook."""
    people = {row.principal for row in request.rows}
    maximum = application.policy.maximum if application.policy is not None else None
    length = request.schedule.duration
    remarks = []
    if len(request.rows) > 1:
        remarks.append(f"it asks for {len(request.rows)} roles at once")
    if request.created_by is None or people - {request.created_by}:
        remarks.append("it gives access to another principal than the one that filed it")
    if request.schedule.kind != "once":
        remarks.append(
            f"its schedule is {request.schedule.kind!r}: Azure does not document what that grants"
        )
    if maximum is not None and length is not None and length > maximum:
        remarks.append(
            f"it asks for {human_duration(length)}, but {application.name} now allows"
            f" {human_duration(maximum)}"
        )
    return tuple(f"request {short_name(request.name)}: {each}" for each in remarks)


def _check_undecided(request: JitRequest, verdict: Verdict) -> None:
    if request.state is not RequestState.PENDING:
        raise Refused(
            f"cannot {verdict} request {request.name}: it is {request.state_clause}",
            hint="only a pending request can be decided; the publisher can file a new one",
        )


def _check_in_place(request: JitRequest, application: Application) -> None:
    if request.application != application.id:
        raise Refused(f"request {request.name} is for another application than {application.name}")
    if application.managed_group is None or request.id.group_id != application.managed_group:
        raise Refused(
            f"request {request.name} is not in the managed resource group of {application.name}",
            hint="azjit does not decide it; ask the publisher what it is for",
        )
    theirs, ours = request.publisher_tenant, application.publisher_tenant
    if theirs is not None and ours is not None and theirs.lower() != ours.lower():
        raise Refused(
            f"request {request.name} comes from tenant {theirs}, but the publisher of"
            f" {application.name} is {ours}",
            hint="do not approve it; ask the publisher",
        )


def _check_whole(request: JitRequest) -> None:
    hint = "do not approve what cannot be shown; decide it in the portal"
    if not request.rows or request.unread_rows:
        raise Refused(f"request {request.name} asks for a role that could not be read", hint=hint)
    if request.schedule.end is None:
        raise Refused(
            f"request {request.name} has no readable start and duration:"
            f" {request.schedule.start_text!r}, {request.schedule.duration_text!r}",
            hint=hint,
        )


def _check_not_over(request: JitRequest, now: datetime) -> None:
    if request.has_ended(now):
        raise Refused(
            f"the time of request {request.name} has passed",
            hint="the publisher can file a new one",
        )


def _check_not_own(request: JitRequest, caller: Caller, *, attended: bool) -> None:
    is_through_group = any(caller.is_in(row.principal) for row in request.rows)
    if request.concerns(caller.id) or is_through_group:
        raise Refused(
            f"request {request.name} is your own: someone else must decide it",
            hint="ask another approver",
        )
    doubtful = unknown_groups(request, caller)
    if doubtful and not attended:
        raise Refused(
            f"request {request.name} may be your own: {unknown_group(caller, doubtful[0])}",
            hint="decide it at a terminal without --yes, ask another approver, or get Microsoft"
            " Graph's GroupMember.Read.All",
        )


def unknown_groups(request: JitRequest, caller: Caller) -> list[PrincipalId]:
    """Give the principals of a request that may be groups with the caller in them."""
    return [each for each in request.possible_groups if caller.is_in(each) is None]


def unknown_group(caller: Caller, principal: PrincipalId) -> str:
    """Say that it is unknown whether a principal is a group that the caller is in."""
    return f"it is for {principal}, and whether that is a group with {caller.name} is not known"


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
