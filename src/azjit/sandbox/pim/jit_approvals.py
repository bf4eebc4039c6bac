"""JIT requests as PIM shows them, if a switch says that PIM has them.

Assumes:
    [U] that PIM has approvals for JIT requests at all; where a switch says so, each request has
        one approval, and each of its role rows one roleAssignmentScheduleRequest with its id
    [U] the approvers of such an approval are the application's jitApprovers, users and groups;
        without any, nobody can approve
    [U] the result of the stage becomes the state of the JIT request
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import bare_role, guid, stable_id
from azjit.sandbox.pim.records import DENIED, PENDING, PROVISIONED, TIMED_OUT, ActivationRequest
from azjit.sandbox.solutions import request_state
from azjit.sandbox.world.world import JIT_REQUEST, Resource, World

# PIM's status by the state of the JIT request; any other has timed out.
_STATUS = {
    request_state.PENDING: PENDING,
    request_state.APPROVED: PROVISIONED,
    request_state.DENIED: DENIED,
}
_SWITCHES = ("update-access", "pim-lists-requests")


class JitApproval(NamedTuple):
    """The approval of a JIT request in PIM; a copy decides nothing."""

    request: Resource
    application: Resource
    copy: int = 0

    @property
    def approval(self) -> str:
        """The approval's id."""
        return approval_id(self.request.key, self.copy)

    @property
    def scope(self) -> str:
        """The managed resource group."""
        return str(self.request.body["id"]).split("/providers/", 1)[0]

    @property
    def requestor(self) -> str:
        """The principal that made the request."""
        return guid(self.request.properties["createdBy"]["oid"])

    @property
    def approvers(self) -> tuple[str, ...]:
        """The users and groups in the application's JIT settings."""
        policy = self.application.properties.get("jitAccessPolicy") or {}
        return tuple(guid(row["id"]) for row in policy.get("jitApprovers") or [])

    @property
    def review(self) -> dict[str, Any] | None:
        """The review of the stage."""
        found: dict[str, Any] | None = self.request.private.get("reviews", {}).get(self.approval)
        return found

    def principals(self) -> set[str]:
        """Give the principals that the roles are for."""
        rows = self.request.properties["jitAuthorizationPolicies"]
        return {guid(row["principalId"]) for row in rows}


def approval_id(request: str, copy: int) -> str:
    """Give the id of an approval by its request's key."""
    return stable_id(f"approval/{request}/{copy}")


def every(world: World, *, is_open: bool = False) -> Iterator[JitApproval]:
    """Give the approvals of the JIT requests that PIM has; with `is_open` the undecided ones."""
    for application_key in _applications(world):
        application = world.resource(application_key)
        copies = _copies(world, application_key)
        if application is not None:
            for request in world.requests_of(application_key):
                if is_open and request.private["moves"][-1][1] != request_state.PENDING:
                    continue
                yield from (JitApproval(request, application, number) for number in range(copies))


def find(world: World, approval: str) -> JitApproval | None:
    """Give the approval of an id."""
    rows = world.connection.execute("SELECT id FROM resources WHERE type = ?", (JIT_REQUEST,))
    for (key,) in rows:
        for copy in (0, 1):
            if approval_id(key, copy) == approval:
                return _found(world, key, copy)
    return None


def as_requests(world: World, *, is_open: bool = False) -> Iterator[ActivationRequest]:
    """Give the role rows of those JIT requests, each as a request of PIM."""
    for approval in every(world, is_open=is_open):
        starts, ends = (stamp(at) for at in request_state.span(approval.request))
        state = request_state.state_at(approval.request, world.now)
        for number, row in enumerate(approval.request.properties["jitAuthorizationPolicies"]):
            yield _RoleRowRequest(
                name=stable_id(f"pim-request/{approval.request.key}/{number}/{approval.copy}"),
                scope=approval.scope,
                principal=guid(row["principalId"]),
                role=bare_role(row["roleDefinitionId"]),
                kind="SelfActivate",
                starts=starts,
                ends=ends,
                requestor=approval.requestor,
                created=approval.request.private["moves"][0][0],
                status=_STATUS.get(state, TIMED_OUT),
                schedule=_schedule(approval.request),
                approvers=approval.approvers,
                jit_approval=approval.approval,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _RoleRowRequest(ActivationRequest):
    """A role row of a JIT request."""

    jit_approval: str

    @property
    def approval(self) -> str | None:
        return self.jit_approval

    def status_at(self, now: str) -> str:
        del now  # the state of the JIT request decides
        return self.status


def _schedule(request: Resource) -> dict[str, Any]:
    policy = request.properties["jitSchedulingPolicy"]
    expiration = {"type": "AfterDuration", "endDateTime": None, "duration": policy["duration"]}
    return {"startDateTime": policy["startTime"], "expiration": expiration}


def _found(world: World, key: str, copy: int) -> JitApproval | None:
    request = world.resource(key)
    if request is None:
        return None
    application = world.resource(request.properties["applicationResourceId"])
    if application is None or copy >= _copies(world, application.key):
        return None
    return JitApproval(request, application, copy)


def _applications(world: World) -> list[str]:
    """Give the applications for which a switch is set; all of them if it is the world's."""
    marks = ",".join("?" * len(_SWITCHES))
    rows = world.connection.execute(
        f"SELECT DISTINCT application FROM switches WHERE key IN ({marks})",  # noqa: S608
        _SWITCHES,
    ).fetchall()
    named = [row[0] for row in rows]
    if "" in named:
        every = world.connection.execute(
            "SELECT DISTINCT application FROM resources WHERE type = ? ORDER BY application",
            (JIT_REQUEST,),
        )
        named = [row[0] for row in every]
    return sorted(named)


def _copies(world: World, application: str) -> int:
    listing = world.switch("pim-lists-requests", application)
    if listing == "ambiguous":
        return 2
    is_linked = world.switch("update-access", application) == "pim-linked"
    return 1 if is_linked or listing == "yes" else 0
