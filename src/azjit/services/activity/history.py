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
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, Failed
from azjit.services.activity.concerned import AffectedApplications
from azjit.services.activity.merge import Join
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import PartialResults, collected
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
        requests, error = self._requests(application)
        reports = list(self._reporter.requests(requests, application))
        known = [application] if application is not None else self._finder.applications()
        applications = [each_one for each_one in known if each_one.unreadable is None]
        listed, unread = self._events(application, look)
        unread += [error] if error is not None else []
        unreadable = (event for event in listed if event.kind is ActivityKind.UNREADABLE)
        # Several parts of the log may have the same one; nothing tells those without an id apart.
        odd = {event.id or number: event for number, event in enumerate(unreadable)}.values()
        events = settled(event for event in listed if event.kind is not ActivityKind.UNREADABLE)
        places = AffectedApplications(self._context, applications, reports)
        join = Join(self._context, places, reports, look)
        rows = join.rows(each(partial(self._whole, places), events))
        rows += [_unreadable(event) for event in odd]
        if odd:
            unread.append(Failed(f"{len(odd)} of its events cannot be read"))
        told = {error.message: error for error in (*unread, *places.unread)}
        return ActivityReport(tuple(sorted(rows, key=_age, reverse=True)), tuple(told.values()))

    def _requests(
        self, application: Application | None
    ) -> tuple[list[JitRequest], AzjitError | None]:
        """Give the requests and the error of their list, without which the log is still shown."""
        listed = self._finder.requests(application)
        if application is None:
            return list(self._omissions.noted(listed)), None
        requests, error = collected(lambda: listed)
        return list(self._omissions.noted(requests)), error

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
        log = self._context.activity_log

        def read(window: Window) -> tuple[list[ActivityEvent], AzjitError | None]:
            return collected(partial(log.events, window))

        parts = list(each(read, self._windows(application, look)))
        unread = [error for _, error in parts if error is not None]
        return [event for events, _ in parts for event in events], unread

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


def _unreadable(event: ActivityEvent) -> Activity:
    who = event.caller
    return Activity(None, event.kind, event.person, who, None, application=None, event=event)


def _age(row: Activity) -> tuple[bool, str, str]:
    at = row.at or (row.changed.at if row.changed is not None else None)
    return at is not None, at.isoformat() if at is not None else "", row.kind
