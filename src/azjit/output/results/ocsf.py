"""Receipts as events of the Open Cybersecurity Schema Framework 1.3, class API Activity (6003)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from azjit import __version__
from azjit.output.fields import Field, Many, Result, Shape
from azjit.output.results.receipts import Row
from azjit.output.view import View

# Numbers of the framework: schema.ocsf.io/1.3.0/classes/api_activity.
_CLASS = 6003
_CREATE, _UPDATE, _DELETE = 1, 3, 4
_INFORMATIONAL = 1
_ACTIVITIES = {"request": _CREATE, "activate": _CREATE, "cancel": _DELETE, "deactivate": _DELETE}
_STATUSES = {"confirmed": (1, "Success"), "refused": (2, "Failure"), "failed": (2, "Failure")}
_NOT_KNOWN = (0, "Unknown")


def _activity(row: Row) -> int:
    return _ACTIVITIES.get(row.receipt.action, _UPDATE)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _end(row: Row) -> int | None:
    return _milliseconds(row.receipt.ended) if row.receipt.ended is not None else None


def _status(row: Row) -> tuple[int, str]:
    return _STATUSES.get(row.receipt.outcome or "", _NOT_KNOWN)


def _metadata(row: Row) -> dict[str, object]:
    product = {"name": "azjit", "vendor_name": "azjit", "version": __version__}
    return {"version": "1.3.0", "uid": row.receipt.id, "product": product, "profiles": ["cloud"]}


def _actor(row: Row) -> dict[str, object]:
    told = row.receipt
    user = {"uid": told.actor_id, "name": told.actor_name, "org": {"uid": told.actor_tenant}}
    return {"user": user, "app_name": "azjit"}


def _api(row: Row) -> dict[str, object]:
    told = row.receipt
    return {
        "operation": told.action,
        "service": {"name": "Azure Resource Manager"},
        "request": {"uid": told.request_id or told.id},
        "response": {"error": told.code},
    }


def _unmapped(row: Row) -> dict[str, object]:
    told = row.receipt
    return {
        "reason": told.reason,
        "application": told.application,
        "outcome": told.outcome,
        "state": told.state,
        "cloud": told.cloud,
        "reconciled": told.is_reconciled,
        "details": told.details,
        "head": row.head_text,
    }


EVENT = Shape[Row](
    "OcsfApiActivity",
    "A receipt as an event of OCSF 1.3, class 6003; times are milliseconds since 1970, UTC.",
    Field("time", int, lambda row: _milliseconds(row.receipt.began), "of the intent"),
    Field("end_time", int | None, _end),
    Field("category_uid", int, lambda _: _CLASS // 1000),
    Field("class_uid", int, lambda _: _CLASS),
    Field("activity_id", int, _activity, "1 create (a request), 3 update, 4 delete (a cancel)"),
    Field("type_uid", int, lambda row: _CLASS * 100 + _activity(row)),
    Field("severity_id", int, lambda _: _INFORMATIONAL),
    Field("status_id", int, lambda row: _status(row)[0], "0 not known, 1 success, 2 failure"),
    Field("status", str, lambda row: _status(row)[1]),
    Field("status_detail", str | None, lambda row: row.receipt.detail),
    Field("message", str, lambda row: f"{row.receipt.action} {row.receipt.target}"),
    Field("metadata", dict, _metadata),
    Field("actor", dict, _actor),
    Field("api", dict, _api),
    Field("src_endpoint", dict, lambda row: {"name": row.receipt.source}),
    Field("resources", Many(dict), lambda row: [{"uid": row.receipt.target}]),
    Field("cloud", dict, lambda _: {"provider": "Azure"}),
    Field("unmapped", dict, _unmapped, "what the class has no attribute for"),
)
EVENTS = Result("receipts-ocsf", Many(EVENT), "receipts export --format ocsf")


def ocsf_view(rows: Iterable[Row]) -> View:
    """Give receipts as events, for a security product."""
    return View(EVENTS, EVENT.columns("time", "message"), rows)
