"""PIM's routes, each behind the licence that it needs."""

from __future__ import annotations

from collections.abc import Callable

from azjit.sandbox.arm.call import Call
from azjit.sandbox.base.messages import Problem, Response
from azjit.sandbox.pim import activation, approvals, eligibility, listings, policies

_Handler = Callable[[Call], Response]
_Row = tuple[str, str, str, str, _Handler, str, bool, str]
_RIGHTS = "{scope}/providers/Microsoft.Authorization"
_PROVIDER = "Microsoft.Authorization"
_APPROVAL = f"{_RIGHTS}/roleAssignmentApprovals"
_STAGE = f"{_APPROVAL}/{{approval}}/stages"

VERSIONS = {"pim": ("2020-10-01",), "approvals": ("2021-01-01-preview",)}


def licensed(handler: _Handler) -> _Handler:
    """The handler, refused where the tenant has no licence for PIM."""

    def answered(call: Call) -> Response:
        if call.world.switch("licence") == "none":
            text = (
                "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance"
                " license."
            )
            raise Problem(400, "AadPremiumLicenseRequired", text)
        return handler(call)

    return answered


def _route(
    method: str, path: str, handler: _Handler, *, family: str = "pim", action: str = ""
) -> _Row:
    # Who may do what depends on the filter and the body, so most handlers ask for themselves.
    writes = method != "GET"
    return method, path, family, action, licensed(handler), "", writes, "H"


def _pair(kind: str, listed: _Handler, one: _Handler) -> tuple[_Row, ...]:
    path = f"{_RIGHTS}/{kind}"
    return _route("GET", path, listed), _route("GET", f"{path}/{{name}}", one)


def _asked(kind: str, put: _Handler, validate: _Handler, cancel: _Handler) -> tuple[_Row, ...]:
    path = f"{_RIGHTS}/{kind}/{{name}}"
    return (
        _route("PUT", path, put),
        _route("POST", f"{path}/validate", validate),
        _route("POST", f"{path}/cancel", cancel),
    )


def _policy(kind: str, verb: str, name: str, handler: _Handler, method: str) -> _Row:
    path = f"{_RIGHTS}/{kind}{name}"
    return _route(method, path, handler, action=f"{_PROVIDER}/{kind}/{verb}")


_POLICIES, _ASSIGNED = "roleManagementPolicies", "roleManagementPolicyAssignments"

ROUTES: tuple[_Row, ...] = (
    *_pair("roleEligibilitySchedules", *listings.eligibility_schedules),
    *_pair("roleEligibilityScheduleInstances", *listings.eligibility_instances),
    *_pair("roleEligibilityScheduleRequests", *listings.eligibility_requests),
    *_pair("roleAssignmentSchedules", listings.list_schedules, listings.get_schedule),
    *_pair("roleAssignmentScheduleInstances", listings.list_instances, listings.get_instance),
    *_pair("roleAssignmentScheduleRequests", listings.list_requests, listings.get_request),
    *_asked(
        "roleAssignmentScheduleRequests", activation.put, activation.validate, activation.cancel
    ),
    *_asked(
        "roleEligibilityScheduleRequests",
        eligibility.put,
        eligibility.validate,
        eligibility.cancel,
    ),
    _route("GET", f"{_RIGHTS}/eligibleChildResources", listings.eligible_children),
    _policy(_POLICIES, "read", "", policies.listed, "GET"),
    _policy(_POLICIES, "read", "/{name}", policies.get, "GET"),
    _policy(_POLICIES, "write", "/{name}", policies.patch, "PATCH"),
    _policy(_POLICIES, "delete", "/{name}", policies.delete, "DELETE"),
    _policy(_ASSIGNED, "read", "", policies.list_assignments, "GET"),
    _policy(_ASSIGNED, "read", "/{name}", policies.get_assignment, "GET"),
    _policy(_ASSIGNED, "write", "/{name}", policies.put_assignment, "PUT"),
    _policy(_ASSIGNED, "delete", "/{name}", policies.delete_assignment, "DELETE"),
    _route("GET", _APPROVAL, approvals.listed, family="approvals"),
    _route("GET", f"{_APPROVAL}/{{approval}}", approvals.get, family="approvals"),
    _route("GET", _STAGE, approvals.list_stages, family="approvals"),
    _route("GET", f"{_STAGE}/{{stage}}", approvals.get_stage, family="approvals"),
    _route("PUT", f"{_STAGE}/{{stage}}", approvals.review, family="approvals"),
    _route("PATCH", f"{_STAGE}/{{stage}}", approvals.review, family="approvals"),
)
