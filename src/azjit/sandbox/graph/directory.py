"""The directory of one tenant: users, groups and service principals as Graph's objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from azjit.sandbox.base.ids import guid, stable_id
from azjit.sandbox.world.people import APPROVERS, CONTOSO, FABRIKAM, SUPPORT, Group, Person
from azjit.sandbox.world.world import World

_BORN = "2024-01-01T00:00:00Z"
# They are in the directory only and can't sign in. Two share a name, one is disabled.
_OTHERS = (
    ("sam.stone", "Sam Stone", True),
    ("samuel.stone", "Sam Stone", True),
    ("nina.novak", "Nina Novak", False),
)
# Groups of groups, so that membership is transitive.
_NESTED = (
    Group("Contoso Platform", CONTOSO, stable_id("group/platform"), (APPROVERS.object_id,)),
    Group("Fabrikam Operations", FABRIKAM, stable_id("group/operations"), (SUPPORT.object_id,)),
)


class DirectoryObject(NamedTuple):
    """An object of the directory; the body has every property that this world knows."""

    kind: str
    id: str
    body: dict[str, Any]
    members: tuple[str, ...] = ()

    def typed(self) -> dict[str, Any]:
        """Give the body as it is in a list of objects of several kinds."""
        return {"@odata.type": f"#microsoft.graph.{self.kind}", **self.body}


class Tenant:
    """The objects of a tenant, read once for a call."""

    def __init__(self, world: World, tenant: str) -> None:
        directory = world.directory
        domains = {key: domain for key, _name, domain in directory.tenants()}
        people = [_person(p) for p in directory.people() if p.tenant_id == tenant]
        groups = [g for g in (*directory.groups(), *_NESTED) if g.tenant_id == tenant]
        others = []
        if tenant == CONTOSO and tenant in domains:
            others = [_user(alias, name, domains[tenant], on) for alias, name, on in _OTHERS]
        self._entries = [*people, *others, *map(_group, groups)]
        self._by_id = {entry.id: entry for entry in self._entries}

    def of_kind(self, kind: str) -> list[DirectoryObject]:
        """Every object of a kind."""
        return [entry for entry in self._entries if entry.kind == kind]

    def find(self, name: str, kind: str | None = None) -> DirectoryObject | None:
        """The object of an id; a user also by its sign-in name."""
        wanted = name.lower()
        entry = self._by_id.get(guid(name))
        if entry is None and kind == "user":
            for user in self.of_kind("user"):
                if user.body["userPrincipalName"].lower() == wanted:
                    return user
        return entry if entry is not None and kind in (None, entry.kind) else None

    def of_ids(self, ids: Iterable[str]) -> list[DirectoryObject]:
        """The objects of these ids that are here."""
        found = (self._by_id.get(guid(key)) for key in ids)
        return [entry for entry in found if entry is not None]

    def related(self, relation: str, entry: DirectoryObject) -> list[DirectoryObject]:
        """Give the objects that one has a relation to, by the relation's name in Graph."""
        if relation == "members":
            return self.of_ids(entry.members)
        if relation == "memberOf":
            return [group for group in self.of_kind("group") if entry.id in group.members]
        return self.members_of(entry) if relation == "transitiveMembers" else self.groups_of(entry)

    def groups_of(self, entry: DirectoryObject) -> list[DirectoryObject]:
        """Give the groups that an object is in, also through others."""
        found: dict[str, DirectoryObject] = {}
        waiting = [entry.id]
        while waiting:
            inside = waiting.pop()
            for group in self.of_kind("group"):
                if inside in group.members and group.id not in found:
                    found[group.id] = group
                    waiting.append(group.id)
        return list(found.values())

    def members_of(self, group: DirectoryObject) -> list[DirectoryObject]:
        """Give the members of a group, also through others."""
        found: dict[str, DirectoryObject] = {}
        waiting = [group]
        while waiting:
            for member in self.of_ids(waiting.pop().members):
                if member.id not in found:
                    found[member.id] = member
                    waiting.append(member)
        return list(found.values())


def _person(person: Person) -> DirectoryObject:
    if person.kind == "user":
        domain = person.upn.partition("@")[2]
        made = _user(person.alias, person.name, domain, is_enabled=True)
        body = made.body | {"id": person.object_id, "userPrincipalName": person.upn}
        return DirectoryObject("user", person.object_id, body)
    body = {
        "id": person.object_id,
        "deletedDateTime": None,
        "accountEnabled": True,
        "appDisplayName": person.name,
        "appId": person.app_id,
        "displayName": person.name,
        "servicePrincipalNames": [person.app_id],
        "servicePrincipalType": "Application",
    }
    return DirectoryObject("servicePrincipal", person.object_id, body)


def _user(alias: str, name: str, domain: str, is_enabled: bool) -> DirectoryObject:  # noqa: FBT001 a row's column
    key = stable_id(f"principal/{alias}")
    given, _, surname = name.partition(" ")
    mail = f"{alias}@{domain}" if "." in alias else f"{given}.{surname}@{domain}".lower()
    body: dict[str, Any] = {
        "id": key,
        "deletedDateTime": None,
        "accountEnabled": is_enabled,
        "businessPhones": [],
        "createdDateTime": _BORN,
        "displayName": name,
        "givenName": given,
        "jobTitle": None,
        "mail": mail.replace(" ", "."),
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": surname or None,
        "userPrincipalName": f"{alias}@{domain}",
        "userType": "Member",
    }
    return DirectoryObject("user", key, body)


def _group(group: Group) -> DirectoryObject:
    body: dict[str, Any] = {
        "id": group.object_id,
        "deletedDateTime": None,
        "createdDateTime": _BORN,
        "description": None,
        "displayName": group.name,
        "groupTypes": [],
        "isAssignableToRole": False,
        "mail": None,
        "mailEnabled": False,
        "mailNickname": group.name.replace(" ", ""),
        "securityEnabled": True,
    }
    return DirectoryObject("group", group.object_id, body, group.members)
