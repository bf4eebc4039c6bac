"""Managed application definitions: the service catalog."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall, has_texts, invalid, text_tags
from azjit.sandbox.base.messages import Response, answer
from azjit.sandbox.solutions import resource

_KIND = "applicationDefinitions"
_LOCKS = ("CanNotDelete", "ReadOnly", "None")

get, listed = resource.reads(_KIND)


def put(call: ArmCall) -> Response:
    """PUT: publish a definition."""
    body, before = call.json(), resource.find(call, _KIND)
    properties = body.get("properties")
    if not isinstance(properties, dict) or properties.get("lockLevel") not in _LOCKS:
        raise invalid(f"'properties.lockLevel' is required, one of {', '.join(_LOCKS)}")
    if not isinstance(body.get("location"), str):
        raise invalid("'location' is required")
    _check_rows(properties.get("authorizations"))
    saved = resource.new_body(call, _KIND, body, properties, before)
    resource.save(call, saved)
    return answer(201 if before is None else 200, call.versioned(saved))


def patch(call: ArmCall) -> Response:
    """PATCH: the tags only."""
    definition = resource.require(call, _KIND)
    saved = {**definition.body, "tags": text_tags(call.json().get("tags"))}
    saved["systemData"] = call.system_data(definition)
    resource.save(call, saved)
    return answer(200, call.versioned(saved))


def delete(call: ArmCall) -> Response:
    """DELETE: 200, or 204 when there was none."""
    definition = resource.find(call, _KIND)
    if definition is None:
        return answer(204)
    call.world.remove(definition)
    return answer(200)


def _check_rows(rows: Any) -> None:
    if rows is not None and not isinstance(rows, list):
        raise invalid("'authorizations' must be a list")
    if not all(has_texts(row, "principalId", "roleDefinitionId") for row in rows or []):
        raise invalid("each of 'authorizations' needs 'principalId' and 'roleDefinitionId'")
