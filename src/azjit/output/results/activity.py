"""Activity: who did what to applications and requests, with marks on what needs attention."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from azjit.domain.activity import Activity, ActivityEvent, ActivityKind, LastChange
from azjit.domain.ids import RequestId
from azjit.output.cells import NONE, DisplayContext, NameOf, called, named
from azjit.output.fields import Column, Columns, Field, Many, Maybe, Result, Shape, Style
from azjit.output.names import unique_names
from azjit.output.results.parts import GRANT, NAMED, Named, with_name
from azjit.output.view import View

_KINDS = (
    "request filed, request filed or changed, request deleted, request decided, request"
    " approved, request denied, access revoked, approval sent, not confirmed, denial sent, not"
    " confirmed, revocation sent, not confirmed, application changed, role given, role taken,"
    " event that cannot be read"
)


def _what(name_of: NameOf, row: Activity) -> str:
    text = row.kind.value
    if row.kind in {ActivityKind.GIVEN, ActivityKind.TAKEN}:
        text = f"{text}: {_role(row, name_of)}"
    mark = _mark(row)
    text = f"{text}, {mark}" if mark is not None else text
    return f"failed: {text}" if row.has_failed else text


def _role(row: Activity, name_of: NameOf) -> str:
    grant = row.grant
    if grant is None:
        return "not known"
    whose = "to" if row.kind is ActivityKind.GIVEN else "from"
    principal = name_of(grant.principal_name, grant.principal)
    return f"{name_of(grant.role_name, grant.role)} {whose} {principal}"


def _mark(row: Activity) -> str | None:
    """Give the reason why an entry needs attention."""
    if row.deleted_by_publisher:
        return "by the publisher"
    if row.standing:
        return "standing access"
    return "no receipt here" if row.without_receipt else None


def _what_style(row: Activity) -> Style:
    if row.has_failed:
        return "quiet"
    return "plain" if _mark(row) is None else "bad"


def _who(display: DisplayContext, name_of: NameOf, row: Activity) -> str:
    changed = row.changed
    if row.automatic:
        return "automatic, by the settings"
    if changed is None:
        return name_of(row.who_name, row.who)
    at = display.clock(changed.at) if changed.at is not None else NONE
    return f"not known; last changed by {name_of(changed.name, changed.by)}, {at}"


def _application(row: Activity) -> str:
    return row.application.name if row.application is not None else "several"


class _Request(NamedTuple):
    id: RequestId
    state: str | None


def _request(row: Activity) -> _Request | None:
    return _Request(row.request, row.state) if row.request is not None else None


def _request_name(row: Activity) -> str | None:
    return row.request.name if row.request is not None else None


def _source(row: Activity) -> str:
    return "activity log" if row.event is not None else "request"


def _status_style(row: Activity) -> Style:
    return "bad" if row.has_failed else "quiet"


_APPLICATION = "null if it concerns several"
_RECEIPT = "a decision without a receipt on this machine; null if none is expected"
_DELETED = "the publisher deleted the request"
_STANDING = "a role of the publisher without a JIT request"
_CHANGED = (
    "for a decision that only the state of the request shows: nothing shows who decided, or when"
)
_AUTOMATIC = "an approval by the settings of the application: Azure names no other decider"
_STATUS = "Azure's own value; null if the log has no such event"
_ROLE = "the role assigned or removed, and its principal; null if unknown"
ACTOR = Shape[Named](
    "Actor",
    "Who did something.",
    Field("id", str | None, lambda n: n.id, "Entra object id; null for a service, or if unknown"),
    Field("name", str | None, lambda n: n.name, "from the log or the name cache"),
)
REQUEST = Shape[_Request](
    "ActivityRequest",
    "The request of an event.",
    Field("id", str, lambda r: r.id),
    Field("name", str, lambda r: r.id.name),
    Field("state", str | None, lambda r: r.state, "its current state; null if it no longer exists"),
)
LAST_CHANGE = Shape[LastChange](
    "LastChange",
    "The last change of a request, which may not be its decision.",
    Field("at", datetime | None, lambda c: c.at),
    Field("by", ACTOR, lambda c: Named(c.by, c.name)),
)
_EVENT = Shape[ActivityEvent](
    "Event",
    "An event of the activity log.",
    Field("status", str | None, lambda e: e.status or None, _STATUS),
    Field("subStatus", str | None, lambda e: e.sub_status or None),
    Field("operation", str | None, lambda e: e.operation, "Azure's name of the operation"),
    Field("target", str | None, lambda e: e.target, "id of the changed resource"),
    Field("correlationId", str | None, lambda e: e.correlation),
)
ACTIVITY = Shape[Activity](
    "Activity",
    "An event of an application, a request, or the publisher's access.",
    Field("at", datetime | None, lambda a: a.at, "time; null if Azure has none"),
    Field("what", str, lambda a: a.kind, _KINDS),
    Field("who", ACTOR, lambda a: Named(a.who, a.who_name)),
    Field("byPublisher", bool | None, lambda a: a.by_publisher, "null if the tenant is unknown"),
    Field("application", Maybe(NAMED), lambda a: with_name(a.application), _APPLICATION),
    Field("request", Maybe(REQUEST), _request, "null if it concerns none, or is unknown"),
    Field("role", Maybe(GRANT), lambda a: a.grant, _ROLE),
    Field("withoutReceipt", bool | None, lambda a: a.without_receipt, _RECEIPT),
    Field("deletedByPublisher", bool, lambda a: a.deleted_by_publisher, _DELETED),
    Field("standingAccess", bool, lambda a: a.standing, _STANDING),
    Field("lastChanged", Maybe(LAST_CHANGE), lambda a: a.changed, _CHANGED),
    Field("automatic", bool, lambda a: a.automatic, _AUTOMATIC),
    *_EVENT.within(attrgetter("event")),
    Field("source", str, _source, "activity log, or request if only the request shows it"),
)
ACTIVITIES = Result("activity", Many(ACTIVITY), "consumer history --activity")


def activity_view(rows: Iterable[Activity], display: DisplayContext) -> View:
    """List the activity, with marks on entries that need attention."""
    rows = list(rows)
    is_about_one = len({_application(row) for row in rows}) == 1
    what, all_what = partial(_what, named), partial(_what, called)
    who, all_who = partial(_who, display, named), partial(_who, display, called)
    picked: Columns[Activity] = ACTIVITY.columns(
        Column("at", "When", cut="never", priority=10),
        Column(
            "what",
            "What",
            what,
            _what_style,
            cut="wrap",
            priority=8,
            export=all_what,
            shortens=True,
        ),
        Column("who", "Who", who, cut="wrap", priority=8, export=all_who, shortens=True),
        Column(
            "request.name", "Request", cut="name", priority=7, among=unique_names(_request_name)
        ),
        Column("application.name", "Application", _application, priority=5, wide_only=is_about_one),
        Column("status", "Status", style=_status_style, priority=5, wide_only=True),
        Column("correlationId", "Correlation id", cut="middle", wide_only=True, priority=2),
    )
    return View(ACTIVITIES, picked, rows, display, "no activity in the requests or the log")
