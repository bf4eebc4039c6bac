"""Role assignments and deny assignments as one transaction sees them, by query."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import ANYONE, place_of
from azjit.sandbox.base.messages import Page

FOREVER = "9999-12-31T23:59:59.9999990Z"
ALWAYS = "0001-01-01T00:00:00.0000000Z"
_COLUMNS = "id, scope, principal, role, starts, ends, request, body"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role that a principal holds at a scope from one instant to another."""

    id: str
    scope: str
    principal: str
    role: str
    starts: str
    ends: str = FOREVER
    request: str | None = None
    body: dict[str, Any] = field(default_factory=dict)


class DenyAssignment(NamedTuple):
    """What a deny assignment forbids at a scope, to whom, and the excluded principals."""

    id: str
    scope: str
    name: str
    excluded: tuple[str, ...] = ()
    principals: tuple[str, ...] = (ANYONE,)
    actions: tuple[str, ...] = ("*",)
    not_actions: tuple[str, ...] = ("*/read",)
    is_here_only: bool = False
    is_systems: bool = True


class WorldRights:
    """Queries and changes of assignments, at one instant of the world's time."""

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now

    def assign(self, assignment: Assignment) -> None:
        """Add a role assignment."""
        self.connection.execute(
            "INSERT OR REPLACE INTO assignments VALUES (?,?,?,?,?,?,?,?,?)",
            (
                assignment.id,
                assignment.scope.lower(),
                place_of(assignment.scope)[0].lower(),
                assignment.principal,
                assignment.role,
                assignment.starts,
                assignment.ends,
                assignment.request,
                json.dumps(assignment.body),
            ),
        )

    def unassign(self, assignment: Assignment) -> None:
        """Remove a role assignment."""
        self.connection.execute("DELETE FROM assignments WHERE id = ?", (assignment.id,))

    def assignment(self, assignment_id: str) -> Assignment | None:
        """Give the role assignment of a GUID, also a past or future one."""
        return next(iter(self._assignments("id = ?", [assignment_id])), None)

    def assignments(
        self, *, scopes: Sequence[str] = (), principals: Sequence[str] = (), below: str = ""
    ) -> list[Assignment]:
        """The roles held now at any of the scopes or below one, by any of the principals."""
        return self._assignments(*self._where(scopes, principals, below))

    def assignments_page(
        self, scopes: Sequence[str], principals: Sequence[str], below: str, after: str, size: int
    ) -> Page:
        """One page of the same, by id."""
        where, values = self._where(scopes, principals, below)
        found = self._assignments(f"{where} AND id > ?", [*values, after], size + 1)
        return Page(found[:size], found[size - 1].id if len(found) > size else None)

    def every_assignment(self) -> list[Assignment]:
        """Give every role assignment of the world, also past and future ones."""
        return self._assignments("1", [])

    def holds_anything(self, principals: Sequence[str], subscription: str) -> bool:
        """Whether any of the principals holds a role in a subscription now."""
        now = stamp(self.now)
        row = self.connection.execute(
            f"SELECT 1 FROM assignments WHERE principal IN ({','.join('?' * len(principals))})"  # noqa: S608
            " AND subscription = ? AND starts <= ? AND ends > ? LIMIT 1",
            (*principals, subscription.lower(), now, now),
        ).fetchone()
        return row is not None

    def is_held(self, role: str) -> bool:
        """Whether any role assignment, also a past or future one, is of a role."""
        row = self.connection.execute(
            "SELECT 1 FROM assignments WHERE role = ? LIMIT 1", (role,)
        ).fetchone()
        return row is not None

    def end_grants(self, request: str, at: datetime) -> None:
        """End the role assignments of a request at an instant."""
        end = stamp(at)
        self.connection.execute(
            "DELETE FROM assignments WHERE request = ? AND starts >= ?", (request, end)
        )
        self.connection.execute(
            "UPDATE assignments SET ends = min(ends, ?) WHERE request = ?", (end, request)
        )

    def deny(self, denial: DenyAssignment) -> None:
        """Add a deny assignment."""
        body = {
            "name": denial.name,
            "excluded": list(denial.excluded),
            "principals": list(denial.principals),
            "actions": list(denial.actions),
            "notActions": list(denial.not_actions),
            "isHereOnly": denial.is_here_only,
            "isSystems": denial.is_systems,
        }
        self.connection.execute(
            "INSERT OR REPLACE INTO denials VALUES (?,?,?)",
            (denial.id, denial.scope.lower(), json.dumps(body)),
        )

    def allow(self, denial_id: str) -> None:
        """Remove a deny assignment."""
        self.connection.execute("DELETE FROM denials WHERE id = ?", (denial_id,))

    def denials(self, scopes: Sequence[str], below: str = "") -> list[DenyAssignment]:
        """The deny assignments at any of the scopes, or below one."""
        where = f"scope IN ({','.join('?' * len(scopes))})"
        values = list(scopes)
        if below:
            where += " OR (scope > ? AND scope < ?)"
            values += [f"{below}/", f"{below}0"]
        rows = self.connection.execute(
            f"SELECT id, scope, body FROM denials WHERE {where} ORDER BY id",  # noqa: S608
            values,
        )
        return [_denial(*row) for row in rows]

    def _assignments(self, where: str, values: list[str], most: int = -1) -> list[Assignment]:
        sql = f"SELECT {_COLUMNS} FROM assignments WHERE {where} ORDER BY id LIMIT {most}"  # noqa: S608
        return [_assignment(row) for row in self.connection.execute(sql, values)]

    def _where(
        self, scopes: Sequence[str], principals: Sequence[str], below: str
    ) -> tuple[str, list[str]]:
        now = stamp(self.now)
        where, values = "starts <= ? AND ends > ?", [now, now]
        if scopes:
            where += f" AND (scope IN ({','.join('?' * len(scopes))})"
            where += " OR (scope > ? AND scope < ?))" if below else ")"
            values.extend([*scopes, f"{below}/", f"{below}0"] if below else scopes)
        if principals:
            where += f" AND principal IN ({','.join('?' * len(principals))})"
            values.extend(principals)
        return where, values


def _assignment(row: Sequence[Any]) -> Assignment:
    key, scope, principal, role, starts, ends, request, body = row
    return Assignment(key, scope, principal, role, starts, ends, request, json.loads(body))


def _denial(key: str, scope: str, body: str) -> DenyAssignment:
    fields = json.loads(body)
    excluded, principals, actions, not_actions = (
        tuple(fields[name]) for name in ("excluded", "principals", "actions", "notActions")
    )
    return DenyAssignment(
        key,
        scope,
        fields["name"],
        excluded,
        principals,
        actions,
        not_actions,
        is_here_only=fields["isHereOnly"],
        is_systems=fields["isSystems"],
    )
