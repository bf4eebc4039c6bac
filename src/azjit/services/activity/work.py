"""What publishers changed in managed resource groups, from the activity log.

The log keeps 90 days and has no reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from azjit.azure.activity_log import Window
from azjit.context import Context
from azjit.domain.activity import LOG_RETENTION, ActivityEvent, ActivityKind, LoggedChange, settled
from azjit.domain.applications import Application
from azjit.domain.ids import GroupId
from azjit.domain.requests import JitRequest, RequestState
from azjit.errors import AzjitError
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import PartialResults, collected, ends_all
from azjit.services.lookup.reports import Reporter
from azjit.services.parallel import each

_OF_REQUESTS = {ActivityKind.WRITTEN, ActivityKind.DELETED, ActivityKind.UNREADABLE}


class WorkDone:
    """Lists what was changed, in the time of a request or outside of all of them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._reporter = context.service(Reporter)
        self._omissions = context.service(PartialResults)

    def of(self, request: JitRequest) -> tuple[LoggedChange, ...] | None:
        """Give what the principals of a request changed in its group, in its time.

        The publisher's groups cannot be opened: for such a principal, it is what anybody of the
        publisher's tenant changed. None, with a warning, if the log could not be read.
        """
        group, start, end = request.id.group_id, request.schedule.start, request.schedule.end
        if group is None or start is None or end is None:
            return None
        now = self._context.now()
        if start > now:
            return ()
        if start < now - LOG_RETENTION:
            self._context.notes.warn("the activity log has 90 days only: what is older is not told")
        try:
            events = self._events(group, max(start, now - LOG_RETENTION), min(end, now))
        except AzjitError as error:
            if ends_all(error):
                raise
            self._omissions.note("the activity log", error.message)
            return None
        sure = {row.principal for row in request.rows}
        homes = {request.publisher_tenant} if request.possible_groups else set()
        return tuple(
            self._told(event, None, request)
            for event in events
            if event.person in sure or (event.tenant is not None and event.tenant in homes)
        )

    def outside(self, app: str | None, since: datetime | None) -> Iterator[LoggedChange]:
        """Give what publishers changed while no approved request of theirs ran, oldest first.

        A publisher is who signs in to another tenant than the caller's, and whose tenant is the
        application's publisher's.
        """
        application = self._finder.application(app) if app is not None else None
        found = [application] if application is not None else list(self._finder.applications())
        requests: dict[GroupId | None, list[JitRequest]] = {}
        for request in self._omissions.noted(self._finder.requests(application)):
            if request.state is RequestState.APPROVED:
                requests.setdefault(request.id.group_id, []).append(request)
        now = self._context.now()
        start = max(now - LOG_RETENTION, since or now - LOG_RETENTION)
        readable = [one for one in found if one.managed_group is not None]
        read = partial(self._listed, start, now)
        for one, (events, error) in zip(readable, each(read, readable), strict=True):
            if error is not None:
                self._omissions.note(f"the log of {one.label}", f"{one.label}: {error.message}")
            granted = requests.get(one.managed_group, [])
            for event in events:
                if self._is_publishers(event, one) and not _is_granted(event, granted):
                    yield self._told(event, one, None)

    def _listed(
        self, start: datetime, end: datetime, application: Application
    ) -> tuple[list[ActivityEvent], AzjitError | None]:
        group = application.managed_group
        assert group is not None  # others are left out before
        window = Window(group.subscription, start, end, group=group.name)
        events, error = collected(partial(self._context.activity_log.changes, window))
        return _in_order(events), error

    def _events(self, group: GroupId, start: datetime, end: datetime) -> list[ActivityEvent]:
        window = Window(group.subscription, start, end, group=group.name)
        return _in_order(self._context.activity_log.changes(window))

    def _is_publishers(self, event: ActivityEvent, application: Application) -> bool:
        home, theirs = self._context.caller.tenant.lower(), application.publisher_tenant
        tenant = (event.tenant or "").lower()
        if theirs is None or theirs.lower() == home:
            rows = application.roles or ()
            return any(row.principal == event.person for row in rows)
        return tenant == theirs.lower()

    def _told(
        self, event: ActivityEvent, application: Application | None, request: JitRequest | None
    ) -> LoggedChange:
        name = event.caller
        if event.person is not None and (name is None or "@" not in name):
            name = self._reporter.principal_name(event.person) or name
        is_sure = request is None or any(row.principal == event.person for row in request.rows)
        return LoggedChange(
            event, application.id if application is not None else None, name, is_sure
        )


def _in_order(events: Iterable[ActivityEvent]) -> list[ActivityEvent]:
    """Give the changes, oldest first, but for those of requests, which need no access."""
    done = (event for event in settled(events) if event.kind not in _OF_REQUESTS)
    return sorted(done, key=lambda event: event.at)


def _is_granted(event: ActivityEvent, requests: Iterable[JitRequest]) -> bool:
    """Tell whether an approved request of that person, or of a group, covers an instant."""
    for request in requests:
        start, end = request.schedule.start, request.schedule.end
        is_theirs = any(row.principal == event.person for row in request.rows)
        if start is None or end is None or not (is_theirs or request.possible_groups):
            continue
        if start <= event.at < end:
            return True
    return False
