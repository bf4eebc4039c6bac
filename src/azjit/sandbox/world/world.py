"""The world as one transaction sees it: resources, role assignments and switches, by query."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.messages import Page
from azjit.sandbox.base.switches import BY_KEY
from azjit.sandbox.world.directory import WorldDirectory
from azjit.sandbox.world.rights import WorldRights

APPLICATION = "microsoft.solutions/applications"
DEFINITION = "microsoft.solutions/applicationdefinitions"
JIT_REQUEST = "microsoft.solutions/jitrequests"
GROUP = "microsoft.resources/resourcegroups"
_COLUMNS = "id, type, subscription, grp, name, body, private"
_compact = json.JSONEncoder(separators=(",", ":")).encode
_LINKS = "application, definition, publisher"
# The resources in the view of a replica that lacks the last changes.
_PAST = (
    f"(SELECT {_COLUMNS}, {_LINKS} FROM resources AS r WHERE NOT EXISTS"  # noqa: S608 - constants
    " (SELECT 1 FROM past AS p WHERE p.id = r.id AND p.until > ?)"
    f" UNION ALL SELECT {_COLUMNS}, NULL, NULL, NULL FROM past"
    " WHERE until > ? AND body IS NOT NULL) AS resources"
)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its place, its body in ARM, and internal facts of the service."""

    key: str
    type: str
    subscription: str
    group: str
    name: str
    body: dict[str, Any]
    private: dict[str, Any] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """Give everything but the key, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "key"}

    @property
    def properties(self) -> dict[str, Any]:
        """The part of the body that belongs to the resource provider."""
        found: dict[str, Any] = self.body.setdefault("properties", {})
        return found


class World(WorldRights):
    """Queries and changes inside one transaction, at one instant of the world's time."""

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        super().__init__(connection, now)
        self.directory = WorldDirectory(connection)
        # For the stale fault: the resources before each change, and whether reads see the past.
        self.before: dict[str, Resource | None] | None = None
        self.reads_stale = False
        # For the faults of operations: the operation that this call has begun.
        self.operation: str | None = None

    def meta(self, key: str) -> str:
        """Give a fact about the file itself."""
        found = self.find_meta(key)
        assert found is not None
        return found

    def find_meta(self, key: str) -> str | None:
        """Give a fact about the file, if it has it."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Set a fact about the file."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def switch(self, key: str, application: str = "") -> str:
        """Give a switch's value: the application's, else the world's, else the default."""
        rows = self.connection.execute(
            "SELECT value FROM switches WHERE key = ? AND application IN (?, '')"
            " ORDER BY application DESC",
            (key, application.lower()),
        ).fetchall()
        return str(rows[0][0]) if rows else BY_KEY[key].default

    def seconds(self, key: str, application: str = "") -> timedelta:
        """Give the value of a switch that counts seconds."""
        return timedelta(seconds=int(self.switch(key, application)))

    @property
    def page_size(self) -> int:
        """How many items one page of a listing has."""
        return int(self.switch("page-size"))

    def resource(self, resource_id: str) -> Resource | None:
        """The resource of this id, in any casing."""
        found = self._resources("id = ?", (resource_id.lower().rstrip("/"),))
        return next(found, None)

    def count(self, kind: str) -> int:
        """How many resources of a type there are."""
        row = self.connection.execute("SELECT count(*) FROM resources WHERE type = ?", (kind,))
        return int(row.fetchone()[0])

    def some_of(self, kind: str, most: int) -> list[Resource]:
        """The first resources of a type, by id."""
        return list(self._resources(f"type = ? ORDER BY id LIMIT {most}", (kind,)))

    def applications_named(self, text: str) -> list[Resource]:
        """Give the applications of a name, of a group and a name, or of an id."""
        if text.startswith("/"):
            found = self.resource(text)
            return [found] if found is not None and found.type == APPLICATION else []
        group, _, name = text.rpartition("/")
        items = self._resources("type = ? AND name = ?", (APPLICATION, name.lower()))
        return [item for item in items if not group or item.group.lower() == group.lower()]

    def every(self, kind: str) -> Iterator[Resource]:
        """Give every resource of a type, by id."""
        return self._resources("type = ? ORDER BY id", (kind,))

    def of_kinds(
        self, kinds: Sequence[str], subscription: str, group: str | None, after: str, size: int
    ) -> list[Resource]:
        """The next resources of any of these types in a subscription or one of its groups."""
        where = f"type IN ({','.join('?' * len(kinds))}) AND subscription = ? AND id > ?"
        values = [*kinds, subscription.lower(), after]
        if group is not None:
            where += " AND grp = ?"
            values.append(group.lower())
        return list(self._resources(f"{where} ORDER BY id LIMIT {size}", values))

    def others(self, kinds: Sequence[str]) -> Iterator[Resource]:
        """Every resource that is of none of these types, by id."""
        marks = ",".join("?" * len(kinds))
        return self._resources(f"type NOT IN ({marks}) ORDER BY id", list(kinds))

    def requests_of(self, application: str) -> list[Resource]:
        """The JIT requests that name an application."""
        key = application.lower()
        return list(self._resources("application = ? AND type = ?", (key, JIT_REQUEST)))

    def applications_of(self, definition: str) -> list[Resource]:
        """The applications deployed from a definition."""
        return list(self._resources("definition = ?", (definition.lower(),)))

    def page(self, kind: str, subscription: str, group: str | None, after: str) -> Page:
        """One page of a listing in a subscription or one of its groups."""
        size = self.page_size
        found = self.of_kinds([kind], subscription, group, after, size + 1)
        return Page(found[:size], found[size - 1].key if len(found) > size else None)

    def groups_held(
        self, principals: Sequence[str], subscription: str, after: str, size: int
    ) -> list[Resource]:
        """The next groups of a subscription on or in which the principals hold a role now."""
        now, marks = stamp(self.now), ",".join("?" * len(principals))
        held = (
            f"EXISTS (SELECT 1 FROM assignments a WHERE a.principal IN ({marks})"  # noqa: S608 - marks only
            " AND a.subscription = resources.subscription AND a.starts <= ? AND a.ends > ?"
            " AND (a.scope = resources.id"
            " OR (a.scope > resources.id || '/' AND a.scope < resources.id || '0')))"
        )
        values = (GROUP, subscription.lower(), after, *principals, now, now)
        where = f"type = ? AND subscription = ? AND id > ? AND {held} ORDER BY id LIMIT {size}"
        return list(self._resources(where, values))

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
        self._remember(resource.key)
        row = (
            resource.key,
            resource.type,
            resource.subscription.lower(),
            resource.group.lower(),
            resource.name.lower(),
            _compact(resource.body),
            _compact(resource.private),
            *_links(resource),
        )
        self.connection.execute(
            f"INSERT OR REPLACE INTO resources ({_COLUMNS}, {_LINKS})"  # noqa: S608 - constants
            " VALUES (?,?,?,?,?,?,?,?,?,?)",
            row,
        )

    def remove(self, resource: Resource) -> None:
        """Remove a resource."""
        self._remember(resource.key)
        self.connection.execute("DELETE FROM resources WHERE id = ?", (resource.key,))

    def remove_group(self, group: str) -> None:
        """Remove a resource group, all that is in it, and every right on it."""
        key = group.lower()
        # A range, not LIKE: an underscore in a group's name is no wildcard.
        for table, column in (("resources", "id"), ("assignments", "scope"), ("denials", "scope")):
            self.connection.execute(
                f"DELETE FROM {table} WHERE {column} = ? OR ({column} >= ? AND {column} < ?)",  # noqa: S608 - ours
                (key, f"{key}/", f"{key}0"),
            )

    def _remember(self, key: str) -> None:
        if self.before is not None and key not in self.before:
            self.before[key] = self.resource(key)

    def _resources(self, where: str, values: Sequence[str]) -> Iterator[Resource]:
        table, known = "resources", list(values)
        if self.reads_stale:
            table, known = _PAST, [stamp(self.now), stamp(self.now), *values]
        rows = self.connection.execute(
            f"SELECT {_COLUMNS} FROM {table} WHERE {where}",  # noqa: S608 - callers write it, values stay apart
            known,
        )
        for key, kind, subscription, group, name, body, private in rows:
            yield Resource(
                key, kind, subscription, group, name, json.loads(body), json.loads(private)
            )


def _links(resource: Resource) -> tuple[str | None, str | None, str | None]:
    """Give the application, the definition and the publisher that a resource refers to."""
    if resource.type == JIT_REQUEST:
        return resource.properties["applicationResourceId"].lower(), None, None
    if resource.type == APPLICATION:
        definition = resource.properties.get("applicationDefinitionId")
        return None, definition and definition.lower(), resource.private.get("publisher")
    return None, None, None
