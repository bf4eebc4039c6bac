"""How what was done looks, and as what JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from azjit.domain.activity import Activity, LastChange
from azjit.domain.ids import ResourceId
from azjit.output.cells import Cell, DisplayContext, called, named, short_name_cell
from azjit.output.render.styles import Style
from azjit.output.results.checkup_shapes import ActivityItem, ActivityRequestItem, LastChangeItem
from azjit.output.results.items import instant
from azjit.output.results.shapes import NamedItem, RowItem
from azjit.output.view import Column, Item, View

Say = Callable[[Item, str, str], str]
_NONE = "-"
_FAILED = "failed"


def activity_view(rows: Iterable[Activity], reader: DisplayContext) -> View:
    """List what was done; what should make somebody look says so."""
    items = [activity_item(row) for row in rows]
    columns = (
        Column("at", "When", cell=reader.time_cell("at"), cut="never", priority=10),
        Column(
            "what",
            "What",
            cell=_what(named),
            style=_what_style,
            cut="wrap",
            priority=8,
            export=_what(called),
        ),
        Column(
            "who",
            "Who",
            cell=_who(reader, named),
            cut="wrap",
            priority=8,
            export=_who(reader, called),
        ),
        Column("request.name", "Request", cell=_request, priority=7),
        Column(
            "application.name",
            "Application",
            cell=_application,
            priority=5,
            wide_only=len({_application(item) for item in items}) == 1,
        ),
        Column("status", "Status", style=_status_style, priority=5, wide_only=True),
        Column("correlationId", "Correlation id", cut="middle", wide_only=True, priority=2),
    )
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
        "standingAccess": row.standing,
        "lastChanged": _changed(row.changed),
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


def _changed(told: LastChange | None) -> LastChangeItem | None:
    if told is None:
        return None
    by = told.by.text if told.by is not None else None
    return {"at": instant(told.at), "by": {"id": by, "name": told.name}}


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


def _what(say: Say) -> Cell:
    def cell(item: Item) -> str:
        told = str(item.get("what"))
        if told in {"role given", "role taken"}:
            told = f"{told}: {_role(item, 'to' if told == 'role given' else 'from', say)}"
        mark = _mark(item)
        told = f"{told}, {mark}" if mark is not None else told
        return f"{_FAILED}: {told}" if _has_failed(item) else told

    return cell


def _role(item: Item, whose: str, say: Say) -> str:
    role = item.get("role")
    if not isinstance(role, Mapping):
        return "not told"
    told = say(role, "roleName", "roleId")
    return f"{told} {whose} {say(role, 'principalName', 'principalId')}"


def _mark(item: Item) -> str | None:
    """Say what should make somebody look."""
    if item.get("deletedByPublisher"):
        return "by the publisher"
    if item.get("standingAccess"):
        return "standing access"
    return "no receipt here" if item.get("withoutReceipt") else None


def _who(reader: DisplayContext, say: Say) -> Cell:
    def cell(item: Item) -> str:
        who, changed = item.get("who"), item.get("lastChanged")
        if not isinstance(changed, Mapping):
            return say(who, "name", "id") if isinstance(who, Mapping) else ""
        by = changed.get("by")
        changer = say(by, "name", "id") if isinstance(by, Mapping) else _NONE
        at = reader.time_cell("at")(changed)
        return f"not told; last changed by {changer}, {at}"

    return cell


def _application(item: Item) -> str:
    application = item.get("application")
    return str(application.get("name")) if isinstance(application, Mapping) else "several"


def _request(item: Item) -> str:
    request = item.get("request")
    return short_name_cell(request) if isinstance(request, Mapping) else _NONE


def _has_failed(item: Item) -> bool:
    return str(item.get("status")).lower() == _FAILED


def _what_style(item: Item) -> Style:
    if _has_failed(item):
        return "quiet"
    return "plain" if _mark(item) is None else "bad"


def _status_style(item: Item) -> Style:
    return "bad" if _has_failed(item) else "quiet"
