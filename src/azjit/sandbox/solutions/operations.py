"""Long-running operations: where they are polled, and how many polls they take."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NamedTuple

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.authorization.access import require
from azjit.sandbox.base.ids import SOLUTIONS, new_id, subscription_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.solutions.resource import view
from azjit.sandbox.world.world import Resource

_API_VERSION = "2021-07-01"
# Real ARM sends `Retry-After: 15`. azure-core prefers that header to the one in milliseconds, and
# takes a zero in it for a missing one, which means 30 seconds; so only the other is sent.
_POLL_SOON = {"x-ms-retry-after-ms": "20"}

_FAILED = "Failed"
_ERROR = {
    "code": "ApplianceOperationFailed",
    "message": "The operation on the managed application failed.",
}


def start(
    call: ArmCall,
    resource: Resource,
    *,
    is_by_status: bool = True,
    outcome: dict[str, Any] | None = None,
) -> dict[str, str]:
    """Begin an operation on a resource; the headers tell the caller where to poll it.

    Its result is `outcome`, else the resource.
    """
    operation = call.world.operation = new_id()
    call.world.connection.execute(
        "INSERT INTO operations VALUES (?,?,?,?,?,?,'Succeeded')",
        (
            operation,
            call["subscription"].lower(),
            call.caller.oid,
            int(call.world.switch("operation-polls")),
            resource.key,
            call.stamp(),
        ),
    )
    token = base64.urlsafe_b64encode(
        json.dumps({"operation": operation, "outcome": outcome}).encode()
    ).decode()
    region = str(resource.body["location"]).lower().replace(" ", "")
    place = (
        f"{call.request.site.arm}{subscription_id(call['subscription'])}/providers/{SOLUTIONS}"
        f"/locations/{region}"
    )
    headers = {"Location": f"{place}/operationResults/{token}?api-version={_API_VERSION}"}
    if is_by_status:
        link = f"{place}/operationStatuses/{token}?api-version={_API_VERSION}"
        headers["Azure-AsyncOperation"] = link
    return headers | _POLL_SOON


def status(call: ArmCall) -> Response:
    """GET of an operation's status: 202 while it runs, 200 at its end."""
    found = _poll(call)
    body: dict[str, Any] = {
        "id": call.request.path,
        "name": found.id,
        "status": "Accepted" if found.is_running else found.outcome,
        "startTime": found.started,
    }
    if found.is_running:
        return answer(202, body, _POLL_SOON)
    body["endTime"] = call.stamp()
    if found.outcome == _FAILED:
        return answer(200, body | {"error": _ERROR})
    return answer(200, body | {"properties": {"resourceId": found.target}})


def result(call: ArmCall) -> Response:
    """GET of an operation's result: 202 while it runs, then its resource, or 204 without one."""
    found = _poll(call)
    if found.is_running:
        link = f"{call.request.site.arm}{call.request.path}?api-version={call.api_version}"
        return answer(202, {"status": "Accepted"}, {"Location": link} | _POLL_SOON)
    if found.outcome == _FAILED:
        return answer(409, {"error": _ERROR})
    outcome = _told(call["operation"]).get("outcome")
    if outcome is not None:
        return answer(200, outcome)
    resource = call.world.resource(found.target)
    if resource is None:
        return answer(204)
    return answer(200, view(call, resource))


class _Operation(NamedTuple):
    id: str
    target: str
    started: str
    outcome: str
    is_running: bool


def _poll(call: ArmCall) -> _Operation:
    """Give the operation as this poll finds it.

    Assumes:
        [U] a publisher may poll the operations that it started, without a role at the subscription
        [M] others need locations/operationStatuses/read at the subscription
    """
    row = call.world.connection.execute(
        "SELECT id, target, started, outcome, caller, polls FROM operations WHERE id = ?"
        " AND subscription = ?",
        (str(_told(call["operation"]).get("operation") or ""), call["subscription"].lower()),
    ).fetchone()
    if row is None:
        raise Problem(404, "OperationNotFound", "there is no such operation here")
    operation, target, started, outcome, caller, polls = row
    is_publishers = call.caller.oid == caller and call.caller.person.side == "publisher"
    if not is_publishers:
        action = f"{SOLUTIONS}/locations/operationStatuses/read"
        require(call.world, call.caller, action, subscription_id(call["subscription"]))
    if polls > 0:
        call.world.connection.execute(
            "UPDATE operations SET polls = polls - 1 WHERE id = ?", (operation,)
        )
    return _Operation(operation, target, started, outcome, polls > 0)


def _told(token: str) -> dict[str, Any]:
    """Give what the token of an address says: the operation, and its outcome."""
    try:
        found = json.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
