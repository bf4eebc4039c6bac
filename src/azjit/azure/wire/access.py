"""Role definitions, role assignments, deny assignments and `permissions`."""

from __future__ import annotations

from typing import Any

from azjit.azure.wire.values import Body, decoded, items, mapping, principal, text
from azjit.domain.access import Permissions, RoleAssignment, RoleDefinition
from azjit.domain.deny_assignments import Denial
from azjit.domain.ids import PrincipalId, RoleId
from azjit.domain.times import parse_instant


def decode_role(body: Body) -> RoleDefinition:
    """Read a role definition."""
    inside = mapping(body.get("properties"))
    role = RoleId(text(body.get("id")) or text(body.get("name")) or "")
    return RoleDefinition(
        id=role,
        name=text(inside.get("roleName")) or role.guid,
        blocks=tuple(decode_block(each) for each in items(inside.get("permissions"))),
        is_built_in=(text(inside.get("type")) or "").lower() == "builtinrole",
    )


def decode_block(body: Body) -> Permissions:
    """Read one block of allowed actions."""
    return Permissions(
        actions=_texts(body.get("actions")),
        not_actions=_texts(body.get("notActions")),
        data_actions=_texts(body.get("dataActions")),
        not_data_actions=_texts(body.get("notDataActions")),
        has_condition=bool(body.get("condition")),
    )


def decode_assignment(body: Body) -> RoleAssignment:
    """Read a role assignment; one that cannot be read lacks its role or principal."""
    inside = mapping(body.get("properties"))
    return RoleAssignment(
        id=text(body.get("id")) or "",
        principal=principal(inside.get("principalId")) or PrincipalId(""),
        role=RoleId(text(inside.get("roleDefinitionId")) or ""),
        scope=text(inside.get("scope")) or "",
        principal_kind=text(inside.get("principalType")),
        created_at=parse_instant(inside.get("createdOn")),
    )


def decode_deny_assignment(body: Body) -> Denial:
    """Read a deny assignment."""
    inside = mapping(body.get("properties"))
    return Denial(
        name=text(inside.get("denyAssignmentName")) or text(body.get("name")) or "",
        blocks=tuple(decode_block(each) for each in items(inside.get("permissions"))),
        principals=_principals(inside.get("principals")),
        excluded=_principals(inside.get("excludePrincipals")),
    )


def _principals(value: Any) -> tuple[PrincipalId, ...]:
    return tuple(decoded(lambda each: principal(each.get("id")), items(value)))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
