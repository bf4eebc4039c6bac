"""The state of a JIT request at an instant: decided, or expired since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from azjit.sandbox.base.clock import end_of, read_duration, read_instant, stamp
from azjit.sandbox.world.world import Resource

PENDING, APPROVED, DENIED, EXPIRED = "Pending", "Approved", "Denied", "Expired"
# What a pending request becomes, by the subStatus of the same name, when access is not given.
REFUSALS = (DENIED, "Failed", EXPIRED, "Timeout")


def span(request: Resource) -> tuple[datetime, datetime]:
    """Give the start and the end of the access that a request asks for."""
    policy = request.properties["jitSchedulingPolicy"]
    start = read_instant(policy["startTime"])
    return start, end_of(start, read_duration(policy["duration"]))


def state_at(request: Resource, now: datetime) -> str:
    """Give a request's state: that of its last change, or Expired when its time ran out.

    Assumes:
        [U] a pending request becomes Expired at its start plus its duration
        [L] an approved request stays Approved when its time has passed; only the role ends
    """
    moves = request.private["moves"]
    current = stamp(now)
    state: str = moves[0][1]
    for at, name in moves:
        if at <= current:
            state = name
    if state == PENDING and span(request)[1] <= now:
        return EXPIRED
    return state


def as_of(resource: Resource, now: datetime) -> dict[str, Any]:
    """Give a resource's body at an instant."""
    if "moves" not in resource.private:
        return resource.body
    properties = {**resource.properties, "jitRequestState": state_at(resource, now)}
    return {**resource.body, "properties": properties}
