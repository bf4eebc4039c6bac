"""Roles, role assignments, deny assignments and the caller's own permissions."""

from __future__ import annotations

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.wire.access import (
    decode_assignment,
    decode_block,
    decode_deny_assignment,
    decode_role,
)
from azjit.domain.access import Permissions, RoleAssignment, RoleDefinition
from azjit.domain.deny_assignments import Denial
from azjit.domain.ids import PrincipalId, ResourceId


class Authorization:
    """Reads who may do what at a scope."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def role(self, scope: ResourceId, guid: str) -> RoleDefinition:
        """Read a role definition by its GUID."""
        path = routes.role_definition(scope, guid)
        return decode_role(self._arm.read(path, routes.AUTHORIZATION, f"read role {guid}"))

    def roles_named(self, scope: ResourceId, name: str) -> list[RoleDefinition]:
        """List the role definitions of a name at a scope."""
        quoted = name.replace("'", "''")
        query = {"$filter": f"roleName eq '{quoted}'"}
        path = routes.role_definitions(scope)
        listed = self._arm.list(path, routes.AUTHORIZATION, f"look up role {name}", query)
        return [decode_role(each) for each in listed]

    def assignments(
        self, scope: ResourceId, principal: PrincipalId | None = None, tenant: str | None = None
    ) -> list[RoleAssignment]:
        """List the role assignments that apply at a scope, all or one principal's.

        `tenant` is the principal's home where it is not the subscription's.
        """
        query = {} if principal is None else {"$filter": f"assignedTo('{principal.key}')"}
        if tenant is not None:
            query["tenantId"] = tenant
        what = f"list the role assignments in {scope.name}"
        listed = self._arm.list(routes.role_assignments(scope), routes.AUTHORIZATION, what, query)
        return [decode_assignment(each) for each in listed]

    def assignment(self, assignment: ResourceId) -> RoleAssignment | None:
        """Read a role assignment by its id; None if it is not there."""
        what = f"read role assignment {assignment.name}"
        body = self._arm.find(assignment.text, routes.AUTHORIZATION, what)
        return decode_assignment(body) if body is not None else None

    def permissions(self, scope: ResourceId) -> list[Permissions]:
        """List what the caller may do at a scope now; deny assignments are not in it."""
        what = f"read your permissions in {scope.name}"
        path = routes.permissions(scope)
        return [decode_block(each) for each in self._arm.list(path, routes.AUTHORIZATION, what)]

    def deny_assignments(self, scope: ResourceId) -> list[Denial]:
        """List the deny assignments that hold at a scope, made there or above."""
        path = routes.deny_assignments(scope)
        what = f"list the deny assignments in {scope.name}"
        listed = self._arm.list(path, routes.AUTHORIZATION, what, {"$filter": "atScope()"})
        return [decode_deny_assignment(each) for each in listed]
