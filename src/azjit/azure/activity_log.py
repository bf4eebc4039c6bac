"""The activity log of a subscription: who changed what in the last 90 days.

Source: https://learn.microsoft.com/rest/api/monitor/activity-logs/list
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.wire.values import mapping, principal, read_json, text
from azjit.domain.activity import KINDS, ActivityEvent, ActivityKind
from azjit.domain.applications import RoleGrant
from azjit.domain.ids import RoleId
from azjit.domain.times import iso_instant, parse_instant

_NO_TIME = datetime.min.replace(tzinfo=UTC)
_CLAIM = "http://schemas.microsoft.com/identity/claims"


class Window(NamedTuple):
    """What to read: a time range, and the one other condition that Azure's filter accepts."""

    subscription: str
    start: datetime
    end: datetime
    group: str | None = None
    provider: str | None = None

    @property
    def filter(self) -> str:
        """The window as a `$filter`."""
        found = f"eventTimestamp ge '{iso_instant(self.start)}'"
        found += f" and eventTimestamp le '{iso_instant(self.end)}'"
        if self.group is not None:
            quoted = self.group.replace("'", "''")
            found += f" and resourceGroupName eq '{quoted}'"
        elif self.provider is not None:
            found += f" and resourceProvider eq '{self.provider}'"
        return found


class ActivityLog:
    """Reads the log."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def probe(self, subscription: str, now: datetime) -> None:
        """Read a minute of the log of a subscription."""
        next(self.events(Window(subscription, now - timedelta(minutes=1), now)), None)

    def events(self, window: Window) -> Iterator[ActivityEvent]:
        """Give the events that concern JIT access, page by page."""
        path = routes.activity_log(window.subscription)
        what = f"read the activity log of subscription {window.subscription}"
        query = {"$filter": window.filter}
        listed = self._arm.list(path, routes.ACTIVITY_LOG, what, query)
        return (event for body in listed if (event := decode_event(body)) is not None)

    def changes(self, window: Window) -> Iterator[ActivityEvent]:
        """Give every event, also those that do not concern JIT access, page by page."""
        path = routes.activity_log(window.subscription)
        what = f"read the activity log of subscription {window.subscription}"
        listed = self._arm.list(path, routes.ACTIVITY_LOG, what, {"$filter": window.filter})
        return map(decode_change, listed)


def decode_event(body: Mapping[str, Any]) -> ActivityEvent | None:
    """Read an event; None if it does not concern JIT access."""
    event = decode_change(body)
    return None if event.kind is ActivityKind.OTHER else event


def decode_change(body: Mapping[str, Any]) -> ActivityEvent:
    """Read an event of any operation."""
    operation = _value(body.get("operationName"))
    kind = KINDS.get(operation.lower(), ActivityKind.OTHER if operation else None)
    at = parse_instant(body.get("eventTimestamp"))
    claims = mapping(body.get("claims"))
    return ActivityEvent(
        id=text(body.get("eventDataId")) or text(body.get("id")) or "",
        at=at or _NO_TIME,
        kind=kind if kind is not None and at is not None else ActivityKind.UNREADABLE,
        operation=operation,
        target=text(body.get("resourceId")) or "",
        caller=text(body.get("caller")),
        person=principal(claims.get(f"{_CLAIM}/objectidentifier")),
        tenant=text(claims.get(f"{_CLAIM}/tenantid")),
        status=_value(body.get("status")),
        sub_status=_value(body.get("subStatus")),
        correlation=text(body.get("correlationId")),
        row=_row(mapping(body.get("properties"))),
    )


def _value(field: Any) -> str:
    return text(mapping(field).get("value")) or ""


def _row(properties: Mapping[str, Any]) -> RoleGrant | None:
    """Read the role assignment that was sent, or that a deletion gave back."""
    for key in ("requestbody", "responseBody"):
        inside = _inside(text(properties.get(key)))
        holder, role = principal(inside.get("principalid")), text(inside.get("roledefinitionid"))
        if holder is not None and role is not None:
            return RoleGrant(holder, RoleId(role))
    return None


def _inside(source: str | None) -> Mapping[str, Any]:
    try:
        body = _lower_keys(read_json(source or ""))
    except ValueError:
        return {}
    return _lower_keys(body.get("properties"))


def _lower_keys(value: Any) -> Mapping[str, Any]:
    return {str(key).lower(): each for key, each in mapping(value).items()}
