"""Role management policies and their assignments: one of each per role and scope."""

from __future__ import annotations

import re
from typing import Any

from azjit.sandbox.arm.call import ArmCall, invalid
from azjit.sandbox.authorization.scopes import (
    LONG_AGO,
    PROVIDER,
    as_written,
    resource,
    role_definition_id,
)
from azjit.sandbox.base.clock import read_duration
from azjit.sandbox.base.ids import bare_role
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.pim import rules
from azjit.sandbox.pim.listings import paged
from azjit.sandbox.pim.serializers import scope_summary
from azjit.sandbox.world.people import Role

_FILTER = re.compile(r"roleDefinitionId\s+eq\s+'([^']*)'|atScope\(\)", re.IGNORECASE)
_MODIFIER = {"id": None, "displayName": "Admin", "type": None, "email": None}


def listed(call: ArmCall) -> Response:
    """GET roleManagementPolicies at a scope."""
    return paged(call, [_policy(call, role) for role in call.world.directory.roles()])


def get(call: ArmCall) -> Response:
    """GET of one policy."""
    return answer(200, _policy(call, _role(call, call["name"])))


def patch(call: ArmCall) -> Response:
    """PATCH: replace the rules that have the same ids."""
    role = _role(call, call["name"])
    properties = call.json().get("properties")
    sent = properties.get("rules") if isinstance(properties, dict) else None
    if not isinstance(sent, list):
        raise invalid("'properties.rules' is required")
    known = {rule["id"]: rule for rule in rules.rules_of(call.world, call.scope, role.id)}
    for rule in sent:
        _check(rule, known)
    rules.change_rules(call.world, call.scope, role.id, sent)
    return answer(200, _policy(call, role))


def delete(call: ArmCall) -> Response:
    """DELETE: restore the default rules; 204 when nothing had changed them.

    Assumes:
        [U] DELETE of a policy or of its assignment restores the default rules
    """
    role = _role(call, call["name"])
    return answer(200 if rules.reset_rules(call.world, call.scope, role.id) else 204)


def list_assignments(call: ArmCall) -> Response:
    """GET roleManagementPolicyAssignments at a scope; the filter may name a role."""
    text = call.request.query.get("$filter", "")
    match = _FILTER.fullmatch(text.strip()) if text else None
    if text and match is None:
        raise Problem(400, "InvalidFilter", f"the filter '{text}' is not supported")
    wanted = bare_role(match[1]) if match and match[1] else None
    found = [
        _assignment(call, role)
        for role in call.world.directory.roles()
        if wanted in (None, role.id)
    ]
    return paged(call, found)


def get_assignment(call: ArmCall) -> Response:
    """GET of the assignment of a policy to its role."""
    return answer(200, _assignment(call, _assigned_role(call)))


def put_assignment(call: ArmCall) -> Response:
    """PUT: a policy always belongs to its role, so another one is refused and nothing changes."""
    role = _assigned_role(call)
    properties = call.json().get("properties")
    if not isinstance(properties, dict):
        raise invalid("'properties' is required")
    named = str(properties.get("policyId") or "").rsplit("/", 1)[-1].lower()
    if named != rules.policy_name(call.scope, role.id):
        raise Problem(400, "InvalidPolicy", f"the policy '{named}' is not one of this role's")
    return answer(201, _assignment(call, role))


def delete_assignment(call: ArmCall) -> Response:
    """DELETE: restore the default rules; 204 when nothing had changed them."""
    role = _assigned_role(call)
    return answer(200 if rules.reset_rules(call.world, call.scope, role.id) else 204)


def _policy(call: ArmCall, role: Role) -> dict[str, Any]:
    scope = call.scope
    found = rules.rules_of(call.world, scope, role.id)
    properties = {
        "scope": as_written(scope),
        "displayName": None,
        "description": None,
        "isOrganizationDefault": False,
        "lastModifiedDateTime": LONG_AGO,
        "lastModifiedBy": dict(_MODIFIER),
        "rules": found,
        "effectiveRules": found,
        "policyProperties": {"scope": scope_summary(call, scope)},
    }
    return resource(scope, "roleManagementPolicies", rules.policy_name(scope, role.id), properties)


def _assignment(call: ArmCall, role: Role) -> dict[str, Any]:
    scope = call.scope
    policy = rules.policy_name(scope, role.id)
    place = f"{as_written(scope)}/{PROVIDER}/roleManagementPolicies/{policy}"
    properties = {
        "scope": as_written(scope),
        "roleDefinitionId": role_definition_id(scope, role.id),
        "policyId": place,
        "effectiveRules": rules.rules_of(call.world, scope, role.id),
        "policyAssignmentProperties": {
            "scope": scope_summary(call, scope),
            "roleDefinition": {
                "id": role_definition_id(scope, role.id),
                "displayName": role.name,
                "type": "CustomRole" if role.is_custom else "BuiltInRole",
            },
            "policy": {
                "id": place,
                "lastModifiedBy": dict(_MODIFIER),
                "lastModifiedDateTime": LONG_AGO,
            },
        },
    }
    return resource(scope, "roleManagementPolicyAssignments", f"{policy}_{role.id}", properties)


def _check(rule: Any, known: dict[str, dict[str, Any]]) -> None:
    kind = known.get(str(rule.get("id")), {}).get("ruleType") if isinstance(rule, dict) else None
    if kind is None or rule.get("ruleType") != kind:
        raise Problem(400, "InvalidPolicy", "a rule of the policy is not one of those it has")
    try:
        if kind == "RoleManagementPolicyExpirationRule":
            read_duration(str(rule.get("maximumDuration")))
        if kind == "RoleManagementPolicyEnablementRule":
            _ = list(rule["enabledRules"])
        if kind == "RoleManagementPolicyApprovalRule":
            _ = dict(rule["setting"])
    except (KeyError, TypeError, ValueError) as error:
        text = f"the rule '{rule['id']}' is incomplete: {error}"
        raise Problem(400, "InvalidPolicy", text) from error


def _role(call: ArmCall, policy: str) -> Role:
    scope = call.scope
    for role in call.world.directory.roles():
        if rules.policy_name(scope, role.id) == policy.lower():
            return role
    raise Problem(404, "RoleManagementPolicyNotFound", f"the policy '{policy}' was not found here")


def _assigned_role(call: ArmCall) -> Role:
    policy, _, role = call["name"].partition("_")
    found = _role(call, policy)
    if bare_role(role) != found.id:
        text = f"the policy assignment '{call['name']}' was not found here"
        raise Problem(404, "RoleManagementPolicyAssignmentNotFound", text)
    return found
