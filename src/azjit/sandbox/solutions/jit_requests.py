"""JIT requests as resources: created by the publisher, read by both sides.

Assumes:
    [M] a JIT request lives in the managed resource group of the consumer's subscription
"""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall, text_tags
from azjit.sandbox.base.ids import bare_role, guid
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.solutions import operations, resource
from azjit.sandbox.solutions.jit_checks import checked
from azjit.sandbox.solutions.jit_lifecycle import approve_automatically
from azjit.sandbox.solutions.request_state import APPROVED, PENDING, state_at
from azjit.sandbox.world.world import Resource

_KIND = "jitRequests"

get, listed = resource.reads(_KIND)


def put(call: ArmCall) -> Response:
    """PUT: request access. The same content again changes only the tags, whatever was decided.

    Assumes:
        [U] an equal PUT by the same name answers 200 and changes only tags; a different one is 409
            once the request is decided
        [U] provisioningState is Accepted in the answer to PUT and Succeeded from then on
        [U] PUT answers with both Azure-AsyncOperation and Location
    """
    body = call.json()
    properties, application = checked(call, body)
    before = resource.find(call, _KIND)
    if before is not None:
        if _meaning(before.properties) == _meaning(properties):
            same = _retagged(call, before, text_tags(body.get("tags")))
            return answer(200, resource.view(call, same), operations.start(call, same))
        _require_undecided(call, before)
        call.world.end_grants(before.key, call.world.now)
    request = _saved(call, body, properties, application, before)
    policy = application.properties["jitAccessPolicy"]
    if policy.get("jitApprovalMode") == "AutoApprove":
        approve_automatically(call.world, request, application)
    seen = resource.view(call, request)
    seen = {**seen, "properties": {**seen["properties"], "provisioningState": "Accepted"}}
    return answer(201 if before is None else 200, seen, operations.start(call, request))


def patch(call: ArmCall) -> Response:
    """PATCH: the tags only."""
    request = resource.require(call, _KIND)
    changed = _retagged(call, request, text_tags(call.json().get("tags")))
    return answer(200, resource.view(call, changed))


def delete(call: ArmCall) -> Response:
    """DELETE: 200, or 204 without one; the switch `delete-request` decides about the access.

    Assumes:
        [U] DELETE of a pending request removes it; no state Canceled is seen
    """
    request = resource.find(call, _KIND)
    if request is None:
        return answer(204)
    keeps = call.world.switch("delete-request", request.properties["applicationResourceId"])
    is_approved = state_at(request, call.world.now) == APPROVED
    if keeps == "drops-grant" or not is_approved:
        call.world.end_grants(request.key, call.world.now)
    call.world.remove(request)
    return answer(200)


def _retagged(call: ArmCall, request: Resource, tags: dict[str, str]) -> Resource:
    """Replace the tags of a request, if they are other ones."""
    if tags == request.body.get("tags"):
        return request
    body = {**request.body, "tags": tags}
    body["properties"] = {**request.properties, "updatedBy": call.identity()}
    body["systemData"] = call.system_data(request)
    return resource.save(call, body, request.private)


def _saved(
    call: ArmCall,
    body: dict[str, Any],
    properties: dict[str, Any],
    application: Resource,
    before: Resource | None,
) -> Resource:
    """Save the request as the service keeps it."""
    properties = {
        **properties,
        "provisioningState": "Succeeded",
        "jitRequestState": PENDING,
        "publisherTenantId": call.caller.tenant,
        "createdBy": before.properties["createdBy"] if before else call.identity(),
        "updatedBy": call.identity(),
    }
    sent = {**body, "location": body.get("location") or application.body["location"]}
    saved = resource.new_body(call, _KIND, sent, properties, before)
    return resource.save(call, saved, {"moves": [[call.stamp(), PENDING]]})


def _require_undecided(call: ArmCall, before: Resource) -> None:
    state = state_at(before, call.world.now)
    if state != PENDING:
        text = f"the JIT request '{call['name']}' is {state} and can no longer be changed"
        raise Problem(409, "JitRequestAlreadyDecided", text)


def _meaning(properties: dict[str, Any]) -> list[Any]:
    """Give what a request asks for, independent of casing and order."""
    rows = properties["jitAuthorizationPolicies"]
    return [
        properties["applicationResourceId"].lower(),
        sorted((guid(row["principalId"]), bare_role(row["roleDefinitionId"])) for row in rows),
        properties["jitSchedulingPolicy"],
    ]
