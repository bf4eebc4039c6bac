"""Descriptions of the world: what `sandbox show` and `sandbox switch` print."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from azjit.sandbox.authorization.access import authorizations_of
from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import bare_role
from azjit.sandbox.base.switches import SWITCHES
from azjit.sandbox.solutions.request_state import as_of
from azjit.sandbox.world.world import APPLICATION, JIT_REQUEST, Resource, World

# The most resources of each kind in a description; `counts` has the whole number.
MOST = 1000
_NAMED = 20


def overview(world: World, real_now: datetime) -> dict[str, Any]:
    """Describe the whole world, ready for JSON."""
    return {
        "clock": {
            "now": stamp(world.now),
            "real": stamp(real_now),
            "offsetSeconds": (world.now - real_now).total_seconds(),
        },
        "switches": switches(world, ""),
        "tenants": [
            {"id": t, "name": name, "domain": domain}
            for t, name, domain in world.directory.tenants()
        ],
        "subscriptions": [
            {"id": s, "name": n, "tenantId": t} for s, n, t in world.directory.subscriptions()
        ],
        "people": [
            {
                "alias": person.alias,
                "name": person.name,
                "upn": person.upn,
                "kind": person.kind,
                "side": person.side,
                "tenantId": person.tenant_id,
                "objectId": person.object_id,
                "appId": person.app_id,
            }
            for person in world.directory.people()
        ],
        "groups": [
            {
                "id": group.object_id,
                "name": group.name,
                "tenantId": group.tenant_id,
                "members": list(group.members),
            }
            for group in world.directory.groups()
        ],
        "counts": {"applications": world.count(APPLICATION), "requests": world.count(JIT_REQUEST)},
        "applications": [_application(world, item) for item in world.some_of(APPLICATION, MOST)],
        "requests": [_request(world, item) for item in world.some_of(JIT_REQUEST, MOST)],
    }


def switches(world: World, application: str) -> dict[str, str]:
    """Give the values of the switches; for an application only those that it can have."""
    return {
        switch.key: world.switch(switch.key, application)
        for switch in SWITCHES
        if switch.is_per_application or not application
    }


def switch_table(values: dict[str, str]) -> list[dict[str, str]]:
    """Give the switches with their values, what else they take, and what they mean."""
    return [
        {
            "key": switch.key,
            "value": values[switch.key],
            "default": switch.default,
            "takes": switch.takes,
            "confidence": switch.confidence,
            "meaning": switch.meaning,
        }
        for switch in SWITCHES
        if switch.key in values
    ]


def application_key(world: World, named: str | None) -> str:
    """Give the key of an application's switches; empty for the world's.

    Raises:
        ValueError: no application has this name, or several have.
    """
    if named is None:
        return ""
    matches = world.applications_named(named)
    if len(matches) == 1:
        return matches[0].key
    if matches:
        several = ", ".join(f"{item.group}/{item.body['name']}" for item in matches)
        raise ValueError(f"{named!r} names several applications: {several}")
    known = ", ".join(sorted(_short(item) for item in world.some_of(APPLICATION, _NAMED)))
    raise ValueError(f"the sandbox has no application {named!r}: {known}")


def _short(application: Resource) -> str:
    return f"{application.group}/{application.body['name']}"


def _application(world: World, application: Resource) -> dict[str, Any]:
    properties = application.properties
    return {
        "id": application.body["id"],
        "name": application.body["name"],
        "kind": application.body["kind"],
        "managedResourceGroupId": properties["managedResourceGroupId"],
        "publisherTenantId": properties["publisherTenantId"],
        "jitAccessPolicy": properties.get("jitAccessPolicy"),
        "authorizations": [
            {**row, "roleName": role.name}
            for row in authorizations_of(application)
            if (role := world.directory.role(bare_role(row["roleDefinitionId"]))) is not None
        ],
        "switches": switches(world, application.key),
    }


def _request(world: World, request: Resource) -> dict[str, Any]:
    properties = as_of(request, world.now)["properties"]
    return {
        "id": request.body["id"],
        "name": request.body["name"],
        "applicationResourceId": properties["applicationResourceId"],
        "state": properties["jitRequestState"],
        "authorizations": properties["jitAuthorizationPolicies"],
        "schedule": properties["jitSchedulingPolicy"],
        "createdBy": request.body["systemData"]["createdBy"],
        "createdAt": request.body["systemData"]["createdAt"],
    }
