"""The inputs of the services: parsed from the command line."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.applications import ApprovalMode
from azjit.domain.ids import GroupId, PrincipalId
from azjit.domain.pim import Route
from azjit.domain.reports import RequestReport
from azjit.domain.rules import Verdict
from azjit.domain.times import When

WAIT_TIMEOUT = timedelta(hours=1)


class RequestFilter(NamedTuple):
    """The filter of a list of requests; None, False and an empty set match all."""

    states: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()
    since: datetime | None = None
    mine: bool = False

    def matches(self, report: RequestReport) -> bool:
        """Tell whether a request matches."""
        request = report.request
        if self.states and request.state.value not in self.states:
            return False
        if self.phases and request.phase(report.at).value not in self.phases:
            return False
        at = request.created_at or request.schedule.start
        return self.since is None or (at is not None and at >= self.since)


class RequestSpec(NamedTuple):
    """A request as a person asked for it; the rules fill in what is None."""

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
    """What `wait` waits for."""

    DECIDED = "decided"
    APPROVED = "approved"
    ACTIVE = "active"
    ENDED = "ended"


class ChosenRequest(NamedTuple):
    """A request to decide: how it was named, and the digest that it must have, if one was given.

    One that `is_listed` came from a list: nobody named it by hand.
    """

    text: str
    digest: str | None = None
    is_listed: bool = False


class DecisionSpec(NamedTuple):
    """A decision on requests as a person asked for it; `reason` is None until it is given.

    One that is `attended` is put to a person as a question before it is sent. Where nobody is
    asked, `accepted` has the codes of the concerns that do not hold it up.
    """

    verdict: Verdict
    requests: tuple[ChosenRequest, ...]
    reason: str | None
    timeout: timedelta
    origin: str | None = None
    route: Route = Route.APPLICATION
    attended: bool = False
    accepted: frozenset[str] = frozenset()

    @property
    def is_alone(self) -> bool:
        """Whether somebody named one request, and no list did."""
        return len(self.requests) == 1 and not self.requests[0].is_listed


class SettingsPatch(NamedTuple):
    """Changes of JIT settings; None keeps a setting.

    Approvers are as typed. The application's directory resolves them, and the settings may name
    some that it no longer has.
    """

    mode: ApprovalMode | None = None
    maximum: timedelta | None = None
    approvers: tuple[str, ...] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    allow_no_approver: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        nothing_set = self.mode is None and self.maximum is None and self.approvers is None
        return nothing_set and not self.add and not self.remove
