"""The body of a request to PIM."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from azjit.sandbox.arm.call import ArmCall, invalid
from azjit.sandbox.base.clock import end_of, read_duration, read_instant, stamp
from azjit.sandbox.base.ids import bare_role, guid
from azjit.sandbox.base.messages import Problem
from azjit.sandbox.world.rights import FOREVER
from azjit.sandbox.world.world import GROUP

SELF = ("SelfActivate", "SelfDeactivate")
ADMIN = ("AdminAssign", "AdminRemove")
_KNOWN = (*SELF, *ADMIN, "AdminUpdate", "AdminExtend", "AdminRenew", "SelfExtend", "SelfRenew")


class ScheduleRequestBody(NamedTuple):
    """The content of a request to PIM."""

    scope: str
    principal: str
    role: str
    kind: str
    start: datetime
    length: timedelta | None
    ends: str
    properties: dict[str, Any]


def read(call: ArmCall) -> ScheduleRequestBody:
    """Read the body of a PUT or a validate."""
    properties = call.json().get("properties")
    if not isinstance(properties, dict):
        raise invalid("'properties' is required")
    for key in ("principalId", "roleDefinitionId", "requestType"):
        if not isinstance(properties.get(key), str):
            raise invalid(f"'properties.{key}' is required")
    _check_kind(properties["requestType"])
    scope = _scope(call)
    role, principal = bare_role(properties["roleDefinitionId"]), guid(properties["principalId"])
    if call.world.directory.role(role) is None:
        raise Problem(400, "RoleNotFound", f"The role '{role}' was not found.")
    if call.world.directory.principal_type(principal) is None:
        raise Problem(400, "SubjectNotFound", f"The subject '{principal}' was not found.")
    start, length, ends = _times(call, properties.get("scheduleInfo") or {})
    return ScheduleRequestBody(
        scope, principal, role, properties["requestType"], start, length, ends, properties
    )


def _check_kind(kind: str) -> None:
    if kind not in _KNOWN:
        raise invalid(f"'requestType' must be one of {', '.join(_KNOWN)}")
    if kind not in (*SELF, *ADMIN):
        raise Problem(501, "NotImplemented", f"the sandbox does not carry out {kind}")


def _scope(call: ArmCall) -> str:
    scope = call.scope
    parts = scope.lower().split("/")
    resource = call.world.resource(scope)
    is_group = resource is not None and resource.type == GROUP
    is_subscription = len(parts) == 3 and call.world.directory.tenant_of(parts[2]) is not None  # noqa: PLR2004
    if not is_group and not is_subscription:
        raise Problem(400, "InvalidScope", f"The scope '{scope or '/'}' is not valid here.")
    return str(resource.body["id"]) if resource is not None else scope


def _times(call: ArmCall, schedule: Any) -> tuple[datetime, timedelta | None, str]:
    """Give the start, the length and the end that a scheduleInfo asks for."""
    try:
        given = schedule.get("startDateTime")
        start = read_instant(given) if given else call.world.now
        expiration = schedule.get("expiration") or {}
        kind = expiration.get("type") or "NoExpiration"
        if kind == "AfterDuration":
            length = read_duration(str(expiration.get("duration")))
            return start, length, stamp(end_of(start, length))
        if kind == "AfterDateTime":
            end = read_instant(str(expiration.get("endDateTime")))
            return start, end - start, stamp(end)
    except (ValueError, AttributeError) as error:
        text = f"the schedule is not valid: {error}"
        raise Problem(400, "InvalidRoleAssignmentRequestSchedule", text) from error
    return start, None, FOREVER
