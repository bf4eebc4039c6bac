"""What people ask of azjit, as values: read from the command line, handed to one service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from azjit.domain.applications import ApprovalMode
from azjit.domain.ids import GroupId, PrincipalId
from azjit.domain.pim import Route
from azjit.domain.reports import RequestReport
from azjit.domain.rules import Verdict
from azjit.domain.times import When

WAIT_TIMEOUT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests a listing is about; None, False and an empty set leave all in."""

    states: frozenset[str] = frozenset()
    since: datetime | None = None
    mine: bool = False

    def lets_through(self, report: RequestReport) -> bool:
        """Tell whether a request's state and age are asked for."""
        request = report.request
        words = {request.state.value, request.phase(report.at).value}
        if self.states and not words & self.states:
            return False
        at = request.created_at or request.schedule.start
        return self.since is None or (at is not None and at >= self.since)


@dataclass(frozen=True, slots=True)
class RequestSpec:
    """What a person asked for on the command line; what is None is settled by the rules."""

    app: str
    role: str
    start: When
    duration: timedelta | None = None
    principal: PrincipalId | None = None
    reason: str | None = None
    ticket: str | None = None
    name: str | None = None
    group: GroupId | None = None
    new: bool = False


class Goal(StrEnum):
    """What to wait for."""

    DECIDED = "decided"
    APPROVED = "approved"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class DecisionSpec:
    """What a consumer wants done to requests, and why; None where that is not said yet."""

    verdict: Verdict
    requests: tuple[str, ...]
    reason: str | None
    timeout: timedelta
    origin: str | None = None
    dry_run: bool = False
    route: Route = Route.APPLICATION


@dataclass(frozen=True, slots=True)
class SettingsPatch:
    """What a person wants changed; None leaves a setting as it is.

    People are as they were typed: which directory knows them is told by the application, and who
    is gone from it is still named in the settings.
    """

    mode: ApprovalMode | None = None
    maximum: timedelta | None = None
    approvers: tuple[str, ...] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    allow_no_approver: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be changed."""
        nothing_set = self.mode is None and self.maximum is None and self.approvers is None
        return nothing_set and not self.add and not self.remove
