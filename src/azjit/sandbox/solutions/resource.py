"""Finds, shows and saves resources of any kind of Microsoft.Solutions."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall, text_tags
from azjit.sandbox.arm.route import Handler
from azjit.sandbox.base.ids import SOLUTIONS, solutions_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.solutions.request_state import as_of
from azjit.sandbox.world.world import Resource


def path_id(call: ArmCall, kind: str) -> str:
    """Give the resource id that the path names."""
    return solutions_id(call["subscription"], call["group"], kind, call["name"])


def find(call: ArmCall, kind: str) -> Resource | None:
    """Give the resource that the path names."""
    return call.world.resource(path_id(call, kind))


def require(call: ArmCall, kind: str) -> Resource:
    """Give the resource that the path names, or refuse with 404."""
    resource = find(call, kind)
    if resource is None:
        text = (
            f"The Resource '{SOLUTIONS}/{kind}/{call['name']}' under resource group"
            f" '{call['group']}' was not found."
        )
        raise Problem(404, "ResourceNotFound", text)
    return resource


def view(call: ArmCall, resource: Resource) -> dict[str, Any]:
    """Give a resource as it is now, in the api-version of the call."""
    return call.versioned(as_of(resource, call.world.now))


def reads(kind: str) -> tuple[Handler, Handler]:
    """Give the handlers that GET one resource, and all in a group or a subscription."""

    def get(call: ArmCall) -> Response:
        return answer(200, view(call, require(call, kind)))

    def listed(call: ArmCall) -> Response:
        where = call["subscription"], call.params.get("group"), call.after()
        page = call.world.page(f"{SOLUTIONS}/{kind}".lower(), *where)
        return call.listing(page, lambda resource: view(call, resource))

    return get, listed


def new_body(
    call: ArmCall,
    kind: str,
    sent: dict[str, Any],
    properties: dict[str, Any],
    before: Resource | None,
) -> dict[str, Any]:
    """Give the body that a PUT leaves; who created the resource stays."""
    return {
        "id": path_id(call, kind),
        "name": call["name"],
        "type": f"{SOLUTIONS}/{kind}",
        "location": sent["location"],
        "tags": text_tags(sent.get("tags")),
        "properties": properties,
        "systemData": call.system_data(before),
    }


def save(call: ArmCall, body: dict[str, Any], private: dict[str, Any] | None = None) -> Resource:
    """Save the body of the resource that the path names."""
    place = call["subscription"], call["group"], call["name"]
    resource = Resource(body["id"].lower(), body["type"].lower(), *place, body, private or {})
    call.world.save(resource)
    return resource
