"""Microsoft.Authorization/roleAssignments: read, created and deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from azjit.sandbox.arm.call import ArmCall, has_texts, invalid
from azjit.sandbox.authorization.filters import clauses_of, principals_in
from azjit.sandbox.authorization.scopes import (
    LONG_AGO,
    as_written,
    require_scope,
    resource,
    role_definition_id,
)
from azjit.sandbox.base.ids import bare_role, guid, scopes_above
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.world.rights import ALWAYS, Assignment
from azjit.sandbox.world.world import World

_KEPT = (
    "principalType",
    "description",
    "condition",
    "conditionVersion",
    "delegatedManagedIdentityResourceId",
)


def listed(call: ArmCall) -> Response:
    """GET at a scope: the assignments above, at and below it that fit the filter."""
    clauses, scope = clauses_of(call), call.scope
    page = call.world.assignments_page(
        scopes_above(scope),
        principals_in(call, clauses),
        "" if "at" in clauses else scope.lower(),
        call.after(),
        call.world.page_size,
    )
    return call.listing(page, lambda item: body_of(call.world, item))


def get(call: ArmCall) -> Response:
    """GET of one, by its name at its scope, while it holds."""
    found = _find(call)
    if found is None:
        text = f"The role assignment '{call['name']}' is not found."
        raise Problem(404, "RoleAssignmentNotFound", text)
    return answer(200, body_of(call.world, found))


def put(call: ArmCall) -> Response:
    """PUT: assign a role from now on; 200 when the same assignment exists."""
    properties = call.json().get("properties")
    if not has_texts(properties, "roleDefinitionId", "principalId"):
        raise invalid("'properties' needs 'roleDefinitionId' and 'principalId'")
    name, principal = _name(call), guid(properties["principalId"])
    role = bare_role(properties["roleDefinitionId"])
    require_scope(call)
    _require_known(call, principal, role, properties)
    scope = call.scope.lower()
    before = call.world.assignment(name)
    if before is not None and (before.scope, before.principal, before.role) != (
        scope,
        principal,
        role,
    ):
        text = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise Problem(400, "RoleAssignmentUpdateNotPermitted", text)
    for held in call.world.assignments(scopes=[scope], principals=[principal]):
        if held.role == role and held.id != name:
            raise Problem(409, "RoleAssignmentExists", "The role assignment already exists.")
    body = {key: properties[key] for key in _KEPT if properties.get(key) is not None}
    body |= {"createdBy": (before.body if before else {}).get("createdBy", call.caller.oid)}
    body |= {"updatedBy": call.caller.oid}
    starts = before.starts if before is not None else call.stamp()
    given = Assignment(name, scope, principal, role, starts, body=body)
    call.world.assign(given)
    return answer(200 if before is not None else 201, body_of(call.world, given))


def delete(call: ArmCall) -> Response:
    """DELETE: also of an assignment that a JIT request made; 204 when there was none."""
    found = _find(call)
    if found is None:
        return answer(204)
    call.world.unassign(found)
    return answer(200, body_of(call.world, found))


def _find(call: ArmCall) -> Assignment | None:
    """The assignment that the path names, if it is of that scope and holds now."""
    found = call.world.assignment(guid(call["name"]))
    is_here = found is not None and found.scope == call.scope.lower()
    holds = found is not None and found.starts <= call.stamp() < found.ends
    return found if is_here and holds else None


def _name(call: ArmCall) -> str:
    try:
        return str(UUID(call["name"]))
    except ValueError as error:
        text = (
            f"The role assignment ID '{call['name']}' is not valid. The role assignment ID must"
            " be a GUID."
        )
        raise Problem(400, "InvalidRoleAssignmentId", text) from error


def _require_known(call: ArmCall, principal: str, role: str, properties: dict[str, Any]) -> None:
    if call.world.directory.role(role) is None:
        text = f"The specified role definition with ID '{role}' does not exist."
        raise Problem(404, "RoleDefinitionDoesNotExist", text)
    kind = call.world.directory.principal_type(principal)
    if kind is None:
        text = f"Principal {principal} does not exist in the directory {call.caller.tenant}."
        raise Problem(400, "PrincipalNotFound", text)
    if properties.get("principalType", kind) != kind:
        text = f"The PrincipalId '{principal}' has type '{kind}', which is different."
        raise Problem(400, "UnmatchedPrincipalType", text)


def body_of(world: World, item: Assignment) -> dict[str, Any]:
    """Give a role assignment as Resource Manager shows it."""
    scope = as_written(item.scope)
    since = LONG_AGO if item.starts == ALWAYS else item.starts
    kind = world.directory.principal_type(item.principal) or "User"
    properties = {
        "roleDefinitionId": role_definition_id(item.scope, item.role),
        "principalId": item.principal,
        "principalType": kind,
        "scope": scope or "/",
        "condition": None,
        "createdOn": since,
        "updatedOn": since,
        "createdBy": "",
        "updatedBy": "",
    }
    return resource(item.scope, "roleAssignments", item.id, properties | item.body)
