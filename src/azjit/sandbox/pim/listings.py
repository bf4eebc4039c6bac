"""GET of PIM's schedules, instances and requests, and of the scopes where one is eligible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.authorization.access import may
from azjit.sandbox.authorization.scopes import LONG_AGO, as_written
from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.pim import filters, jit_approvals, serializers
from azjit.sandbox.pim.approvals import may_review
from azjit.sandbox.pim.records import (
    ActivationRequest,
    Eligibility,
    eligibilities,
    request_at,
    requests,
)
from azjit.sandbox.world.rights import ALWAYS, Assignment
from azjit.sandbox.world.world import GROUP

_Shown = Callable[[ArmCall, Eligibility], dict[str, Any]]


def eligible(kind: str, show: _Shown) -> tuple[Callable[[ArmCall], Response], ...]:
    """The listing and the GET of one form in which an eligibility is shown."""

    def listed(call: ArmCall) -> Response:
        asked = filters.read_for(call, kind)
        found = [show(call, it) for it in eligibilities(call.world) if asked.takes(call, it)]
        return paged(call, found)

    def one(call: ArmCall) -> Response:
        for it in eligibilities(call.world):
            body = show(call, it)
            if _is_named(call, it, body):
                _require_sight(call, it, kind)
                return answer(200, body)
        raise _missing(call)

    return listed, one


eligibility_schedules = eligible("roleEligibilitySchedules", serializers.eligibility_schedule)
eligibility_instances = eligible(
    "roleEligibilityScheduleInstances", serializers.eligibility_instance
)
eligibility_requests = eligible("roleEligibilityScheduleRequests", serializers.eligibility_request)


def list_requests(call: ArmCall) -> Response:
    """GET roleAssignmentScheduleRequests: those of PIM, and the JIT requests that it has."""
    asked = filters.read_for(call, "roleAssignmentScheduleRequests")
    found = [
        serializers.activation_request(call, it)
        for it in _every_request(call, is_open="asapprover" in asked.views)
        if asked.takes(call, it, is_approver=lambda row: _awaits(call, row))
        and _equals(call, asked.equals, it)
    ]
    return paged(call, found)


def get_request(call: ArmCall) -> Response:
    """GET of one roleAssignmentScheduleRequest."""
    it = request_at(call.world, call.scope, call["name"])
    if it is None:
        here = call.scope.lower()
        found = (
            row
            for row in jit_approvals.as_requests(call.world)
            if row.scope.lower() == here and row.name == call["name"].lower()
        )
        it = next(found, None)
    if it is None:
        raise _missing(call)
    _require_sight(call, it, "roleAssignmentScheduleRequests")
    return answer(200, serializers.activation_request(call, it))


def list_schedules(call: ArmCall) -> Response:
    """GET roleAssignmentSchedules: active and coming roles, activated or assigned."""
    asked = filters.read_for(call, "roleAssignmentSchedules")
    found = [
        serializers.assignment_schedule(call, it, how) for it, how, _origin in _held(call, asked)
    ]
    return paged(call, found)


def list_instances(call: ArmCall) -> Response:
    """GET roleAssignmentScheduleInstances: active roles, activated or assigned."""
    asked = filters.read_for(call, "roleAssignmentScheduleInstances")
    found = [serializers.assignment_instance(call, *item) for item in _held(call, asked)]
    return paged(call, found)


def get_schedule(call: ArmCall) -> Response:
    """GET of one roleAssignmentSchedule."""
    for it, how, _origin in _held(call, filters.Filter(frozenset(), {})):
        body = serializers.assignment_schedule(call, it, how)
        if _is_named(call, it, body):
            _require_sight(call, it, "roleAssignmentSchedules")
            return answer(200, body)
    raise _missing(call)


def get_instance(call: ArmCall) -> Response:
    """GET of one roleAssignmentScheduleInstance."""
    for it, how, origin in _held(call, filters.Filter(frozenset(), {})):
        body = serializers.assignment_instance(call, it, how, origin)
        if _is_named(call, it, body):
            _require_sight(call, it, "roleAssignmentScheduleInstances")
            return answer(200, body)
    raise _missing(call)


def eligible_children(call: ArmCall) -> Response:
    """GET eligibleChildResources: subscriptions and groups below, where the caller is eligible."""
    here = call.scope.lower()
    scopes = {
        it.scope.lower()
        for it in eligibilities(call.world)
        if it.principal in call.caller.principals
    }
    found = []
    for scope, name, kind in _children(call, here):
        if any(
            scope == at or scope.startswith(f"{at}/") or at.startswith(f"{scope}/") for at in scopes
        ):
            found.append({"id": as_written(scope), "name": name, "type": kind})
    wanted = call.request.query.get("$filter", "").lower()
    if wanted:
        found = [item for item in found if f"'{item['type']}'" in wanted]
    return answer(200, {"value": found})


def paged(call: ArmCall, items: list[dict[str, Any]]) -> Response:
    """Give one page of a listing, sorted by name."""
    return call.listing(call.paged(items, itemgetter("name")), lambda item: item)


def _children(call: ArmCall, here: str) -> Iterator[tuple[str, str, str]]:
    if not here:
        for key, name, _tenant in call.world.directory.subscriptions():
            yield f"/subscriptions/{key}", name, "subscription"
        if call.request.query.get("$getAllChildren", "").lower() != "true":
            return
    for group in call.world.every(GROUP):
        if not here or group.key.startswith(f"{here}/"):
            yield group.key, group.body["name"], "resourcegroup"


def _every_request(call: ArmCall, *, is_open: bool) -> Iterator[ActivationRequest]:
    yield from requests(call.world)
    yield from jit_approvals.as_requests(call.world, is_open=is_open)


def _held(call: ArmCall, asked: filters.Filter) -> Iterator[tuple[ActivationRequest, str, str]]:
    """Roles that are held now: what holds, how it came to be, and its role assignment."""
    by_key = {it.key: it for it in requests(call.world)}
    for held in call.world.every_assignment():
        if not held.starts <= call.stamp() < held.ends:
            continue
        asking = by_key.get(held.request or "")
        how = "Activated" if asking is not None and asking.eligibility else "Assigned"
        it = asking or _standing(held)
        if asked.takes(call, it):
            yield it, how, held.id


def _standing(held: Assignment) -> ActivationRequest:
    """A role that PIM did not give, as PIM shows it: an assignment."""
    starts = LONG_AGO if held.starts == ALWAYS else held.starts
    return ActivationRequest(
        name=stable_id(f"pim-standing/{held.id}"),
        scope=held.scope,
        principal=held.principal,
        role=held.role,
        kind="AdminAssign",
        starts=starts,
        ends=held.ends,
        requestor="",
        created=starts,
        status="Provisioned",
    )


def _awaits(call: ArmCall, row: filters.Row) -> bool:
    return isinstance(row, ActivationRequest) and (
        row.status_at(call.stamp()) == "PendingApproval" and may_review(call, row)
    )


def _equals(call: ArmCall, equals: dict[str, str], it: ActivationRequest) -> bool:
    status, kind = equals.get("status"), equals.get("requesttype")
    return (status is None or status.lower() == it.status_at(call.stamp()).lower()) and (
        kind is None or kind.lower() == it.kind.lower()
    )


def _is_named(call: ArmCall, it: filters.Row, body: dict[str, Any]) -> bool:
    here = call.scope.lower()
    return bool(body["name"] == call["name"].lower()) and it.scope.lower() == here


def _require_sight(call: ArmCall, it: filters.Row, kind: str) -> None:
    """Show a row to whom it concerns, and to those who may read there."""
    if it.principal in call.caller.principals or it.requestor == call.caller.oid:
        return
    if isinstance(it, ActivationRequest) and set(call.caller.principals) & set(it.approvers):
        return
    if not may(call.world, call.caller, f"Microsoft.Authorization/{kind}/read", it.scope):
        raise _missing(call)


def _missing(call: ArmCall) -> Problem:
    return Problem(404, "RoleAssignmentScheduleNotFound", f"'{call['name']}' was not found here")
