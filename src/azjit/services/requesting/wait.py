"""Waits for a request to be decided, approved, active or ended; polls, and believes only reads."""

from __future__ import annotations

from datetime import datetime, timedelta

from azjit.domain.access import Access, Proof
from azjit.domain.durations import human_duration
from azjit.domain.ids import GroupId
from azjit.domain.inputs import Goal
from azjit.domain.reports import RequestReport
from azjit.domain.request_rules import ended_refusal, refusal_of
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.errors import NotFound, Refused, StillPending, Unavailable
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.reports import Reporter
from azjit.services.ports import Ports

_FIRST_PAUSE = 2.0
_GROWTH = 1.5
_LONGEST_PAUSE = 30.0


class Waiting:
    """Watches one request."""

    def __init__(self, ports: Ports, access: AccessReader, reporter: Reporter) -> None:
        self._ports = ports
        self._access = access
        self._reporter = reporter

    def until(
        self, request: JitRequest, goal: Goal, timeout: timedelta
    ) -> tuple[RequestReport, StillPending | Refused | None]:
        """Watch until the goal, a state that rules it out, or the end of the time.

        Gives the last report and, where the goal was not reached, the error that says so: the
        caller shows both.

        Raises:
            NotFound: the request is gone.
            Unavailable: at the end of the time Azure could not be read.
        """
        deadline = self._ports.real_now() + timeout
        pause = _FIRST_PAUSE
        unread: Unavailable | None = None
        while True:
            report = self._report(request, goal)
            if _is_reached(report, goal):
                return report, None
            ruled_out = _ruled_out(report, goal)
            if ruled_out is not None:
                return report, ruled_out
            now = self._ports.real_now()
            if now >= deadline:
                if unread is not None:
                    raise unread
                return report, _still(report, goal, timeout)
            self._ports.ear.progress(_progress(report, goal, unread))
            self._ports.sleep(_pause(report, goal, pause, (deadline - now).total_seconds()))
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)
            request, unread = self._again(request)

    def _again(self, request: JitRequest) -> tuple[JitRequest, Unavailable | None]:
        try:
            return self._ports.solutions.request(request.id), None
        except NotFound as error:
            raise NotFound(
                f"request {request.name} is gone while it was waited for",
                hint="its publisher may have withdrawn it: azjit publisher history",
            ) from error
        except Unavailable as error:
            return request, error

    def _report(self, request: JitRequest, goal: Goal) -> RequestReport:
        access = None
        group = request.id.group_id
        is_open = request.phase(self._ports.now()) is Phase.OPEN
        if goal in {Goal.ACTIVE, Goal.ENDED} and is_open and group is not None:
            access = self._access_in(group, request)
        return self._reporter.request(request, access=access)

    def _access_in(self, group: GroupId, request: JitRequest) -> Access:
        try:
            return self._access.of_rows(group, request.rows)
        except Unavailable as error:
            # A wait outlives a bad minute of Azure's; the next look may tell.
            self._ports.ear.progress(f"{error.message}; waiting goes on")
            return Access(held=None, proof=Proof.UNKNOWN)


def _is_reached(report: RequestReport, goal: Goal) -> bool:
    request = report.request
    if goal is Goal.DECIDED:
        return request.state is RequestState.APPROVED or request.state.is_final_refusal
    if goal is Goal.APPROVED:
        return request.state is RequestState.APPROVED and not request.has_ended(report.at)
    if goal is Goal.ACTIVE:
        return report.access is not None and report.access.held is True
    return request.has_ended(report.at) and not request.state.is_final_refusal


def _ruled_out(report: RequestReport, goal: Goal) -> Refused | None:
    request = report.request
    if (refusal := refusal_of(request)) is not None:
        return refusal
    if goal is Goal.APPROVED:
        return ended_refusal(request, report.at)
    if goal is Goal.ACTIVE and request.phase(report.at) is Phase.ENDED:
        return Refused(
            f"the time of request {request.name} ended before its access was seen",
            hint="file a new one",
        )
    return None


def _still(report: RequestReport, goal: Goal, timeout: timedelta) -> StillPending:
    name = report.request.name
    return StillPending(
        f"request {name} is {_standing(report, goal)} after {human_duration(timeout)} of waiting"
        f" for {goal}",
        hint=f"wait on: azjit publisher wait {name} --for {goal}",
    )


def _progress(report: RequestReport, goal: Goal, unread: Unavailable | None) -> str:
    if unread is not None:
        return f"{unread.message}; waiting goes on"
    return f"waiting for {goal}: request {report.request.name[:8]} is {_standing(report, goal)}"


def _standing(report: RequestReport, goal: Goal) -> str:
    """Say where a request stands on the way to a goal."""
    request = report.request
    phase = request.phase(report.at)
    if report.lacks_access:
        return f"approved, but its access is gone or never came ({_proof(report)})"
    if goal is Goal.ACTIVE and phase is Phase.OPEN and report.access is not None:
        if report.access.held is None:
            return "approved, but whether access is there could not be read"
        return f"approved, but not effective yet by {report.access.proof}"
    if phase is Phase.SCHEDULED:
        return "approved, but not begun"
    if request.state is RequestState.UNKNOWN:
        return request.state_text or "in a state that Azure does not tell"
    return request.state.value


def _proof(report: RequestReport) -> str:
    is_read = report.access is not None and report.access.held is not None
    return str(report.access.proof) if is_read and report.access is not None else "receipt"


def _pause(report: RequestReport, goal: Goal, pause: float, left: float) -> float:
    moment = _next_moment(report, goal)
    known = (moment - report.at).total_seconds() if moment is not None else pause
    # A known moment ahead is slept to, in steps short enough to notice a withdrawal.
    wanted = min(max(known, 0.2), _LONGEST_PAUSE) if moment is not None else pause
    return min(wanted, max(left, 0.2))


def _next_moment(report: RequestReport, goal: Goal) -> datetime | None:
    request = report.request
    phase = request.phase(report.at)
    if goal is Goal.ACTIVE and phase is Phase.SCHEDULED:
        return request.schedule.start
    if goal is Goal.ENDED and phase in {Phase.SCHEDULED, Phase.OPEN}:
        return request.schedule.end
    return None
