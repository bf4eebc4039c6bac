"""JIT requests as resources: created by the publisher, read by both sides.

Assumes:
    [M] a JIT request lives in the managed resource group of the consumer's subscription
"""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall, text_tags
from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import bare_role, guid, solutions_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.solutions import operations
from azjit.sandbox.solutions.jit_checks import checked
from azjit.sandbox.solutions.jit_lifecycle import approve_automatically, end_access
from azjit.sandbox.solutions.request_state import APPROVED, PENDING, as_of, state_at
from azjit.sandbox.world.world import JIT_REQUEST, Resource


def find(call: ArmCall) -> Resource:
    """The request that the path names.

    Raises:
        Problem: 404, there is none.
    """
    resource = call.world.resource(_path_id(call))
    if resource is None:
        raise Problem(
            404,
            "ResourceNotFound",
            f"The Resource 'Microsoft.Solutions/jitRequests/{call['name']}' under resource group"
            f" '{call['group']}' was not found.",
        )
    return resource


def get(call: ArmCall) -> Response:
    """GET of one request."""
    return answer(200, _seen(call, find(call)))


def listed(call: ArmCall) -> Response:
    """GET of the requests in a group or a subscription."""
    group = call.params.get("group")
    page = call.world.page(JIT_REQUEST, call["subscription"], group, call.after())
    return call.listing(page, lambda item: _seen(call, item))


def put(call: ArmCall) -> Response:
    """PUT: ask for access. The same content again changes nothing, whatever was decided.

    Assumes:
        [U] an equal PUT by the same name answers 200 and changes nothing; a different one is 409
            once the request is decided
        [U] provisioningState is Accepted in the answer to PUT and Succeeded from then on
        [U] PUT answers with both Azure-AsyncOperation and Location
    """
    body = call.json()
    properties, application = checked(call, body)
    before = call.world.resource(_path_id(call))
    if before is not None:
        if _meaning(before.properties) == _meaning(properties):
            return answer(200, _seen(call, before), _headers(call, before, application))
        _require_undecided(call, before)
        end_access(call.world, before, call.world.now)
    request = _saved(call, body, properties, application, before)
    policy = application.properties["jitAccessPolicy"]
    if policy.get("jitApprovalMode") == "AutoApprove":
        approve_automatically(call.world, request, application)
    seen = _seen(call, request)
    seen = {**seen, "properties": {**seen["properties"], "provisioningState": "Accepted"}}
    status = 201 if before is None else 200
    return answer(status, seen, _headers(call, request, application))


def patch(call: ArmCall) -> Response:
    """PATCH: tags, and nothing else."""
    request = find(call)
    body = {**request.body, "tags": text_tags(call.json().get("tags"))}
    body["properties"] = {**request.properties, "updatedBy": call.identity()}
    body["systemData"] = call.system_data(request.body.get("systemData"))
    saved = Resource(
        request.key,
        JIT_REQUEST,
        request.subscription,
        request.group,
        request.name,
        body,
        request.private,
    )
    call.world.save(saved)
    return answer(200, _seen(call, saved))


def delete(call: ArmCall) -> Response:
    """DELETE: 200, or 204 without one; the switch `delete-request` decides about the access.

    Assumes:
        [U] DELETE of a pending request removes it; no state Canceled is seen
    """
    request = call.world.resource(_path_id(call))
    if request is None:
        return answer(204)
    keeps = call.world.switch("delete-request", request.properties["applicationResourceId"])
    is_approved = state_at(request, call.world.now) == APPROVED
    if keeps == "drops-grant" or not is_approved:
        end_access(call.world, request, call.world.now)
    call.world.remove(request)
    return answer(200)


def _saved(
    call: ArmCall,
    body: dict[str, Any],
    properties: dict[str, Any],
    application: Resource,
    before: Resource | None,
) -> Resource:
    """The request as the service keeps it."""
    creation = before.properties["createdBy"] if before else call.identity()
    kept = {
        "id": _path_id(call),
        "name": call["name"],
        "type": "Microsoft.Solutions/jitRequests",
        "location": body.get("location") or application.body["location"],
        "tags": text_tags(body.get("tags")),
        "properties": {
            **properties,
            "provisioningState": "Succeeded",
            "jitRequestState": PENDING,
            "publisherTenantId": call.caller.tenant,
            "createdBy": creation,
            "updatedBy": call.identity(),
        },
        "systemData": call.system_data(before.body.get("systemData") if before else None),
    }
    private = {"moves": [[stamp(call.world.now), PENDING]]}
    request = Resource(
        kept["id"].lower(),
        JIT_REQUEST,
        call["subscription"],
        call["group"],
        call["name"],
        kept,
        private,
    )
    call.world.save(request)
    return request


def _require_undecided(call: ArmCall, before: Resource) -> None:
    state = state_at(before, call.world.now)
    if state != PENDING:
        text = f"the JIT request '{call['name']}' is {state} and can no longer be changed"
        raise Problem(409, "JitRequestAlreadyDecided", text)


def _headers(call: ArmCall, request: Resource, application: Resource) -> dict[str, str]:
    region = str(application.body["location"])
    return operations.start(call, target=request.key, region=region, is_by_status=True)


def _meaning(properties: dict[str, Any]) -> list[Any]:
    """What a request asks for, apart from spelling."""
    rows = properties["jitAuthorizationPolicies"]
    return [
        properties["applicationResourceId"].lower(),
        sorted((guid(row["principalId"]), bare_role(row["roleDefinitionId"])) for row in rows),
        properties["jitSchedulingPolicy"],
    ]


def _seen(call: ArmCall, request: Resource) -> dict[str, Any]:
    return call.versioned(as_of(request, call.world.now))


def _path_id(call: ArmCall) -> str:
    return solutions_id(call["subscription"], call["group"], "jitRequests", call["name"])
