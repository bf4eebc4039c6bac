"""The rules of the job, pure: what may be asked for, and what may be decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from azjit.domain.access import Caller
from azjit.domain.applications import Application, ApprovalMode, JitPolicy, JitState, RoleRow
from azjit.domain.ids import PrincipalId, RoleId
from azjit.domain.requests import JitRequest, RequestState
from azjit.domain.times import human_duration
from azjit.errors import NotFound, Refused

SAME_START = timedelta(seconds=60)
NOW_SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a publisher asks for; `is_now` tells that no start was named."""

    role: RoleId
    principal: PrincipalId
    start: datetime
    duration: timedelta
    is_now: bool

    @property
    def end(self) -> datetime:
        """The end of the grant."""
        return self.start + self.duration


def check_jit(application: Application) -> None:
    """Refuse a request to an application without JIT; an unread one passes.

    Raises:
        Refused: JIT was not enabled when the application was deployed.
    """
    if application.jit is JitState.OFF:
        raise Refused(
            f"application {application.name} was deployed without JIT access",
            hint="its publisher has standing access already: use it; JIT cannot be enabled later",
        )


def check_duration(duration: timedelta, application: Application) -> None:
    """Refuse a duration over the application's maximum.

    Raises:
        Refused: it is longer.
    """
    maximum = application.policy.maximum if application.policy is not None else None
    if maximum is not None and duration > maximum:
        raise Refused(
            f"{human_duration(duration)} is longer than {application.name} allows:"
            f" {human_duration(maximum)}",
            hint=f"ask for at most --duration {short_duration(maximum)}",
        )


def short_duration(length: timedelta) -> str:
    """Write a duration as a person types it: `1h30m`."""
    seconds = int(length.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def pick_row(
    rows: Iterable[RoleRow], role: RoleId, principal: PrincipalId, caller: Caller
) -> RoleRow:
    """Find the eligible row of a role for a principal.

    Raises:
        NotFound: nobody is eligible for the role.
        Refused: others are, this principal is not, or only through a group: Azure wants the
            principal itself in the definition (a known issue that the article names).
    """
    named = [row for row in rows if row.role == role]
    if not named:
        raise NotFound(
            f"role {role.text} is not among the eligible roles",
            hint="see them with: azjit publisher roles APP",
        )
    for row in named:
        if row.principal == principal:
            return row
    group = next((row for row in named if caller.is_in(row.principal)), None)
    if group is not None and principal == caller.id:
        raise Refused(
            f"{caller.name} is eligible only through the group {group.principal}; Azure wants the"
            " principal itself in the application's definition",
            hint=f"add principal {caller.id} with role {role.guid} to the definition's"
            " authorizations, or ask someone who is named there",
        )
    raise Refused(
        f"principal {principal} is not named for this role in the application's definition",
        hint="see who is: azjit publisher roles APP",
    )


def equal_request(
    wanted: Wanted, application: Application, among: Iterable[JitRequest]
) -> JitRequest | None:
    """Find a request that makes another one needless.

    That is a pending one for the same role, principal, duration and start, or an approved one
    that covers the same time. A start of now equals that of a pending one that runs already.
    """
    for request in among:
        same_place = request.application is not None and request.application == application.id
        if same_place and _only_row(request, wanted) and _same_time(request, wanted):
            return request
    return None


def _only_row(request: JitRequest, wanted: Wanted) -> bool:
    return all(
        r.role == wanted.role and r.principal == wanted.principal for r in request.rows
    ) and (len(request.rows) > 0)


def _same_time(request: JitRequest, wanted: Wanted) -> bool:
    schedule = request.schedule
    if schedule.start is None or schedule.duration is None:
        return False
    if request.state is RequestState.APPROVED:
        # A rerun within the five minutes in which a past start counts as now is the same wish.
        slack = NOW_SLACK if wanted.is_now else timedelta()
        return schedule.covers(wanted.start, max(wanted.start, wanted.end - slack))
    if request.state is not RequestState.PENDING or schedule.duration != wanted.duration:
        return False
    if wanted.is_now:
        return schedule.covers(wanted.start, wanted.start)
    return abs(schedule.start - wanted.start) <= SAME_START


def same_request(request: JitRequest, wanted: Wanted, application: Application) -> bool:
    """Tell whether a request by the same name asks for the same: a pipeline's rerun."""
    schedule = request.schedule
    same_start = wanted.is_now or (
        schedule.start is not None and abs(schedule.start - wanted.start) <= SAME_START
    )
    return (
        request.application == application.id
        and _only_row(request, wanted)
        and schedule.duration == wanted.duration
        and same_start
    )


class Judgement(StrEnum):
    """What a decision on a request comes to before anything is sent."""

    GO = "go"
    ALREADY = "already"


def judge_approval(request: JitRequest, application: Application, caller: Caller) -> Judgement:
    """Say whether a request may be approved, or is.

    Raises:
        Refused: it is over, it is the caller's own, or it is not what it claims to be.
    """
    if request.state is RequestState.APPROVED:
        return Judgement.ALREADY
    _check_undecided(request, "approve")
    _check_honest(request, application)
    _check_not_own(request, caller)
    return Judgement.GO


def judge_denial(request: JitRequest, application: Application, caller: Caller) -> Judgement:
    """Say whether a request may be denied, or is.

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
    _check_undecided(request, "deny")
    _check_in_place(request, application)
    _check_not_own(request, caller)
    return Judgement.GO


def judge_revocation(request: JitRequest, application: Application, now: datetime) -> None:
    """Say whether there is a grant to take away.

    Raises:
        Refused: there is none.
    """
    if request.state is not RequestState.APPROVED:
        raise Refused(
            f"request {request.name} is {request.state}: it gives no access",
            hint="to refuse a request that waits: azjit consumer deny REQUEST --reason TEXT",
        )
    if request.has_ended(now):
        raise Refused(
            f"the access of request {request.name} has ended already",
            hint=f"see who has access now: azjit consumer show {application.name}",
        )
    _check_in_place(request, application)


def _check_undecided(request: JitRequest, verb: str) -> None:
    if request.state is RequestState.PENDING:
        return
    told = request.state_text if request.state is RequestState.UNKNOWN else request.state
    said = told or "in a state that Azure does not tell"
    raise Refused(
        f"cannot {verb} request {request.name}: it is {said}",
        hint="the publisher can file a new one",
    )


def _check_in_place(request: JitRequest, application: Application) -> None:
    if request.application != application.id:
        raise Refused(f"request {request.name} is for another application than {application.name}")
    if application.managed_group is None or request.id.group_id != application.managed_group:
        raise Refused(
            f"request {request.name} is not in the managed resource group of {application.name}",
            hint="it is not decided from here; ask the publisher what it is for",
        )


def _check_honest(request: JitRequest, application: Application) -> None:
    _check_in_place(request, application)
    theirs, ours = request.publisher_tenant, application.publisher_tenant
    if theirs is not None and ours is not None and theirs.lower() != ours.lower():
        raise Refused(
            f"request {request.name} comes from tenant {theirs}, but the publisher of"
            f" {application.name} is {ours}",
            hint="do not approve it; ask the publisher",
        )
    if not request.rows:
        raise Refused(f"request {request.name} names no role that could be shown")
    if request.schedule.end is None:
        raise Refused(
            f"request {request.name} has no readable start and duration:"
            f" {request.schedule.start_text!r}, {request.schedule.duration_text!r}",
            hint="do not approve what cannot be shown; decide it in the portal",
        )


def _check_not_own(request: JitRequest, caller: Caller) -> None:
    if request.concerns(caller.id):
        raise Refused(
            f"request {request.name} is your own: someone else must decide it",
            hint="ask another approver",
        )


def check_policy_change(before: JitPolicy | None, name: str) -> JitPolicy:
    """Refuse to pretend that JIT can be enabled after deployment.

    Raises:
        Refused: JIT is off.
    """
    if before is None or not before.enabled:
        raise Refused(
            f"JIT access was not enabled when {name} was deployed, and Azure cannot enable it"
            " later: its publisher has standing access",
            hint="deploy the application anew with JIT enabled",
        )
    return before


def check_manual_has_approver(policy: JitPolicy, *, allowed: bool) -> None:
    """Refuse manual mode that nobody can approve in.

    Raises:
        Refused: manual, no approvers, and not allowed on purpose.
    """
    if policy.mode is ApprovalMode.MANUAL and not policy.approvers and not allowed:
        raise Refused(
            "manual approval without approvers: nobody could be asked",
            hint="add one with --add-approver, or say --allow-no-approver",
        )
