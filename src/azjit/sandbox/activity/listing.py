"""GET of the activity log, filtered by a time range and one more property."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from azjit.sandbox.activity.events import APPLIANCES, PIM, EventActor, LogEvent
from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.arm.route import ArmRoute
from azjit.sandbox.base.clock import read_instant, stamp
from azjit.sandbox.base.ids import group_id, stable_id, subscription_id
from azjit.sandbox.base.messages import Page, Problem, Response

_KEPT = timedelta(days=90)
_BAD = "BadRequest"
_CLAUSE = re.compile(
    r"(?P<key>\w+)\s+(?P<sign>eq|ge|le)\s+(?:'(?P<value>(?:[^']|'')*)'|(?P<bare>[^\s']+))",
    re.IGNORECASE,
)
_ONE_OF = ("resourcegroupname", "resourceuri", "resourceprovider", "correlationid")
_ASSIGNMENT = "'/providers/microsoft.authorization/roleassignments/'"
# A grant has events at its start and at its end, although nothing is written then.
_EVENTS = f"""
SELECT at, id, body, target, provider, correlation, '' AS request, '' AS principal, '' AS role
  FROM activity WHERE subscription = :subscription
UNION ALL SELECT starts, id || '/write', NULL, scope || {_ASSIGNMENT} || id,
  'microsoft.authorization', '', request, principal, role FROM assignments
  WHERE subscription = :subscription AND request IS NOT NULL AND starts <= :now
UNION ALL SELECT ends, id || '/delete', NULL, scope || {_ASSIGNMENT} || id,
  'microsoft.authorization', '', request, principal, role FROM assignments
  WHERE subscription = :subscription AND request IS NOT NULL AND ends <= :now AND starts < ends
"""  # noqa: S608 the only part put in is ours


def listed(call: ArmCall) -> Response:
    """GET eventtypes/management/values: the newest first.

    Assumes:
        [M] a grant's start and end are roleAssignments/write and delete by the service
        [M] the newest event comes first; 90 days are kept
    """
    where, values = _where(call)
    size, after = int(call.world.switch("page-size")), call.after().partition("|")
    if after[0]:
        where += " AND (at, id) < (:after_at, :after_id)"
        values |= {"after_at": after[0], "after_id": after[2]}
    rows = call.world.connection.execute(
        f"SELECT * FROM ({_EVENTS}) WHERE {where} ORDER BY at DESC, id DESC LIMIT {size + 1}",  # noqa: S608
        values,
    ).fetchall()
    token = "|".join(rows[size - 1][:2]) if len(rows) > size else None
    return call.listing(Page(rows[:size], token), lambda row: _selected(call, _event(call, row)))


def _where(call: ArmCall) -> tuple[str, dict[str, str]]:
    clauses = {
        f"{match['key']} {match['sign']}".lower(): (match["value"] or match["bare"] or "").replace(
            "''", "'"
        )
        for match in call.clauses(_CLAUSE, _BAD)
    }
    start = clauses.pop("eventtimestamp ge", None)
    if start is None:
        raise _bad("the filter needs \"eventTimestamp ge '...'\"")
    end = clauses.pop("eventtimestamp le", None)
    now = call.world.now
    earliest = _instant(start)
    if earliest < stamp(now - _KEPT):
        raise _bad("the start time cannot be more than 90 days in the past")
    values = {
        "subscription": call["subscription"].lower(),
        "now": stamp(now),
        "start": earliest,
        "end": stamp(now) if end is None else _instant(end),
    }
    where = "at >= :start AND at <= :end"
    if not clauses:
        return where, values
    if len(clauses) > 1:
        raise _bad("the filter takes a time range and one other clause")
    (key, value), *_ = clauses.items()
    more, extra = _narrowed(call, key.removesuffix(" eq"), value.lower())
    return f"{where} AND {more}", values | extra


def _narrowed(call: ArmCall, key: str, value: str) -> tuple[str, dict[str, str]]:
    if key not in _ONE_OF:
        raise _bad(f"the filter takes no '{key}', only a time range and one of {_ONE_OF}")
    if key == "resourceprovider":
        return "provider = :value", {"value": value}
    if key == "correlationid":
        return "correlation = :value", {"value": value}
    if key == "resourcegroupname":
        value = group_id(call["subscription"], value).lower()
    place = value.rstrip("/")
    below = {"value": place, "low": f"{place}/", "high": f"{place}0"}
    return "(target = :value OR (target > :low AND target < :high))", below


def _instant(text: str) -> str:
    for tried in (text, f"{text}Z", f"{text}T00:00:00Z"):
        try:
            return stamp(read_instant(tried))
        except ValueError:
            continue
    raise _bad(f"'{text}' is no instant")


def _event(call: ArmCall, row: Sequence[Any]) -> dict[str, Any]:
    """Give a stored event, or make the one of a grant's start or end."""
    at, key, body, target, _provider, _correlation, request, principal, role = row
    if body is not None:
        stored: dict[str, Any] = json.loads(body)
        return stored
    verb = key.rpartition("/")[2]
    shown = target.replace("/resourcegroups/", "/resourceGroups/").replace(
        "/microsoft.authorization/roleassignments/", "/Microsoft.Authorization/roleAssignments/"
    )
    content = {
        "Properties": {
            "PrincipalId": principal,
            "RoleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "Scope": shown.rpartition("/providers/")[0],
        }
    }
    service = PIM if "/microsoft.authorization/" in request else APPLIANCES
    tenant = call.world.directory.tenant_of(call["subscription"]) or ""
    event = LogEvent(
        stable_id(f"event/{key}/{at}"),
        at,
        f"Microsoft.Authorization/roleAssignments/{verb}",
        shown,
        EventActor(service, "", tenant, service),
        stable_id(f"correlation/{request}"),
        "Created" if verb == "write" else "OK",
        {"requestbody" if verb == "write" else "responseBody": json.dumps(content)},
    )
    return event.body()


def _selected(call: ArmCall, event: dict[str, Any]) -> dict[str, Any]:
    names = call.request.query.get("$select", "")
    if not names:
        return event
    wanted = {name.strip().lower() for name in names.split(",")}
    return {key: value for key, value in event.items() if key.lower() in wanted}


def _bad(message: str) -> Problem:
    return Problem(400, _BAD, message)


ROUTES = (
    ArmRoute(
        "GET",
        f"{subscription_id('{subscription}')}"
        "/providers/Microsoft.Insights/eventtypes/management/values",
        ("2015-04-01",),
        listed,
        "Microsoft.Insights/eventtypes/values/Read",
    ),
)
