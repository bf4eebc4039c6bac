"""The directory of a world's file, and the meaning of every name, role and time in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from azjit.sandbox.base.clock import read_instant, stamp
from azjit.sandbox.base.ids import bare_role, guid, stable_id, subscription_id
from azjit.sandbox.seeding.builders import Creation, Rows
from azjit.sandbox.world import people
from azjit.sandbox.world.world import World

_RELATIVE = re.compile(r"([+-])(\d+)([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_GUID_LENGTH = 36

Section = Mapping[str, Any]


class WorldKeys:
    """Looks up the names of a file in the world that it fills."""

    def __init__(self, world: World, content: Section) -> None:
        self.world, self.content = world, content

    def add_directory(self) -> None:
        """Add the directory of the file; the parts that it lacks are those of the seeded world."""
        directory = self.world.directory
        tenants, places = self.content.get("tenants"), self.content.get("subscriptions")
        directory.add_tenants(people.TENANTS if tenants is None else map(_tenant, tenants))
        directory.add_subscriptions(
            people.SUBSCRIPTIONS if places is None else map(self._subscription, places)
        )
        persons, groups = self.content.get("people"), self.content.get("groups")
        directory.add_people(people.PEOPLE if persons is None else map(self._person, persons))
        directory.add_groups(
            people.GROUPS if groups is None and persons is None else map(self._group, groups or ())
        )
        custom = self.content.get("roles")
        for role in people.ROLES:
            if not role.is_custom or (custom is None and places is None):
                directory.save_role(role)
        for entry in custom or ():
            directory.save_role(self._role(entry))

    def tenant(self, named: str) -> str:
        """The id of a tenant."""
        for key, name, domain in self.world.directory.tenants():
            if named.lower() in (key, name.lower(), domain):
                return key
        raise ValueError(f"there is no tenant {named!r}")

    def subscription(self, named: str) -> str:
        """The id of a subscription."""
        for key, name, _tenant in self.world.directory.subscriptions():
            if named.lower() in (key, name.lower()):
                return key
        raise ValueError(f"there is no subscription {named!r}")

    def principal(self, named: str) -> str:
        """Give the object id of a person or a group; an id need not be in the directory."""
        person = self.world.directory.by_sign_in_name(named)
        if person is not None:
            return person.object_id
        for group in self.world.directory.groups():
            if named.lower() in (group.name.lower(), group.object_id):
                return group.object_id
        if len(guid(named)) == _GUID_LENGTH and guid(named).count("-") == 4:  # noqa: PLR2004
            return guid(named)
        raise ValueError(f"there is no person or group {named!r}")

    def role(self, named: str) -> str:
        """The GUID of a role."""
        role = self.world.directory.role_named(named)
        role = role or self.world.directory.role(bare_role(named))
        if role is None:
            raise ValueError(f"there is no role {named!r}")
        return role.id

    def rows(self, entries: list[Section]) -> Rows:
        """Authorizations, as ARM writes them."""
        return [
            {
                "principalId": self.principal(entry["principal"]),
                "roleDefinitionId": self.role(entry["role"]),
            }
            for entry in entries
        ]

    def at(self, text: str) -> datetime:
        """An instant, absolute or relative to the seeding."""
        match = _RELATIVE.fullmatch(text)
        if match is None:
            return read_instant(text)
        length = timedelta(**{_UNITS[match[3]]: int(match[2])})
        return self.world.now + length if match[1] == "+" else self.world.now - length

    def creation(self, entry: Section, default: str) -> Creation:
        """Give who created something, and when."""
        created = entry.get("created", {})
        name = created.get("by", default)
        by = self.world.directory.person(self.principal(name))
        if by is None:
            raise ValueError(f"{name!r} cannot have made {entry['name']!r}")
        return Creation(by, stamp(self.at(created.get("at", "-1h"))))

    def _subscription(self, entry: Section) -> tuple[str, str, str]:
        key = entry.get("id", stable_id(f"subscription/{entry['name']}"))
        return key, entry["name"], self.tenant(entry["tenant"])

    def _person(self, entry: Section) -> people.Person:
        alias, kind = entry["alias"], entry.get("kind", "user")
        tenant = self.tenant(entry["tenant"])
        domain = next(d for t, _, d in self.world.directory.tenants() if t == tenant)
        is_user = kind == "user"
        owners = {owner for _, _, owner in self.world.directory.subscriptions()}
        app_id = None if is_user else entry.get("appId", stable_id(f"app/{alias}"))
        return people.Person(
            alias,
            entry.get("name", alias),
            entry.get("upn", f"{alias}@{domain}" if is_user else alias),
            kind,
            tenant,
            entry.get("id", stable_id(f"principal/{alias}")),
            "consumer" if tenant in owners else "publisher",
            app_id,
            entry.get("secret", people.SECRET),
        )

    def _group(self, entry: Section) -> people.Group:
        members = tuple(self.principal(member) for member in entry.get("members", ()))
        key = entry.get("id", stable_id(f"group/{entry['name']}"))
        return people.Group(entry["name"], self.tenant(entry["tenant"]), key, members)

    def _role(self, entry: Section) -> people.Role:
        name, description = entry["name"], entry.get("description", "")
        key = entry.get("id", stable_id(f"role/{name}"))
        return people.Role.custom(
            key, name, description, entry, map(self.scope, entry.get("scopes", ("/",)))
        )

    def scope(self, text: str) -> str:
        """Give the scope of a subscription's name or of any id."""
        return text if text.startswith("/") else subscription_id(self.subscription(text))


def _tenant(entry: Section) -> tuple[str, str, str]:
    return entry.get("id", stable_id(f"tenant/{entry['name']}")), entry["name"], entry["domain"]
