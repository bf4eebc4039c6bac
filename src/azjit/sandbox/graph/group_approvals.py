"""PIM for groups: requests for membership that wait, and the review of their one stage."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import known
from azjit.sandbox.base.messages import Response, answer
from azjit.sandbox.graph.calls import GraphCall, GraphProblem, bad, missing
from azjit.sandbox.graph.pages import collection, one
from azjit.sandbox.seeding.people import APPROVERS, BOB, RITA
from azjit.sandbox.world.world import Resource, World

_KIND = "microsoft.graph/groupapprovals"
_WINDOW = timedelta(hours=24)
_APPROVALS = "identityGovernance/privilegedAccess/group/assignmentApprovals"
_REQUESTS = "identityGovernance/privilegedAccess/group/assignmentScheduleRequests"
_VIEWS = ("approver", "principal")


def seed(world: World) -> None:
    """Let rita ask to be a member of the approvers; bob decides."""
    _save(
        world,
        known("group-approval/rita"),
        {
            "tenant": RITA.tenant_id,
            "group": APPROVERS.object_id,
            "principal": RITA.object_id,
            "approvers": [BOB.object_id],
            "created": stamp(world.now),
            "justification": "cover for carol",
        },
    )


def list_approvals(call: GraphCall) -> Response:
    """GET assignmentApprovals, all or those that concern the caller as approver or principal."""
    call.require_person("Reading approvals")
    found = [_shown(call, item) for item in _of(call)]
    return collection(call, _APPROVALS, found)


def get_approval(call: GraphCall) -> Response:
    """GET of one approval."""
    call.require_person("Reading approvals")
    return one(call, _APPROVALS, _shown(call, _find(call)))


def list_stages(call: GraphCall) -> Response:
    """GET of an approval's stages."""
    call.require_person("Reading approvals")
    item = _find(call)
    return collection(call, f"{_APPROVALS}('{item.name}')/stages", [_stage(call, item)])


def get_stage(call: GraphCall) -> Response:
    """GET of one stage."""
    call.require_person("Reading approvals")
    item = _staged(call)
    return one(call, f"{_APPROVALS}('{item.name}')/stages", _stage(call, item))


def review(call: GraphCall) -> Response:
    """PATCH of a stage: 204.

    Raises:
        GraphProblem: 400 for the body, 403 for who must not review, 409 when it is decided.
    """
    call.require_person("Approving requests")
    item, body = _staged(call), call.json()
    if body.get("reviewResult") not in ("Approve", "Deny"):
        raise bad("Invalid value specified for property 'reviewResult'.")
    if not _is_mine(call, item):
        text = "The caller is not an approver of this request, or it is the caller's own."
        raise GraphProblem(403, "Forbidden", text)
    if not _is_open(call, item):
        raise GraphProblem(409, "Conflict", "The approval is already completed.")
    said = {
        "result": body["reviewResult"],
        "justification": body.get("justification") or "",
        "at": stamp(call.world.now),
        "by": {"id": call.caller.oid, "displayName": call.caller.person.name},
    }
    _save(call.world, item.name, {**item.private, "review": said})
    return answer(204)


def list_requests(call: GraphCall) -> Response:
    """GET assignmentScheduleRequests, all or those of the caller as approver or principal."""
    call.require_person("Reading requests")
    found = [_request(call, item) for item in _of(call)]
    return collection(call, _REQUESTS, found)


def list_role_requests(call: GraphCall) -> Response:
    """GET of requests for the directory's own roles: nobody asked for any."""
    call.require_person("Reading requests")
    _view(call)
    path = "roleManagement/directory/roleAssignmentScheduleRequests"
    return collection(call, path, [])


def _of(call: GraphCall) -> list[Resource]:
    view = _view(call)
    found = [it for it in call.world.every(_KIND) if it.private["tenant"] == call.caller.tenant]
    if view == "approver":
        return [item for item in found if _is_mine(call, item) and _is_open(call, item)]
    if view == "principal":
        return [item for item in found if item.private["principal"] == call.caller.oid]
    return found


def _view(call: GraphCall) -> str:
    view = call.params.get("on", "")
    if view and view not in _VIEWS:
        raise bad(f"Invalid value '{view}' for the parameter 'on'.")
    return view


def _is_mine(call: GraphCall, item: Resource) -> bool:
    oid = call.caller.oid
    return oid in item.private["approvers"] and oid != item.private["principal"]


def _is_open(call: GraphCall, item: Resource) -> bool:
    since = stamp(call.world.now - _WINDOW)
    return "review" not in item.private and item.private["created"] > since


def _find(call: GraphCall) -> Resource:
    item = call.world.resource(_key(call["id"]))
    if item is None or item.private["tenant"] != call.caller.tenant:
        raise missing(call["id"])
    return item


def _staged(call: GraphCall) -> Resource:
    item = _find(call)
    if call["stage"].lower() != _stage_id(item):
        raise missing(call["stage"])
    return item


def _stage_id(item: Resource) -> str:
    return known(f"stage/{item.name}")


def _shown(call: GraphCall, item: Resource) -> dict[str, Any]:
    return {"id": item.name, "stages": [_stage(call, item)]}


def _stage(call: GraphCall, item: Resource) -> dict[str, Any]:
    said = item.private.get("review") or {}
    is_open = _is_open(call, item)
    return {
        "id": _stage_id(item),
        "displayName": "Approval",
        "assignedToMe": _is_mine(call, item),
        "status": "InProgress" if is_open else "Completed" if said else "Expired",
        "reviewResult": said.get("result", "NotReviewed"),
        "justification": said.get("justification"),
        "reviewedDateTime": said.get("at"),
        "reviewedBy": said.get("by"),
    }


def _request(call: GraphCall, item: Resource) -> dict[str, Any]:
    told, said = item.private, item.private.get("review") or {}
    decided = {"Approve": "Provisioned", "Deny": "Denied"}.get(said.get("result", ""), "TimedOut")
    return {
        "id": known(f"group-request/{item.name}"),
        "status": "PendingApproval" if _is_open(call, item) else decided,
        "completedDateTime": said.get("at"),
        "createdDateTime": told["created"],
        "approvalId": item.name,
        "customData": None,
        "action": "selfActivate",
        "principalId": told["principal"],
        "accessId": "member",
        "groupId": told["group"],
        "isValidationOnly": False,
        "justification": told["justification"],
        "scheduleInfo": {
            "startDateTime": told["created"],
            "expiration": {"type": "afterDuration", "endDateTime": None, "duration": "PT8H"},
        },
        "ticketInfo": {"ticketNumber": None, "ticketSystem": None},
    }


def _key(name: str) -> str:
    return f"/graph/groupapprovals/{name}".lower()


def _save(world: World, name: str, told: dict[str, Any]) -> None:
    world.save(Resource(_key(name), _KIND, "", "", name, {"properties": {}}, told))
