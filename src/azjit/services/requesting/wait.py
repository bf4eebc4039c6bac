"""Waits until a read shows that a request is decided, approved, active or ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.azure.error_codes import is_absent
from azjit.context import Context
from azjit.domain.access import Access, Proof
from azjit.domain.durations import human_duration
from azjit.domain.ids import GroupId, short_name
from azjit.domain.inputs import Goal
from azjit.domain.polling import growing, poll
from azjit.domain.reports import RequestReport
from azjit.domain.request_rules import ended_refusal, refusal_of
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.errors import NotFound, Refused, StillPending, Unavailable
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.reports import Reporter

_FIRST_PAUSE = timedelta(seconds=2)
_GROWTH = 1.5
_SHORTEST_PAUSE = timedelta(seconds=0.2)
_LONGEST_PAUSE = timedelta(seconds=30)


class _Reading(NamedTuple):
    """A report, and the error of the last read, if the report is older than that."""

    report: RequestReport
    unread: Unavailable | None


class Waiting:
    """Watches one request; `last` is the report of the last read."""

    def __init__(self, context: Context) -> None:
        self.last: RequestReport | None = None
        self._context = context
        self._access = context.service(AccessReader)
        self._reporter = context.service(Reporter)

    def until(
        self, request: JitRequest, goal: Goal, timeout: timedelta
    ) -> tuple[RequestReport, StillPending | Refused | None]:
        """Watch until the goal is reached or impossible, or the time is over.

        Gives the last report and, if the goal was not reached, the error to end with.

        Raises:
            NotFound: the request is gone.
            Unavailable: Azure could not be read when the time was over.
        """
        clock = self._context.clock
        readings = self._readings(request, goal)
        pauses = growing(_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE)

        def pause(reading: _Reading) -> timedelta:
            self._context.notes.progress(_progress(reading, goal))
            return _pause(reading.report, goal, next(pauses))

        report, unread = poll(
            lambda: next(readings),
            lambda reading: _is_over(reading.report, goal),
            pause,
            clock.now() + timeout,
            clock,
        )
        if _is_reached(report, goal):
            return report, None
        ruled_out = _ruled_out(report, goal)
        if ruled_out is None and unread is not None:
            raise unread
        return report, ruled_out or _still(report, goal, timeout)

    def _readings(self, request: JitRequest, goal: Goal) -> Iterator[_Reading]:
        unread: Unavailable | None = None
        while True:
            yield _Reading(self._report(request, goal), unread)
            request, unread = self._again(request)

    def _again(self, request: JitRequest) -> tuple[JitRequest, Unavailable | None]:
        try:
            return self._context.solutions.request(request.id), None
        except NotFound as error:
            if not is_absent(error):
                raise
            raise NotFound(
                f"request {request.name} was deleted during the wait",
                hint="its publisher may have withdrawn it: azjit publisher history",
            ) from error
        except Unavailable as error:
            return request, error

    def _report(self, request: JitRequest, goal: Goal) -> RequestReport:
        access = None
        now, group = self._context.now(), request.id.group_id
        is_open = request.phase(now) is Phase.OPEN
        # No clock tells that access has ended, only role assignments do.
        is_over = goal is Goal.ENDED and request.has_ended(now) and not request.state.is_refused
        if goal in {Goal.ACTIVE, Goal.ENDED} and (is_open or is_over) and group is not None:
            access = self._access_in(group, request)
        self.last = self._reporter.request(request, access=access)
        return self.last

    def _access_in(self, group: GroupId, request: JitRequest) -> Access:
        try:
            return self._access.of_rows(group, request)
        except Unavailable as error:
            # A wait outlives an outage of a minute; the next read may work.
            self._context.notes.progress(f"{error.message}; still waiting")
            return Access(held=None, proof=Proof.UNKNOWN)


def _is_reached(report: RequestReport, goal: Goal) -> bool:
    request = report.request
    if goal is Goal.DECIDED:
        return not request.state.may_wait
    if goal is Goal.APPROVED:
        return request.state is RequestState.APPROVED and not request.has_ended(report.at)
    if goal is Goal.ACTIVE:
        return report.access is not None and report.access.held is True
    is_gone = report.access is not None and report.access.held is False
    return is_gone and request.has_ended(report.at)


def _is_over(report: RequestReport, goal: Goal) -> bool:
    return _is_reached(report, goal) or _ruled_out(report, goal) is not None


def _ruled_out(report: RequestReport, goal: Goal) -> Refused | None:
    request = report.request
    if (refusal := refusal_of(request)) is not None:
        return refusal
    if goal is Goal.APPROVED:
        return ended_refusal(request, report.at)
    if goal is Goal.ACTIVE and request.phase(report.at) is Phase.ENDED:
        return Refused(
            f"request {request.name} ended before a read showed its access", hint="file a new one"
        )
    return None


def _still(report: RequestReport, goal: Goal, timeout: timedelta) -> StillPending:
    name = report.request.name
    return StillPending(
        f"request {name} is {_standing(report, goal)} after {human_duration(timeout)} of waiting"
        f" for {goal}",
        hint=f"continue: azjit publisher wait {name} --for {goal}",
    )


def _progress(reading: _Reading, goal: Goal) -> str:
    if reading.unread is not None:
        return f"{reading.unread.message}; still waiting"
    name, standing = short_name(reading.report.request.name), _standing(reading.report, goal)
    return f"waiting for {goal}: request {name} is {standing}"


def _standing(report: RequestReport, goal: Goal) -> str:
    """Describe the state of a request as it matters for a goal."""
    request = report.request
    phase = request.phase(report.at)
    if report.lacks_access:
        return f"approved, but its access ended or never began ({_proof(report)})"
    if goal is Goal.ACTIVE and phase is Phase.OPEN and report.access is not None:
        if report.access.held is None:
            return "approved, but the access could not be read"
        return f"approved, but not effective yet by {report.access.proof}"
    if goal is Goal.ENDED and request.has_ended(report.at) and report.access is not None:
        told = "a read still shows its access" if report.access.held else "its access is unknown"
        return f"{phase}, but {told}"
    if phase is Phase.SCHEDULED:
        return "approved, but not started"
    return request.state_clause


def _proof(report: RequestReport) -> str:
    access = report.access
    return str(access.proof) if access is not None and access.held is not None else "receipt"


def _pause(report: RequestReport, goal: Goal, pause: timedelta) -> timedelta:
    moment = _next_moment(report, goal)
    if moment is None:
        return pause
    # Sleep until a known moment, in steps short enough to notice a cancellation.
    return min(max(moment - report.at, _SHORTEST_PAUSE), _LONGEST_PAUSE)


def _next_moment(report: RequestReport, goal: Goal) -> datetime | None:
    request = report.request
    phase = request.phase(report.at)
    if goal is Goal.ACTIVE and phase is Phase.SCHEDULED:
        return request.schedule.start
    if goal is Goal.ENDED and phase.is_granted:
        return request.schedule.end
    return None
