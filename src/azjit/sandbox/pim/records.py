"""The records of PIM: eligibilities, and the requests to activate them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, NamedTuple

from azjit.sandbox.base.clock import end_of, read_instant, stamp
from azjit.sandbox.base.ids import place_of, stable_id
from azjit.sandbox.pim.request_body import ScheduleRequestBody
from azjit.sandbox.world.rights import FOREVER, Assignment
from azjit.sandbox.world.world import Resource, World

ELIGIBILITY = "microsoft.authorization/roleeligibilityschedules"
REQUEST = "microsoft.authorization/roleassignmentschedulerequests"
PENDING, PROVISIONED, DENIED = "PendingApproval", "Provisioned", "Denied"
CANCELED, REVOKED, TIMED_OUT, SCHEDULED = "Canceled", "Revoked", "TimedOut", "ScheduleCreated"
# Approvers have a day by Microsoft's documentation, and no setting changes that.
APPROVAL_WINDOW = timedelta(hours=24)


class Eligibility(NamedTuple):
    """A principal may activate a role at a scope, from one instant to another."""

    name: str
    scope: str
    principal: str
    role: str
    starts: str
    ends: str
    requestor: str
    created: str
    request: str


@dataclass(frozen=True, slots=True)
class ActivationRequest:
    """A request for a role, for a time; `status` is as it was last written."""

    name: str
    scope: str
    principal: str
    role: str
    kind: str
    starts: str
    ends: str
    requestor: str
    created: str
    status: str
    eligibility: str | None = None
    justification: str | None = None
    ticket: dict[str, Any] = field(default_factory=dict)
    schedule: dict[str, Any] = field(default_factory=dict)
    approvers: tuple[str, ...] = ()
    review: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """Its resource id, in lower case."""
        return f"{self.scope}/providers/{REQUEST}/{self.name}".lower()

    @property
    def target(self) -> str:
        """The name of the schedule that it creates."""
        return stable_id(f"pim-schedule/{self.key}")

    @property
    def approval(self) -> str | None:
        """The id of its approval; none when it needs none."""
        return stable_id(f"approval/{self.key}") if self.approvers else None

    def status_at(self, now: str) -> str:
        """Give its status; a pending request times out after a day, or at its end.

        Assumes:
            [L] an activation that starts later has the status ScheduleCreated
        """
        if self.status == PENDING:
            created = read_instant(self.created)
            late = min(stamp(end_of(created, APPROVAL_WINDOW)), self.ends)
            return TIMED_OUT if late <= now else PENDING
        if self.status == PROVISIONED and self.starts > now:
            return SCHEDULED
        return self.status

    def is_active(self, now: str) -> bool:
        """Whether it grants its role now."""
        return self.status == PROVISIONED and self.starts <= now < self.ends


PimRecord = Eligibility | ActivationRequest


def is_same(record: PimRecord, asked: ScheduleRequestBody | ActivationRequest) -> bool:
    """Whether a record gives the role that a request is for, to the same principal there."""
    given = record.scope.lower(), record.principal, record.role
    return given == (asked.scope.lower(), asked.principal, asked.role)


def eligibilities(world: World) -> Iterator[Eligibility]:
    """Give the eligibilities that hold now, by id."""
    now = stamp(world.now)
    for resource in world.every(ELIGIBILITY):
        found = Eligibility(**resource.private)
        if found.starts <= now < found.ends:
            yield found


def save_eligibility(world: World, record: Eligibility) -> None:
    """Store an eligibility."""
    key = f"{record.scope}/providers/{ELIGIBILITY}/{record.name}".lower()
    world.save(as_resource(key, ELIGIBILITY, record.scope, record.name, record._asdict()))


def requests(world: World) -> Iterator[ActivationRequest]:
    """Give every request for a role, by id."""
    for resource in world.every(REQUEST):
        yield _read(resource)


def request_at(world: World, scope: str, name: str) -> ActivationRequest | None:
    """Give the request of a name at a scope."""
    resource = world.resource(f"{scope}/providers/{REQUEST}/{name}")
    return None if resource is None else _read(resource)


def save_request(world: World, record: ActivationRequest) -> None:
    """Store a request."""
    world.save(as_resource(record.key, REQUEST, record.scope, record.name, asdict(record)))


def provision(world: World, record: ActivationRequest) -> ActivationRequest:
    """Make the role assignment, from the start or from now to the end."""
    now = stamp(world.now)
    done = replace(record, status=PROVISIONED)
    save_request(world, done)
    if record.ends > now:
        name = stable_id(f"pim-assignment/{record.key}")
        starts = max(record.starts, now)
        ends = record.ends or FOREVER
        world.assign(
            Assignment(name, record.scope, record.principal, record.role, starts, ends, record.key)
        )
    return done


def revoke(world: World, record: ActivationRequest) -> None:
    """End the role assignment now."""
    now = stamp(world.now)
    world.end_grants(record.key, world.now)
    save_request(world, replace(record, ends=min(record.ends, now)))


def _read(resource: Resource) -> ActivationRequest:
    fields = resource.private
    return ActivationRequest(**(fields | {"approvers": tuple(fields["approvers"])}))


def as_resource(key: str, kind: str, scope: str, name: str, fields: dict[str, Any]) -> Resource:
    """Give the records of PIM at a scope as a resource of the world."""
    return Resource(key, kind, *place_of(scope), name, {"properties": {}}, fields)
