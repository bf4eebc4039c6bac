"""Microsoft.Authorization: role assignments and definitions, permissions, deny assignments."""

from __future__ import annotations

import re
from typing import Any

from azjit.sandbox.access import roles_held
from azjit.sandbox.call import Call
from azjit.sandbox.cast import GROUPS, PEOPLE, ROLE_BY_ID, ROLES, SUBSCRIPTIONS, Role
from azjit.sandbox.ids import ANYONE, bare_role, guid, scopes_above, subscription_id
from azjit.sandbox.messages import Page, Problem, Response, answer
from azjit.sandbox.world import ALWAYS, Assignment

_PROVIDER = "providers/Microsoft.Authorization"
_LONG_AGO = "2024-01-01T00:00:00.0000000Z"
_TYPE_OF = {person.object_id: person.kind for person in PEOPLE}
_IS_GROUP = {group.object_id for group in GROUPS}
_CLAUSE = re.compile(
    r"(?P<at>atScope\(\))|assignedTo\('(?P<assigned>[^']*)'\)"
    r"|(?P<key>\w+)\s+eq\s+'(?P<value>(?:[^']|'')*)'|(?P<below>atScopeAndBelow\(\))",
    re.IGNORECASE,
)


def list_assignments(call: Call) -> Response:
    """GET roleAssignments at a scope: those above, at and below it, as the filter narrows them."""
    clauses = _filter(call)
    scope = _scope(call)
    below = "" if "at" in clauses else scope.lower()
    principals = _principals(clauses)
    found = call.world.assignments(
        scopes=scopes_above(scope), principals=principals, below=below or ""
    )
    return _paged(call, [_assignment(item) for item in found])


def get_assignment(call: Call) -> Response:
    """GET of one role assignment, by its name at its scope."""
    wanted = guid(call["name"])
    for item in call.world.assignments(scopes=[_scope(call).lower()]):
        if item.id == wanted:
            return answer(200, _assignment(item))
    text = f"The role assignment '{call['name']}' is not found."
    raise Problem(404, "RoleAssignmentNotFound", text)


def list_definitions(call: Call) -> Response:
    """GET roleDefinitions at a scope, by name or type when the filter says so."""
    clauses = _filter(call)
    name, kind = clauses.get("rolename"), clauses.get("type")
    found = [
        _definition(role, call)
        for role in ROLES
        if (name is None or role.name.lower() == name.lower())
        and (kind is None or _kind(role).lower() == kind.lower())
    ]
    return _paged(call, found)


def get_definition(call: Call) -> Response:
    """GET of one role definition."""
    role = ROLE_BY_ID.get(bare_role(call["name"]))
    if role is None:
        text = f"The specified role definition with ID '{call['name']}' does not exist."
        raise Problem(404, "RoleDefinitionDoesNotExist", text)
    return answer(200, _definition(role, call))


def permissions(call: Call) -> Response:
    """GET permissions: what the caller's roles grant at a scope; deny assignments do not show."""
    scope = _scope(call)
    held = {role.id: role for role in roles_held(call.world, call.caller, scope)}
    if not held:
        text = (
            f"The client '{call.caller.shown}' with object id '{call.caller.oid}' may not perform"
            f" 'Microsoft.Authorization/permissions/read' over scope '{scope}'."
        )
        raise Problem(403, "AuthorizationFailed", text)
    return answer(200, {"value": [role.permission() for role in held.values()]})


def list_denials(call: Call) -> Response:
    """GET denyAssignments at a scope."""
    found = call.world.denials(scopes_above(_scope(call)))
    return _paged(call, [_denial(*item) for item in found])


def _assignment(item: Assignment) -> dict[str, Any]:
    scope = item.scope.replace("/resourcegroups/", "/resourceGroups/")
    since = _LONG_AGO if item.starts == ALWAYS else item.starts
    above = "/".join(item.scope.split("/")[:3])
    return {
        "id": f"{scope}/{_PROVIDER}/roleAssignments/{item.id}",
        "name": item.id,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": f"{above}/{_PROVIDER}/roleDefinitions/{item.role}",
            "principalId": item.principal,
            "principalType": _principal_type(item.principal),
            "scope": scope,
            "condition": None,
            "createdOn": since,
            "updatedOn": since,
        },
    }


def _principal_type(principal: str) -> str:
    if principal in _IS_GROUP:
        return "Group"
    return "ServicePrincipal" if _TYPE_OF.get(principal) == "servicePrincipal" else "User"


def _definition(role: Role, call: Call) -> dict[str, Any]:
    scope = _scope(call)
    above = "/".join(scope.split("/")[:3])
    customs = [subscription_id(subscription) for subscription, _, _ in SUBSCRIPTIONS]
    return {
        "id": f"{above}/{_PROVIDER}/roleDefinitions/{role.id}",
        "name": role.id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": role.name,
            "type": _kind(role),
            "description": role.description,
            "assignableScopes": customs if role.is_custom else ["/"],
            "permissions": [role.permission()],
            "createdOn": _LONG_AGO,
            "updatedOn": _LONG_AGO,
        },
    }


def _denial(denial: str, scope: str, name: str, excluded: list[str]) -> dict[str, Any]:
    shown = scope.replace("/resourcegroups/", "/resourceGroups/")
    return {
        "id": f"{shown}/{_PROVIDER}/denyAssignments/{denial}",
        "name": denial,
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {
            "denyAssignmentName": name,
            "description": "made by the managed application service",
            "permissions": [
                {
                    "actions": ["*"],
                    "notActions": ["*/read"],
                    "dataActions": [],
                    "notDataActions": [],
                }
            ],
            "scope": shown,
            "doNotApplyToChildScopes": False,
            "principals": [{"id": ANYONE, "type": "SystemDefined"}],
            "excludePrincipals": [
                {"id": principal, "type": _principal_type(principal)} for principal in excluded
            ],
            "isSystemProtected": True,
        },
    }


def _kind(role: Role) -> str:
    return "CustomRole" if role.is_custom else "BuiltInRole"


def _scope(call: Call) -> str:
    return call.params.get("scope") or ""


def _principals(clauses: dict[str, str]) -> list[str]:
    """Whom the filter asks about; `assignedTo` counts the groups that the principal is in."""
    if "assigned" in clauses:
        oid = guid(clauses["assigned"])
        return [oid, *(g.object_id for g in GROUPS if oid in g.members)]
    return [guid(clauses["principalid"])] if "principalid" in clauses else []


def _filter(call: Call) -> dict[str, str]:
    """The clauses of $filter.

    Raises:
        Problem: 400, there is one that these routes do not take.
    """
    found: dict[str, str] = {}
    text = call.request.query.get("$filter", "")
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE) if text else []:
        match = _CLAUSE.fullmatch(part.strip())
        if match is None:
            raise Problem(400, "InvalidFilter", f"the filter '{text}' is not supported")
        if match["key"]:
            found[match["key"].lower()] = match["value"].replace("''", "'")
        else:
            found[str(match.lastgroup)] = match[str(match.lastgroup)]
    return found


def _paged(call: Call, items: list[dict[str, Any]]) -> Response:
    """One page of a listing that is sorted by name."""
    size, after = int(call.world.switch("page-size")), call.after()
    rest = sorted((item for item in items if item["name"] > after), key=lambda item: item["name"])
    token = rest[size - 1]["name"] if len(rest) > size else None
    return call.listing(Page(rest[:size], token), lambda item: item)
