"""GET of PIM's schedules, instances and requests, and of the scopes of one's eligibilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.arm.route import Handler
from azjit.sandbox.authorization.access import may
from azjit.sandbox.authorization.scopes import LONG_AGO, as_written
from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.pim import filters, jit_approvals, records, serializers
from azjit.sandbox.pim.approvals import is_reviewer
from azjit.sandbox.pim.records import ActivationRequest, Eligibility, PimRecord
from azjit.sandbox.world.rights import ALWAYS, Assignment
from azjit.sandbox.world.world import GROUP

_REQUESTS = "roleAssignmentScheduleRequests"
# A record with what else its body is made of, and the body.
_Rows = Callable[[ArmCall], Iterator[tuple[Any, ...]]]
_Show = Callable[..., dict[str, Any]]


def reads(kind: str, rows: _Rows, show: _Show) -> tuple[Handler, Handler]:
    """Give the handlers that list the records of a kind, and GET one of them."""

    def listed(call: ArmCall) -> Response:
        asked = filters.read_for(call, kind)
        return paged(call, [show(call, *row) for row in rows(call) if asked.includes(call, row[0])])

    def one(call: ArmCall) -> Response:
        for row in rows(call):
            if row[0].scope.lower() == call.scope.lower():
                body = show(call, *row)
                if body["name"] == call["name"].lower():
                    _require_sight(call, row[0], kind)
                    return answer(200, body)
        raise _missing(call)

    return listed, one


def list_requests(call: ArmCall) -> Response:
    """GET roleAssignmentScheduleRequests: those of PIM, and the JIT requests that it has."""
    asked = filters.read_for(call, _REQUESTS)
    found = [
        serializers.activation_request(call, record)
        for (record,) in _every_request(call, is_open="asapprover" in asked.views)
        if asked.includes(call, record, is_approver=lambda row: _may_approve(call, row))
        and _equals(call, asked.equals, record)
    ]
    return paged(call, found)


def eligible_children(call: ArmCall) -> Response:
    """GET eligibleChildResources: subscriptions and groups below, where the caller is eligible."""
    here = call.scope.lower()
    scopes = {
        record.scope.lower()
        for record in records.eligibilities(call.world)
        if record.principal in call.caller.principals
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


def _eligible(call: ArmCall) -> Iterator[tuple[Eligibility]]:
    for record in records.eligibilities(call.world):
        yield (record,)


def _every_request(call: ArmCall, *, is_open: bool = False) -> Iterator[tuple[ActivationRequest]]:
    for record in records.requests(call.world):
        yield (record,)
    for record in jit_approvals.as_requests(call.world, is_open=is_open):
        yield (record,)


def _held(call: ArmCall) -> Iterator[tuple[ActivationRequest, str, str]]:
    """Give the roles that are held now: the request, its type, and the role assignment."""
    by_key = {record.key: record for record in records.requests(call.world)}
    for held in call.world.every_assignment():
        if held.starts <= call.stamp() < held.ends:
            request = by_key.get(held.request or "")
            how = "Activated" if request is not None and request.eligibility else "Assigned"
            yield request or _standing(held), how, held.id


def _standing(held: Assignment) -> ActivationRequest:
    """Give a role assignment that PIM did not make in the form in which PIM shows it."""
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


def _may_approve(call: ArmCall, row: PimRecord) -> bool:
    if not isinstance(row, ActivationRequest) or row.status_at(call.stamp()) != records.PENDING:
        return False
    return is_reviewer(call, row.approvers, {row.requestor, row.principal})


def _equals(call: ArmCall, equals: dict[str, str], record: ActivationRequest) -> bool:
    status, kind = equals.get("status"), equals.get("requesttype")
    return (status is None or status.lower() == record.status_at(call.stamp()).lower()) and (
        kind is None or kind.lower() == record.kind.lower()
    )


def _require_sight(call: ArmCall, record: PimRecord, kind: str) -> None:
    """Refuse a record to a caller that it does not concern and that may not read there."""
    if record.principal in call.caller.principals or record.requestor == call.caller.oid:
        return
    if isinstance(record, ActivationRequest) and set(call.caller.principals) & set(
        record.approvers
    ):
        return
    if not may(call.world, call.caller, f"Microsoft.Authorization/{kind}/read", record.scope):
        raise _missing(call)


def _missing(call: ArmCall) -> Problem:
    return Problem(404, "RoleAssignmentScheduleNotFound", f"'{call['name']}' was not found here")


eligibility_schedules = reads(
    "roleEligibilitySchedules", _eligible, serializers.eligibility_schedule
)
eligibility_instances = reads(
    "roleEligibilityScheduleInstances", _eligible, serializers.eligibility_instance
)
eligibility_requests = reads(
    "roleEligibilityScheduleRequests", _eligible, serializers.eligibility_request
)
schedules = reads("roleAssignmentSchedules", _held, serializers.assignment_schedule)
instances = reads("roleAssignmentScheduleInstances", _held, serializers.assignment_instance)
activations = list_requests, reads(_REQUESTS, _every_request, serializers.activation_request)[1]
