"""How what was done looks, and as what JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from azjit.domain.activity import Activity
from azjit.domain.ids import ResourceId
from azjit.output.checkup_shapes import ActivityItem, ActivityRequestItem
from azjit.output.items import instant
from azjit.output.roles import Role
from azjit.output.shapes import NamedItem, RowItem
from azjit.output.view import Column, Item, View
from azjit.output.words import Reader, named, short_name_cell

_NONE = "-"


def activity_view(rows: Iterable[Activity], reader: Reader) -> View:
    """List what was done; what should make somebody look is marked with a word."""
    columns = (
        Column("at", "When", cell=reader.time_cell("at"), priority=10),
        Column("what", "What", cut="wrap", priority=8),
        Column("mark", "Look", cell=_mark, role="bad", cut="wrap", priority=9, as_shown=True),
        Column("who", "Who", cell=_who, cut="wrap", priority=6, as_shown=True),
        Column("application.name", "Application", priority=6),
        Column("request.name", "Request", cell=_request, priority=6),
        Column("role", "Role", cell=_role, cut="wrap", priority=5, as_shown=True, wide_only=True),
        Column("status", "Status", role=_status_role, priority=5, wide_only=True),
        Column("correlationId", "Correlation id", cut="middle", wide_only=True, priority=2),
    )
    items = [activity_item(row) for row in rows]
    return View("activity", columns, items, empty="nothing was done that Azure still tells of")


def activity_item(row: Activity) -> ActivityItem:
    """Give one thing that was done."""
    event = row.event
    return {
        "at": instant(row.at),
        "what": row.deed.value,
        "who": {"id": row.who.text if row.who is not None else None, "name": row.who_name},
        "byPublisher": row.by_publisher,
        "application": _named(row.application),
        "request": _request_item(row),
        "role": _role_item(row),
        "withoutReceipt": row.without_receipt,
        "deletedByPublisher": row.deleted_by_publisher,
        "status": (event.status or None) if event is not None else None,
        "subStatus": (event.sub_status or None) if event is not None else None,
        "operation": event.operation if event is not None else None,
        "target": event.target if event is not None else None,
        "correlationId": event.correlation if event is not None else None,
        "source": "activity log" if event is not None else "request",
    }


def _named(told: ResourceId | None) -> NamedItem | None:
    return {"id": told.text, "name": told.name} if told is not None else None


def _request_item(row: Activity) -> ActivityRequestItem | None:
    if row.request is None:
        return None
    return {"id": row.request.text, "name": row.request.name, "state": row.state}


def _role_item(row: Activity) -> RowItem | None:
    if row.row is None:
        return None
    role_name, principal_name = row.row_names
    return {
        "roleId": row.row.role.text,
        "roleName": role_name,
        "principalId": row.row.principal.text,
        "principalName": principal_name,
    }


def _role(item: Item) -> str:
    role = item.get("role")
    if not isinstance(role, Mapping):
        return _NONE
    whose = "to" if item.get("what") == "role given" else "from"
    told = named(role, "roleName", "roleId")
    return f"{told} {whose} {named(role, 'principalName', 'principalId')}"


def _mark(item: Item) -> str:
    if item.get("deletedByPublisher"):
        return "deleted by publisher"
    return "no receipt here" if item.get("withoutReceipt") else _NONE


def _who(item: Item) -> str:
    who = item.get("who")
    return named(who, "name", "id") if isinstance(who, Mapping) else _NONE


def _request(item: Item) -> str:
    request = item.get("request")
    return short_name_cell(request) if isinstance(request, Mapping) else _NONE


def _status_role(item: Item) -> Role:
    return "bad" if item.get("status") == "Failed" else "quiet"
