"""Writes a world as its file: `azjit sandbox export`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from azjit.sandbox.base.clock import read_instant
from azjit.sandbox.base.ids import place_of, stable_id
from azjit.sandbox.seeding.builders import LOCATION, ApplicationFacts, Creation
from azjit.sandbox.solutions.jit_lifecycle import grants
from azjit.sandbox.solutions.request_state import APPROVED
from azjit.sandbox.world.rights import ALWAYS, FOREVER, Assignment
from azjit.sandbox.world.world import APPLICATION, DEFINITION, GROUP, JIT_REQUEST, Resource, World

_OURS = (APPLICATION, DEFINITION, GROUP, JIT_REQUEST)
_OF_DEFINITION = {"lockLevel": "ReadOnly", "isEnabled": True, "artifacts": []}


def lines(world: World, ahead_seconds: float) -> Iterator[str]:
    """The file, line by line: YAML with one entry a line, so that a large world streams."""
    names = _Names(world)
    yield "# A world of azjit sandbox: azjit sandbox seed --file FILE; its schema: seed --schema\n"
    yield "version: 1\n"
    yield f"aheadSeconds: {ahead_seconds}\n"
    yield from _mapping("switches", _switches(world, ""))
    directory = world.directory
    yield from _list(
        "tenants",
        ({"id": key, "name": name, "domain": domain} for key, name, domain in directory.tenants()),
    )
    yield from _list(
        "subscriptions",
        (
            {"id": key, "name": name, "tenant": names.tenant(tenant)}
            for key, name, tenant in directory.subscriptions()
        ),
    )
    yield from _list("people", map(names.person, directory.people()))
    yield from _list("groups", map(names.group, directory.groups()))
    roles = (role for role in directory.roles() if role.is_custom)
    yield from _list("roles", map(names.role_entry, roles))
    yield from _list("definitions", (_definition(names, item) for item in world.every(DEFINITION)))
    yield from _list(
        "applications", (_application(names, item) for item in world.every(APPLICATION))
    )
    yield from _list("requests", (_request(names, item) for item in world.every(JIT_REQUEST)))
    records = ({"id": item.key, **item.fields()} for item in world.others(_OURS))
    yield from _list("records", records)
    yield from _list("assignments", (names.assignment(item) for item in _loose(world)))


class _Names:
    """The names that a file uses instead of the world's ids."""

    def __init__(self, world: World) -> None:
        self.world = world
        directory = world.directory
        self._tenants = {key: name for key, name, _ in directory.tenants()}
        self._subscriptions = {key: name for key, name, _ in directory.subscriptions()}
        self._principals = {group.object_id: group.name for group in directory.groups()}
        self._principals |= {person.object_id: person.alias for person in directory.people()}
        self._roles = {role.id: role.name for role in directory.roles()}

    def tenant(self, key: str) -> str:
        return self._tenants.get(key, key)

    def subscription(self, key: str) -> str:
        return self._subscriptions.get(key.lower(), key)

    def principal(self, key: str) -> str:
        return self._principals.get(key, key)

    def rows(self, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [
            {
                "principal": self.principal(row["principalId"]),
                "role": self._roles.get(row["roleDefinitionId"], row["roleDefinitionId"]),
            }
            for row in rows
        ]

    def person(self, person: Any) -> dict[str, Any]:
        found = {
            "alias": person.alias,
            "name": person.name,
            "kind": person.kind,
            "tenant": self.tenant(person.tenant_id),
            "upn": person.upn,
            "id": person.object_id,
        }
        if person.app_id is not None:
            found["appId"] = person.app_id
        return found | ({"secret": person.secret} if person.secret != "sandbox" else {})

    def group(self, group: Any) -> dict[str, Any]:
        return {
            "name": group.name,
            "tenant": self.tenant(group.tenant_id),
            "id": group.object_id,
            "members": [self.principal(member) for member in group.members],
        }

    def role_entry(self, role: Any) -> dict[str, Any]:
        return {
            "name": role.name,
            "id": role.id,
            "description": role.description,
            **role.permission(),
            "scopes": list(role.scopes),
        }

    def creation(self, resource: Resource) -> dict[str, str]:
        data = resource.body["systemData"]
        person = self.world.directory.by_sign_in_name(data["createdBy"])
        person = person or self.world.directory.application(data["createdBy"])
        found = {"at": data["createdAt"]}
        return found | ({"by": person.alias} if person is not None else {})

    def assignment(self, item: Assignment) -> dict[str, Any]:
        found: dict[str, Any] = {
            "principal": self.principal(item.principal),
            "role": self._roles.get(item.role, item.role),
            "scope": item.scope,
            "name": item.id,
        }
        if item.starts != ALWAYS:
            found["starts"] = item.starts
        if item.ends != FOREVER:
            found["ends"] = item.ends
        if item.request is not None:
            found["request"] = item.request
        return found | ({"body": item.body} if item.body else {})


def _application(names: _Names, item: Resource) -> dict[str, Any]:
    body, private = item.body, item.private
    managed = item.properties["managedResourceGroupId"].rsplit("/", 1)[-1]
    found: dict[str, Any] = {
        "name": body["name"],
        "group": place_of(item.body["id"])[1],
        "subscription": names.subscription(item.subscription),
        "managedGroup": managed,
        "publisher": names.tenant(private["publisher"]),
        "authorizations": names.rows(private["authorizations"]),
        "jitAccessPolicy": item.properties.get("jitAccessPolicy"),
        "kind": body["kind"],
        "created": names.creation(item),
    }
    definition = item.properties.get("applicationDefinitionId")
    optional = {
        "definition": definition,
        "tags": body.get("tags"),
        "open": private.get("isOpen"),
        "allowedActions": private.get("allowedActions"),
        "switches": _switches(names.world, item.key),
        "location": body["location"] if body["location"] != LOCATION else None,
        "properties": _more(names, item, found, definition),
    }
    return found | {key: value for key, value in optional.items() if value}


def _more(
    names: _Names, item: Resource, found: Mapping[str, Any], definition: str | None
) -> dict[str, Any]:
    """Give the properties that an entry without them would not reproduce."""
    by = names.world.directory.by_sign_in_name(str(found["created"].get("by", "")))
    if by is None:
        return item.properties
    facts = ApplicationFacts(
        item.body["name"],
        found["group"],
        item.subscription,
        found["managedGroup"],
        found["jitAccessPolicy"],
        item.private["authorizations"],
        item.private["publisher"],
        Creation(by, found["created"]["at"]),
        definition,
        kind=found["kind"],
    )
    made = facts.body()["properties"]
    skipped = {"managedResourceGroupId", "createdBy", "updatedBy"}
    return {
        key: value
        for key, value in item.properties.items()
        if key not in skipped and made.get(key) != value
    }


def _definition(names: _Names, item: Resource) -> dict[str, Any]:
    properties = {
        key: value
        for key, value in item.properties.items()
        if key != "authorizations" and _OF_DEFINITION.get(key) != value
    }
    return {
        "name": item.body["name"],
        "group": item.group,
        "subscription": names.subscription(item.subscription),
        "authorizations": names.rows(item.properties.get("authorizations") or []),
        "location": item.body["location"],
        "tags": item.body.get("tags", {}),
        "properties": properties,
        "created": names.creation(item),
    }


def _request(names: _Names, item: Resource) -> dict[str, Any]:
    properties, schedule = item.properties, item.properties["jitSchedulingPolicy"]
    found: dict[str, Any] = {
        "application": properties["applicationResourceId"],
        "name": item.body["name"],
        "authorizations": names.rows(properties["jitAuthorizationPolicies"]),
        "start": schedule["startTime"],
        "duration": schedule["duration"],
        "type": schedule["type"],
        "history": item.private["moves"],
        "created": names.creation(item),
    }
    if item.body.get("tags"):
        found["tags"] = item.body["tags"]
    if item.body.get("location") != LOCATION:
        found["location"] = item.body["location"]
    ended = _ended(names.world, item)
    return found | ({"accessEnds": ended} if ended else {})


def _ended(world: World, item: Resource) -> str | None:
    """Give when the access of a request ended, if it was before its time."""
    approvals = [at for at, state in item.private["moves"] if state == APPROVED]
    if not approvals:
        return None
    for made in grants(world, item, read_instant(approvals[-1])):
        held = world.assignment(made.id)
        ends = held.ends if held is not None else made.starts
        if ends != made.ends:
            return ends
    return None


def _loose(world: World) -> Iterator[Assignment]:
    """Give the assignments that no other entry of the file creates."""
    for item in world.every_assignment():
        if item.request is not None and world.resource(item.request) is not None:
            continue
        standing = stable_id(f"assignment/{item.scope}/{item.principal}/{item.role}")
        if item.id != standing:
            yield item


def _switches(world: World, application: str) -> dict[str, str]:
    rows = world.connection.execute(
        "SELECT key, value FROM switches WHERE application = ? ORDER BY key", (application,)
    )
    return dict(rows.fetchall())


def _mapping(name: str, entries: Mapping[str, str]) -> Iterator[str]:
    yield f"{name}:" + ("\n" if entries else " {}\n")
    for key, value in entries.items():
        yield f"  {key}: {json.dumps(value)}\n"


def _list(name: str, entries: Iterator[dict[str, Any]]) -> Iterator[str]:
    first = next(entries, None)
    yield f"{name}:" + (" []\n" if first is None else "\n")
    if first is not None:
        yield f"  - {json.dumps(first)}\n"
    for entry in entries:
        yield f"  - {json.dumps(entry)}\n"
