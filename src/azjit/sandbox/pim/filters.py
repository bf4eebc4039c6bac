"""Which of PIM's records a listing includes, by its scope, its filter and the caller."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.authorization.access import require
from azjit.sandbox.base.ids import bare_role, guid, scopes_above
from azjit.sandbox.pim.records import PimRecord

_CLAUSE = re.compile(
    r"(?P<as>as(?:Target|Requestor|Approver|CreatedBy)|atScope)\(\)"
    r"|assignedTo\('(?P<assigned>[^']*)'\)"
    r"|(?P<key>principalId|roleDefinitionId|status|requestType)\s+eq\s+'(?P<value>[^']*)'",
    re.IGNORECASE,
)


Test = Callable[[PimRecord], bool]


class Filter(NamedTuple):
    """The $filter of a listing."""

    views: frozenset[str]
    equals: dict[str, str]
    assigned: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it asks only for what concerns the caller, which needs no permission."""
        return bool(self.views & {"astarget", "asrequestor", "asapprover", "ascreatedby"})

    def includes(
        self, call: ArmCall, row: PimRecord, *, is_approver: Test = lambda _row: False
    ) -> bool:
        """Whether the listing at the call's scope includes a row.

        Assumes:
            [M] a listing has rows at, above and below its scope, with atScope() only at and above;
                asTarget(), asRequestor() and asApprover() need no right there
        """
        return (
            _is_in_scope(call, row, is_flat="atscope" in self.views)
            and self._is_viewed(call, row, is_approver)
            and self._has_principal(call, row)
            and self.equals.get("roledefinitionid", row.role) == row.role
        )

    def _is_viewed(self, call: ArmCall, row: PimRecord, is_approver: Test) -> bool:
        caller = call.caller
        if "astarget" in self.views and row.principal not in caller.principals:
            return False
        if self.views & {"asrequestor", "ascreatedby"} and row.requestor != caller.oid:
            return False
        return "asapprover" not in self.views or is_approver(row)

    def _has_principal(self, call: ArmCall, row: PimRecord) -> bool:
        if self.equals.get("principalid", row.principal) != row.principal:
            return False
        if not self.assigned:
            return True
        groups = call.world.directory.groups_of(self.assigned)
        return row.principal in (self.assigned, *groups)


def read(call: ArmCall) -> Filter:
    """Read the $filter of a listing."""
    views, equals, assigned = set[str](), dict[str, str](), ""
    for match in call.clauses(_CLAUSE, "InvalidFilter"):
        if match["as"]:
            views.add(match["as"].lower())
        elif match["assigned"] is not None:
            assigned = guid(match["assigned"])
        else:
            equals[match["key"].lower()] = _plain(match["key"].lower(), match["value"])
    return Filter(frozenset(views), equals, assigned)


def read_for(call: ArmCall, kind: str) -> Filter:
    """Read the $filter of a listing, and check that the caller may make it."""
    asked = read(call)
    if not asked.is_own:
        scope = call.scope or "/"
        require(call.world, call.caller, f"Microsoft.Authorization/{kind}/read", scope)
    return asked


def member_type(call: ArmCall, row: PimRecord) -> str:
    """Give the memberType of a record at the scope of the call."""
    if call.world.directory.is_group(row.principal):
        return "Group"
    here = call.scope.lower()
    return "Inherited" if here and here != row.scope.lower() else "Direct"


def _is_in_scope(call: ArmCall, row: PimRecord, *, is_flat: bool) -> bool:
    here, there = call.scope.lower(), row.scope.lower()
    if not here:
        return not is_flat
    return there in scopes_above(here) or (not is_flat and there.startswith(f"{here}/"))


def _plain(key: str, value: str) -> str:
    if key == "roledefinitionid":
        return bare_role(value)
    return guid(value) if key == "principalid" else value
