"""Who did what, from the activity log, the requests and the receipts."""

from __future__ import annotations

from functools import partial

from azjit.azure.activity_log import Window
from azjit.context import Context
from azjit.domain.activity import (
    LOG_RETENTION,
    PROVIDERS,
    ROLES,
    Activity,
    ActivityEvent,
    ActivityKind,
    ActivityReport,
    settled,
)
from azjit.domain.applications import Application
from azjit.domain.ids import ResourceId
from azjit.domain.inputs import RequestFilter
from azjit.errors import AzjitError, NotAllowed, NotFound, Unavailable
from azjit.services.activity.concerned import AffectedApplications
from azjit.services.activity.merge import Join
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import PartialResults
from azjit.services.lookup.reports import Reporter
from azjit.services.parallel import each


class ActivityHistory:
    """Tells what was done to applications and their requests."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._reporter = context.service(Reporter)
        self._access = context.service(AccessReader)
        self._omissions = context.service(PartialResults)

    def report(self, app: str | None, look: RequestFilter) -> ActivityReport:
        """Give what was done, newest first, and the parts of the log that could not be read."""
        application = self._finder.application(app) if app is not None else None
        reports = list(self._reporter.requests(self._finder.requests(application), application))
        applications = [application] if application is not None else self._applications()
        events, unread = self._events(application, look)
        places = AffectedApplications(self._context, applications, reports)
        join = Join(self._context, places, reports, look)
        rows = join.rows(each(partial(self._whole, places), events))
        told = {error.message: error for error in unread}
        return ActivityReport(tuple(sorted(rows, key=_age, reverse=True)), tuple(told.values()))

    def _applications(self) -> list[Application]:
        return list(self._finder.applications())

    def _whole(self, places: AffectedApplications, event: ActivityEvent) -> ActivityEvent:
        """Give an event with the role and its principal, if only the assignment has them."""
        if event.kind is not ActivityKind.GIVEN or event.row is not None or event.has_failed:
            return event
        target = ResourceId.try_parse(event.target)
        if target is None or not places.concerned(event):
            return event
        return event._replace(row=self._access.row_of(target))

    def _events(
        self, application: Application | None, look: RequestFilter
    ) -> tuple[list[ActivityEvent], list[AzjitError]]:
        events: list[ActivityEvent] = []
        unread: list[AzjitError] = []
        for found in each(self._read, self._windows(application, look)):
            if isinstance(found, AzjitError):
                unread.append(found)
            else:
                events += found
        return settled(events), unread

    def _read(self, window: Window) -> list[ActivityEvent] | AzjitError:
        try:
            return list(self._context.activity_log.events(window))
        except (NotAllowed, NotFound, Unavailable) as error:
            return error

    def _windows(self, application: Application | None, look: RequestFilter) -> list[Window]:
        end = self._context.now()
        start = max(end - LOG_RETENTION, look.since or end - LOG_RETENTION)
        if application is None:
            return [
                Window(subscription, start, end, provider=provider)
                for subscription in self._omissions.subscriptions()
                for provider in PROVIDERS
            ]
        managed = self._finder.managed_group(application)
        places = {managed.key: (managed.subscription, managed.name)}
        if application.id.group_id is not None:
            home = application.id.group_id
            places.setdefault(home.key, (home.subscription, home.name))
        # A role that is given on a whole subscription belongs to none of its groups.
        wide = dict.fromkeys(subscription for subscription, _ in places.values())
        return [
            *(Window(sub, start, end, group=group) for sub, group in places.values()),
            *(Window(sub, start, end, provider=ROLES) for sub in wide),
        ]


def _age(row: Activity) -> tuple[bool, str, str]:
    at = row.at or (row.changed.at if row.changed is not None else None)
    return at is not None, at.isoformat() if at is not None else "", row.kind
