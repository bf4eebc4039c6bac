"""POST updateAccess: the only documented write that may decide a JIT request."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall, invalid
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.solutions import operations, resource
from azjit.sandbox.solutions.applications import KIND
from azjit.sandbox.solutions.jit_lifecycle import decide, note_decider
from azjit.sandbox.solutions.request_state import APPROVED, PENDING, REFUSALS, state_at
from azjit.sandbox.world.world import JIT_REQUEST, Resource

_STATUSES = ("NotSpecified", "Elevate", "Remove")
_SUB_STATUSES = ("NotSpecified", APPROVED, *REFUSALS)
_KEYS = ("subStatus", "originRequestId", "requestorId", "tenantDisplayName", "subjectDisplayName")
_CONTRACT_KEYS = {key.lower(): key for key in _KEYS}


def update_access(call: ArmCall) -> Response:
    """Decide a request as the switch `update-access` allows; 202, and the outcome by polling.

    Assumes:
        [M] a person or service principal with updateAccess/action may decide; whether it is an
            approver is not checked
        [M] keys are accepted in any casing: the contract writes camelCase, the SDK PascalCase
        [U] originRequestId is the request's name in the managed group, or its full id
        [U] Elevate grants whatever subStatus says
        [U] Remove or NotSpecified with Denied, Failed, Expired or Timeout ends a pending request
        [U] Remove on an approved request ends its access and leaves its state
        [U] Elevate on an approved request changes nothing; on one that ended it is 409
        [U] updatedBy of the request names the caller afterwards; the switch `decision-updated-by`
            leaves the filer there
        [U] the operation's result is what was sent
    """
    application = resource.require(call, KIND)
    body = _lower_keys(call.json())
    _check(body)
    conduct = call.world.switch("update-access", application.key)
    if conduct == "forbidden":
        text = "only the service itself may update the access of a managed application"
        raise Problem(403, "AuthorizationFailed", text)
    if conduct == "honoured":
        _decide(call, application, body)
    echo = _echo(body)
    headers = operations.start(call, application, is_by_status=False, outcome=echo)
    return answer(202, echo, headers)


def _decide(call: ArmCall, application: Resource, body: dict[str, Any]) -> None:
    request = _origin_request(call, application, str(body["metadata"].get("originrequestid") or ""))
    state = state_at(request, call.world.now)
    at = call.world.now + call.world.seconds("confirm-delay-seconds", application.key)
    status, sub_status = body["status"], body["substatus"]
    if status == "Elevate":  # the reading of the contract that grants most
        if state == PENDING:
            note_decider(call.world, request, call.identity())
            decide(call.world, request, APPROVED, at)
        elif state != APPROVED:
            text = f"the JIT request '{request.body['name']}' is {state}"
            raise Problem(409, "JitRequestAlreadyDecided", text)
    elif state == PENDING and sub_status in REFUSALS:
        note_decider(call.world, request, call.identity())
        decide(call.world, request, sub_status, at)
    elif state == APPROVED and status == "Remove":
        note_decider(call.world, request, call.identity())
        call.world.end_grants(request.key, at)


def _origin_request(call: ArmCall, application: Resource, origin: str) -> Resource:
    """Give the request of an originRequestId: an id, or a name in the managed group."""
    managed = application.properties["managedResourceGroupId"]
    key = f"{managed}/providers/Microsoft.Solutions/jitRequests/{origin}"
    request = call.world.resource(origin if origin.startswith("/") else key)
    if (
        request is None
        or request.type != JIT_REQUEST
        or request.properties["applicationResourceId"].lower() != application.key
    ):
        text = f"'{origin}' is no JIT request of '{application.body['id']}'"
        raise Problem(404, "JitRequestNotFound", text)
    return request


def _check(body: dict[str, Any]) -> None:
    if not isinstance(body.get("metadata"), dict):
        raise invalid("'metadata' is required")
    if body.get("status") not in _STATUSES:
        raise invalid(f"'status' is required, one of {', '.join(_STATUSES)}")
    if body.get("substatus") not in _SUB_STATUSES:
        raise invalid(f"'subStatus' is required, one of {', '.join(_SUB_STATUSES)}")


def _echo(body: dict[str, Any]) -> dict[str, Any]:
    """Give the body with its keys as the contract writes them."""
    data = {_CONTRACT_KEYS.get(key, key): value for key, value in body["metadata"].items()}
    found = {_CONTRACT_KEYS.get(key, key): value for key, value in body.items()}
    return {**found, "metadata": data}


def _lower_keys(value: Any) -> Any:
    """Give an object with its keys in lower case."""
    if not isinstance(value, dict):
        return value
    return {key.lower(): _lower_keys(item) for key, item in value.items()}
