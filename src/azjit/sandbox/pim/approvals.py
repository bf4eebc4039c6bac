"""Role assignment approvals: those of the caller, and the review of their only stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from azjit.sandbox.activity.events import PIM, EventActor, LogEvent
from azjit.sandbox.activity.record import log
from azjit.sandbox.arm.call import ArmCall, invalid
from azjit.sandbox.base.ids import new_id, stable_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.pim import filters, jit_approvals, records
from azjit.sandbox.pim.records import ActivationRequest
from azjit.sandbox.solutions import jit_lifecycle, request_state

_TYPE = "Microsoft.Authorization/roleAssignmentApprovals"
_RESULTS = ("Approve", "Deny")


class PimApproval(NamedTuple):
    """An approval with its stage: who may review it, and what it decides."""

    name: str
    scope: str
    requestor: str
    principals: frozenset[str]
    approvers: tuple[str, ...]
    is_open: bool
    review: dict[str, Any] | None
    subject: ActivationRequest | jit_approvals.JitApproval

    @property
    def stage(self) -> str:
        """The id of the one stage."""
        return stable_id(f"stage/{self.name}")


def listed(call: ArmCall) -> Response:
    """GET roleAssignmentApprovals: those that concern the caller.

    Assumes:
        [U] without a filter the listing has what the caller may approve, requested or is the
            principal of
    """
    asked = filters.read(call)
    here = call.scope.lower()
    found = [
        _approval_body(call, approval)
        for approval in _every(call, is_open="asapprover" in asked.views)
        if (
            not here
            or approval.scope.lower() == here
            or approval.scope.lower().startswith(f"{here}/")
        )
        and _is_viewed(call, approval, asked.views)
    ]
    return answer(200, {"value": found})


def get(call: ArmCall) -> Response:
    """GET of one approval."""
    return answer(200, _approval_body(call, _find(call)))


def list_stages(call: ArmCall) -> Response:
    """GET of an approval's stages."""
    return answer(200, {"value": [_stage_body(call, _find(call))]})


def get_stage(call: ArmCall) -> Response:
    """GET of one stage."""
    return answer(200, _stage_body(call, _staged(call)))


def review(call: ArmCall) -> Response:
    """PUT or PATCH of a stage: approve or deny the request that it is about.

    Assumes:
        [U] error codes: 403 AuthorizationFailed for who must not review, 409 for what is decided,
            400 JustificationRequired
    """
    approval = _staged(call)
    sent = _review(call)
    _require_reviewer(call, approval)
    if not approval.is_open:
        text = f"the approval '{approval.name}' is decided already, or its time has passed"
        raise Problem(409, "RoleAssignmentApprovalCompleted", text)
    if isinstance(approval.subject, jit_approvals.JitApproval):
        _decide_jit(call, approval.subject, sent)
    elif not str(sent["justification"]).strip():
        raise Problem(400, "JustificationRequired", "the approver's justification is required")
    elif sent["reviewResult"] == "Approve":
        records.provision(call.world, replace(approval.subject, review=sent))
    else:
        records.save_request(
            call.world, replace(approval.subject, review=sent, status=records.DENIED)
        )
    return answer(200, _stage_body(call, _staged(call)))


def _decide_jit(call: ArmCall, jit: jit_approvals.JitApproval, sent: dict[str, Any]) -> None:
    """Decide a JIT request as it was reviewed.

    Assumes:
        [L] when PIM decides a JIT request the activity log has updateAccess by PIM's own principal
    """
    reviews = jit.request.private.get("reviews", {})
    jit.request.private["reviews"] = {**reviews, jit.approval: sent}
    call.world.save(jit.request)
    if jit.copy:
        return  # the other approval of the same scope, role and principal: not this request's
    is_yes = sent["reviewResult"] == "Approve"
    state = request_state.APPROVED if is_yes else request_state.DENIED
    at = call.world.now + call.world.seconds("confirm-delay-seconds", jit.application.key)
    jit_lifecycle.note_decider(call.world, jit.request, call.identity())
    jit_lifecycle.decide(call.world, jit.request, state, at)
    action = "Microsoft.Solutions/applications/updateAccess/action"
    actor, target = EventActor(PIM, "", call.caller.tenant, PIM), jit.application.body["id"]
    event = LogEvent(new_id(), call.stamp(), action, target, actor, new_id(), "Accepted")
    log(call.world, event)


def _review(call: ArmCall) -> dict[str, Any]:
    """Read the review in the body; the switch `pim-review-body` says which forms are accepted.

    Assumes:
        [M] the review of a stage may be written in 'properties' or bare, by PUT or by PATCH
    """
    body, taken = call.json(), call.world.switch("pim-review-body")
    is_wrapped = isinstance(body.get("properties"), dict)
    if taken not in ("both", "wrapped" if is_wrapped else "unwrapped"):
        raise invalid("the review of the stage is missing or not where it is expected")
    content = body["properties"] if is_wrapped else body
    if content.get("reviewResult") not in _RESULTS:
        raise invalid(f"'reviewResult' must be one of {', '.join(_RESULTS)}")
    return {
        "reviewResult": content["reviewResult"],
        "justification": content.get("justification") or "",
        "reviewedDateTime": call.stamp(),
        "reviewedBy": {
            "principalId": call.caller.oid,
            "principalType": "user",
            "principalName": call.caller.person.name,
            "userPrincipalName": call.caller.person.upn,
        },
    }


def _require_reviewer(call: ArmCall, approval: PimApproval) -> None:
    caller = call.caller
    if caller.person.kind != "user":
        why = "service principals aren't allowed to approve requests"
    elif caller.oid == approval.requestor or caller.oid in approval.principals:
        why = "approvers can't approve their own requests"
    elif not set(caller.principals) & set(approval.approvers):
        why = "the caller is not an approver of it"
    else:
        return
    text = (
        f"The client '{caller.label}' with object id '{caller.oid}' may not review the approval"
        f" '{approval.name}': {why}."
    )
    raise Problem(403, "AuthorizationFailed", text)


def _every(call: ArmCall, *, is_open: bool) -> Iterator[PimApproval]:
    for request in records.requests(call.world):
        if request.approval is not None:
            yield _of_request(call, request)
    for approval in jit_approvals.every(call.world, is_open=is_open):
        yield _of_jit(call, approval)


def _of_request(call: ArmCall, request: ActivationRequest) -> PimApproval:
    who = request.requestor, frozenset([request.principal]), request.approvers
    is_open = request.status_at(call.stamp()) == records.PENDING
    name = request.approval or ""
    return PimApproval(name, request.scope, *who, is_open, request.review, request)


def _of_jit(call: ArmCall, jit: jit_approvals.JitApproval) -> PimApproval:
    who = jit.requestor, frozenset(jit.principals()), jit.approvers
    is_pending = request_state.state_at(jit.request, call.world.now) == request_state.PENDING
    is_open = is_pending and jit.review is None
    return PimApproval(jit.approval, jit.scope, *who, is_open, jit.review, jit)


def _is_viewed(call: ArmCall, approval: PimApproval, views: frozenset[str]) -> bool:
    own = {
        "asapprover": approval.is_open
        and is_reviewer(call, approval.approvers, {approval.requestor, *approval.principals}),
        "ascreatedby": approval.requestor == call.caller.oid,
        "asrequestor": approval.requestor == call.caller.oid,
        "astarget": bool(approval.principals & set(call.caller.principals)),
    }
    asked = [own[view] for view in views if view in own]
    return all(asked) if asked else any(own.values())


def is_reviewer(call: ArmCall, approvers: tuple[str, ...], own: set[str]) -> bool:
    """Whether the caller is an approver of a request that is not its own."""
    caller = call.caller
    if caller.person.kind != "user" or caller.oid in own:
        return False
    return bool(set(caller.principals) & set(approvers))


def _find(call: ArmCall) -> PimApproval:
    """Give the approval that the path names, or refuse with 404."""
    wanted = call["approval"].lower()
    approval: PimApproval | None = None
    found = jit_approvals.find(call.world, wanted)
    if found is not None:
        approval = _of_jit(call, found)
    else:
        own = (request for request in records.requests(call.world) if request.approval == wanted)
        approval = next((_of_request(call, request) for request in own), None)
    here = call.scope.lower()
    if approval is None or (here and not approval.scope.lower().startswith(here)):
        text = f"the approval '{call['approval']}' was not found"
        raise Problem(404, "RoleAssignmentApprovalNotFound", text)
    return approval


def _staged(call: ArmCall) -> PimApproval:
    approval = _find(call)
    if call["stage"].lower() != approval.stage:
        text = f"the approval '{approval.name}' has no stage '{call['stage']}'"
        raise Problem(404, "RoleAssignmentApprovalStageNotFound", text)
    return approval


def _approval_body(call: ArmCall, approval: PimApproval) -> dict[str, Any]:
    return {
        "id": f"/providers/{_TYPE}/{approval.name}",
        "name": approval.name,
        "type": _TYPE,
        "properties": {"stages": [_stage_body(call, approval)]},
    }


def _stage_body(call: ArmCall, approval: PimApproval) -> dict[str, Any]:
    is_mine = is_reviewer(call, approval.approvers, {approval.requestor, *approval.principals})
    done = approval.review or {}
    status = "InProgress" if approval.is_open else "Completed" if done else "Expired"
    properties = {
        "displayName": "Approval",
        "assignedToMe": is_mine,
        "status": status,
        "reviewedBy": None,
        "reviewedDateTime": None,
        "reviewResult": "NotReviewed",
        "justification": "",
    }
    return {
        "id": f"/providers/{_TYPE}/{approval.name}/stages/{approval.stage}",
        "name": approval.stage,
        "type": f"{_TYPE}/stages",
        "properties": properties | done,
    }
