"""What the routes of Microsoft.Authorization share: the scope, the filter, the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.base.ids import group_id, guid, subscription_id
from azjit.sandbox.base.messages import Page, Problem, Response

PROVIDER = "providers/Microsoft.Authorization"
LONG_AGO = "2024-01-01T00:00:00.0000000Z"
_CLAUSE = re.compile(
    r"(?P<at>atScope\(\))|assignedTo\('(?P<assigned>[^']*)'\)"
    r"|(?P<key>\w+)\s+eq\s+'(?P<value>(?:[^']|'')*)'|(?P<below>atScopeAndBelow\(\))",
    re.IGNORECASE,
)
_GROUP_PARTS = 4


def scope_of(call: ArmCall) -> str:
    """The scope that the path names, empty for the root."""
    return call.params.get("scope") or ""


def as_shown(scope: str) -> str:
    """A scope that is kept in lower case, in ARM's casing."""
    return scope.replace("/resourcegroups/", "/resourceGroups/")


def above(scope: str) -> str:
    """The subscription of a scope, under which role definitions are named."""
    return "/".join(scope.split("/")[:3])


def require_place(call: ArmCall) -> None:
    """Refuse a scope that is not there.

    Raises:
        Problem: 404, for a subscription, a group or a resource.
    """
    scope = scope_of(call)
    parts = scope.strip("/").split("/")
    if len(parts) < 2 or parts[0].lower() != "subscriptions":  # noqa: PLR2004 kind and name
        return
    known = scope.lower() == subscription_id(parts[1]).lower()
    if known or call.world.resource(scope) is not None:
        return
    if len(parts) >= _GROUP_PARTS and call.world.resource(group_id(parts[1], parts[3])) is None:
        text = f"Resource group '{parts[3]}' could not be found."
        raise Problem(404, "ResourceGroupNotFound", text)
    raise Problem(404, "ResourceNotFound", f"The resource '{scope}' was not found.")


def clauses_of(call: ArmCall) -> dict[str, str]:
    """The clauses of $filter.

    Raises:
        Problem: 400, there is one that these routes do not take.
    """
    found: dict[str, str] = {}
    text = call.request.query.get("$filter", "")
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE) if text else []:
        match = _CLAUSE.fullmatch(part.strip())
        if match is None:
            raise Problem(400, "InvalidFilter", f"the filter '{text}' is not supported")
        if match["key"]:
            found[match["key"].lower()] = match["value"].replace("''", "'")
        else:
            found[str(match.lastgroup)] = match[str(match.lastgroup)]
    return found


def principals_in(call: ArmCall, clauses: dict[str, str]) -> list[str]:
    """Whom the filter asks about; `assignedTo` counts the groups that the principal is in."""
    if "assigned" in clauses:
        oid = guid(clauses["assigned"])
        return [oid, *call.world.directory.groups_of(oid)]
    return [guid(clauses["principalid"])] if "principalid" in clauses else []


def paged(call: ArmCall, items: Sequence[Any], show: Callable[[Any], dict[str, Any]]) -> Response:
    """One page of things that have an `id`, sorted by it."""
    size, after = call.world.page_size, call.after()
    rest = sorted((item for item in items if item.id > after), key=lambda item: item.id)
    token = rest[size - 1].id if len(rest) > size else None
    return call.listing(Page(rest[:size], token), show)
