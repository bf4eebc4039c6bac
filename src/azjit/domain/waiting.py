"""Rules of waiting for a request: until when, for how long at least, and for whom."""

from __future__ import annotations

from datetime import datetime, timedelta

from azjit.domain.applications import Application, ApprovalMode
from azjit.domain.durations import human_duration, typed_duration
from azjit.domain.inputs import WAIT_TIMEOUT, Goal
from azjit.domain.requests import ACCESS_DELAY, JitRequest, RequestState
from azjit.domain.times import say_utc
from azjit.errors import Usage

_MINUTE = timedelta(minutes=1)
_FEW = 5


def deadline_of(
    request: JitRequest, goal: Goal, began: datetime, timeout: timedelta | None
) -> datetime:
    """Give when a wait ends at the latest: after the timeout, else at the end of the request.

    Access may last longer: a request that is approved late may run its whole length from then on,
    and Azure takes minutes to end it.
    """
    if timeout is not None:
        return began + timeout
    end, length = request.schedule.end, request.schedule.duration
    if end is None or length is None:
        return began + WAIT_TIMEOUT
    if goal is not Goal.ENDED:
        return max(end, began)
    latest = request.changed_at + length if request.changed_at is not None else end
    return max(end, latest, began) + ACCESS_DELAY


def check_timeout(
    request: JitRequest, goal: Goal, now: datetime, timeout: timedelta | None
) -> None:
    """Refuse to wait in vain: until before the start of the access that is waited for.

    Raises:
        Usage: the timeout ends before the start.
    """
    start, end = request.schedule.start, request.schedule.end
    if timeout is None or goal not in {Goal.ACTIVE, Goal.ENDED} or start is None:
        return
    if request.state.is_refused or now + timeout >= start:
        return
    wanted = start if goal is Goal.ACTIVE or end is None else end
    needed = wanted - now + ACCESS_DELAY
    minutes = -(-needed // _MINUTE)
    # One that is still to be filed has no name that anybody knows.
    is_filed = request.state is not RequestState.NOT_SPECIFIED
    which = f"request {request.name}" if is_filed else "the request"
    raise Usage(
        f"waiting {human_duration(timeout)} for {goal} ends before {which} starts, at"
        f" {say_utc(start)}",
        hint=f"use --timeout {typed_duration(minutes * _MINUTE)}, or leave --timeout out",
    )


def deciders_of(application: Application | None) -> str:
    """Say who can decide the requests of an application, as far as its settings tell."""
    if application is None or application.policy is None:
        return "who can decide it could not be read"
    name, policy = application.name, application.policy
    if policy.mode is ApprovalMode.AUTOMATIC:
        return f"{name} approves it automatically"
    people = [each.name or each.id.text for each in policy.approvers if not each.is_blank]
    if not people:
        return f"{name} names no approver; ask its consumer who decides"
    more = f" and {len(people) - _FEW} more" if len(people) > _FEW else ""
    return f"{name} can be decided by {', '.join(people[:_FEW])}{more}"
