"""The $filter of listings of Microsoft.Authorization."""

from __future__ import annotations

import re

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.base.ids import guid

_CLAUSE = re.compile(
    r"(?P<at>atScope\(\))|assignedTo\('(?P<assigned>[^']*)'\)"
    r"|(?P<key>\w+)\s+eq\s+'(?P<value>(?:[^']|'')*)'|(?P<below>atScopeAndBelow\(\))",
    re.IGNORECASE,
)


def clauses_of(call: ArmCall) -> dict[str, str]:
    """Give the values of the filter's clauses by their lower-case names."""
    found: dict[str, str] = {}
    for match in call.clauses(_CLAUSE, "InvalidFilter"):
        if match["key"]:
            found[match["key"].lower()] = match["value"].replace("''", "'")
        else:
            found[str(match.lastgroup)] = match[str(match.lastgroup)]
    return found


def principals_in(call: ArmCall, clauses: dict[str, str]) -> list[str]:
    """Give whom the filter asks about; `assignedTo` includes the groups of the principal."""
    if "assigned" in clauses:
        oid = guid(clauses["assigned"])
        return [oid, *call.world.directory.groups_of(oid)]
    return [guid(clauses["principalid"])] if "principalid" in clauses else []
