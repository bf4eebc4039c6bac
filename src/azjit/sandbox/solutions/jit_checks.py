"""The checks of a JIT request before it is accepted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from azjit.sandbox.arm.call import ArmCall, has_texts, invalid
from azjit.sandbox.authorization.access import authorizations_of, is_publisher_of
from azjit.sandbox.base.clock import read_duration, read_instant
from azjit.sandbox.base.ids import bare_role, group_id, guid
from azjit.sandbox.base.messages import Problem
from azjit.sandbox.solutions.deployment import has_jit
from azjit.sandbox.world.world import APPLICATION, Resource

_TYPES = ("Once", "Recurring")
_ASKED = ("applicationResourceId", "jitAuthorizationPolicies", "jitSchedulingPolicy")
_DEFAULT_MAXIMUM = "PT8H"


def checked(call: ArmCall, body: dict[str, Any]) -> tuple[dict[str, Any], Resource]:
    """Give the properties that a request asks with, and its application.

    Assumes:
        [U] the linked check requires that the caller is a publisher principal of the application
        [U] error codes: ApplicationNotFound, InvalidJitRequestScope, JitAccessNotEnabled,
            JitAuthorizationNotFound, JitPrincipalNotExplicit, JitDurationTooLong
        [M] without a P2 licence in the consumer's tenant the request itself is refused; the code
            is [U]
        [U] the start may be any time in the future or the past; Recurring is accepted and works
            as Once
        [U] the duration is compared with the application's maximum when the request is made; the
            maximum is 8 hours when none is set
    """
    properties = body.get("properties")
    if not isinstance(properties, dict):
        raise invalid("'properties' is required")
    if not isinstance(body.get("location") or "", str):
        raise invalid("'location' must be text")
    rows, length = _rows(properties), _length(properties)
    application = _application(call, properties)
    _require_jit(application)
    _require_licence(call)
    for row in rows:
        _require_eligible(call, application, row)
    _require_short(application, length)
    return {key: properties[key] for key in _ASKED}, application


def _rows(properties: dict[str, Any]) -> list[dict[str, str]]:
    rows = properties.get("jitAuthorizationPolicies")
    if not isinstance(rows, list) or not rows:
        raise invalid("'properties.jitAuthorizationPolicies' is required")
    if not all(has_texts(row, "principalId", "roleDefinitionId") for row in rows):
        raise invalid("each of 'jitAuthorizationPolicies' needs its principal and its role")
    return rows


def _length(properties: dict[str, Any]) -> timedelta:
    policy = properties.get("jitSchedulingPolicy")
    if not has_texts(policy, "type", "duration", "startTime"):
        raise invalid("'properties.jitSchedulingPolicy' needs 'type', 'duration', 'startTime'")
    if policy["type"] not in _TYPES:
        raise invalid(f"'jitSchedulingPolicy.type' must be one of {', '.join(_TYPES)}")
    try:
        read_instant(policy["startTime"])
        return read_duration(policy["duration"])
    except ValueError as error:
        raise invalid(f"'jitSchedulingPolicy': {error}") from error


def _application(call: ArmCall, properties: dict[str, Any]) -> Resource:
    """The application that the request points to, after ARM's linked check on it."""
    named = properties.get("applicationResourceId")
    if not isinstance(named, str):
        raise invalid("'properties.applicationResourceId' is required")
    application = call.world.resource(named)
    if application is None or application.type != APPLICATION:
        raise Problem(400, "ApplicationNotFound", f"the application '{named}' was not found")
    if not is_publisher_of(call.caller, application):
        text = (
            f"The client '{call.caller.label}' with object id '{call.caller.oid}' has permission"
            " to perform action 'Microsoft.Solutions/jitRequests/write'; however, it does not have"
            f" permission to perform the linked action on the linked scope '{named}' or the linked"
            " scope is invalid."
        )
        raise Problem(403, "LinkedAuthorizationFailed", text)
    here = group_id(call["subscription"], call["group"])
    if application.properties["managedResourceGroupId"].lower() != here.lower():
        text = f"'{here}' is not the managed resource group of '{named}'"
        raise Problem(400, "InvalidJitRequestScope", text)
    return application


def _require_jit(application: Resource) -> None:
    if not has_jit(application):
        text = f"JIT access is not enabled for '{application.body['id']}'"
        raise Problem(400, "JitAccessNotEnabled", text)


def _require_licence(call: ArmCall) -> None:
    if call.world.switch("licence") == "none":
        text = (
            "AadPremiumLicenseRequired: the tenant of the managed application needs a Microsoft"
            " Entra ID P2 or Microsoft Entra ID Governance license"
        )
        raise Problem(400, "BadRequest", text)


def _require_eligible(call: ArmCall, application: Resource, row: dict[str, str]) -> None:
    principal, role = guid(row["principalId"]), bare_role(row["roleDefinitionId"])
    if call.world.directory.is_group(principal):
        text = f"the principal '{principal}' is a group: the requesting principal must be explicit"
        raise Problem(400, "JitPrincipalNotExplicit", text)
    authorized = {
        (guid(known["principalId"]), bare_role(known["roleDefinitionId"]))
        for known in authorizations_of(application)
    }
    if (principal, role) not in authorized:
        text = (
            f"the principal '{principal}' with role '{role}' is not explicitly among the"
            f" authorizations of '{application.body['id']}'"
        )
        raise Problem(400, "JitAuthorizationNotFound", text)


def _require_short(application: Resource, length: timedelta) -> None:
    policy = application.properties["jitAccessPolicy"]
    longest = policy.get("maximumJitAccessDuration") or _DEFAULT_MAXIMUM
    if length > read_duration(longest):
        text = f"the duration exceeds the application's maximum of {longest}"
        raise Problem(400, "JitDurationTooLong", text)
