"""The bodies of PIM's records."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.authorization.scopes import PROVIDER, as_written, resource, role_definition_id
from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.pim.filters import Row, member_type
from azjit.sandbox.pim.records import ActivationRequest, Eligibility
from azjit.sandbox.world.rights import FOREVER


def eligibility_schedule(call: ArmCall, it: Eligibility) -> dict[str, Any]:
    """A RoleEligibilitySchedule."""
    place = f"{as_written(it.scope)}/{PROVIDER}/RoleEligibilityScheduleRequests/{it.request}"
    more = {"roleEligibilityScheduleRequestId": place, "updatedOn": it.created}
    return resource(it.scope, "RoleEligibilitySchedules", it.name, _timed(call, it) | more)


def eligibility_instance(call: ArmCall, it: Eligibility) -> dict[str, Any]:
    """A RoleEligibilityScheduleInstance."""
    place = f"{as_written(it.scope)}/{PROVIDER}/RoleEligibilitySchedules/{it.name}"
    properties = _timed(call, it) | {"roleEligibilityScheduleId": place}
    kind = "RoleEligibilityScheduleInstances"
    return resource(it.scope, kind, instance_name(it.name), properties)


def eligibility_request(call: ArmCall, it: Eligibility) -> dict[str, Any]:
    """The RoleEligibilityScheduleRequest that made an eligibility."""
    properties = _common(call, it) | {
        "targetRoleEligibilityScheduleId": it.name,
        "targetRoleEligibilityScheduleInstanceId": None,
        "requestType": "AdminAssign",
        "status": "Provisioned",
        "approvalId": None,
        "scheduleInfo": _schedule(it.starts, it.ends),
        "ticketInfo": {"ticketNumber": None, "ticketSystem": None},
        "justification": None,
        "requestorId": it.requestor,
    }
    return resource(it.scope, "RoleEligibilityScheduleRequests", it.request, properties)


def activation_request(call: ArmCall, it: ActivationRequest) -> dict[str, Any]:
    """A RoleAssignmentScheduleRequest."""
    approval = it.approval and f"/{PROVIDER}/roleAssignmentApprovals/{it.approval}"
    properties = _common(call, it) | {
        "targetRoleAssignmentScheduleId": it.target,
        "targetRoleAssignmentScheduleInstanceId": None,
        "linkedRoleEligibilityScheduleId": it.eligibility,
        "requestType": it.kind,
        "status": it.status_at(call.stamp()),
        "approvalId": approval,
        "scheduleInfo": it.schedule or _schedule(it.starts, it.ends),
        "ticketInfo": {"ticketNumber": None, "ticketSystem": None} | it.ticket,
        "justification": it.justification,
        "requestorId": it.requestor,
    }
    return resource(it.scope, "RoleAssignmentScheduleRequests", it.name, properties)


def assignment_schedule(
    call: ArmCall, it: ActivationRequest, how: str, _origin: str
) -> dict[str, Any]:
    """The RoleAssignmentSchedule of an active or a coming role."""
    place = f"{as_written(it.scope)}/{PROVIDER}/RoleAssignmentScheduleRequests/{it.name}"
    properties = _active(call, it, how) | {
        "roleAssignmentScheduleRequestId": place,
        "updatedOn": it.created,
    }
    return resource(it.scope, "RoleAssignmentSchedules", it.target, properties)


def assignment_instance(
    call: ArmCall, it: ActivationRequest, how: str, origin: str
) -> dict[str, Any]:
    """The RoleAssignmentScheduleInstance of an active role."""
    base = f"{as_written(it.scope)}/{PROVIDER}"
    instance = instance_name(it.eligibility) if it.eligibility else None
    properties = _active(call, it, how) | {
        "originRoleAssignmentId": f"{base}/roleAssignments/{origin}",
        "linkedRoleEligibilityScheduleInstanceId": instance,
        "roleAssignmentScheduleId": f"{base}/RoleAssignmentSchedules/{it.target}",
    }
    name = instance_name(it.target)
    return resource(it.scope, "RoleAssignmentScheduleInstances", name, properties)


def instance_name(schedule: str) -> str:
    """The name of the one instance that a schedule has."""
    return stable_id(f"pim-instance/{schedule}")


def _active(call: ArmCall, it: ActivationRequest, how: str) -> dict[str, Any]:
    more = {"linkedRoleEligibilityScheduleId": it.eligibility, "assignmentType": how}
    return _timed(call, it) | more


def _timed(call: ArmCall, it: Eligibility | ActivationRequest) -> dict[str, Any]:
    return _common(call, it) | {
        "status": "Provisioned",
        "memberType": member_type(call, it),
        "startDateTime": it.starts,
        "endDateTime": None if it.ends == FOREVER else it.ends,
    }


def _common(call: ArmCall, it: Eligibility | ActivationRequest) -> dict[str, Any]:
    kind = call.world.directory.principal_type(it.principal) or "User"
    return {
        "scope": as_written(it.scope),
        "roleDefinitionId": role_definition_id(it.scope, it.role),
        "principalId": it.principal,
        "principalType": kind,
        "createdOn": it.created,
        "expandedProperties": _expanded(call, it, kind),
    }


def _expanded(call: ArmCall, it: Row, kind: str) -> dict[str, Any]:
    directory = call.world.directory
    role, person = directory.role(it.role), directory.person(it.principal)
    groups = {group.object_id: group.name for group in directory.groups()}
    principal = {
        "id": it.principal,
        "displayName": person.name if person else groups.get(it.principal),
        "type": kind,
    }
    if person is not None and person.kind == "user":
        principal["email"] = person.upn
    return {
        "scope": scope_summary(call, it.scope),
        "roleDefinition": {
            "id": role_definition_id(it.scope, it.role),
            "displayName": role.name if role else None,
            "type": "CustomRole" if role and role.is_custom else "BuiltInRole",
        },
        "principal": principal,
    }


def scope_summary(call: ArmCall, scope: str) -> dict[str, str]:
    """A scope with its name and kind."""
    parts = scope.split("/")
    names = {key: name for key, name, _tenant in call.world.directory.subscriptions()}
    is_group = len(parts) > 4  # noqa: PLR2004 /subscriptions/ID/resourceGroups/NAME
    name = parts[4] if is_group else names.get(parts[-1], parts[-1])
    kind = "resourcegroup" if is_group else "subscription"
    return {"id": as_written(scope), "displayName": name, "type": kind}


def _schedule(starts: str, ends: str) -> dict[str, Any]:
    expiration: dict[str, Any] = {"type": "NoExpiration", "endDateTime": None, "duration": None}
    if ends != FOREVER:
        expiration |= {"type": "AfterDateTime", "endDateTime": ends}
    return {"startDateTime": starts, "expiration": expiration}
