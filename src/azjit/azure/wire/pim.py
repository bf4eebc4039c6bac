"""PIM: eligibilities, activations, requests, approvals and the rules of a role.

Source: the Microsoft.Authorization 2020-10-01 and 2021-01-01-preview contracts. The review of an
approval's stage is bare in the contract and in `properties` in its examples: both can be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from azjit.azure.wire.values import (
    Body,
    Json,
    full,
    items,
    mapping,
    no_id,
    objects,
    principal,
    text,
)
from azjit.domain.durations import iso_duration, parse_iso_duration
from azjit.domain.ids import PrincipalId, ResourceId, RoleId
from azjit.domain.pim import (
    ActivationRules,
    Approval,
    Holding,
    PimRequest,
    PimRole,
    PimState,
    Stage,
)
from azjit.domain.rules import Verdict
from azjit.domain.times import iso_instant, parse_instant

_RESULTS = {Verdict.APPROVE: "Approve", Verdict.DENY: "Deny"}
_STATES = {
    PimState.WAITING: ("PendingApproval", "PendingAdminDecision"),
    PimState.PENDING: (
        *("Accepted", "PendingEvaluation", "PendingProvisioning", "PendingApprovalProvisioning"),
        *("ProvisioningStarted", "PendingExternalProvisioning", "PendingScheduleCreation"),
    ),
    PimState.GRANTED: ("Granted", "Provisioned", "AdminApproved"),
    PimState.SCHEDULED: ("ScheduleCreated",),
    PimState.REFUSED: ("Denied", "AdminDenied", "Failed", "FailedAsResourceIsLocked", "Invalid"),
    PimState.ENDED: ("Canceled", "Revoked", "PendingRevocation", "TimedOut"),
}
_STATE_OF = {word.lower(): state for state, words in _STATES.items() for word in words}


def decode_holding(body: Body, holding: Holding) -> PimRole:
    """Read an eligible or active role; one that cannot be read lacks its role or principal."""
    inside = mapping(body.get("properties"))
    scope = inside.get("scope")
    expanded = mapping(inside.get("expandedProperties"))
    return PimRole(
        holding=holding,
        role=RoleId(text(inside.get("roleDefinitionId")) or ""),
        scope=ResourceId.try_parse(scope) or ResourceId.unusable(scope),
        principal=principal(inside.get("principalId")) or PrincipalId(""),
        role_name=_name(expanded.get("roleDefinition")),
        principal_name=_name(expanded.get("principal")),
        member=text(inside.get("memberType")),
        how=text(inside.get("assignmentType")),
        since=parse_instant(inside.get("startDateTime")),
        until=parse_instant(inside.get("endDateTime")),
        schedule=_last(inside.get("roleEligibilityScheduleId")),
    )


def decode_pim_request(body: Body) -> PimRequest:
    """Read a request for a role assignment, as far as it can be read."""
    inside = mapping(body.get("properties"))
    found, scope = ResourceId.try_parse(body.get("id")), ResourceId.try_parse(inside.get("scope"))
    role = RoleId(text(inside.get("roleDefinitionId")) or "")
    holder = principal(inside.get("principalId")) or PrincipalId("")
    is_whole = bool(role.text and holder.text) and scope is not None
    status = text(inside.get("status")) or "not told"
    schedule = mapping(inside.get("scheduleInfo"))
    expanded = mapping(inside.get("expandedProperties"))
    return PimRequest(
        id=found or ResourceId.unusable(body.get("id")),
        principal=holder,
        role=role,
        scope=scope or ResourceId.unusable(inside.get("scope")),
        state=_STATE_OF.get(status.lower(), PimState.UNKNOWN),
        state_text=status,
        start=parse_instant(schedule.get("startDateTime")),
        duration=parse_iso_duration(mapping(schedule.get("expiration")).get("duration")),
        approval=_last(inside.get("approvalId")),
        requestor=principal(inside.get("requestorId")),
        created_at=parse_instant(inside.get("createdOn")),
        justification=text(inside.get("justification")),
        ticket=text(mapping(inside.get("ticketInfo")).get("ticketNumber")),
        role_name=_name(expanded.get("roleDefinition")),
        principal_name=_name(expanded.get("principal")),
        unreadable=None if found is not None and is_whole else _why_unread(body),
    )


def _why_unread(body: Body) -> str:
    if ResourceId.try_parse(told := body.get("id")) is None:
        return no_id(told)
    return "its role, principal or scope cannot be read"


def encode_activation(request: PimRequest, system: str | None, linked: str | None) -> Json:
    """Write the body that activates a role, for a PUT and for its validation."""
    length = request.duration
    start = request.start
    ticket = full({"ticketNumber": request.ticket, "ticketSystem": system})
    return {
        "properties": full(
            {
                "principalId": request.principal.text,
                "roleDefinitionId": request.role.text,
                "requestType": "SelfActivate",
                "linkedRoleEligibilityScheduleId": linked,
                "scheduleInfo": full(
                    {
                        "startDateTime": iso_instant(start) if start is not None else None,
                        "expiration": {
                            "type": "AfterDuration",
                            "duration": iso_duration(length) if length is not None else None,
                        },
                    }
                ),
                "justification": request.justification,
                "ticketInfo": ticket or None,
            }
        )
    }


def encode_deactivation(request: PimRequest) -> Json:
    """Write the body that ends an activation."""
    return {
        "properties": full(
            {
                "principalId": request.principal.text,
                "roleDefinitionId": request.role.text,
                "requestType": "SelfDeactivate",
                "justification": request.justification,
            }
        )
    }


def decode_approval(body: Body) -> Approval | None:
    """Read an approval; None if it, or one of its stages, has no name."""
    name = text(body.get("name")) or _last(body.get("id"))
    stages = [*map(decode_stage, objects(mapping(body.get("properties")).get("stages")))]
    whole = tuple(each for each in stages if each is not None)
    return Approval(name, whole) if name is not None and len(whole) == len(stages) else None


def decode_stage(body: Body) -> Stage | None:
    """Read a stage; None if it has no name."""
    name = text(body.get("name")) or _last(body.get("id"))
    if name is None:
        return None
    inside = mapping(body.get("properties"))
    return Stage(
        id=name,
        is_mine=inside.get("assignedToMe") is True,
        status=text(inside.get("status")) or "",
        result=text(inside.get("reviewResult")),
    )


def encode_review(verdict: Verdict, reason: str, *, wrapped: bool) -> Json:
    """Write the review of a stage: in `properties` as the examples have it, or bare."""
    review: Json = {"reviewResult": _RESULTS[verdict], "justification": reason}
    return {"properties": review} if wrapped else review


def decode_rules(bodies: Iterable[Body], role: RoleId) -> ActivationRules | None:
    """Read what a role's policy demands of an activation; None if no policy is for the role."""
    for body in bodies:
        inside = mapping(body.get("properties"))
        name = text(inside.get("roleDefinitionId"))
        if name is not None and RoleId(name) == role:
            listed = items(inside.get("effectiveRules"))
            return _rules({str(rule.get("id")).lower(): rule for rule in listed})
    return None


def _rules(rules: Mapping[str, Body]) -> ActivationRules:
    longest = mapping(rules.get("expiration_enduser_assignment"))
    enabled = mapping(rules.get("enablement_enduser_assignment")).get("enabledRules")
    wanted = {str(each).lower() for each in enabled} if isinstance(enabled, list) else set()
    context = mapping(rules.get("authenticationcontext_enduser_assignment"))
    maximum = text(longest.get("maximumDuration"))
    is_bounded = longest.get("isExpirationRequired") is not False
    return ActivationRules(
        maximum=parse_iso_duration(maximum) if is_bounded else None,
        justification="justification" in wanted,
        ticket="ticketing" in wanted,
        second_factor="multifactorauthentication" in wanted,
        context=text(context.get("claimValue")) if context.get("isEnabled") is True else None,
        approvers=_approvers(mapping(rules.get("approval_enduser_assignment")).get("setting")),
    )


def _approvers(value: Any) -> tuple[str, ...] | None:
    setting = mapping(value)
    if setting.get("isApprovalRequired") is not True:
        return None
    people = [
        person
        for stage in items(setting.get("approvalStages"))
        for person in items(stage.get("primaryApprovers"))
    ]
    named = (text(each.get("description")) or text(each.get("id")) for each in people)
    return tuple(each for each in named if each is not None)


def _name(value: Any) -> str | None:
    return text(mapping(value).get("displayName"))


def _last(value: Any) -> str | None:
    path = text(value)
    return path.rstrip("/").rsplit("/", 1)[-1] if path is not None else None
