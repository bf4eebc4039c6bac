"""The activity log of the requests that a world is seeded with."""

from __future__ import annotations

from azjit.sandbox.activity.events import APPLIANCES, EventActor, LogEvent
from azjit.sandbox.activity.record import log
from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.solutions.request_state import APPROVED, DENIED
from azjit.sandbox.world.world import Resource, World

_DECIDED = (APPROVED, DENIED)


def record_seeded(world: World, request: Resource) -> None:
    """Log that a seeded request was made, and decided by its application's first approver."""
    tenant = request.properties.get("publisherTenantId", "")
    created = request.properties.get("createdBy") or {}
    shown = request.body["systemData"]["createdBy"]
    asker = EventActor(shown, created.get("oid", ""), tenant, created.get("applicationId", ""))
    (creation, _state), *moves = request.private["moves"]
    _log(world, creation, "Microsoft.Solutions/jitRequests/write", request.body["id"], asker)
    application = world.resource(request.properties["applicationResourceId"])
    for at, state in moves:
        if state in _DECIDED and application is not None:
            action = "Microsoft.Solutions/applications/updateAccess/action"
            target = application.body["id"]
            _log(world, at, action, target, _approver(world, application), request.key)


def _approver(world: World, application: Resource) -> EventActor:
    policy = application.properties.get("jitAccessPolicy") or {}
    tenant = world.directory.tenant_of(application.subscription) or ""
    for row in policy.get("jitApprovers") or []:
        person = world.directory.person(row["id"])
        if person is not None:
            return EventActor(person.upn, person.object_id, tenant, "")
    return EventActor(APPLIANCES, "", tenant, APPLIANCES)


def _log(world: World, at: str, action: str, target: str, actor: EventActor, why: str = "") -> None:
    key = stable_id(f"event/{action}/{target}/{at}/{why}")
    correlation = stable_id(f"correlation/{action}/{target}/{at}/{why}")
    log(world, LogEvent(key, at, action, target, actor, correlation, "OK"))
