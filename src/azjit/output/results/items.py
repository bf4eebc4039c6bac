"""Domain reports as JSON items with our keys: documented, pinned by tests, only ever added to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from azjit.domain.access import Access
from azjit.domain.applications import Application, ApprovalMode, JitPolicy, RoleGrant
from azjit.domain.decisions import DecisionResult
from azjit.domain.durations import iso_duration
from azjit.domain.reports import (
    ApplicationReport,
    Holder,
    RequestReport,
    RoleReport,
    SettingsChange,
)
from azjit.domain.times import iso_instant
from azjit.output.results.shapes import (
    AccessItem,
    ApplicationItem,
    ApplicationReportItem,
    ChangeItem,
    DecisionItem,
    HolderItem,
    PersonItem,
    RequestItem,
    RoleItem,
    RowItem,
    SettingsItem,
)


def instant(at: datetime | None) -> str | None:
    """Write an instant as JSON has it: `2026-12-01T21:00:00Z`."""
    return iso_instant(at) if at is not None else None


def length(span: timedelta | None, kept: str | None = None) -> str | None:
    """Write a length of time as JSON has it: `PT1H30M`; an unreadable one as Azure wrote it."""
    return iso_duration(span) if span is not None else kept


def application_item(application: Application) -> ApplicationItem:
    """Give an application."""
    policy = application.policy
    return {
        "id": application.id.text,
        "name": application.name,
        "resourceGroup": application.id.group,
        "subscriptionId": application.id.subscription,
        "managedResourceGroupId": application.managed_group.text
        if application.managed_group
        else None,
        "kind": application.kind,
        "location": application.location,
        "publisherTenantId": application.publisher_tenant,
        "jit": application.jit.value,
        **_settings(policy if policy is not None and policy.enabled else None),
        "standingAccess": application.jit.value == "off" if application.is_read else None,
        "hasIdentity": application.has_identity if application.is_read else None,
    }


def _settings(policy: JitPolicy | None) -> SettingsItem:
    if policy is None:
        return {"approvalMode": None, "maximumDuration": None, "approvers": []}
    return {
        "approvalMode": mode_word(policy),
        "maximumDuration": length(policy.maximum, policy.maximum_text),
        "approvers": [
            {"id": each.id.text, "kind": each.kind.lower(), "name": each.name}
            for each in policy.approvers
        ],
    }


def mode_word(policy: JitPolicy) -> str:
    """Say the approval mode; one that azjit does not know as Azure wrote it."""
    known = policy.mode is not ApprovalMode.UNKNOWN
    return policy.mode.value if known else policy.mode_text or policy.mode.value


def request_item(report: RequestReport) -> RequestItem:
    """Give a request."""
    request = report.request
    application = report.application
    app_id = request.application
    creator = request.created_by
    group = request.id.group_id
    return {
        "id": request.id.text,
        "name": request.name,
        "state": request.state_word,
        "phase": request.phase(report.at).value,
        "application": {
            "id": request.application_text,
            "name": application.name
            if application is not None
            else app_id.name
            if app_id
            else None,
            "resourceGroup": app_id.group if app_id is not None else None,
        },
        "managedResourceGroupId": group.text if group is not None else None,
        "roles": [_row(row, report.names) for row in request.rows],
        "scheduleType": request.schedule.kind,
        "start": instant(request.schedule.start) or request.schedule.start_text,
        "end": instant(request.schedule.end),
        "duration": length(request.schedule.duration, request.schedule.duration_text),
        "createdAt": instant(request.created_at),
        "createdBy": _person(creator.text, report.names.get(creator.key)) if creator else None,
        "publisherTenantId": request.publisher_tenant,
        "reasonClaim": request.reason_claim,
        "ticketClaim": request.ticket_claim,
        "access": _access(report.access),
        "digest": request.digest(),
        "routes": list(report.routes) if report.routes is not None else None,
        "revokedAt": instant(report.revoked_at),
        "knownBy": report.known_by.value,
    }


def role_item(report: RoleReport) -> RoleItem:
    """Give an eligible role."""
    names = {
        report.row.role.guid: report.role_name,
        report.row.principal.key: report.principal_name,
    }
    row = _row(report.row, {key: name for key, name in names.items() if name is not None})
    return {
        **row,
        "mayRequest": report.may_request.value,
        "state": report.state,
        "since": instant(report.since),
        "until": instant(report.until),
        "requestId": report.request.text if report.request is not None else None,
        "access": _access(report.access),
        "knownBy": report.known_by.value,
    }


def application_report_item(report: ApplicationReport) -> ApplicationReportItem:
    """Give an application with what waits and who has access."""
    waiting = report.waiting
    holders = report.holders
    return {
        **application_item(report.application),
        "waiting": [request_item(each) for each in waiting] if waiting is not None else None,
        "access": [_holder(each) for each in holders] if holders is not None else None,
    }


def change_item(change: SettingsChange) -> ChangeItem:
    """Give a settings change."""
    return {
        "application": {"id": change.application.id.text, "name": change.application.name},
        "changed": change.changed,
        "sent": change.changed,
        "before": _settings(change.before),
        "after": _settings(change.after),
        "planned": None,
    }


def verdict_item(row: DecisionResult) -> DecisionItem:
    """Give one row of a batch."""
    error = row.error
    return {
        "asked": row.case.asked,
        "action": row.case.action,
        "result": row.word,
        "exit": int(row.exit),
        "message": error.message if error is not None else row.case.already or None,
        "hint": error.hint if error is not None else None,
        "errorCode": error.code if error is not None else None,
        "azureRequestId": error.request_id if error is not None else None,
        "request": request_item(row.report) if row.report is not None else None,
        "planned": None,
        "route": row.route.value if row.route is not None else None,
        "knownBy": row.known_by.value if row.known_by is not None else None,
    }


def _holder(holder: Holder) -> HolderItem:
    names = {
        holder.row.role.guid: holder.role_name,
        holder.row.principal.key: holder.principal_name,
    }
    return {
        **_row(holder.row, {key: name for key, name in names.items() if name is not None}),
        "until": instant(holder.until),
        "standing": holder.standing,
        "requestId": holder.request.text if holder.request is not None else None,
        "knownBy": holder.known_by.value,
    }


def _row(row: RoleGrant, names: Mapping[str, str]) -> RowItem:
    return {
        "roleId": row.role.text,
        "roleName": names.get(row.role.guid),
        "principalId": row.principal.text,
        "principalName": names.get(row.principal.key),
    }


def _person(told: str, name: str | None) -> PersonItem:
    return {"id": told, "name": name}


def _access(access: Access | None) -> AccessItem | None:
    return {"held": access.held, "proof": access.proof.value} if access is not None else None
