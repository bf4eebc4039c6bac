"""The life of a JIT request: it is decided, and an approval grants its roles for a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from azjit.sandbox.base.clock import end_of, stamp
from azjit.sandbox.base.ids import bare_role, guid, stable_id
from azjit.sandbox.solutions.request_state import APPROVED, PENDING, span, state_at
from azjit.sandbox.world.rights import Assignment
from azjit.sandbox.world.world import Resource, World


def decide(world: World, request: Resource, state: str, at: datetime) -> None:
    """Move a request to a state at an instant, now or later; an approval grants its roles."""
    now, when = stamp(world.now), stamp(at)
    moves = [move for move in request.private["moves"] if move[0] <= now]
    world.end_grants(request.key, world.now)
    request.private["moves"] = [*moves, [when, state]]
    world.save(request)
    if state == APPROVED:
        grant(world, request, at)


def note_decider(world: World, request: Resource, identity: Mapping[str, str]) -> None:
    """Name who decided a request in its `updatedBy`, unless a switch leaves the filer there."""
    if world.switch("decision-updated-by", request.properties["applicationResourceId"]) == "filer":
        return
    request.properties["updatedBy"] = dict(identity)
    world.save(request)


def approve_automatically(world: World, request: Resource, application: Resource) -> None:
    """Approve as the automatic mode does: after a delay, and never past the request's end."""
    at = world.now + world.seconds("auto-approval-seconds", application.key)
    if at < span(request)[1]:
        decide(world, request, APPROVED, at)


def approve_pending(world: World, application: Resource) -> None:
    """Approve the pending requests when the mode becomes automatic, unless a switch forbids it."""
    if world.switch("automatic-takes-pending", application.key) == "no":
        return
    for request in world.requests_of(application.key):
        if state_at(request, world.now) == PENDING:
            approve_automatically(world, request, application)


def grant(world: World, request: Resource, at: datetime) -> None:
    """Give each row's role on the managed group, from the start or the approval to the end."""
    for made in grants(world, request, at):
        world.assign(made)


def grants(world: World, request: Resource, at: datetime) -> list[Assignment]:
    """Give the role assignments that an approval at an instant makes.

    Assumes:
        [L] an approved request is a role assignment on the managed group, from its start or its
            approval to its end; the switch `late-approval` decides whether it then runs its whole
            length
    """
    start, end = span(request)
    if at >= end:
        return []
    conduct = world.switch("late-approval", request.properties["applicationResourceId"])
    if at > start and conduct == "runs-whole-length":
        end = end_of(at, end - start)
    scope = request.key.split("/providers/", 1)[0]
    return [
        Assignment(
            stable_id(f"grant/{request.key}/{number}/{stamp(at)}"),
            scope,
            guid(row["principalId"]),
            bare_role(row["roleDefinitionId"]),
            stamp(max(start, at)),
            stamp(end),
            request.key,
        )
        for number, row in enumerate(request.properties["jitAuthorizationPolicies"])
    ]
