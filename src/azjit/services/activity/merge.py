"""Brings events of the activity log, requests and receipts together: one row per activity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from azjit.context import Context
from azjit.domain.activity import Activity, ActivityEvent, ActivityKind, LastChange
from azjit.domain.applications import Application, NamedGrant
from azjit.domain.ids import PrincipalId, RequestId
from azjit.domain.inputs import RequestFilter
from azjit.domain.reports import RequestReport
from azjit.services.activity.attribution import (
    ACTIONS,
    SAME,
    STATES,
    Attributions,
    LoggedDecision,
    is_manual,
)
from azjit.services.activity.concerned import SERVICES, AffectedApplications
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.reports import Reporter
from azjit.services.receipt_index import ReceiptIndex


class Join:
    """Brings events, requests and receipts together."""

    def __init__(
        self,
        context: Context,
        places: AffectedApplications,
        reports: Iterable[RequestReport],
        look: RequestFilter,
    ) -> None:
        self._context = context
        self._reporter = context.service(Reporter)
        self._roles = context.service(AccessReader)
        self._places = places
        self._reports = {report.request.id.key: report for report in reports}
        self._look = look
        self._receipted = ReceiptIndex(context.receipts)
        self._seen: Mapping[str, str] = {}

    def rows(self, events: Iterable[ActivityEvent]) -> list[Activity]:
        """Give a row for each event, and for each change that only a request shows."""
        in_order = sorted(events, key=lambda event: event.at)
        self._seen = _names_in(in_order)
        told = [(event, found) for event in in_order if (found := self._places.concerned(event))]
        calls = [LoggedDecision(event, found[0]) for event, found in told if _is_decision(event)]
        decided = Attributions(self._receipted, self._reports, calls)
        rows = [self._of_event(event, found, decided) for event, found in told]
        filed = {
            row.request.key
            for row in rows
            if row.request is not None and row.kind in {ActivityKind.FILED, ActivityKind.WRITTEN}
        }
        rows += [self._filing(r) for key, r in self._reports.items() if key not in filed]
        left = (r for key, r in self._reports.items() if key not in decided.requests)
        rows += [row for r in left if (row := self._verdict(r)) is not None]
        return [row for row in rows if self._is_wanted(row)]

    def _of_event(
        self, event: ActivityEvent, concerned: list[Application], decided: Attributions
    ) -> Activity:
        application = concerned[0]
        kind, request, missing = event.kind, None, None
        if _is_decision(event):
            told = decided.of(event)
            kind, request, missing = told.kind, told.request, told.without_receipt
        elif event.kind in {ActivityKind.WRITTEN, ActivityKind.DELETED}:
            request = RequestId.try_parse(event.target)
        report = self._reports.get(request.key) if request is not None else None
        return Activity(
            at=event.at,
            kind=_born(event, report) if kind is ActivityKind.WRITTEN else kind,
            who=event.person,
            who_name=self._who(event),
            by_publisher=self._is_publisher(event, application),
            application=application.id if len(concerned) == 1 else None,
            request=request,
            state=report.request.state_word if report is not None else None,
            grant=self._grant(event, application),
            event=event,
            without_receipt=missing,
            standing=self._places.is_standing(event, concerned),
        )

    def _who(self, event: ActivityEvent) -> str | None:
        if event.caller is None or "@" in event.caller:
            return event.caller
        service = SERVICES.get(event.caller.lower())
        return service or self._name(event.person or PrincipalId(event.caller)) or event.caller

    def _grant(self, event: ActivityEvent, application: Application) -> NamedGrant | None:
        if event.row is None:
            return None
        role, principal = event.row.role, event.row.principal
        role_name = self._roles.role_name(application.managed_group, role)
        return NamedGrant(role, role_name, principal, self._name(principal))

    def _name(self, principal: PrincipalId) -> str | None:
        return self._reporter.principal_name(principal) or self._seen.get(principal.key)

    def _is_publisher(self, event: ActivityEvent, application: Application) -> bool | None:
        if event.tenant is None or (event.caller or "").lower() in SERVICES:
            return None if event.tenant is None else False
        home, theirs = self._context.caller.tenant.lower(), application.publisher_tenant
        if theirs is None:
            return event.tenant.lower() != home
        if theirs.lower() != home:
            return event.tenant.lower() == theirs.lower()
        # Publisher and consumer are one company: only the eligible principals tell them apart.
        rows = application.roles
        return None if rows is None else any(row.principal == event.person for row in rows)

    def _filing(self, report: RequestReport) -> Activity:
        request, who = report.request, report.request.created_by
        return Activity(
            at=request.created_at,
            kind=ActivityKind.FILED,
            who=who,
            who_name=self._name(who) if who is not None else None,
            by_publisher=True,
            application=request.application,
            request=request.id,
            state=request.state_word,
        )

    def _verdict(self, report: RequestReport) -> Activity | None:
        """Give the decision on a request that no event of the log shows.

        Its state tells what was decided. Who did, and when, nothing tells: the last change may
        be another, and by the publisher.
        """
        request = report.request
        kind = STATES.get(request.state)
        if kind is None:
            return None
        application = report.application or self._places.at(request.application)
        missing = None
        if self._receipted.has(request.id, ACTIONS[kind]):
            missing = False
        elif application is not None and is_manual(application):
            missing = True
        changer = request.changed_by
        name = self._name(changer) if changer is not None else None
        return Activity(
            at=None,
            kind=kind,
            who=None,
            who_name=None,
            by_publisher=None,
            application=request.application,
            request=request.id,
            state=request.state_word,
            without_receipt=missing,
            changed=LastChange(changer, name, request.changed_at),
            automatic=missing is not False and request.is_automatic(application),
        )

    def _is_wanted(self, row: Activity) -> bool:
        look = self._look
        report = self._reports.get(row.request.key) if row.request is not None else None
        if look.states or look.phases:
            told = RequestFilter(states=look.states, phases=look.phases)
            return report is not None and told.matches(report)
        at = row.at or (row.changed.at if row.changed is not None else None)
        return look.since is None or at is None or at >= look.since


def _names_in(events: Iterable[ActivityEvent]) -> Mapping[str, str]:
    """Give the names that the log itself has for the people in it."""
    return {
        event.person.key: event.caller
        for event in events
        if event.person is not None and event.caller is not None and "@" in event.caller
    }


def _is_decision(event: ActivityEvent) -> bool:
    return event.kind is ActivityKind.DECIDED and not event.has_failed


def _born(event: ActivityEvent, report: RequestReport | None) -> ActivityKind:
    born = report.request.created_at if report is not None else None
    is_birth = born is not None and abs(born - event.at) < SAME
    return (
        ActivityKind.FILED
        if is_birth or event.sub_status.lower() == "created"
        else ActivityKind.WRITTEN
    )
