"""The activity on applications and requests: who did what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.applications import NamedGrant, RoleGrant
from azjit.domain.ids import ApplicationId, PrincipalId, RequestId
from azjit.errors import AzjitError

# Azure keeps the log for 90 days and refuses an earlier start; the minute is for slow clocks.
LOG_RETENTION = timedelta(days=90) - timedelta(minutes=1)


class ActivityKind(StrEnum):
    """A kind of activity."""

    FILED = "request filed"
    WRITTEN = "request filed or changed"
    DELETED = "request deleted"
    DECIDED = "request decided"
    APPROVED = "request approved"
    DENIED = "request denied"
    REVOKED = "access revoked"
    APPROVAL_SENT = "approval sent, not confirmed"
    DENIAL_SENT = "denial sent, not confirmed"
    REVOCATION_SENT = "revocation sent, not confirmed"
    CHANGED = "application changed"
    GIVEN = "role given"
    TAKEN = "role taken"
    OTHER = "other change"
    UNREADABLE = "event that cannot be read"


KINDS = {
    "microsoft.solutions/jitrequests/write": ActivityKind.WRITTEN,
    "microsoft.solutions/jitrequests/delete": ActivityKind.DELETED,
    "microsoft.solutions/applications/updateaccess/action": ActivityKind.DECIDED,
    "microsoft.solutions/applications/write": ActivityKind.CHANGED,
    "microsoft.authorization/roleassignments/write": ActivityKind.GIVEN,
    "microsoft.authorization/roleassignments/delete": ActivityKind.TAKEN,
}
ROLES = "Microsoft.Authorization"
PROVIDERS = ("Microsoft.Solutions", ROLES)
_UNDER_WAY = {"", "started", "accepted"}


class ActivityEvent(NamedTuple):
    """An event of the activity log that concerns JIT access.

    `person` and `tenant` are claims of the caller's token; a service has no person. One that cannot
    be read has the earliest of all times.
    """

    id: str
    at: datetime
    kind: ActivityKind
    operation: str
    target: str
    caller: str | None = None
    person: PrincipalId | None = None
    tenant: str | None = None
    status: str = ""
    sub_status: str = ""
    correlation: str | None = None
    row: RoleGrant | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether it is the start of a call, not its result."""
        return self.status.lower() in _UNDER_WAY

    @property
    def has_failed(self) -> bool:
        """Whether Azure refused it."""
        return self.status.lower() == "failed"

    @property
    def key(self) -> tuple[str, ...]:
        """The identity of the call: its start and its end have the same."""
        return (self.correlation or self.id, self.operation.lower(), self.target.lower())


def settled(events: Iterable[ActivityEvent]) -> list[ActivityEvent]:
    """Give one event for each call: its end, or its start if there is no end.

    Only the start may name a role and its holder: the end then takes them over.
    """
    listed = list({event.id: event for event in events}.values())
    ended = {event.key for event in listed if not event.is_under_way}
    begun: dict[tuple[str, ...], ActivityEvent] = {}
    rows = {event.key: event.row for event in listed if event.row is not None}
    for event in listed:
        if event.is_under_way and event.key not in ended:
            known = begun.get(event.key)
            if known is None or known.at < event.at:
                begun[event.key] = event
    kept = [event for event in listed if not event.is_under_way] + list(begun.values())
    return [event._replace(row=event.row or rows.get(event.key)) for event in kept]


class LoggedChange(NamedTuple):
    """A change in a managed resource group by a publisher; `name` is its person's.

    It `is_sure` unless it may be of another person of the publisher, because a group was granted.
    """

    event: ActivityEvent
    application: ApplicationId | None
    name: str | None
    is_sure: bool = True


class RecordedDecision(NamedTuple):
    """A decision in the receipts: who sent it, and between which instants.

    `name` is the sender's. `is_open` is True without an outcome; `is_sure` is True if a read
    confirmed it, not if Azure only accepted the call. `told_at` is when it was made as far as that
    is known: a command that settled it later tells only when it was begun.
    """

    request: RequestId
    action: str
    by: PrincipalId
    name: str
    began: datetime
    ended: datetime
    told_at: datetime
    is_open: bool = False
    is_sure: bool = False


class LastChange(NamedTuple):
    """The last change of a request, which need not be its decision."""

    by: PrincipalId | None
    name: str | None
    at: datetime | None


class Activity(NamedTuple):
    """One activity; `event` is None if the log has none and only the request shows it.

    `without_receipt` is None if no receipt is expected, `by_publisher` if the log does not name
    the tenant. `standing` marks a role of the publisher that no JIT request gave. `changed` is set
    if it is not known who decided; `automatic` if the settings of the application did.
    """

    at: datetime | None
    kind: ActivityKind
    who: PrincipalId | None
    who_name: str | None
    by_publisher: bool | None
    application: ApplicationId | None
    request: RequestId | None = None
    state: str | None = None
    grant: NamedGrant | None = None
    event: ActivityEvent | None = None
    without_receipt: bool | None = None
    standing: bool = False
    changed: LastChange | None = None
    automatic: bool = False

    @property
    def has_failed(self) -> bool:
        """Whether Azure refused it, so that nothing was done."""
        return self.event is not None and self.event.has_failed

    @property
    def deleted_by_publisher(self) -> bool:
        """Whether the publisher deleted the request."""
        return (
            self.kind is ActivityKind.DELETED and self.by_publisher is True and not self.has_failed
        )


class ActivityReport(NamedTuple):
    """The activity that was found, and the errors of the reads that failed."""

    rows: tuple[Activity, ...]
    unread: tuple[AzjitError, ...] = ()
