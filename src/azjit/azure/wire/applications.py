"""Managed applications and their `jitAccessPolicy`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azjit.azure.wire.values import (
    Body,
    Json,
    duration_text,
    full,
    mapping,
    no_id,
    objects,
    principal,
    rest,
    text,
)
from azjit.domain.applications import Application, ApprovalMode, Approver, JitPolicy, RoleGrant
from azjit.domain.durations import parse_iso_duration
from azjit.domain.ids import ApplicationId, GroupId, PrincipalId, RoleId

_MODES = {
    ApprovalMode.AUTOMATIC: "AutoApprove",
    ApprovalMode.MANUAL: "ManualApprove",
    ApprovalMode.NOT_SPECIFIED: "NotSpecified",
}
_APPLICATION = "microsoft.solutions/applications"
_MODE_OF = {word.lower(): mode for mode, word in _MODES.items()}


def decode_application(body: Body) -> Application:
    """Read an application; of one without a usable id only what names it."""
    found = ApplicationId.try_parse(told := body.get("id"))
    if found is None or found.kind != _APPLICATION:
        odd, why = ApplicationId.unusable(told), no_id(told)
        name = text(body.get("name")) or odd.name
        return Application(odd, name, is_read=False, unreadable=why)
    inside = mapping(body.get("properties"))
    return Application(
        id=found,
        name=text(body.get("name")) or found.name,
        managed_group=GroupId.try_parse(inside.get("managedResourceGroupId")),
        policy=decode_policy(inside.get("jitAccessPolicy")),
        roles=decode_rows(inside.get("authorizations")),
        definition=text(inside.get("applicationDefinitionId")),
        location=text(body.get("location")),
        kind=text(body.get("kind")),
        publisher_tenant=text(inside.get("publisherTenantId")),
        has_identity=_has_identity(body.get("identity")),
        changed_by=principal(mapping(inside.get("updatedBy")).get("oid")),
    )


def encode_policy_patch(policy: JitPolicy) -> Json:
    """Write the PATCH of an application's settings: always the whole policy, nothing else.

    How deep Azure merges inside the policy is not documented, so no part of it is left out.
    """
    return {"properties": {"jitAccessPolicy": encode_policy(policy)}}


def decode_policy(value: Any) -> JitPolicy | None:
    """Read a `jitAccessPolicy`; None if there is none."""
    if not isinstance(value, Mapping):
        return None
    mode = text(value.get("jitApprovalMode"))
    maximum = text(value.get("maximumJitAccessDuration"))
    read = {"jitAccessEnabled", "jitApprovalMode", "jitApprovers", "maximumJitAccessDuration"}
    return JitPolicy(
        enabled=value.get("jitAccessEnabled") is True,
        mode=_MODE_OF.get((mode or "NotSpecified").lower(), ApprovalMode.UNKNOWN),
        approvers=tuple(map(_decode_approver, objects(value.get("jitApprovers")))),
        maximum=parse_iso_duration(maximum),
        mode_text=mode,
        maximum_text=maximum,
        extra=rest(value, read),
    )


def encode_policy(policy: JitPolicy) -> Json:
    """Write a whole `jitAccessPolicy`."""
    return full(
        {
            "jitAccessEnabled": policy.enabled,
            "jitApprovalMode": policy.mode_text or _MODES.get(policy.mode),
            "jitApprovers": [_encode_approver(each) for each in policy.approvers],
            "maximumJitAccessDuration": duration_text(policy.maximum, policy.maximum_text),
            **policy.extra,
        }
    )


def _decode_approver(value: Body) -> Approver:
    kind = text(value.get("type"))
    return Approver(
        # Kept without an id too: a change of settings writes all approvers and would drop it.
        id=principal(value.get("id")) or PrincipalId(""),
        kind=kind or "user",
        name=text(value.get("displayName")),
        has_kind=kind is not None,
        extra=rest(value, {"id", "type", "displayName"}),
    )


def _encode_approver(approver: Approver) -> Json:
    return full(
        {
            "id": approver.id.text or None,
            "type": approver.kind if approver.has_kind else None,
            "displayName": approver.name,
            **approver.extra,
        }
    )


def decode_rows(value: Any) -> tuple[RoleGrant, ...] | None:
    """Read `authorizations` or `jitAuthorizationPolicies`; None if the key is absent.

    A row that cannot be read lacks its role or principal.
    """
    return tuple(map(_decode_row, objects(value))) if value is not None else None


def encode_rows(rows: tuple[RoleGrant, ...]) -> list[Json]:
    """Write role rows, spelled exactly as they were read."""
    return [
        {"principalId": row.principal.text, "roleDefinitionId": row.role.text, **row.extra}
        for row in rows
    ]


def _decode_row(value: Body) -> RoleGrant:
    holder = principal(value.get("principalId")) or PrincipalId("")
    role = RoleId(text(value.get("roleDefinitionId")) or "")
    return RoleGrant(holder, role, rest(value, {"principalId", "roleDefinitionId"}))


def _has_identity(value: Any) -> bool:
    kind = text(mapping(value).get("type"))
    return kind is not None and kind.lower() != "none"
