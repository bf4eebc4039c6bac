"""Brings events of the activity log, requests and receipts together: one row for each deed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from azjit.azure.wire.values import resource_id
from azjit.domain.activity import Activity, Deed, Event
from azjit.domain.applications import Application, ApprovalMode, JitState
from azjit.domain.ids import PrincipalId, RequestId
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, RequestState
from azjit.domain.wishes import Look
from azjit.services.access import AccessReader
from azjit.services.ports import Ports
from azjit.services.receipted import Receipted
from azjit.services.reporter import Reporter

_BY_RECEIPT = {"approve": Deed.APPROVED, "deny": Deed.DENIED, "revoke": Deed.REVOKED}
_SAME = timedelta(minutes=2)
_DECIDED = {RequestState.APPROVED: Deed.APPROVED, RequestState.DENIED: Deed.DENIED}
# Microsoft's own services, by the ids that the log has for them in every tenant.
_SERVICES = {
    "ba4bc2bd-843f-4d61-9d33-199178eae34e": "Managed Applications service",
    "01fc33a7-78ba-4d2f-a4b7-768e336e890e": "Privileged Identity Management",
}


@dataclass(frozen=True, slots=True)
class Namers:
    """Who tells names: of principals, and of roles."""

    people: Reporter
    roles: AccessReader


class Join:
    """Brings events, requests and receipts together."""

    def __init__(
        self,
        ports: Ports,
        namers: Namers,
        applications: Iterable[Application],
        reports: list[RequestReport],
        look: Look,
    ) -> None:
        self._ports = ports
        self._reporter = namers.people
        self._roles = namers.roles
        self._applications = list(applications)
        self._reports = {report.request.id.key: report for report in reports}
        self._look = look
        self._receipted = Receipted(ports.journal)
        self._decided: set[str] = set()
        self._open_ends: set[str] = set()
        self._seen: Mapping[str, str] = {}

    def rows(self, events: Iterable[Event]) -> list[Activity]:
        """Give a row for each event, and for what only a request tells of."""
        in_order = sorted(events, key=lambda event: event.at)
        self._seen = _names_in(in_order)
        told = [row for event in in_order if (row := self._of_event(event)) is not None]
        filed = {
            row.request.key
            for row in told
            if row.request is not None and row.deed in {Deed.FILED, Deed.WRITTEN}
        }
        told += [self._filing(r) for key, r in self._reports.items() if key not in filed]
        told += [row for r in self._reports.values() if (row := self._verdict(r)) is not None]
        return [row for row in told if self._is_wanted(row)]

    def _of_event(self, event: Event) -> Activity | None:
        application = self._application_at(event.target)
        if application is None:
            return None
        if event.deed is Deed.DECIDED and not event.has_failed:
            deed, request, missing = self._decision(event, application)
        else:
            is_request = event.deed in {Deed.WRITTEN, Deed.DELETED}
            request = resource_id(RequestId, event.target) if is_request else None
            deed, missing = event.deed, None
        report = self._reports.get(request.key) if request is not None else None
        names = self._names(event, application)
        return Activity(
            at=event.at,
            deed=_born(event, report) if deed is Deed.WRITTEN else deed,
            who=event.person,
            who_name=self._who(event),
            by_publisher=self._is_publisher(event, application),
            application=application.id,
            request=request,
            state=report.request.state.value if report is not None else None,
            row=event.row,
            row_names=names,
            event=event,
            without_receipt=missing,
        )

    def _decision(
        self, event: Event, application: Application
    ) -> tuple[Deed, RequestId | None, bool]:
        """Give what was decided, on which request, and whether its receipt is missing."""
        receipt = self._receipted.take(event, lambda r: self._belongs(r, application))
        if receipt is not None:
            self._decided.add(receipt.request.key)
            return _BY_RECEIPT[receipt.action], receipt.request, False
        request = self._decided_near(event, application)
        if request is None:
            self._open_ends.add(application.id.key)
        else:
            self._decided.add(request.key)
        return Deed.DECIDED, request, True

    def _decided_near(self, event: Event, application: Application) -> RequestId | None:
        """Give the one request that an event can have decided: the log names none."""
        open_then = [
            report.request
            for key, report in self._reports.items()
            if key not in self._decided
            and report.request.application == application.id
            and report.request.state in _DECIDED
            and _is_open_at(report.request, event.at)
        ]
        near = [r for r in open_then if r.changed_at and abs(r.changed_at - event.at) < _SAME]
        found = near or open_then
        return found[0].id if len(found) == 1 else None

    def _belongs(self, request: RequestId, application: Application) -> bool:
        report = self._reports.get(request.key)
        if report is not None and report.request.application is not None:
            return report.request.application == application.id
        return request.group_id == application.managed_group

    def _application_at(self, target: str) -> Application | None:
        told = target.lower()
        for application in self._applications:
            group = application.managed_group
            places = [application.id.key, *([group.key] if group is not None else [])]
            if any(told == place or told.startswith(f"{place}/") for place in places):
                return application
        return None

    def _who(self, event: Event) -> str | None:
        if event.caller is None or "@" in event.caller:
            return event.caller
        service = _SERVICES.get(event.caller.lower())
        return service or self._name(event.person or PrincipalId(event.caller)) or event.caller

    def _names(self, event: Event, application: Application) -> tuple[str | None, str | None]:
        if event.row is None:
            return None, None
        role = self._roles.role_name(application.managed_group, event.row.role)
        return role, self._name(event.row.principal)

    def _name(self, principal: PrincipalId) -> str | None:
        return self._reporter.principal_name(principal) or self._seen.get(principal.key)

    def _is_publisher(self, event: Event, application: Application) -> bool | None:
        if event.tenant is None or (event.caller or "").lower() in _SERVICES:
            return None if event.tenant is None else False
        home, theirs = self._ports.caller().tenant.lower(), application.publisher_tenant
        if theirs is None:
            return event.tenant.lower() != home
        if theirs.lower() != home:
            return event.tenant.lower() == theirs.lower()
        # Publisher and consumer are one company: only the eligible principals tell them apart.
        rows = application.roles
        return None if rows is None else any(row.principal == event.person for row in rows)

    def _filing(self, report: RequestReport) -> Activity:
        request = report.request
        return self._of_request(report, Deed.FILED, request.created_by, None)

    def _verdict(self, report: RequestReport) -> Activity | None:
        """Give the decision on a request that no event of the log tells of."""
        request = report.request
        deed = _DECIDED.get(request.state)
        application = self._application_of(request)
        is_told = request.id.key in self._decided or (
            application is not None and application.id.key in self._open_ends
        )
        if deed is None or is_told:
            return None
        missing = None
        if self._receipted.has(request.id):
            missing = False
        elif application is not None and _is_manual(application):
            missing = True
        return self._of_request(report, deed, request.changed_by, missing)

    def _of_request(
        self,
        report: RequestReport,
        deed: Deed,
        who: PrincipalId | None,
        missing: bool | None,  # noqa: FBT001 - private
    ) -> Activity:
        request = report.request
        name = self._name(who) if who is not None else None
        return Activity(
            at=request.created_at if deed is Deed.FILED else request.changed_at,
            deed=deed,
            who=who,
            who_name=name,
            by_publisher=True if deed is Deed.FILED else None,
            application=request.application,
            request=request.id,
            state=request.state.value,
            without_receipt=missing,
        )

    def _application_of(self, request: JitRequest) -> Application | None:
        found = (each for each in self._applications if each.id == request.application)
        return next(found, None)

    def _is_wanted(self, row: Activity) -> bool:
        look = self._look
        report = self._reports.get(row.request.key) if row.request is not None else None
        if look.states:
            states = Look(states=look.states)
            return report is not None and states.lets_through(report)
        return look.since is None or row.at is None or row.at >= look.since


def _names_in(events: Iterable[Event]) -> Mapping[str, str]:
    """Give the names that the log itself has for the people in it."""
    return {
        event.person.key: event.caller
        for event in events
        if event.person is not None and event.caller is not None and "@" in event.caller
    }


def _is_open_at(request: JitRequest, at: datetime) -> bool:
    """Tell whether a request could be decided at an instant, as far as its times tell."""
    born, end = request.created_at, request.schedule.end
    return born is not None and end is not None and born - _SAME <= at <= end


def _born(event: Event, report: RequestReport | None) -> Deed:
    born = report.request.created_at if report is not None else None
    is_birth = born is not None and abs(born - event.at) < _SAME
    return Deed.FILED if is_birth or event.sub_status.lower() == "created" else Deed.WRITTEN


def _is_manual(application: Application) -> bool:
    policy = application.policy
    is_on = application.jit is JitState.ON and policy is not None
    return is_on and policy is not None and policy.mode is ApprovalMode.MANUAL
