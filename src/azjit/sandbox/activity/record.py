"""Writes the activity log: one event for each write that this world accepts."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from azjit.sandbox.activity.events import EventActor, LogEvent
from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.base.ids import new_id
from azjit.sandbox.base.messages import Response
from azjit.sandbox.world.world import Resource, World

_ERROR = 400


def logged(call: ArmCall, action: str, handler: Callable[[ArmCall], Response]) -> Response:
    """Call the handler, and log a write that it accepts, with the resource as it was before.

    Assumes:
        [M] a write that is accepted is one event, Succeeded, named by its action, at once
    """
    if not action or call.request.method == "GET":
        return handler(call)
    target = call.request.path
    if call.request.method == "POST":
        target = target.rpartition("/")[0]
    before = call.world.resource(target)
    response = handler(call)
    if response.status >= _ERROR or response.status == HTTPStatus.NO_CONTENT:
        return response
    return log_write(call, action, target, response, before)


def log_write(
    call: ArmCall, action: str, target: str, response: Response, before: Resource | None = None
) -> Response:
    """Log a write by the caller; give the answer with the correlation id of the log."""
    caller = call.caller
    correlation = call.request.headers.get("x-ms-correlation-request-id") or new_id()
    event = LogEvent(
        new_id(),
        call.stamp(),
        action,
        target,
        EventActor(caller.label, caller.oid, caller.tenant, caller.app_id),
        correlation,
        HTTPStatus(response.status).name.title().replace("_", ""),
    )
    log(call.world, event, before)
    headers = response.headers | {"x-ms-correlation-request-id": correlation}
    return Response(response.status, headers, response.body)


def log(world: World, event: LogEvent, before: Resource | None = None) -> None:
    """Add an event to the log of its subscription; an event without one is dropped."""
    if not event.subscription:
        return
    world.connection.execute(
        "INSERT OR REPLACE INTO activity VALUES (?,?,?,?,?,?,?,?)",
        (
            event.id,
            event.subscription,
            event.at,
            event.target.lower(),
            event.provider.lower(),
            event.correlation.lower(),
            json.dumps(event.body()),
            None if before is None else json.dumps(before.fields()),
        ),
    )
