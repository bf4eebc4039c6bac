"""Waits for a request to be decided, approved, active or ended; polls, and believes only reads."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.errors import NotFound, Refused, StillPending, Unavailable
from azjit.services.access import AccessReader
from azjit.services.ports import Ports
from azjit.services.reporter import Reporter

DEFAULT_TIMEOUT = timedelta(hours=1)
_FIRST_PAUSE = 2.0
_GROWTH = 1.5
_LONGEST_PAUSE = 30.0


class Goal(StrEnum):
    """What to wait for."""

    DECIDED = "decided"
    APPROVED = "approved"
    ACTIVE = "active"
    ENDED = "ended"


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
        """
        deadline = self._ports.real_now() + timeout
        pause = _FIRST_PAUSE
        while True:
            report = self._report(request, goal)
            if _is_reached(report, goal):
                return report, None
            ruled_out = _ruled_out(report, goal)
            if ruled_out is not None:
                return report, ruled_out
            now = self._ports.real_now()
            if now >= deadline:
                return report, _still(report, goal, timeout)
            self._ports.ear.progress(_progress(report, goal))
            self._ports.sleep(_pause(report, goal, pause, (deadline - now).total_seconds()))
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)
            request = self._again(request)

    def _again(self, request: JitRequest) -> JitRequest:
        try:
            return self._ports.solutions.request(request.id)
        except NotFound as error:
            raise NotFound(
                f"request {request.name} is gone while it was waited for",
                hint="its publisher may have withdrawn it: azjit publisher history",
            ) from error
        except Unavailable as error:
            self._ports.ear.progress(f"{error.message}; waiting goes on")
            return request

    def _report(self, request: JitRequest, goal: Goal) -> RequestReport:
        access = None
        group = request.id.group_id
        is_open = request.phase(self._ports.now()) is Phase.OPEN
        if goal is Goal.ACTIVE and is_open and group is not None:
            access = self._access.of_rows(group, request.rows)
        return self._reporter.request(request, access=access)


def _is_reached(report: RequestReport, goal: Goal) -> bool:
    request = report.request
    if goal is Goal.DECIDED:
        return request.state is RequestState.APPROVED or request.state.is_final_refusal
    if goal is Goal.APPROVED:
        return request.state is RequestState.APPROVED
    if goal is Goal.ACTIVE:
        return report.access is not None and report.access.held is True
    return request.phase(report.at) is Phase.ENDED


def _ruled_out(report: RequestReport, goal: Goal) -> Refused | None:
    request = report.request
    if request.state.is_final_refusal:
        return Refused(
            f"request {request.name} is {request.state}", hint="file a new one, or ask the consumer"
        )
    if goal is Goal.ACTIVE and request.phase(report.at) is Phase.ENDED:
        return Refused(
            f"the time of request {request.name} ended before its access was seen",
            hint="file a new one",
        )
    return None


def _still(report: RequestReport, goal: Goal, timeout: timedelta) -> StillPending:
    request = report.request
    phase = request.phase(report.at)
    told = f"{request.state}"
    if goal is Goal.ACTIVE and phase is Phase.OPEN:
        held = report.access.held if report.access is not None else None
        told = "approved, but no role assignment shows it yet"
        if held is None:
            told = "approved, but whether access is there could not be read"
    minutes = timeout.total_seconds() / 60
    return StillPending(
        f"request {request.name} is {told} after {minutes:.0f} min of waiting for {goal}",
        hint=f"wait on: azjit publisher wait {request.name} --for {goal}",
    )


def _progress(report: RequestReport, goal: Goal) -> str:
    request = report.request
    phase = request.phase(report.at)
    word = "scheduled" if phase is Phase.SCHEDULED else request.state
    return f"waiting for {goal}: request {request.name[:8]} is {word}"


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
