"""Every path and api-version that azjit sends to Resource Manager, in one place.

Sources: Microsoft.Solutions 2021-07-01, Microsoft.Authorization 2022-04-01, 2020-10-01 and
2021-01-01-preview (PIM), Microsoft.Insights 2015-04-01, Microsoft.ResourceGraph and
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
PIM: Final = "2020-10-01"
APPROVALS: Final = "2021-01-01-preview"
RESOURCE_GRAPH: Final = "2021-03-01"
ACTIVITY_LOG: Final = "2015-04-01"

ALL_SUBSCRIPTIONS: Final = "/subscriptions"
METADATA: Final = "/metadata/endpoints"
OPENID: Final = "/v2.0/.well-known/openid-configuration"
GRAPH_QUERY: Final = "/providers/Microsoft.ResourceGraph/resources"
APPROVALS_LIST: Final = "/providers/Microsoft.Authorization/roleAssignmentApprovals"


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


def activity_log(subscription: str) -> str:
    """List of what was done in a subscription."""
    return (
        f"/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values"
    )


def role_definitions(scope: ResourceId) -> str:
    """List of the role definitions at a scope."""
    return f"{scope}/providers/Microsoft.Authorization/roleDefinitions"


def role_definition(scope: ResourceId, guid: str) -> str:
    """One role definition, read at a scope."""
    return f"{role_definitions(scope)}/{guid}"


def role_assignments(scope: ResourceId) -> str:
    """List of the role assignments that apply at a scope."""
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments"


def deny_assignments(scope: ResourceId) -> str:
    """List of the deny assignments that hold at a scope."""
    return f"{scope}/providers/Microsoft.Authorization/denyAssignments"


def permissions(scope: ResourceId) -> str:
    """What the caller may do at a scope."""
    return f"{scope}/providers/Microsoft.Authorization/permissions"


def stage(approval: str, name: str) -> str:
    """One stage of an approval in PIM."""
    return f"{APPROVALS_LIST}/{approval}/stages/{name}"


def holdings(scope: ResourceId, *, eligible: bool) -> str:
    """List of the roles that PIM has at a scope: eligible ones, or active ones."""
    kind = "roleEligibilityScheduleInstances" if eligible else "roleAssignmentScheduleInstances"
    return f"{scope}/providers/Microsoft.Authorization/{kind}"


def policy_assignments(scope: ResourceId) -> str:
    """List of the rules of each role at a scope."""
    return f"{scope}/providers/Microsoft.Authorization/roleManagementPolicyAssignments"


def pim_requests(scope: ResourceId | None) -> str:
    """List of the requests for role assignments at a scope, or everywhere."""
    return f"{scope or ''}/providers/Microsoft.Authorization/roleAssignmentScheduleRequests"


def pim_request(scope: ResourceId, name: str) -> ResourceId:
    """Id of the request `name` for a role assignment at a scope."""
    return ResourceId(f"{pim_requests(scope)}/{name}")
