"""The activity log of a subscription: who wrote what, for the last 90 days.

Source: https://learn.microsoft.com/rest/api/monitor/activity-logs/list
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.wire.values import mapping, principal, text
from azjit.domain.activity import DEEDS, ActivityEvent
from azjit.domain.applications import RoleGrant
from azjit.domain.ids import RoleId
from azjit.domain.times import iso_instant, parse_instant

_CLAIM = "http://schemas.microsoft.com/identity/claims"


@dataclass(frozen=True, slots=True)
class Window:
    """What to read: a span of time, and the one thing more that Azure's filter takes."""

    subscription: str
    start: datetime
    end: datetime
    group: str | None = None
    provider: str | None = None

    @property
    def filter(self) -> str:
        """The `$filter` that says so."""
        told = f"eventTimestamp ge '{iso_instant(self.start)}'"
        told += f" and eventTimestamp le '{iso_instant(self.end)}'"
        if self.group is not None:
            told += f" and resourceGroupName eq '{self.group}'"
        elif self.provider is not None:
            told += f" and resourceProvider eq '{self.provider}'"
        return told


class ActivityLog:
    """Reads the log."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def probe(self, subscription: str, now: datetime) -> None:
        """Read a minute of the log of a subscription.

        Raises:
            AzjitError: it cannot be read.
        """
        next(self.events(Window(subscription, now - timedelta(minutes=1), now)), None)

    def events(self, window: Window) -> Iterator[ActivityEvent]:
        """Give the events that concern JIT access, page by page."""
        path = routes.activity_log(window.subscription)
        what = f"read the activity log of subscription {window.subscription}"
        query = {"$filter": window.filter}
        listed = self._arm.list(path, routes.ACTIVITY_LOG, what, query)
        for body in listed:
            event = decode_event(body)
            if event is not None:
                yield event


def decode_event(body: Mapping[str, Any]) -> ActivityEvent | None:
    """Read an event; None where it is about something else or tells no time."""
    operation = _value(body.get("operationName"))
    deed = DEEDS.get(operation.lower())
    at = parse_instant(text(body.get("eventTimestamp")) or "")
    if deed is None or at is None:
        return None
    claims = mapping(body.get("claims"))
    return ActivityEvent(
        id=text(body.get("eventDataId")) or text(body.get("id")) or "",
        at=at,
        deed=deed,
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


def _value(told: Any) -> str:
    return text(mapping(told).get("value")) or ""


def _row(properties: Mapping[str, Any]) -> RoleGrant | None:
    """Give whom a role assignment is for: in what was sent, or in what was taken away."""
    for key in ("requestbody", "responseBody"):
        inside = _inside(text(properties.get(key)))
        holder, role = principal(inside.get("principalid")), text(inside.get("roledefinitionid"))
        if holder is not None and role is not None:
            return RoleGrant(holder, RoleId(role))
    return None


def _inside(told: str | None) -> Mapping[str, Any]:
    try:
        body = _lowered(json.loads(told or ""))
    except (ValueError, RecursionError):
        return {}
    return _lowered(body.get("properties"))


def _lowered(value: Any) -> Mapping[str, Any]:
    return {str(key).lower(): each for key, each in mapping(value).items()}
