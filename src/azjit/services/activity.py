"""Who did what: the activity log beside the requests and the receipts."""

from __future__ import annotations

from azjit.azure.activity_log import ActivityLog, Window
from azjit.domain.activity import KEPT, PROVIDERS, Activity, ActivityReport, Event, settled
from azjit.domain.applications import Application
from azjit.domain.wishes import Look
from azjit.errors import AzjitError, NotAllowed, NotFound, Unavailable
from azjit.services.activity_join import Join, Namers
from azjit.services.finder import Finder
from azjit.services.parallel import each
from azjit.services.ports import Ports


class ActivityHistory:
    """Tells what was done to applications and their requests."""

    def __init__(self, ports: Ports, finder: Finder, namers: Namers, log: ActivityLog) -> None:
        self._ports = ports
        self._finder = finder
        self._namers = namers
        self._log = log

    def report(self, app: str | None, look: Look) -> ActivityReport:
        """Give what was done, newest first; what of the log cannot be read is told beside it."""
        application = self._finder.application(app) if app is not None else None
        reports = list(
            self._namers.people.requests(self._finder.requests(application), application)
        )
        applications = [application] if application is not None else self._applications()
        events, unread = self._events(application, look)
        join = Join(self._ports, self._namers, applications, reports, look)
        rows = sorted(join.rows(events), key=_age, reverse=True)
        return ActivityReport(tuple(rows), tuple(dict.fromkeys(unread)))

    def _applications(self) -> list[Application]:
        return list(self._finder.applications())

    def _events(self, application: Application | None, look: Look) -> tuple[list[Event], list[str]]:
        events: list[Event] = []
        unread: list[str] = []
        for found in each(self._read, self._windows(application, look)):
            if isinstance(found, AzjitError):
                unread.append(found.message)
            else:
                events += found
        return settled(events), unread

    def _read(self, window: Window) -> list[Event] | AzjitError:
        try:
            return list(self._log.events(window))
        except (NotAllowed, NotFound, Unavailable) as error:
            return error

    def _windows(self, application: Application | None, look: Look) -> list[Window]:
        end = self._ports.now()
        start = max(end - KEPT, look.since) if look.since is not None else end - KEPT
        if application is None:
            return [
                Window(subscription, start, end, provider=provider)
                for subscription in self._ports.seen_subscriptions()
                for provider in PROVIDERS
            ]
        managed = self._finder.managed_group(application)
        places = {managed.key: (managed.subscription, managed.name)}
        if application.id.group_id is not None:
            home = application.id.group_id
            places.setdefault(home.key, (home.subscription, home.name))
        return [Window(sub, start, end, group=group) for sub, group in places.values()]


def _age(row: Activity) -> tuple[bool, str, str]:
    return row.at is not None, row.at.isoformat() if row.at is not None else "", row.deed
