"""The rules of a role at a scope, and the check of a request against them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from azjit.sandbox.base.clock import read_duration
from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.base.messages import Problem
from azjit.sandbox.pim.records import as_resource
from azjit.sandbox.pim.request_body import ScheduleRequestBody
from azjit.sandbox.world.world import World

POLICY = "microsoft.authorization/rolemanagementpolicies"
_SHORTEST = timedelta(minutes=5)


def policy_name(scope: str, role: str) -> str:
    """Give the name of the policy of a role at a scope."""
    return stable_id(f"policy/{scope.lower()}/{role}")


def rules_of(world: World, scope: str, role: str) -> list[dict[str, Any]]:
    """Give the rules of a role at a scope: the default ones, unless they were changed."""
    stored = world.resource(_key(scope, role))
    changed = stored.private["rules"] if stored else {}
    return [changed.get(rule["id"], rule) for rule in _defaults()]


def change_rules(world: World, scope: str, role: str, rules: list[dict[str, Any]]) -> None:
    """Replace the rules that have the same ids; the others stay."""
    stored = world.resource(_key(scope, role))
    before = stored.private["rules"] if stored else {}
    after = {**before, **{rule["id"]: rule for rule in rules}}
    fields = {"rules": after}
    name = policy_name(scope, role)
    world.save(as_resource(_key(scope, role), POLICY, scope, name, fields))


def reset_rules(world: World, scope: str, role: str) -> bool:
    """Restore the default rules; whether they had been changed."""
    stored = world.resource(_key(scope, role))
    if stored is not None:
        world.remove(stored)
    return stored is not None


def check(world: World, asked: ScheduleRequestBody, *, is_eligible: bool) -> None:
    """Check a request for activation against its policy; the refusal names every broken rule.

    Assumes:
        [U] a missing eligibility is reported as EligibilityRule
    """
    if asked.length is not None and asked.length < _SHORTEST:
        text = f"The active duration is too short: the minimum is {_SHORTEST.seconds // 60} minutes"
        raise Problem(400, "ActiveDurationTooShort", text)
    step_up = world.switch("pim-step-up")
    if step_up == "acrs":
        claims = quote('{"access_token":{"acrs":{"essential":true,"value":"c1"}}}')
        text = f"The authentication context of the token is not enough. &claims={claims}"
        raise Problem(400, "RoleAssignmentRequestAcrsValidationFailed", text)
    rules = {rule["id"]: rule for rule in rules_of(world, asked.scope, asked.role)}
    broken = _broken(rules, asked, is_weak=step_up == "mfa", is_eligible=is_eligible)
    if broken:
        listed = ",".join(f'"{name}"' for name in broken)
        text = f"The following policy rules failed: [{listed}]"
        raise Problem(400, "RoleAssignmentRequestPolicyValidationFailed", text)


def approvers_of(world: World, scope: str, role: str) -> tuple[str, ...]:
    """Give the approvers of an activation; none when it needs no approval."""
    rules = {rule["id"]: rule for rule in rules_of(world, scope, role)}
    setting = rules["Approval_EndUser_Assignment"]["setting"]
    if not setting.get("isApprovalRequired"):
        return ()
    stages = setting.get("approvalStages") or []
    return tuple(row["id"] for stage in stages for row in stage.get("primaryApprovers") or [])


def _broken(
    rules: dict[str, dict[str, Any]],
    asked: ScheduleRequestBody,
    *,
    is_weak: bool,
    is_eligible: bool,
) -> list[str]:
    justification = asked.properties.get("justification") or ""
    ticket = (asked.properties.get("ticketInfo") or {}).get("ticketNumber") or ""
    expiration = rules["Expiration_EndUser_Assignment"]
    enabled = rules["Enablement_EndUser_Assignment"]["enabledRules"]
    longest = read_duration(expiration["maximumDuration"])
    is_late = asked.length is None or asked.length > longest
    found = {
        "ExpirationRule": bool(expiration.get("isExpirationRequired")) and is_late,
        "MfaRule": "MultiFactorAuthentication" in enabled and is_weak,
        "JustificationRule": "Justification" in enabled and not justification.strip(),
        "TicketingRule": "Ticketing" in enabled and not str(ticket).strip(),
        "EligibilityRule": not is_eligible,
    }
    return [name for name, is_broken in found.items() if is_broken]


def expiration_rule(rule_id: str, longest: str, *, is_required: bool) -> dict[str, Any]:
    """Give a rule for the longest duration."""
    return _rule(
        rule_id, "Expiration", {"isExpirationRequired": is_required, "maximumDuration": longest}
    )


def enablement_rule(rule_id: str, *enabled: str) -> dict[str, Any]:
    """Give a rule for what an activation requires."""
    return _rule(rule_id, "Enablement", {"enabledRules": list(enabled)})


def approval_rule(*approvers: tuple[str, str]) -> dict[str, Any]:
    """Give a rule for the approvers of an activation, as id and name; none: no approval."""
    stage = {
        "approvalStageTimeOutInDays": 1,
        "isApproverJustificationRequired": True,
        "escalationTimeInMinutes": 0,
        "primaryApprovers": [
            {"id": key, "description": name, "isBackup": False, "userType": "User"}
            for key, name in approvers
        ],
        "isEscalationEnabled": False,
        "escalationApprovers": None,
    }
    setting = {
        "isApprovalRequired": bool(approvers),
        "isApprovalRequiredForExtension": False,
        "isRequestorJustificationRequired": True,
        "approvalMode": "SingleStage",
        "approvalStages": [stage],
    }
    return _rule("Approval_EndUser_Assignment", "Approval", {"setting": setting})


def _defaults() -> list[dict[str, Any]]:
    """Give the rules of a role that nobody has changed.

    Assumes:
        [L] a role's default rules: 8 hours, justification and a second factor
    """
    context = {"isEnabled": False, "claimValue": ""}
    return [
        enablement_rule("Enablement_Admin_Eligibility"),
        expiration_rule("Expiration_Admin_Eligibility", "P365D", is_required=True),
        enablement_rule("Enablement_Admin_Assignment", "Justification"),
        expiration_rule("Expiration_Admin_Assignment", "P180D", is_required=False),
        approval_rule(),
        _rule("AuthenticationContext_EndUser_Assignment", "AuthenticationContext", context),
        enablement_rule(
            "Enablement_EndUser_Assignment", "MultiFactorAuthentication", "Justification"
        ),
        expiration_rule("Expiration_EndUser_Assignment", "PT8H", is_required=True),
        *(_notification(recipient) for recipient in ("Admin", "Requestor", "Approver")),
    ]


def _notification(recipient: str) -> dict[str, Any]:
    content = {
        "notificationType": "Email",
        "recipientType": recipient,
        "isDefaultRecipientsEnabled": True,
        "notificationLevel": "All",
        "notificationRecipients": [],
    }
    return _rule(f"Notification_{recipient}_EndUser_Assignment", "Notification", content)


def _rule(rule_id: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    _, caller, level = rule_id.rsplit("_", 2)
    target = {
        "caller": caller,
        "operations": ["All"],
        "level": level,
        "targetObjects": None,
        "inheritableSettings": None,
        "enforcedSettings": None,
    }
    named = {"id": rule_id, "ruleType": f"RoleManagementPolicy{kind}Rule"}
    return {**content, **named, "target": target}


def _key(scope: str, role: str) -> str:
    return f"{scope}/providers/{POLICY}/{policy_name(scope, role)}".lower()
