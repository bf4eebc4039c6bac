"""PIM's routes, each behind the licence that it needs."""

from __future__ import annotations

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.arm.route import ArmRoute, Handler
from azjit.sandbox.base.messages import Problem, Response
from azjit.sandbox.pim import activation, approvals, eligibility, listings, policies

VERSIONS = ("2020-10-01",)
APPROVAL_VERSIONS = ("2021-01-01-preview",)
_PROVIDER = "Microsoft.Authorization"
_POLICIES, _ASSIGNED = "roleManagementPolicies", "roleManagementPolicyAssignments"
_APPROVALS = "roleAssignmentApprovals"
_STAGES = f"{_APPROVALS}/{{approval}}/stages"
_ACTIVATIONS = "roleAssignmentScheduleRequests"
_ELIGIBILITIES = "roleEligibilityScheduleRequests"


def licensed(handler: Handler) -> Handler:
    """Wrap a handler so that it refuses where the tenant has no licence for PIM.

    Assumes:
        [M] without a P2 licence every route of PIM answers AadPremiumLicenseRequired
    """

    def answered(call: ArmCall) -> Response:
        if call.world.switch("licence") == "none":
            text = (
                "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance"
                " license."
            )
            raise Problem(400, "AadPremiumLicenseRequired", text)
        return handler(call)

    return answered


def _route(method: str, path: str, handler: Handler, action: str = "") -> ArmRoute:
    # Who may do what depends on the filter and the body, so most handlers check it themselves.
    pattern = f"{{scope}}/providers/{_PROVIDER}/{path}"
    versions = APPROVAL_VERSIONS if path.startswith(_APPROVALS) else VERSIONS
    return ArmRoute(method, pattern, versions, licensed(handler), action, writes=method != "GET")


def _reads(kind: str, listed: Handler, one: Handler) -> tuple[ArmRoute, ...]:
    return _route("GET", kind, listed), _route("GET", f"{kind}/{{name}}", one)


def _policy(method: str, path: str, verb: str, handler: Handler) -> ArmRoute:
    return _route(method, path, handler, f"{_PROVIDER}/{path.partition('/')[0]}/{verb}")


ROUTES = (
    *_reads("roleEligibilitySchedules", *listings.eligibility_schedules),
    *_reads("roleEligibilityScheduleInstances", *listings.eligibility_instances),
    *_reads(_ELIGIBILITIES, *listings.eligibility_requests),
    *_reads("roleAssignmentSchedules", *listings.schedules),
    *_reads("roleAssignmentScheduleInstances", *listings.instances),
    *_reads(_ACTIVATIONS, *listings.activations),
    _route("PUT", f"{_ACTIVATIONS}/{{name}}", activation.put),
    _route("POST", f"{_ACTIVATIONS}/{{name}}/validate", activation.validate),
    _route("POST", f"{_ACTIVATIONS}/{{name}}/cancel", activation.cancel),
    _route("PUT", f"{_ELIGIBILITIES}/{{name}}", eligibility.put),
    _route("POST", f"{_ELIGIBILITIES}/{{name}}/validate", eligibility.validate),
    _route("POST", f"{_ELIGIBILITIES}/{{name}}/cancel", eligibility.cancel),
    _route("GET", "eligibleChildResources", listings.eligible_children),
    _policy("GET", _POLICIES, "read", policies.listed),
    _policy("GET", f"{_POLICIES}/{{name}}", "read", policies.get),
    _policy("PATCH", f"{_POLICIES}/{{name}}", "write", policies.patch),
    _policy("DELETE", f"{_POLICIES}/{{name}}", "delete", policies.delete),
    _policy("GET", _ASSIGNED, "read", policies.list_assignments),
    _policy("GET", f"{_ASSIGNED}/{{name}}", "read", policies.get_assignment),
    _policy("PUT", f"{_ASSIGNED}/{{name}}", "write", policies.put_assignment),
    _policy("DELETE", f"{_ASSIGNED}/{{name}}", "delete", policies.delete_assignment),
    _route("GET", _APPROVALS, approvals.listed),
    _route("GET", f"{_APPROVALS}/{{approval}}", approvals.get),
    _route("GET", _STAGES, approvals.list_stages),
    _route("GET", f"{_STAGES}/{{stage}}", approvals.get_stage),
    _route("PUT", f"{_STAGES}/{{stage}}", approvals.review),
    _route("PATCH", f"{_STAGES}/{{stage}}", approvals.review),
)
