"""Scopes, and the ids and resources of Microsoft.Authorization at them."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.base.ids import group_id, subscription_id
from azjit.sandbox.base.messages import Problem

PROVIDER = "providers/Microsoft.Authorization"
# The creation time of what has no creation time in this world.
LONG_AGO = "2024-01-01T00:00:00.0000000Z"
_GROUP_PARTS = 4


def as_written(scope: str) -> str:
    """Give a scope, which the world keeps in lower case, as ARM writes it."""
    return scope.replace("/resourcegroups/", "/resourceGroups/")


def role_definition_id(scope: str, role: str) -> str:
    """Give a role definition's id at a scope: it stands under the subscription."""
    return f"{'/'.join(scope.split('/')[:3])}/{PROVIDER}/roleDefinitions/{role}"


def resource(scope: str, kind: str, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Give the body of a resource at a scope."""
    return {
        "id": f"{as_written(scope)}/{PROVIDER}/{kind}/{name}",
        "name": name,
        "type": f"Microsoft.Authorization/{kind}",
        "properties": properties,
    }


def no_group(name: str) -> Problem:
    """Give the 404 for a resource group that does not exist."""
    return Problem(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def require_scope(call: ArmCall) -> None:
    """Refuse a scope that does not exist, with 404."""
    parts = call.scope.strip("/").split("/")
    if len(parts) < 2 or parts[0].lower() != "subscriptions":  # noqa: PLR2004 kind and name
        return
    is_subscription = call.scope.lower() == subscription_id(parts[1]).lower()
    if is_subscription or call.world.resource(call.scope) is not None:
        return
    if len(parts) >= _GROUP_PARTS and call.world.resource(group_id(parts[1], parts[3])) is None:
        raise no_group(parts[3])
    raise Problem(404, "ResourceNotFound", f"The resource '{call.scope}' was not found.")
