"""Managed application definitions: the service catalog."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall, invalid, text_tags
from azjit.sandbox.base.ids import solutions_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.solutions.request_state import as_of
from azjit.sandbox.world.world import DEFINITION, Resource

_LOCKS = ("CanNotDelete", "ReadOnly", "None")


def find(call: ArmCall) -> Resource:
    """The definition that the path names.

    Raises:
        Problem: 404, there is none.
    """
    resource = call.world.resource(_path_id(call))
    if resource is None:
        raise Problem(
            404,
            "ResourceNotFound",
            f"The Resource 'Microsoft.Solutions/applicationDefinitions/{call['name']}' under"
            f" resource group '{call['group']}' was not found.",
        )
    return resource


def get(call: ArmCall) -> Response:
    """GET of one definition."""
    return answer(200, call.versioned(find(call).body))


def listed(call: ArmCall) -> Response:
    """GET of the definitions in a group or a subscription."""
    group = call.params.get("group")
    page = call.world.page(DEFINITION, call["subscription"], group, call.after())
    return call.listing(page, lambda item: call.versioned(as_of(item, call.world.now)))


def put(call: ArmCall) -> Response:
    """PUT: publish a definition."""
    body, before = call.json(), call.world.resource(_path_id(call))
    properties = body.get("properties")
    if not isinstance(properties, dict) or properties.get("lockLevel") not in _LOCKS:
        raise invalid(f"'properties.lockLevel' is required, one of {', '.join(_LOCKS)}")
    if not isinstance(body.get("location"), str):
        raise invalid("'location' is required")
    _check_rows(properties.get("authorizations"))
    saved = {
        "id": _path_id(call),
        "name": call["name"],
        "type": "Microsoft.Solutions/applicationDefinitions",
        "location": body["location"],
        "tags": text_tags(body.get("tags")),
        "properties": properties,
        "systemData": call.system_data(before.body.get("systemData") if before else None),
    }
    _save(call, saved)
    return answer(201 if before is None else 200, call.versioned(saved))


def patch(call: ArmCall) -> Response:
    """PATCH: tags, and nothing else."""
    definition = find(call)
    saved = {**definition.body, "tags": text_tags(call.json().get("tags"))}
    saved["systemData"] = call.system_data(definition.body.get("systemData"))
    _save(call, saved)
    return answer(200, call.versioned(saved))


def delete(call: ArmCall) -> Response:
    """DELETE: 200, or 204 when there was none."""
    definition = call.world.resource(_path_id(call))
    if definition is None:
        return answer(204)
    call.world.remove(definition)
    return answer(200)


def _check_rows(rows: Any) -> None:
    required = ("principalId", "roleDefinitionId")
    if rows is not None and not isinstance(rows, list):
        raise invalid("'authorizations' must be a list")
    for row in rows or []:
        if not isinstance(row, dict) or not all(isinstance(row.get(k), str) for k in required):
            raise invalid("each of 'authorizations' needs 'principalId' and 'roleDefinitionId'")


def _save(call: ArmCall, body: dict[str, Any]) -> None:
    subscription, group, name = call["subscription"], call["group"], call["name"]
    key = body["id"].lower()
    call.world.save(Resource(key, DEFINITION, subscription, group, name, body))


def _path_id(call: ArmCall) -> str:
    return solutions_id(call["subscription"], call["group"], "applicationDefinitions", call["name"])
