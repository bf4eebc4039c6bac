"""Microsoft.Authorization: role definitions, permissions and deny assignments."""

from __future__ import annotations

from operator import attrgetter
from typing import Any
from uuid import UUID

from azjit.sandbox.arm.call import ArmCall, has_texts, invalid
from azjit.sandbox.authorization.access import failed, roles_held
from azjit.sandbox.authorization.filters import clauses_of, principals_in
from azjit.sandbox.authorization.scopes import (
    LONG_AGO,
    as_written,
    resource,
    role_definition_id,
)
from azjit.sandbox.base.ids import ANYONE, bare_role, guid, scopes_above
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.world.people import LISTS, Role
from azjit.sandbox.world.rights import DenyAssignment


def list_definitions(call: ArmCall) -> Response:
    """GET roleDefinitions at a scope; the filter may ask for a name or a type."""
    clauses = clauses_of(call)
    name, kind = clauses.get("rolename"), clauses.get("type")
    found = [
        role
        for role in call.world.directory.roles()
        if (name is None or role.name.lower() == name.lower())
        and (kind is None or _kind(role).lower() == kind.lower())
        and _is_for(role, call.scope)
    ]
    return call.listing(call.paged(found, attrgetter("id")), lambda role: _definition(role, call))


def get_definition(call: ArmCall) -> Response:
    """GET of one role definition."""
    role = call.world.directory.role(bare_role(call["name"]))
    if role is None:
        text = f"The specified role definition with ID '{call['name']}' does not exist."
        raise Problem(404, "RoleDefinitionDoesNotExist", text)
    return answer(200, _definition(role, call))


def put_definition(call: ArmCall) -> Response:
    """PUT: create or change a custom role."""
    role_id = _role_id(call)
    _require_custom(call.world.directory.role(role_id))
    role = _custom(role_id, call.json().get("properties"))
    other = call.world.directory.role_named(role.name)
    if other is not None and other.id != role_id:
        text = f"A custom role with the same name '{role.name}' already exists in this directory."
        raise Problem(409, "RoleDefinitionWithSameNameExists", text)
    call.world.directory.save_role(role)
    return answer(201, _definition(role, call))


def delete_definition(call: ArmCall) -> Response:
    """DELETE of a custom role that nobody holds; 204 when there was none."""
    role = call.world.directory.role(bare_role(call["name"]))
    if role is None:
        return answer(204)
    _require_custom(role)
    if call.world.is_held(role.id):
        text = "There are existing role assignments referencing the role definition."
        raise Problem(400, "RoleDefinitionHasAssignments", text)
    call.world.directory.remove_role(role.id)
    return answer(200, _definition(role, call))


def permissions(call: ArmCall) -> Response:
    """GET permissions: what the caller's roles grant at a scope.

    Assumes:
        [M] permissions answers everyone who holds any role at the scope, and ignores deny
            assignments
    """
    scope = call.scope
    held = {role.id: role for role in roles_held(call.world, call.caller, scope)}
    if not held:
        raise failed(call.caller, "Microsoft.Authorization/permissions/read", scope)
    return answer(200, {"value": [role.permission() for role in held.values()]})


def list_denials(call: ArmCall) -> Response:
    """GET denyAssignments: those above, at and below a scope that fit the filter."""
    clauses, scope = clauses_of(call), call.scope
    whom = set(principals_in(call, clauses))
    name = clauses.get("denyassignmentname")
    found = [
        denial
        for denial in call.world.denials(
            scopes_above(scope), "" if "at" in clauses else scope.lower()
        )
        if (name is None or denial.name == name)
        and (not whom or whom & {*denial.principals} or ANYONE in denial.principals)
    ]
    return call.listing(call.paged(found, attrgetter("id")), lambda denial: _denial(call, denial))


def get_denial(call: ArmCall) -> Response:
    """GET of one deny assignment, by its name at its scope."""
    wanted = guid(call["name"])
    for denial in call.world.denials([call.scope.lower()]):
        if denial.id == wanted:
            return answer(200, _denial(call, denial))
    text = f"The deny assignment '{call['name']}' is not found."
    raise Problem(404, "DenyAssignmentNotFound", text)


def _role_id(call: ArmCall) -> str:
    try:
        return str(UUID(call["name"]))
    except ValueError as error:
        text = f"The role definition ID '{call['name']}' is not valid. It must be a GUID."
        raise Problem(400, "InvalidRoleDefinitionId", text) from error


def _require_custom(role: Role | None) -> None:
    if role is not None and not role.is_custom:
        text = f"The built-in role '{role.name}' can't be changed or deleted."
        raise Problem(400, "RoleDefinitionIsBuiltIn", text)


def _custom(role_id: str, properties: Any) -> Role:
    """Give the role that a PUT describes."""
    if not has_texts(properties, "roleName"):
        raise invalid("'properties.roleName' is required")
    scopes, permissions = properties.get("assignableScopes"), properties.get("permissions")
    if not _is_texts(scopes) or not scopes:
        raise invalid("'properties.assignableScopes' is required")
    if not isinstance(permissions, list) or len(permissions) != 1:
        raise invalid("'properties.permissions' must have one entry")
    granted = permissions[0]
    if not isinstance(granted, dict) or not all(_is_texts(granted.get(k, [])) for k in LISTS):
        raise invalid("'properties.permissions' must be lists of actions")
    description = str(properties.get("description") or "")
    return Role.custom(role_id, properties["roleName"], description, granted, scopes)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_for(role: Role, scope: str) -> bool:
    """Whether a role may be assigned at a scope: built-in ones everywhere."""
    known = scopes_above(scope)
    return any(each.lower().rstrip("/") in (*known, "") for each in role.scopes)


def _definition(role: Role, call: ArmCall) -> dict[str, Any]:
    return {
        "id": role_definition_id(call.scope, role.id),
        "name": role.id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": role.name,
            "type": _kind(role),
            "description": role.description,
            "assignableScopes": list(role.scopes),
            "permissions": [role.permission()],
            "createdOn": LONG_AGO,
            "updatedOn": LONG_AGO,
        },
    }


def _kind(role: Role) -> str:
    return "CustomRole" if role.is_custom else "BuiltInRole"


def _denial(call: ArmCall, denial: DenyAssignment) -> dict[str, Any]:
    forbidden = {
        "actions": list(denial.actions),
        "notActions": list(denial.not_actions),
        "dataActions": [],
        "notDataActions": [],
    }
    properties = {
        "denyAssignmentName": denial.name,
        "description": "made by the managed application service",
        "permissions": [forbidden],
        "scope": as_written(denial.scope),
        "doNotApplyToChildScopes": denial.is_here_only,
        "principals": [_principal(call, each) for each in denial.principals],
        "excludePrincipals": [_principal(call, each) for each in denial.excluded],
        "isSystemProtected": denial.is_systems,
    }
    return resource(denial.scope, "denyAssignments", denial.id, properties)


def _principal(call: ArmCall, principal: str) -> dict[str, str]:
    if principal == ANYONE:
        return {"id": principal, "type": "SystemDefined"}
    return {"id": principal, "type": call.world.directory.principal_type(principal) or "User"}


def list_locks(_call: ArmCall) -> Response:
    """GET of the locks: there are none; deny assignments protect a managed resource group."""
    return answer(200, {"value": []})
