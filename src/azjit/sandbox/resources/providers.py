"""Resource providers and generic resources: what general clients read before they act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.authorization import routes as authorization
from azjit.sandbox.authorization.access import may
from azjit.sandbox.base.ids import SOLUTIONS, group_id, subscription_id
from azjit.sandbox.base.messages import Page, Problem, Response, answer
from azjit.sandbox.solutions import routes as solutions
from azjit.sandbox.world.world import APPLICATION, DEFINITION, JIT_REQUEST, Resource, World

_LOCATIONS = ("West Europe", "North Europe", "East US 2")
_KINDS = (APPLICATION, DEFINITION, JIT_REQUEST)
_CLAUSE = re.compile(
    r"[( ]*(?P<key>resourceType|resourceGroup|name|tagName|tagValue)\s+eq"
    r"\s+'(?P<value>[^']*)'[) ]*",
    re.IGNORECASE,
)
# The providers of this world: their types, each with the api-versions that it accepts.
_PROVIDERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    SOLUTIONS: dict.fromkeys(
        ("applications", "applicationDefinitions", "jitRequests", "operations"), solutions.VERSIONS
    ),
    "Microsoft.Authorization": authorization.VERSIONS,
    "Microsoft.Resources": dict.fromkeys(
        ("subscriptions", "resourceGroups", "tenants"), ("2022-12-01", "2021-04-01")
    ),
}
_FIELDS = ("id", "name", "type", "location", "kind", "tags", "plan", "managedBy")


def list_providers(call: ArmCall) -> Response:
    """GET of the subscription's providers."""
    return answer(200, {"value": [_provider(call, *row) for row in _PROVIDERS.items()]})


def list_operations(call: ArmCall) -> Response:
    """GET providerOperations of a provider: the actions that the routes of this world need."""
    if call["namespace"].lower() != SOLUTIONS.lower():
        text = f"The provider '{call['namespace']}' was not found."
        raise Problem(404, "ProviderNotFound", text)
    kinds: dict[str, list[dict[str, Any]]] = {}
    for action in solutions.actions():
        parts = action.split("/")
        told = {"name": action, "displayName": action, "isDataAction": False}
        kinds.setdefault("/".join(parts[1:2]), []).append(told)
    body = {
        "id": f"/providers/Microsoft.Authorization/providerOperations/{SOLUTIONS}",
        "name": SOLUTIONS,
        "type": "Microsoft.Authorization/providerOperations",
        "displayName": "Microsoft Managed Applications",
        "resourceTypes": [{"name": kind, "operations": found} for kind, found in kinds.items()],
        "operations": [],
    }
    return answer(200, body)


def list_locations(call: ArmCall) -> Response:
    """GET locations: the regions of this world."""
    place = subscription_id(call["subscription"])
    found = [
        {
            "id": f"{place}/locations/{_plain(name)}",
            "name": _plain(name),
            "type": "Region",
            "displayName": name,
            "regionalDisplayName": name,
            "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
        }
        for name in _LOCATIONS
    ]
    return answer(200, {"value": found})


def list_none(_call: ArmCall) -> Response:
    """GET of deployments, or policy assignments or classic administrators: there are none here."""
    return answer(200, {"value": []})


def no_deployment(call: ArmCall) -> Response:
    """GET of one deployment: there is none here."""
    raise Problem(404, "DeploymentNotFound", f"Deployment '{call['name']}' could not be found.")


def get_provider(call: ArmCall) -> Response:
    """GET of one provider."""
    for namespace, kinds in _PROVIDERS.items():
        if namespace.lower() == call["namespace"].lower():
            return answer(200, _provider(call, namespace, kinds))
    text = f"The resource namespace '{call['namespace']}' is invalid."
    raise Problem(404, "InvalidResourceNamespace", text)


def register(call: ArmCall) -> Response:
    """POST register: the provider is registered at once."""
    found = get_provider(call)
    if call["namespace"].lower() == SOLUTIONS.lower():
        call.world.connection.execute(
            "INSERT OR REPLACE INTO switches VALUES ('', 'solutions-provider', 'registered')"
        )
        return get_provider(call)
    return found


def list_resources(call: ArmCall) -> Response:
    """GET of the resources in a subscription or a group, those that the caller may read."""
    matches = call.clauses(_CLAUSE, "InvalidFilterInQueryString")
    wanted = {match["key"].lower(): match["value"].lower() for match in matches}
    kinds = [wanted["resourcetype"]] if "resourcetype" in wanted else list(_KINDS)
    group, name = call.params.get("group", wanted.get("resourcegroup")), wanted.get("name")
    size, after, found = call.world.page_size, call.after(), list[Resource]()
    while len(found) <= size:
        some = call.world.of_kinds(kinds, call["subscription"], group, after, size + 1)
        found += [
            item
            for item in some
            if may(call.world, call.caller, f"{item.body['type']}/read", item.key)
            and name in (None, item.name.lower())
            and _has_tag(item, wanted.get("tagname"), wanted.get("tagvalue"))
        ]
        if len(some) <= size:
            break
        after = some[-1].key
    page = Page(found[:size], found[size - 1].key if len(found) > size else None)
    return call.listing(page, lambda item: {k: item.body[k] for k in _FIELDS if k in item.body})


def _has_tag(item: Resource, name: str | None, value: str | None) -> bool:
    tags = {key.lower(): text.lower() for key, text in (item.body.get("tags") or {}).items()}
    return name is None or (name in tags and value in {None, tags[name]})


def _plain(location: str) -> str:
    return location.lower().replace(" ", "")


def has_group(call: ArmCall) -> Response:
    """HEAD of a resource group: 204, or 404 where there is none."""
    group = call.world.resource(group_id(call["subscription"], call["group"]))
    return Response(404 if group is None else 204, {}, b"")


def require_registered(world: World) -> None:
    """Refuse a write to Microsoft.Solutions in a subscription that has not registered it."""
    if _state(world, SOLUTIONS) != "Registered":
        text = f"The subscription is not registered to use namespace '{SOLUTIONS}'."
        raise Problem(409, "MissingSubscriptionRegistration", text)


def _state(world: World, namespace: str) -> str:
    is_out = namespace == SOLUTIONS and world.switch("solutions-provider") == "unregistered"
    return "NotRegistered" if is_out else "Registered"


def _provider(
    call: ArmCall, namespace: str, kinds: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    return {
        "id": f"{subscription_id(call['subscription'])}/providers/{namespace}",
        "namespace": namespace,
        "registrationState": _state(call.world, namespace),
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": [
            {
                "resourceType": kind,
                "locations": list(_LOCATIONS),
                "apiVersions": sorted(versions, reverse=True),
                "defaultApiVersion": max(v for v in versions if "preview" not in v),
                "capabilities": "None",
            }
            for kind, versions in kinds.items()
        ],
    }
