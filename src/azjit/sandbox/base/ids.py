"""Ids: stable ones for the seeded world, random ones for what happens in it."""

from __future__ import annotations

import re
import secrets
from uuid import NAMESPACE_DNS, UUID, uuid5

_NAMESPACE = uuid5(NAMESPACE_DNS, "sandbox.azjit")
_PLACE = re.compile(r"/subscriptions/([^/]+)(?:/resourceGroups/([^/]+))?", re.IGNORECASE)
ANYONE = "00000000-0000-0000-0000-000000000000"
SOLUTIONS = "Microsoft.Solutions"


def stable_id(name: str) -> str:
    """Give the id that a name has in every world."""
    return str(uuid5(_NAMESPACE, name))


def new_id() -> str:
    """Give a new random id."""
    return str(UUID(bytes=secrets.token_bytes(16), version=4))


def guid(text: object) -> str:
    """Give a GUID in lower case with dashes; other text in lower case."""
    try:
        return str(UUID(str(text)))
    except ValueError:
        return str(text).lower()


def bare_role(text: object) -> str:
    """Give the GUID of a role from itself or from a role definition's id."""
    return guid(str(text).rstrip("/").rsplit("/", 1)[-1])


def subscription_id(subscription: str) -> str:
    """A subscription's resource id."""
    return f"/subscriptions/{subscription}"


def group_id(subscription: str, group: str) -> str:
    """A resource group's resource id."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def solutions_id(subscription: str, group: str, kind: str, name: str) -> str:
    """Give the id of a resource of Microsoft.Solutions."""
    return f"{group_id(subscription, group)}/providers/{SOLUTIONS}/{kind}/{name}"


def place_of(path: str) -> tuple[str, str]:
    """Give the subscription and the resource group of an id or a path, empty outside of them."""
    match = _PLACE.match(path)
    return (match[1], match[2] or "") if match else ("", "")


def scopes_above(scope: str) -> list[str]:
    """The scope and every scope it inherits from, lower-cased, the root first."""
    parts = [part for part in scope.lower().split("/") if part]
    found = ["/"]
    if len(parts) > 1 and parts[0] == "subscriptions":
        found.append("/" + "/".join(parts[:2]))
    if len(parts) > 3 and parts[2] == "resourcegroups":  # noqa: PLR2004 sub, id, groups, name
        found.append("/" + "/".join(parts[:4]))
    whole = "/" + "/".join(parts)
    return found if whole in found else [*found, whole]
