"""The tags of any resource or resource group: Microsoft.Resources/tags/default.

Source: https://learn.microsoft.com/rest/api/resources/tags/update-at-scope
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from azjit.sandbox.arm.call import ArmCall, invalid, text_tags
from azjit.sandbox.authorization.access import may
from azjit.sandbox.base.ids import subscription_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.world.world import APPLICATION, DEFINITION, JIT_REQUEST, Resource

_TYPE = "Microsoft.Resources/tags"


def get(call: ArmCall) -> Response:
    """GET: the tags."""
    return _shown(_tagged(call))


def list_names(call: ArmCall) -> Response:
    """GET tagNames: the tags in use on what the caller may read, with their numbers."""
    used: dict[str, dict[str, int]] = {}
    for kind in (APPLICATION, DEFINITION, JIT_REQUEST):
        for item in call.world.every(kind):
            is_here = item.subscription.lower() == call["subscription"].lower()
            if is_here and may(call.world, call.caller, f"{item.body['type']}/read", item.key):
                for name, value in (item.body.get("tags") or {}).items():
                    values = used.setdefault(name, {})
                    values[value] = values.get(value, 0) + 1
    place = f"{subscription_id(call['subscription'])}/tagNames"
    found = [
        {
            "id": f"{place}/{name}",
            "tagName": name,
            "count": _count(sum(values.values())),
            "values": [
                {
                    "id": f"{place}/{name}/tagValues/{value}",
                    "tagValue": value,
                    "count": _count(number),
                }
                for value, number in values.items()
            ],
        }
        for name, values in used.items()
    ]
    return answer(200, {"value": found})


def _count(number: int) -> dict[str, object]:
    return {"type": "Total", "value": number}


def put(call: ArmCall) -> Response:
    """PUT: these tags and no other."""
    return _shown(_saved(call, _tagged(call), _sent(call)))


def patch(call: ArmCall) -> Response:
    """PATCH: merge, replace or delete tags."""
    found, sent = _tagged(call), _sent(call)
    kept: dict[str, str] = found.body.get("tags") or {}
    operation = str(call.json().get("operation") or "").lower()
    if operation == "merge":
        sent = {**kept, **sent}
    elif operation == "delete":
        sent = {key: value for key, value in kept.items() if sent.get(key) not in {value, ""}}
    elif operation != "replace":
        raise invalid("'operation' is required, one of Merge, Replace, Delete")
    return _shown(_saved(call, found, sent))


def delete(call: ArmCall) -> Response:
    """DELETE: no tags."""
    _saved(call, _tagged(call), {})
    return answer(200)


def _tagged(call: ArmCall) -> Resource:
    found = call.world.resource(call.scope)
    if found is None:
        text = f"The resource '{call.scope}' could not be found."
        raise Problem(404, "ResourceNotFound", text)
    return found


def _sent(call: ArmCall) -> dict[str, str]:
    properties = call.json().get("properties")
    if not isinstance(properties, Mapping):
        raise invalid("'properties' is required")
    return text_tags(properties.get("tags"))


def _saved(call: ArmCall, found: Resource, tags: dict[str, str]) -> Resource:
    changed = replace(found, body={**found.body, "tags": tags})
    call.world.save(changed)
    return changed


def _shown(found: Resource) -> Response:
    body: dict[str, Any] = {
        "id": f"{found.body['id']}/providers/{_TYPE}/default",
        "name": "default",
        "type": _TYPE,
        "properties": {"tags": found.body.get("tags") or {}},
    }
    return answer(200, body)
