"""Waits until a read shows that requests are decided, approved, active or ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.azure.error_codes import is_absent
from azjit.context import Context
from azjit.domain.access import Access, Proof
from azjit.domain.durations import human_duration
from azjit.domain.ids import GroupId, RequestId, short_name
from azjit.domain.inputs import Goal
from azjit.domain.polling import growing
from azjit.domain.reports import RequestReport
from azjit.domain.request_rules import ended_refusal, refusal_of
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.domain.waiting import deadline_of, deciders_of
from azjit.errors import AzjitError, NotFound, Refused, StillPending, Unavailable
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.omissions import ends_all
from azjit.services.lookup.reports import Reporter

_FIRST_PAUSE = timedelta(seconds=2)
_GROWTH = 1.5
_SHORTEST_PAUSE = timedelta(seconds=0.2)
_LONGEST_PAUSE = timedelta(seconds=30)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


class Waited(NamedTuple):
    """What the wait for one request came to: the last report, and the error to end with."""

    report: RequestReport
    error: AzjitError | None


class Waiting:
    """Watches requests; `reports` has the report of the last read of each."""

    def __init__(self, context: Context) -> None:
        self.reports: dict[RequestId, RequestReport] = {}
        self._context = context
        self._access = context.service(AccessReader)
        self._reporter = context.service(Reporter)

    def until(
        self, requests: Sequence[JitRequest], goal: Goal, timeout: timedelta | None
    ) -> list[Waited]:
        """Watch until each has reached the goal, cannot reach it, or its time is over.

        Without a timeout that is the end of each request.

        Raises:
            AzjitError: the only request could not be read, or the sign-in has ended.
        """
        began = self._context.now()
        watched = [_Watched(each, goal, began, timeout) for each in requests]
        while True:
            left = [each for each in watched if not each.is_over]
            for each in left:
                self._look(each, alone=len(watched) == 1)
            left = [each for each in watched if not each.is_over]
            if not left:
                return [each.result for each in watched]
            self._context.notes.progress(_progress(left))
            pause = min(each.pause() for each in left)
            self._context.clock.sleep(pause.total_seconds())

    def deciders(self, requests: Iterable[JitRequest]) -> list[str]:
        """Say who can decide the requests that wait, once for each application."""
        found = [self._reporter.application_of(each) for each in requests if each.state.may_wait]
        return list(dict.fromkeys(map(deciders_of, found)))

    def _look(self, watched: _Watched, *, alone: bool) -> None:
        try:
            if watched.report is not None:
                watched.request, watched.unread = self._again(watched.request)
            watched.report = self._report(watched.request, watched.goal)
        except AzjitError as error:
            if alone or ends_all(error):
                raise
            watched.error = error

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
        report = self._reporter.request(request, access=access)
        self.reports[request.id] = report
        return report

    def _access_in(self, group: GroupId, request: JitRequest) -> Access:
        try:
            return self._access.of_rows(group, request)
        except Unavailable as error:
            # A wait outlives an outage of a minute; the next read may work.
            self._context.notes.progress(f"{error.message}; still waiting")
            return Access(held=None, proof=Proof.UNKNOWN)


class _Watched:
    """One request that is watched; `unread` is the error of the last read, if it is older."""

    def __init__(
        self, request: JitRequest, goal: Goal, began: datetime, timeout: timedelta | None
    ) -> None:
        self.request, self.goal = request, goal
        self.report: RequestReport | None = None
        self.unread: Unavailable | None = None
        self.error: AzjitError | None = None
        self._began, self._timeout = began, timeout
        self._pauses = growing(_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE)

    @property
    def deadline(self) -> datetime:
        """When the wait for it ends at the latest."""
        return deadline_of(self.request, self.goal, self._began, self._timeout)

    @property
    def is_over(self) -> bool:
        """Whether no further read is needed."""
        if self.error is not None:
            return True
        report = self.report
        return report is not None and (_is_over(report, self.goal) or report.at >= self.deadline)

    @property
    def result(self) -> Waited:
        """What the wait came to."""
        report = self.report
        assert report is not None
        if self.error is not None or _is_reached(report, self.goal):
            return Waited(report, self.error)
        ruled_out = _ruled_out(report, self.goal)
        if ruled_out is None and self.unread is not None:
            return Waited(report, self.unread)
        return Waited(report, ruled_out or _still(report, self.goal, self.deadline - self._began))

    def pause(self) -> timedelta:
        """Give how long to wait before the next read."""
        report = self.report
        assert report is not None
        return min(_pause(report, self.goal, next(self._pauses)), self.deadline - report.at)


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


def _progress(left: Sequence[_Watched]) -> str:
    """Say what is waited for, and count down to its start or to the end of the wait."""
    first = left[0]
    report = first.report
    assert report is not None
    more = f" and {len(left) - 1} more" if len(left) > 1 else ""
    if first.unread is not None:
        return f"{first.unread.message}; still waiting"
    name, standing = short_name(report.request.name), _standing(report, first.goal)
    moment = _next_moment(report, first.goal)
    what = {Goal.ACTIVE: "starts in", Goal.ENDED: "ends in"}.get(first.goal, "")
    told = f"{what} {_rest(moment - report.at)}" if moment is not None else ""
    told = told or f"at most {_rest(first.deadline - report.at)}"
    return f"waiting for {first.goal}, {told}: request {name} is {standing}{more}"


def _rest(left: timedelta) -> str:
    """Write what is left in its two largest units."""
    whole = left if left < _HOUR else timedelta(minutes=-(-left // _MINUTE))
    return human_duration(timedelta(seconds=max(whole // timedelta(seconds=1), 0)))


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
