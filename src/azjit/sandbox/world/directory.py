"""The directory: tenants, subscriptions, people, groups and roles."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from azjit.sandbox.world.people import Group, Person, Role

_PERSON = "alias, name, upn, kind, tenant, oid, side, app_id, secret"
_ROLE = "id, name, description, permission, is_custom, scopes"


class WorldDirectory:
    """Queries over the directory's rows, inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def people(self) -> list[Person]:
        """Everyone who can sign in, in the order in which they came."""
        return self._people("1 ORDER BY rowid", ())

    def person(self, object_id: str) -> Person | None:
        """The person or service principal of an object id."""
        return next(iter(self._people("oid = ?", (object_id.lower(),))), None)

    def application(self, app_id: str) -> Person | None:
        """The service principal of an application's client id."""
        return next(iter(self._people("app_id = ?", (app_id.lower(),))), None)

    def by_sign_in_name(self, name: str) -> Person | None:
        """The person or service principal of a sign-in name or an alias."""
        found = self._people("? IN (alias, lower(upn))", (name.lower(),))
        return found[0] if found else None

    def groups(self) -> list[Group]:
        """Every group with its members."""
        rows = self._connection.execute("SELECT id, name, tenant FROM groups ORDER BY rowid")
        return [Group(name, tenant, key, self._members(key)) for key, name, tenant in rows]

    def groups_of(self, principal: str) -> list[str]:
        """The ids of the groups that a principal is in."""
        rows = self._connection.execute(
            "SELECT grp FROM members WHERE principal = ? ORDER BY grp", (principal,)
        )
        return [row[0] for row in rows]

    def is_group(self, principal: str) -> bool:
        """Whether an object id is a group's."""
        found = self._connection.execute("SELECT 1 FROM groups WHERE id = ?", (principal,))
        return found.fetchone() is not None

    def principal_type(self, principal: str) -> str | None:
        """Give ARM's type of a principal; none when the directory does not have it."""
        if self.is_group(principal):
            return "Group"
        person = self.person(principal)
        if person is None:
            return None
        return "ServicePrincipal" if person.kind == "servicePrincipal" else "User"

    def tenants(self) -> list[tuple[str, str, str]]:
        """Every tenant: id, name, domain."""
        rows = self._connection.execute("SELECT id, name, domain FROM tenants ORDER BY rowid")
        return rows.fetchall()

    def subscriptions(self) -> list[tuple[str, str, str]]:
        """Every subscription: id, name, tenant."""
        rows = self._connection.execute("SELECT id, name, tenant FROM subscriptions ORDER BY rowid")
        return rows.fetchall()

    def tenant_of(self, subscription: str) -> str | None:
        """The tenant of a subscription."""
        row = self._connection.execute(
            "SELECT tenant FROM subscriptions WHERE id = ?", (subscription.lower(),)
        ).fetchone()
        return str(row[0]) if row else None

    def roles(self) -> list[Role]:
        """Every role definition."""
        return self._roles("1 ORDER BY rowid", ())

    def role(self, role_id: str) -> Role | None:
        """The role definition of a GUID."""
        return next(iter(self._roles("id = ?", (role_id,))), None)

    def role_named(self, name: str) -> Role | None:
        """The role definition of a name, in any casing."""
        return next(iter(self._roles("name = ?", (name,))), None)

    def add_tenants(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Add tenants."""
        self._connection.executemany("INSERT INTO tenants VALUES (?,?,?)", rows)

    def add_subscriptions(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Add subscriptions."""
        self._connection.executemany("INSERT INTO subscriptions VALUES (?,?,?)", rows)

    def add_people(self, people: Iterable[Person]) -> None:
        """Add people."""
        sql = f"INSERT INTO people ({_PERSON}) VALUES (?,?,?,?,?,?,?,?,?)"  # noqa: S608
        self._connection.executemany(sql, people)

    def add_groups(self, groups: Iterable[Group]) -> None:
        """Add groups with their members."""
        for group in groups:
            self._connection.execute(
                "INSERT INTO groups VALUES (?,?,?)", (group.object_id, group.name, group.tenant_id)
            )
            self._connection.executemany(
                "INSERT INTO members VALUES (?,?)", [(group.object_id, m) for m in group.members]
            )

    def save_role(self, role: Role) -> None:
        """Create or replace a role definition."""
        row = (
            role.id,
            role.name,
            role.description,
            json.dumps(role.permission()),
            int(role.is_custom),
            json.dumps(list(role.scopes)),
        )
        self._connection.execute(
            "INSERT INTO roles VALUES (?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET"
            " name = excluded.name, description = excluded.description,"
            " permission = excluded.permission, scopes = excluded.scopes",
            row,
        )

    def remove_role(self, role_id: str) -> None:
        """Remove a role definition."""
        self._connection.execute("DELETE FROM roles WHERE id = ?", (role_id,))

    def _people(self, where: str, values: tuple[str, ...]) -> list[Person]:
        sql = f"SELECT {_PERSON} FROM people WHERE {where}"  # noqa: S608
        return [Person(*row) for row in self._connection.execute(sql, values)]

    def _roles(self, where: str, values: tuple[str, ...]) -> list[Role]:
        sql = f"SELECT {_ROLE} FROM roles WHERE {where}"  # noqa: S608
        return [_role(*row) for row in self._connection.execute(sql, values)]

    def _members(self, group: str) -> tuple[str, ...]:
        rows = self._connection.execute("SELECT principal FROM members WHERE grp = ?", (group,))
        return tuple(row[0] for row in rows)


def _role(
    key: str, name: str, description: str, permission: str, is_custom: int, scopes: str
) -> Role:
    role = Role.custom(key, name, description, json.loads(permission), json.loads(scopes))
    return role._replace(is_custom=bool(is_custom))
