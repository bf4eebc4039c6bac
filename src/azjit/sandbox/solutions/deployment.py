"""Creates what a deployment does: managed group, publisher's roles, deny assignment."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.base.ids import bare_role, group_id, place_of, stable_id
from azjit.sandbox.world.people import PUBLISHER_OPERATOR
from azjit.sandbox.world.rights import ALWAYS, Assignment, DenyAssignment
from azjit.sandbox.world.world import APPLICATION, GROUP, Resource, World


def has_jit(application: Resource) -> bool:
    """Whether JIT access was enabled when the application was deployed."""
    policy = application.properties.get("jitAccessPolicy") or {}
    return bool(policy.get("jitAccessEnabled"))


def save_group(
    world: World, subscription: str, name: str, location: str, managed_by: str | None = None
) -> None:
    """Create a resource group, unless it exists."""
    key = group_id(subscription, name)
    if world.resource(key) is not None:
        return
    body: dict[str, Any] = {
        "id": key,
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
        "properties": {"provisioningState": "Succeeded"},
    }
    if managed_by is not None:
        body["managedBy"] = managed_by
    world.save(Resource(key.lower(), GROUP, subscription, name, name, body))


def deploy(
    world: World, body: dict[str, Any], rows: list[dict[str, str]], publisher: str
) -> Resource:
    """Create an application, its managed group, and the publisher's assignments there."""
    private = {"authorizations": rows, "publisher": publisher}
    application = Resource(
        body["id"].lower(), APPLICATION, *place_of(body["id"]), body["name"], body, private
    )
    world.save(application)
    managed = body["properties"]["managedResourceGroupId"]
    save_group(world, *place_of(managed), body["location"], body["id"])
    give_standing_rights(world, application)
    return application


def give_standing_rights(world: World, application: Resource) -> None:
    """Set the publisher's permanent roles on the managed group, and its deny assignment.

    With JIT it is the publisher operator's role; without, each eligible role as well. They hold
    from the beginning of time, so that a clock moved back does not take them away.

    Assumes:
        [M] the service gives each publisher principal a permanent role, b9331d33, on the managed
            group
        [M] without JIT, the publisher's roles are permanent on the managed group
        [M] a deny assignment on the managed group leaves everyone but the publisher's principals
            only */read
    """
    managed = application.properties["managedResourceGroupId"]
    rows = application.private["authorizations"]
    wanted = {(row["principalId"], PUBLISHER_OPERATOR) for row in rows}
    if not has_jit(application):
        wanted |= {(row["principalId"], bare_role(row["roleDefinitionId"])) for row in rows}
    _take_back(world, managed, wanted)
    for principal, role in sorted(wanted):
        found = stable_id(f"assignment/{managed.lower()}/{principal}/{role}")
        world.assign(Assignment(found, managed, principal, role, ALWAYS))
    name = f"System deny assignment of {application.body['name']}"
    excluded = sorted({row["principalId"] for row in rows})
    denial = stable_id(f"denial/{managed.lower()}")
    if application.private.get("isOpen"):
        world.allow(denial)
        return
    allowed = application.private.get("allowedActions", [])
    world.deny(
        DenyAssignment(denial, managed, name, tuple(excluded), not_actions=("*/read", *allowed))
    )


def _take_back(world: World, managed: str, wanted: set[tuple[str, str]]) -> None:
    """Remove permanent roles that no row lists any more; grants of requests stay."""
    for held in world.assignments(scopes=[managed.lower()]):
        if held.request is None and (held.principal, held.role) not in wanted:
            world.unassign(held)
