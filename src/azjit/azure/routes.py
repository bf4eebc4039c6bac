"""Every path and api-version that azjit sends, in one place.

Sources: Microsoft.Solutions 2021-07-01, Microsoft.Authorization 2022-04-01 and
Microsoft.Resources OpenAPI contracts (Azure/azure-rest-api-specs).
"""

from __future__ import annotations

from typing import Final

from azjit.domain.ids import ApplicationId, GroupId, RequestId, ResourceId

SOLUTIONS: Final = "2021-07-01"
AUTHORIZATION: Final = "2022-04-01"
SUBSCRIPTIONS: Final = "2022-12-01"
RESOURCES: Final = "2021-04-01"
ENDPOINTS: Final = "2022-09-01"

ALL_SUBSCRIPTIONS: Final = "/subscriptions"
METADATA: Final = "/metadata/endpoints"


def applications_of(subscription: str) -> str:
    """List of the applications in a subscription."""
    return f"/subscriptions/{subscription}/providers/Microsoft.Solutions/applications"


def requests_of_subscription(subscription: str) -> str:
    """List of the JIT requests in a subscription."""
    return f"/subscriptions/{subscription}/providers/Microsoft.Solutions/jitRequests"


def requests_of_group(group: GroupId) -> str:
    """List of the JIT requests in a resource group."""
    return f"{group}/providers/Microsoft.Solutions/jitRequests"


def request_in(group: GroupId, name: str) -> RequestId:
    """Id of the JIT request `name` in a resource group."""
    return RequestId(f"{group}/providers/Microsoft.Solutions/jitRequests/{name}")


def update_access(application: ApplicationId) -> str:
    """The decision callback of an application."""
    return f"{application}/updateAccess"


def refresh_permissions(application: ApplicationId) -> str:
    """What makes an application read its definition's rows again."""
    return f"{application}/refreshPermissions"


def groups_of(subscription: str) -> str:
    """List of the resource groups in a subscription."""
    return f"/subscriptions/{subscription}/resourcegroups"


def role_definitions(scope: ResourceId) -> str:
    """List of the role definitions at a scope."""
    return f"{scope}/providers/Microsoft.Authorization/roleDefinitions"


def role_definition(scope: ResourceId, guid: str) -> str:
    """One role definition, read at a scope."""
    return f"{role_definitions(scope)}/{guid}"


def role_assignments(scope: ResourceId) -> str:
    """List of the role assignments that apply at a scope."""
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments"


def permissions(scope: ResourceId) -> str:
    """What the caller may do at a scope."""
    return f"{scope}/providers/Microsoft.Authorization/permissions"
