"""Activating a role: PUT, validate and cancel of a roleAssignmentScheduleRequest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from azjit.sandbox.activity.record import log_write
from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.authorization.access import require
from azjit.sandbox.base.clock import end_of, read_instant, stamp
from azjit.sandbox.base.ids import guid, scopes_above
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.pim import records, request_body, rules, serializers
from azjit.sandbox.pim.records import ActivationRequest, Eligibility, is_same
from azjit.sandbox.pim.request_body import ScheduleRequestBody

_ACTION = "Microsoft.Authorization/roleAssignmentScheduleRequests"
_MINIMUM = timedelta(minutes=5)


def put(call: ArmCall) -> Response:
    """PUT: activate a role, or give it up; 201 with the result.

    Assumes:
        [U] a PUT by a name that exists is 409, once every other check has passed
    """
    asked = request_body.read(call)
    before = records.request_at(call.world, asked.scope, call["name"])
    made = _checked(call, asked)
    if before is not None:
        text = f"a request of the name '{call['name']}' exists already"
        raise Problem(409, "RoleAssignmentRequestExists", text)
    made = _carry_out(call, made)
    response = answer(201, serializers.activation_request(call, made))
    return log_write(call, f"{_ACTION}/write", call.request.path, response)


def validate(call: ArmCall) -> Response:
    """POST validate: the checks of the PUT only."""
    return answer(
        200, serializers.activation_request(call, _checked(call, request_body.read(call)))
    )


def cancel(call: ArmCall) -> Response:
    """POST cancel: withdraw a request that is pending approval."""
    record = records.request_at(call.world, call.scope, call["name"])
    if record is None:
        text = f"the request '{call['name']}' was not found"
        raise Problem(404, "RoleAssignmentScheduleRequestNotFound", text)
    if call.caller.oid != record.requestor:
        require(call.world, call.caller, f"{_ACTION}/cancel/action", record.scope)
    if record.status_at(call.stamp()) != records.PENDING:
        text = f"the request '{call['name']}' no longer waits and can't be canceled"
        raise Problem(400, "InvalidRoleAssignmentRequest", text)
    records.save_request(call.world, replace(record, status=records.CANCELED))
    target = call.request.path.rpartition("/")[0]
    return log_write(call, f"{_ACTION}/cancel/action", target, answer(200))


def _checked(call: ArmCall, asked: ScheduleRequestBody) -> ActivationRequest:
    """Give the request that would be made.

    Assumes:
        [M] a role can't be given up in its first five minutes
    """
    if asked.kind in request_body.SELF and asked.principal != call.caller.oid:
        text = "only the principal itself may ask for this: 'principalId' is somebody else's"
        raise Problem(403, "AuthorizationFailed", text)
    if asked.kind in request_body.ADMIN:
        require(call.world, call.caller, f"{_ACTION}/write", asked.scope)
    if asked.kind == "SelfActivate":
        return _checked_activation(call, asked)
    if asked.kind == "AdminAssign":
        _require_absent(call, asked)
        return _request(call, asked, records.PROVISIONED, None)
    active = _active(call, asked)
    if active is None:
        text = "The Role assignment does not exist."
        raise Problem(400, "RoleAssignmentDoesNotExist", text)
    if asked.kind == "SelfDeactivate" and call.stamp() < stamp(
        end_of(read_instant(active.starts), _MINIMUM)
    ):
        text = "The active duration is too short: a role must be active for at least 5 minutes."
        raise Problem(400, "ActiveDurationTooShort", text)
    return _request(call, asked, records.REVOKED, active.eligibility)


def _checked_activation(call: ArmCall, asked: ScheduleRequestBody) -> ActivationRequest:
    eligibility = _eligibility(call, asked)
    _require_absent(call, asked)
    rules.check(call.world, asked, is_eligible=eligibility is not None)
    approvers = rules.approvers_of(call.world, asked.scope, asked.role)
    status = records.PENDING if approvers else records.PROVISIONED
    linked = eligibility.name if eligibility else None
    return _request(call, asked, status, linked, approvers)


def _carry_out(call: ArmCall, made: ActivationRequest) -> ActivationRequest:
    if made.status == records.PROVISIONED:
        return records.provision(call.world, made)
    if made.status == records.REVOKED:
        for record in records.requests(call.world):
            if record.is_active(call.stamp()) and is_same(record, made):
                records.revoke(call.world, record)
    records.save_request(call.world, made)
    return made


def _request(
    call: ArmCall,
    asked: ScheduleRequestBody,
    status: str,
    eligibility: str | None,
    approvers: tuple[str, ...] = (),
) -> ActivationRequest:
    properties = asked.properties
    return ActivationRequest(
        name=call["name"].lower(),
        scope=asked.scope,
        principal=asked.principal,
        role=asked.role,
        kind=asked.kind,
        starts=stamp(asked.start),
        ends=asked.ends,
        requestor=call.caller.oid,
        created=call.stamp(),
        status=status,
        eligibility=eligibility,
        justification=properties.get("justification"),
        ticket=dict(properties.get("ticketInfo") or {}),
        schedule=dict(properties.get("scheduleInfo") or {}),
        approvers=approvers,
    )


def _require_absent(call: ArmCall, asked: ScheduleRequestBody) -> None:
    """Refuse a role that is active or requested already.

    Assumes:
        [M] a role that is held in any way answers RoleAssignmentExists
    """
    for held in call.world.assignments(scopes=[asked.scope.lower()], principals=[asked.principal]):
        if held.role == asked.role:
            raise Problem(400, "RoleAssignmentExists", "The Role assignment already exists.")
    for record in records.requests(call.world):
        if record.status_at(call.stamp()) == records.PENDING and is_same(record, asked):
            text = "There is already a pending request for the role assignment."
            raise Problem(400, "PendingRoleAssignmentRequest", text)


def _active(call: ArmCall, asked: ScheduleRequestBody) -> ActivationRequest | None:
    found = (record for record in records.requests(call.world) if record.is_active(call.stamp()))
    return next((record for record in found if is_same(record, asked)), None)


def _eligibility(call: ArmCall, asked: ScheduleRequestBody) -> Eligibility | None:
    """Give the eligibility of the caller or its groups; the one that the body names, if any."""
    named = guid(asked.properties.get("linkedRoleEligibilityScheduleId") or "")
    above = scopes_above(asked.scope)
    for record in records.eligibilities(call.world):
        is_fit = record.role == asked.role and record.principal in call.caller.principals
        if is_fit and record.scope.lower() in above and (not named or record.name == named):
            return record
    return None
