"""The bodies of PIM's records."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.authorization.scopes import PROVIDER, as_written, resource, role_definition_id
from azjit.sandbox.base.ids import place_of, stable_id
from azjit.sandbox.pim.filters import member_type
from azjit.sandbox.pim.records import ActivationRequest, Eligibility, PimRecord
from azjit.sandbox.world.rights import FOREVER


def eligibility_schedule(call: ArmCall, record: Eligibility) -> dict[str, Any]:
    """A RoleEligibilitySchedule."""
    place = (
        f"{as_written(record.scope)}/{PROVIDER}/RoleEligibilityScheduleRequests/{record.request}"
    )
    more = {"roleEligibilityScheduleRequestId": place, "updatedOn": record.created}
    return resource(
        record.scope, "RoleEligibilitySchedules", record.name, _timed(call, record) | more
    )


def eligibility_instance(call: ArmCall, record: Eligibility) -> dict[str, Any]:
    """A RoleEligibilityScheduleInstance."""
    place = f"{as_written(record.scope)}/{PROVIDER}/RoleEligibilitySchedules/{record.name}"
    properties = _timed(call, record) | {"roleEligibilityScheduleId": place}
    kind = "RoleEligibilityScheduleInstances"
    return resource(record.scope, kind, instance_name(record.name), properties)


def eligibility_request(call: ArmCall, record: Eligibility) -> dict[str, Any]:
    """The RoleEligibilityScheduleRequest that made an eligibility."""
    properties = _common(call, record) | {
        "targetRoleEligibilityScheduleId": record.name,
        "targetRoleEligibilityScheduleInstanceId": None,
        "requestType": "AdminAssign",
        "status": "Provisioned",
        "approvalId": None,
        "scheduleInfo": _schedule(record.starts, record.ends),
        "ticketInfo": {"ticketNumber": None, "ticketSystem": None},
        "justification": None,
        "requestorId": record.requestor,
    }
    return resource(record.scope, "RoleEligibilityScheduleRequests", record.request, properties)


def activation_request(call: ArmCall, record: ActivationRequest) -> dict[str, Any]:
    """A RoleAssignmentScheduleRequest."""
    approval = record.approval and f"/{PROVIDER}/roleAssignmentApprovals/{record.approval}"
    properties = _common(call, record) | {
        "targetRoleAssignmentScheduleId": record.target,
        "targetRoleAssignmentScheduleInstanceId": None,
        "linkedRoleEligibilityScheduleId": record.eligibility,
        "requestType": record.kind,
        "status": record.status_at(call.stamp()),
        "approvalId": approval,
        "scheduleInfo": record.schedule or _schedule(record.starts, record.ends),
        "ticketInfo": {"ticketNumber": None, "ticketSystem": None} | record.ticket,
        "justification": record.justification,
        "requestorId": record.requestor,
    }
    return resource(record.scope, "RoleAssignmentScheduleRequests", record.name, properties)


def assignment_schedule(
    call: ArmCall, record: ActivationRequest, how: str, _origin: str
) -> dict[str, Any]:
    """The RoleAssignmentSchedule of an active or a coming role."""
    place = f"{as_written(record.scope)}/{PROVIDER}/RoleAssignmentScheduleRequests/{record.name}"
    properties = _active(call, record, how) | {
        "roleAssignmentScheduleRequestId": place,
        "updatedOn": record.created,
    }
    return resource(record.scope, "RoleAssignmentSchedules", record.target, properties)


def assignment_instance(
    call: ArmCall, record: ActivationRequest, how: str, origin: str
) -> dict[str, Any]:
    """The RoleAssignmentScheduleInstance of an active role."""
    base = f"{as_written(record.scope)}/{PROVIDER}"
    instance = instance_name(record.eligibility) if record.eligibility else None
    properties = _active(call, record, how) | {
        "originRoleAssignmentId": f"{base}/roleAssignments/{origin}",
        "linkedRoleEligibilityScheduleInstanceId": instance,
        "roleAssignmentScheduleId": f"{base}/RoleAssignmentSchedules/{record.target}",
    }
    name = instance_name(record.target)
    return resource(record.scope, "RoleAssignmentScheduleInstances", name, properties)


def instance_name(schedule: str) -> str:
    """The name of the one instance that a schedule has."""
    return stable_id(f"pim-instance/{schedule}")


def _active(call: ArmCall, record: ActivationRequest, how: str) -> dict[str, Any]:
    more = {"linkedRoleEligibilityScheduleId": record.eligibility, "assignmentType": how}
    return _timed(call, record) | more


def _timed(call: ArmCall, record: PimRecord) -> dict[str, Any]:
    return _common(call, record) | {
        "status": "Provisioned",
        "memberType": member_type(call, record),
        "startDateTime": record.starts,
        "endDateTime": None if record.ends == FOREVER else record.ends,
    }


def _common(call: ArmCall, record: PimRecord) -> dict[str, Any]:
    kind = call.world.directory.principal_type(record.principal) or "User"
    return {
        "scope": as_written(record.scope),
        "roleDefinitionId": role_definition_id(record.scope, record.role),
        "principalId": record.principal,
        "principalType": kind,
        "createdOn": record.created,
        "expandedProperties": _expanded(call, record, kind),
    }


def _expanded(call: ArmCall, record: PimRecord, kind: str) -> dict[str, Any]:
    directory = call.world.directory
    role, person = directory.role(record.role), directory.person(record.principal)
    groups = {group.object_id: group.name for group in directory.groups()}
    principal = {
        "id": record.principal,
        "displayName": person.name if person else groups.get(record.principal),
        "type": kind,
    }
    if person is not None and person.kind == "user":
        principal["email"] = person.upn
    return {
        "scope": scope_summary(call, record.scope),
        "roleDefinition": {
            "id": role_definition_id(record.scope, record.role),
            "displayName": role.name if role else None,
            "type": "CustomRole" if role and role.is_custom else "BuiltInRole",
        },
        "principal": principal,
    }


def scope_summary(call: ArmCall, scope: str) -> dict[str, str]:
    """A scope with its name and kind."""
    subscription, group = place_of(scope)
    names = {key: name for key, name, _tenant in call.world.directory.subscriptions()}
    name = group or names.get(subscription, subscription)
    kind = "resourcegroup" if group else "subscription"
    return {"id": as_written(scope), "displayName": name, "type": kind}


def _schedule(starts: str, ends: str) -> dict[str, Any]:
    expiration: dict[str, Any] = {"type": "NoExpiration", "endDateTime": None, "duration": None}
    if ends != FOREVER:
        expiration |= {"type": "AfterDateTime", "endDateTime": ends}
    return {"startDateTime": starts, "expiration": expiration}
