"""Rules of requests: what may be requested, and which requests are the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.domain.access import Caller
from azjit.domain.applications import Application, JitState, NamedGrant, RoleGrant
from azjit.domain.durations import human_duration, typed_duration
from azjit.domain.ids import PrincipalId, RoleId
from azjit.domain.requests import JitRequest, RequestState
from azjit.domain.times import say_utc
from azjit.errors import NotFound, Refused

SAME_START = timedelta(seconds=60)
NOW_SLACK = timedelta(minutes=5)


class Wanted(NamedTuple):
    """What a publisher asks for; `is_now` is True if no start was given."""

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
            hint="its publisher already has standing access; JIT cannot be enabled later",
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
            hint=f"request at most --duration {typed_duration(maximum)}",
        )


def pick_row(
    rows: Iterable[RoleGrant], role: RoleId, principal: PrincipalId, caller: Caller
) -> RoleGrant:
    """Find the eligible row of a role for a principal.

    Raises:
        NotFound: nobody is eligible for the role.
        Refused: others are, this principal is not, is a group, or is eligible only through one:
            Azure wants the principal itself in the definition (a known issue that the article
            names).
    """
    named = [row for row in rows if row.role == role]
    if not named:
        raise NotFound(
            f"role {role.text} is not among the eligible roles",
            hint="list them with: azjit publisher roles APP",
        )
    if caller.is_in(principal):
        raise Refused(
            f"principal {principal} is a group that {caller.name} is in; Azure requires the user"
            " or service principal itself",
            hint="remove --principal, or use the object id of a named principal: azjit publisher"
            " roles APP",
        )
    for row in named:
        if row.principal == principal:
            return row
    group = next((row for row in named if caller.is_in(row.principal)), None)
    if group is not None and principal == caller.id:
        raise only_by_group(group, caller)
    raise Refused(
        f"principal {principal} is not named for this role in the application's definition",
        hint="list the named principals: azjit publisher roles APP",
    )


def only_by_group(row: RoleGrant | NamedGrant, caller: Caller, name: str | None = None) -> Refused:
    """Explain that a caller cannot use a group's row, and which row the definition needs.

    A known issue that the article names: Azure wants the principal itself in the definition.
    """
    group = f"{name} ({row.principal})" if name is not None else f"{row.principal}"
    ours, theirs = _row(caller.id, row.role), _row(row.principal, row.role)
    return Refused(
        f"{caller.name} is eligible only through the group {group}; Azure requires the principal"
        " itself in the definition of the application",
        hint=f"let the publisher add {ours} to the authorizations of the definition, next to"
        f" {theirs}, or ask a principal that it names",
    )


def _row(principal: PrincipalId, role: RoleId) -> str:
    return f'{{"principalId": "{principal}", "roleDefinitionId": "{role.guid}"}}'


def find_equal_request(
    wanted: Wanted, application: Application, among: Iterable[JitRequest]
) -> JitRequest | None:
    """Find a request that makes a new one unnecessary.

    That is a pending one for the same role, principal, duration and start, or an approved one
    that covers the same time. A start of now equals the start of a pending one that has begun.
    """
    for request in among:
        same_place = request.application is not None and request.application == application.id
        if same_place and _only_row(request, wanted) and _same_time(request, wanted):
            return request
    return None


def may_equal(request: JitRequest, wanted: Wanted) -> bool:
    """Tell whether a request may be an equal one, though a part of it cannot be read."""
    is_known = request.state in {RequestState.PENDING, RequestState.APPROVED}
    if request.state.is_refused or (
        request.is_whole and is_known and request.application is not None
    ):
        return False
    return bool(request.unread_rows) or not request.rows or _only_row(request, wanted)


def _only_row(request: JitRequest, wanted: Wanted) -> bool:
    return all(
        r.role == wanted.role and r.principal == wanted.principal for r in request.rows
    ) and (len(request.rows) > 0)


def _same_time(request: JitRequest, wanted: Wanted) -> bool:
    schedule = request.schedule
    if schedule.start is None or schedule.duration is None:
        return False
    if request.state is RequestState.APPROVED:
        # Within the five minutes in which a past start counts as now, a repeat is the same.
        slack = NOW_SLACK if wanted.is_now else timedelta()
        return schedule.covers(wanted.start, max(wanted.start, wanted.end - slack))
    if request.state is not RequestState.PENDING or schedule.duration != wanted.duration:
        return False
    if wanted.is_now:
        return schedule.covers(wanted.start, wanted.start)
    return abs(schedule.start - wanted.start) <= SAME_START


def differences(request: JitRequest, wanted: Wanted, application: Application) -> list[str]:
    """List how a request of the same name differs; empty for a repeated command."""
    schedule = request.schedule
    found = []
    if request.application != application.id:
        found.append(f"for {request.application_text or 'no application'}")
    if not _only_row(request, wanted):
        found.append("for another role or principal")
    if schedule.duration != wanted.duration:
        told = human_duration(schedule.duration) if schedule.duration else schedule.duration_text
        found.append(f"for {told}, not {human_duration(wanted.duration)}")
    is_same_start = wanted.is_now or (
        schedule.start is not None and abs(schedule.start - wanted.start) <= SAME_START
    )
    if not is_same_start:
        start = schedule.start
        told = say_utc(start) if start is not None else schedule.start_text or "no time"
        found.append(f"from {told}, not {say_utc(wanted.start)}")
    return found


def is_same_request(seen: JitRequest, sent: JitRequest) -> bool:
    """Tell whether a request that was read is the one that was sent."""
    start, wanted = seen.schedule.start, sent.schedule.start
    is_same_start = start is not None and wanted is not None and abs(start - wanted) <= SAME_START
    return (
        seen.application == sent.application
        and set(seen.rows) == set(sent.rows)
        and seen.schedule.duration == sent.schedule.duration
        and is_same_start
    )


def default_duration(maximum: timedelta | None) -> timedelta:
    """Give the duration of a request that names none: an hour, or the maximum if it is less."""
    hour = timedelta(hours=1)
    return min(hour, maximum) if maximum is not None else hour


def refusal_of(request: JitRequest) -> Refused | None:
    """Give the error for a request that can no longer be approved."""
    if not request.state.is_refused:
        return None
    return Refused(
        f"request {request.name} is {request.state}", hint="file a new one, or ask the consumer"
    )


def ended_refusal(request: JitRequest, now: datetime) -> Refused | None:
    """Give the error for an approved request whose time is over."""
    end = request.schedule.end
    if request.state is not RequestState.APPROVED or not request.has_ended(now):
        return None
    when = f" at {say_utc(end)}" if end is not None else ""
    return Refused(
        f"request {request.name} was approved, but ended{when}",
        hint="file a new one; if you use --name, choose another",
    )
