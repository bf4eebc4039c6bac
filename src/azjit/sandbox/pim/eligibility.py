"""Making principals eligible: PUT, validate and cancel of a roleEligibilityScheduleRequest."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.activity.record import log_write
from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.authorization.access import require
from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import new_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.pim import request_body, serializers
from azjit.sandbox.pim.records import Eligibility, eligibilities, is_same, save_eligibility

_ACTION = "Microsoft.Authorization/roleEligibilityScheduleRequests/write"


def put(call: ArmCall) -> Response:
    """PUT: make a principal eligible, or end its eligibility."""
    made, kind = _checked(call)
    save_eligibility(call.world, made)
    response = answer(201, _body(call, made, kind))
    return log_write(call, _ACTION, call.request.path, response)


def validate(call: ArmCall) -> Response:
    """POST validate: the checks of the PUT only."""
    return answer(200, _body(call, *_checked(call)))


def cancel(call: ArmCall) -> Response:
    """POST cancel: refused, because these requests are never pending."""
    text = f"the request '{call['name']}' does not wait and can't be canceled"
    raise Problem(400, "InvalidRoleAssignmentRequest", text)


def _checked(call: ArmCall) -> tuple[Eligibility, str]:
    asked = request_body.read(call)
    if asked.kind not in ("AdminAssign", "AdminRemove"):
        raise Problem(501, "NotImplemented", f"the sandbox does not carry out {asked.kind} here")
    require(call.world, call.caller, _ACTION, asked.scope)
    known = (record for record in eligibilities(call.world) if is_same(record, asked))
    found = next(known, None)
    if asked.kind == "AdminRemove":
        if found is None:
            text = "The Role assignment does not exist."
            raise Problem(400, "RoleAssignmentDoesNotExist", text)
        return found._replace(ends=stamp(call.world.now), request=call["name"]), asked.kind
    if found is not None:
        raise Problem(400, "RoleAssignmentExists", "The Role assignment already exists.")
    made = Eligibility(
        name=new_id(),
        scope=asked.scope,
        principal=asked.principal,
        role=asked.role,
        starts=stamp(asked.start),
        ends=asked.ends,
        requestor=call.caller.oid,
        created=call.stamp(),
        request=call["name"].lower(),
    )
    return made, asked.kind


def _body(call: ArmCall, record: Eligibility, kind: str) -> dict[str, Any]:
    body = serializers.eligibility_request(call, record)
    status = "Revoked" if kind == "AdminRemove" else "Provisioned"
    body["properties"] |= {"requestType": kind, "status": status}
    return body
