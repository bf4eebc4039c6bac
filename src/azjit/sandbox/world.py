"""The world as one transaction sees it: resources, role assignments and switches, by query."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from azjit.sandbox.clock import stamp
from azjit.sandbox.messages import Page
from azjit.sandbox.switches import BY_KEY

APPLICATION = "microsoft.solutions/applications"
DEFINITION = "microsoft.solutions/applicationdefinitions"
JIT_REQUEST = "microsoft.solutions/jitrequests"
GROUP = "microsoft.resources/resourcegroups"
FOREVER = "9999-12-31T23:59:59.9999990Z"
ALWAYS = "0001-01-01T00:00:00.0000000Z"
_COLUMNS = "id, type, subscription, grp, name, body, private"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its place, what ARM shows of it, and what only the service knows."""

    key: str
    type: str
    subscription: str
    group: str
    name: str
    body: dict[str, Any]
    private: dict[str, Any] = field(default_factory=dict)

    @property
    def properties(self) -> dict[str, Any]:
        """The part of the body that belongs to the resource provider."""
        found: dict[str, Any] = self.body.setdefault("properties", {})
        return found


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


class World:
    """Queries and changes inside one transaction, at one instant of the world's time."""

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now

    def meta(self, key: str) -> str:
        """A fact about the file itself."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0])

    def switch(self, key: str, application: str = "") -> str:
        """How a switch stands: the application's own setting, else the world's, else built in."""
        rows = self.connection.execute(
            "SELECT value FROM switches WHERE key = ? AND application IN (?, '')"
            " ORDER BY application DESC",
            (key, application.lower()),
        ).fetchall()
        return str(rows[0][0]) if rows else BY_KEY[key].default

    def seconds(self, key: str, application: str = "") -> timedelta:
        """A switch that counts seconds."""
        return timedelta(seconds=int(self.switch(key, application)))

    def resource(self, resource_id: str) -> Resource | None:
        """The resource of this id, in any casing."""
        found = self._resources("id = ?", (resource_id.lower().rstrip("/"),))
        return next(found, None)

    def named(self, kind: str, name: str) -> list[Resource]:
        """All resources of a type and name."""
        return list(self._resources("type = ? AND name = ?", (kind, name.lower())))

    def all_of(self, kind: str) -> list[Resource]:
        """Every resource of a type; for pictures of small worlds."""
        return list(self._resources("type = ?", (kind,)))

    def requests_of(self, application: str) -> list[Resource]:
        """The JIT requests that name an application."""
        key = application.lower()
        return list(self._resources("application = ? AND type = ?", (key, JIT_REQUEST)))

    def users_of_definition(self, definition: str) -> list[Resource]:
        """The applications deployed from a definition."""
        return list(self._resources("definition = ?", (definition.lower(),)))

    def managed_by(self, application: str) -> Resource | None:
        """The resource group that an application manages."""
        found = self._resources("application = ? AND type = ?", (application.lower(), GROUP))
        return next(found, None)

    def page(self, kind: str, subscription: str, group: str | None, after: str) -> Page:
        """One page of a listing in a subscription or one of its groups."""
        size = int(self.switch("page-size"))
        where = "type = ? AND subscription = ? AND id > ?"
        values = [kind, subscription.lower(), after]
        if group is not None:
            where += " AND grp = ?"
            values.append(group.lower())
        found = list(self._resources(f"{where} ORDER BY id LIMIT {size + 1}", values))
        token = found[size - 1].key if len(found) > size else None
        return Page(found[:size], token)

    def publishes_in(self, tenant: str, subscription: str) -> bool:
        """Whether a tenant is the publisher of any application in a subscription."""
        row = self.connection.execute(
            "SELECT 1 FROM resources WHERE subscription = ? AND publisher = ? LIMIT 1",
            (subscription.lower(), tenant),
        ).fetchone()
        return row is not None

    def publishers_in(self, subscription: str) -> list[str]:
        """The tenants that publish applications in a subscription."""
        rows = self.connection.execute(
            "SELECT DISTINCT publisher FROM resources WHERE subscription = ?"
            " AND publisher IS NOT NULL ORDER BY publisher",
            (subscription.lower(),),
        )
        return [row[0] for row in rows]

    def save(self, resource: Resource) -> None:
        """Create or replace a resource."""
        private = resource.private
        application, definition, managed = _links(resource)
        is_application = resource.type == APPLICATION
        self.connection.execute(
            "INSERT OR REPLACE INTO resources VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                resource.key,
                resource.type,
                resource.subscription.lower(),
                resource.group.lower(),
                resource.name.lower(),
                application.lower() if application else None,
                definition.lower() if definition else None,
                managed.lower() if managed else None,
                private.get("publisher") if is_application else None,
                private["moves"][-1][1] if "moves" in private else None,
                json.dumps(resource.body),
                json.dumps(private),
            ),
        )

    def remove(self, resource: Resource) -> None:
        """Remove a resource."""
        self.connection.execute("DELETE FROM resources WHERE id = ?", (resource.key,))

    def remove_group(self, group: str) -> None:
        """Remove a resource group, all that is in it, and every right on it."""
        key = group.lower()
        # A range, not LIKE: an underscore in a group's name is no wildcard.
        for table, column in (("resources", "id"), ("assignments", "scope"), ("denials", "scope")):
            self.connection.execute(
                f"DELETE FROM {table} WHERE {column} = ? OR ({column} >= ? AND {column} < ?)",  # noqa: S608
                (key, f"{key}/", f"{key}0"),
            )

    def assign(self, assignment: Assignment) -> None:
        """Give a role."""
        parts = assignment.scope.lower().split("/")
        self.connection.execute(
            "INSERT OR REPLACE INTO assignments VALUES (?,?,?,?,?,?,?,?)",
            (
                assignment.id,
                assignment.scope.lower(),
                parts[2] if len(parts) > 2 else "",  # noqa: PLR2004 /subscriptions/ID
                assignment.principal,
                assignment.role,
                assignment.starts,
                assignment.ends,
                assignment.request,
            ),
        )

    def assignments(
        self, *, scopes: Sequence[str] = (), principals: Sequence[str] = (), below: str = ""
    ) -> list[Assignment]:
        """The roles held now at any of the scopes or below one, by any of the principals."""
        now = stamp(self.now)
        where, values = "starts <= ? AND ends > ?", [now, now]
        if scopes:
            where += f" AND (scope IN ({','.join('?' * len(scopes))})"
            where += " OR (scope > ? AND scope < ?))" if below else ")"
            values.extend([*scopes, f"{below}/", f"{below}0"] if below else scopes)
        if principals:
            where += f" AND principal IN ({','.join('?' * len(principals))})"
            values.extend(principals)
        rows = self.connection.execute(
            "SELECT id, scope, principal, role, starts, ends, request"  # noqa: S608
            f" FROM assignments WHERE {where} ORDER BY id",
            values,
        )
        return [Assignment(*row) for row in rows]

    def holds_anything(self, principals: Sequence[str], subscription: str) -> bool:
        """Whether any of the principals holds a role in a subscription now."""
        now = stamp(self.now)
        row = self.connection.execute(
            f"SELECT 1 FROM assignments WHERE principal IN ({','.join('?' * len(principals))})"  # noqa: S608
            " AND subscription = ? AND starts <= ? AND ends > ? LIMIT 1",
            (*principals, subscription.lower(), now, now),
        ).fetchone()
        return row is not None

    def end_grants(self, request: str, at: datetime) -> None:
        """Take back what a request gave, from an instant on."""
        end = stamp(at)
        self.connection.execute(
            "DELETE FROM assignments WHERE request = ? AND starts >= ?", (request, end)
        )
        self.connection.execute(
            "UPDATE assignments SET ends = min(ends, ?) WHERE request = ?", (end, request)
        )

    def deny(self, denial_id: str, scope: str, name: str, excluded: Sequence[str]) -> None:
        """Forbid everyone but some to change anything at a scope."""
        self.connection.execute(
            "INSERT OR REPLACE INTO denials VALUES (?,?,?,?)",
            (denial_id, scope.lower(), name, json.dumps(list(excluded))),
        )

    def denials(self, scopes: Sequence[str]) -> list[tuple[str, str, str, list[str]]]:
        """The deny assignments at any of the scopes: id, scope, name, who is excluded."""
        rows = self.connection.execute(
            "SELECT id, scope, name, excluded FROM denials"  # noqa: S608
            f" WHERE scope IN ({','.join('?' * len(scopes))}) ORDER BY id",
            list(scopes),
        )
        return [(i, scope, name, json.loads(excluded)) for i, scope, name, excluded in rows]

    def _resources(self, where: str, values: Sequence[str]) -> Iterator[Resource]:
        rows = self.connection.execute(
            f"SELECT {_COLUMNS} FROM resources WHERE {where}",  # noqa: S608
            values,
        )
        for key, kind, subscription, group, name, body, private in rows:
            yield Resource(
                key, kind, subscription, group, name, json.loads(body), json.loads(private)
            )


def _links(resource: Resource) -> tuple[str | None, str | None, str | None]:
    """What a resource points to, by its type: its application, its definition, its group."""
    properties = resource.properties
    if resource.type == JIT_REQUEST:
        return properties["applicationResourceId"], None, None
    if resource.type == APPLICATION:
        definition = properties.get("applicationDefinitionId")
        return None, definition, properties["managedResourceGroupId"]
    return resource.private.get("application"), None, None
