"""Subscriptions, resource groups and who has which role there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.wire.access import decode_assignment, decode_block, decode_role
from azjit.azure.wire.values import decoded, resource_id, text
from azjit.domain.access import Permissions, RoleAssignment, RoleDefinition
from azjit.domain.ids import ApplicationId, GroupId, PrincipalId, ResourceId


@dataclass(frozen=True, slots=True)
class ManagedGroup:
    """A resource group and the application that manages it."""

    id: GroupId
    application: ApplicationId


class Resources:
    """Reads subscriptions and resource groups."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def subscriptions(self) -> list[str]:
        """List the ids of the subscriptions that the caller sees."""
        listed = self._arm.list(
            routes.ALL_SUBSCRIPTIONS, routes.SUBSCRIPTIONS, "list the subscriptions"
        )
        return [told for each in listed if (told := text(each.get("subscriptionId")))]

    def managed_groups(self, subscription: str) -> Iterator[ManagedGroup]:
        """List the resource groups that an application manages."""
        what = f"list the resource groups of subscription {subscription}"
        for body in self._arm.list(routes.groups_of(subscription), routes.RESOURCES, what):
            manager = resource_id(ApplicationId, body.get("managedBy"))
            group = resource_id(GroupId, body.get("id"))
            if group is not None and manager is not None and _is_application(manager):
                yield ManagedGroup(group, manager)

    def manager_of(self, group: GroupId) -> ApplicationId | None:
        """Read which application manages a resource group; None where none does."""
        what = f"read resource group {group.name}"
        body = self._arm.read(group.text, routes.RESOURCES, what)
        manager = resource_id(ApplicationId, body.get("managedBy"))
        return manager if manager is not None and _is_application(manager) else None


class Authorization:
    """Reads role definitions, role assignments and the caller's permissions."""

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
        return decoded(decode_assignment, listed)

    def assignment(self, assignment: ResourceId) -> RoleAssignment | None:
        """Read a role assignment by its id; None where it is not there."""
        what = f"read role assignment {assignment.name}"
        body = self._arm.find(assignment.text, routes.AUTHORIZATION, what)
        return decode_assignment(body) if body is not None else None

    def permissions(self, scope: ResourceId) -> list[Permissions]:
        """List what the caller may do at a scope now; deny assignments are not in it."""
        what = f"read your permissions in {scope.name}"
        path = routes.permissions(scope)
        return [decode_block(each) for each in self._arm.list(path, routes.AUTHORIZATION, what)]


def _is_application(resource: ResourceId) -> bool:
    return resource.kind == "microsoft.solutions/applications"
