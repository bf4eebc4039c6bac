"""Who did what to applications and requests, and what in it should make somebody look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from azjit.domain.applications import RoleGrant
from azjit.domain.ids import ApplicationId, PrincipalId, RequestId
from azjit.errors import AzjitError

# Azure keeps the log for 90 days and refuses an earlier start; the minute is for slow clocks.
KEPT = timedelta(days=90) - timedelta(minutes=1)


class Deed(StrEnum):
    """What was done, in the words of the field."""

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


DEEDS = {
    "microsoft.solutions/jitrequests/write": Deed.WRITTEN,
    "microsoft.solutions/jitrequests/delete": Deed.DELETED,
    "microsoft.solutions/applications/updateaccess/action": Deed.DECIDED,
    "microsoft.solutions/applications/write": Deed.CHANGED,
    "microsoft.authorization/roleassignments/write": Deed.GIVEN,
    "microsoft.authorization/roleassignments/delete": Deed.TAKEN,
}
ROLES = "Microsoft.Authorization"
PROVIDERS = ("Microsoft.Solutions", ROLES)
_UNDER_WAY = {"", "started", "accepted"}


@dataclass(frozen=True, slots=True)
class ActivityEvent:
    """An event of the activity log that concerns JIT access.

    `person` and `tenant` are claims of the caller's token; a service has no person.
    """

    id: str
    at: datetime
    deed: Deed
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
        """Whether it tells only that a call began."""
        return self.status.lower() in _UNDER_WAY

    @property
    def has_failed(self) -> bool:
        """Whether Azure refused it."""
        return self.status.lower() == "failed"

    @property
    def key(self) -> tuple[str, ...]:
        """What the beginning and the end of one call share."""
        return (self.correlation or self.id, self.operation.lower(), self.target.lower())


def settled(events: Iterable[ActivityEvent]) -> list[ActivityEvent]:
    """Leave out the beginnings of calls whose end is there too, and what is told twice.

    A role and its holder may be told by the beginning only: the end takes them over.
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
    return [replace(event, row=event.row or rows.get(event.key)) for event in kept]


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision that the receipts tell of: by whom, and between which instants it was sent.

    `is_sure` if a read confirmed it; a call that Azure took and ignored is not.
    """

    request: RequestId
    action: str
    by: PrincipalId
    began: datetime
    ended: datetime
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed a request last and when: it may be whoever decided it, and may be another."""

    by: PrincipalId | None
    name: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that somebody did; `event` is None where only the request tells of it.

    `without_receipt` is None where no receipt can be expected, `by_publisher` where the log does
    not tell the tenant. `standing` marks a role of the publisher's that no JIT request gave, and
    `changed` is there where nothing tells who decided.
    """

    at: datetime | None
    deed: Deed
    who: PrincipalId | None
    who_name: str | None
    by_publisher: bool | None
    application: ApplicationId | None
    request: RequestId | None = None
    state: str | None = None
    row: RoleGrant | None = None
    row_names: tuple[str | None, str | None] = (None, None)
    event: ActivityEvent | None = None
    without_receipt: bool | None = None
    standing: bool = False
    changed: LastChange | None = None

    @property
    def has_failed(self) -> bool:
        """Whether Azure refused it, so that nothing was done."""
        return self.event is not None and self.event.has_failed

    @property
    def deleted_by_publisher(self) -> bool:
        """Whether the publisher took the request away, and with it what tells of it."""
        return self.deed is Deed.DELETED and self.by_publisher is True and not self.has_failed


@dataclass(frozen=True, slots=True)
class ActivityReport:
    """All that is known of what was done, and why some of it is not."""

    rows: tuple[Activity, ...]
    unread: tuple[AzjitError, ...] = ()
