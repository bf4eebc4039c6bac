"""A report of a time: what was requested, decided, used and changed, by application."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from azjit.domain.applications import Application, NamedGrant, RoleGrant
from azjit.domain.decided import ToldBy
from azjit.domain.holders import HeldRole
from azjit.domain.ids import ApplicationId
from azjit.domain.receipts import Receipt
from azjit.domain.reports import RequestReport
from azjit.domain.requests import RequestState

_NONE = timedelta()
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class ApplicationActivity(NamedTuple):
    """What happened to an application; `standing` is None if it could not be read.

    `application` is None for requests whose application could not be read.
    """

    id: ApplicationId | None
    label: str
    application: Application | None
    requests: tuple[RequestReport, ...]
    used: timedelta
    standing: tuple[HeldRole, ...] | None
    settings: tuple[Receipt, ...]

    def count(self, *states: RequestState) -> int:
        """Count the requests in some states."""
        return sum(1 for each in self.requests if each.request.state in states)

    @property
    def automatic(self) -> int:
        """How many were approved by the settings."""
        return sum(1 for each in self.requests if is_automatic(each))

    @property
    def approved(self) -> int:
        """How many a person approved, as far as is known."""
        return self.count(RequestState.APPROVED) - self.automatic


class AccessReport(NamedTuple):
    """The report of a time, from `since` to before `until`, made `at` an instant.

    `missing` says what could not be read, and why.
    """

    since: datetime
    until: datetime
    at: datetime
    applications: tuple[ApplicationActivity, ...]
    missing: tuple[str, ...] = ()


def is_automatic(report: RequestReport) -> bool:
    """Tell whether the settings approved a request."""
    return report.decision is not None and report.decision.known_by is ToldBy.SETTINGS


def is_of(report: RequestReport, since: datetime, until: datetime) -> bool:
    """Tell whether a request was filed in a time, or its access was approved for a part of it."""
    request = report.request
    filed, start, end = request.created_at, request.schedule.start, request.schedule.end
    if filed is not None and since <= filed < until:
        return True
    if request.state is not RequestState.APPROVED or start is None:
        return filed is None and start is not None and since <= start < until
    return start < until and (end is None or end > since)


def access_in(
    report: RequestReport, since: datetime, until: datetime
) -> tuple[datetime, datetime] | None:
    """Give from when until when the approved time of a request ran within a time.

    A revocation in the receipts ends it. It is computed: no read of the past shows access.
    """
    request = report.request
    start, end = request.schedule.start, request.schedule.end
    if request.state is not RequestState.APPROVED or start is None or end is None:
        return None
    begins = max(start, since)
    ends = min(end, until, report.at, *([report.revoked_at] if report.revoked_at else []))
    return (begins, ends) if begins < ends else None


def used_in(report: RequestReport, since: datetime, until: datetime) -> timedelta:
    """Give for how long the approved time of a request ran within a time."""
    span = access_in(report, since, until)
    return span[1] - span[0] if span is not None else _NONE


class Span(NamedTuple):
    """A time of access, and whether the settings approved it."""

    start: datetime
    end: datetime
    automatic: bool


class Lane(NamedTuple):
    """When a principal had a role for an application."""

    application: str
    grant: NamedGrant
    spans: tuple[Span, ...]

    @property
    def length(self) -> timedelta:
        """How long all of its times are together."""
        return total(end - start for start, end, _ in self.spans)


class Chart(NamedTuple):
    """Who had which role in a time."""

    since: datetime
    until: datetime
    lanes: tuple[Lane, ...]


def lanes_of(reports: Sequence[RequestReport], since: datetime | None, until: datetime) -> Chart:
    """Give who had which role from `since`, or else from the first access, to `until`."""
    begun = [each.request.schedule.start for each in reports if access_in(each, _EARLIEST, until)]
    first = since or min((each for each in begun if each is not None), default=until)
    found: dict[tuple[str, RoleGrant], tuple[str, NamedGrant]] = {}
    spans: defaultdict[tuple[str, RoleGrant], list[Span]] = defaultdict(list)
    for report in reports:
        span = access_in(report, first, until)
        if span is None:
            continue
        place = report.request.application
        label = f"{place.group}/{place.name}" if place is not None else "not known"
        for grant in report.grants:
            key = (label.lower(), RoleGrant(grant.principal, grant.role))
            found.setdefault(key, (label, grant))
            spans[key].append(Span(*span, is_automatic(report)))
    lanes = [Lane(*found[key], tuple(its)) for key, its in spans.items()]
    return Chart(first, until, tuple(sorted(lanes, key=_lane_key)))


def _lane_key(lane: Lane) -> tuple[str, str, str]:
    grant = lane.grant
    who = grant.principal_name or grant.principal.text
    return lane.application.lower(), who.lower(), grant.role_name or grant.role.text


def total(lengths: Iterable[timedelta]) -> timedelta:
    """Add lengths."""
    return sum(lengths, _NONE)
