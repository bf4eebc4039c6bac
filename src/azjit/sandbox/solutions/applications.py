"""Managed applications: deploy, change the JIT settings, refresh, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from azjit.sandbox.arm.call import ArmCall, has_texts, invalid, text_tags
from azjit.sandbox.base.clock import read_duration
from azjit.sandbox.base.ids import guid
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.solutions import operations, resource
from azjit.sandbox.solutions.deployment import deploy, give_standing_rights, has_jit
from azjit.sandbox.solutions.jit_lifecycle import approve_pending
from azjit.sandbox.world.people import FABRIKAM
from azjit.sandbox.world.world import Resource

KIND = "applications"
_MODES = ("NotSpecified", "AutoApprove", "ManualApprove")
_SENT = ("managedResourceGroupId", "applicationDefinitionId", "parameters", "jitAccessPolicy")

get, listed = resource.reads(KIND)


def put(call: ArmCall) -> Response:
    """PUT: deploy an application, or deploy it again."""
    body, before = call.json(), resource.find(call, KIND)
    properties = body.get("properties")
    if not isinstance(properties, dict) or not isinstance(body.get("kind"), str):
        raise invalid("'kind' and 'properties' are required")
    if not isinstance(body.get("location"), str):
        raise invalid("'location' is required")
    managed = properties.get("managedResourceGroupId")
    if not isinstance(managed, str) or len(managed.strip("/").split("/")) != 4:  # noqa: PLR2004
        raise invalid("'properties.managedResourceGroupId' must be a resource group's id")
    if not isinstance(properties.get("applicationDefinitionId") or "", str):
        raise invalid("'properties.applicationDefinitionId' must be a definition's id")
    if properties.get("jitAccessPolicy") is not None:
        check_policy(properties["jitAccessPolicy"])
    _require_own_group(call, managed, before)
    rows = _rows(call, properties, before)
    application = deploy(call.world, _deployed(call, body, before), rows, FABRIKAM)
    accepted = {**application.properties, "provisioningState": "Accepted"}
    shown = call.versioned({**application.body, "properties": accepted})
    return answer(201 if before is None else 200, shown, operations.start(call, application))


def patch(call: ArmCall) -> Response:
    """PATCH: tags, and the JIT settings where the switch `policy-patch` allows it.

    Assumes:
        [L] PATCH replaces the whole jitAccessPolicy with the one that was sent
        [U] PATCH that enables or disables JIT is accepted and leaves the policy as it was
        [U] PATCH answers 202, and the change is visible at once
    """
    application = resource.require(call, KIND)
    body = call.json() if call.request.body else {}
    sent = body.get("properties") or {}
    if not isinstance(sent, dict):
        raise invalid("'properties' must be an object")
    properties = {**application.properties, "updatedBy": call.identity()}
    changed = {**application.body, "properties": properties}
    if "tags" in body:
        changed["tags"] = text_tags(body["tags"])
    policy = sent.get("jitAccessPolicy")
    if policy is not None:
        check_policy(policy)
        _set_policy(call, application, properties, policy)
    changed["systemData"] = call.system_data(application)
    saved = replace(application, body=changed)
    call.world.save(saved)
    return answer(202, call.versioned(changed), operations.start(call, saved))


def delete(call: ArmCall) -> Response:
    """DELETE: the application, and its managed group with all that is in it."""
    application = resource.find(call, KIND)
    if application is None:
        return answer(204)
    call.world.remove(application)
    call.world.remove_group(application.properties["managedResourceGroupId"])
    return answer(202, None, operations.start(call, application))


def refresh_permissions(call: ArmCall) -> Response:
    """POST refreshPermissions: take over the definition's current rows."""
    application = resource.require(call, KIND)
    definition = application.properties.get("applicationDefinitionId")
    source = call.world.resource(definition) if definition else None
    if source is not None:
        rows = _normalized(source.properties.get("authorizations"))
        application.private["authorizations"] = rows
        if "authorizations" in application.properties:
            application.properties["authorizations"] = rows
        call.world.save(application)
        give_standing_rights(call.world, application)
    return answer(202, None, operations.start(call, application))


def list_tokens(call: ArmCall) -> Response:
    """POST listTokens: no application of this world has a managed identity."""
    resource.require(call, KIND)
    call.json()
    return answer(200, {"value": []})


def list_upgrade_plans(call: ArmCall) -> Response:
    """POST listAllowedUpgradePlans: the plan that a marketplace application has."""
    plan = resource.require(call, KIND).body.get("plan")
    return answer(200, {"value": [plan] if plan else []})


def check_policy(policy: Any) -> None:
    """Check JIT settings against the contract."""
    if not isinstance(policy, dict) or not isinstance(policy.get("jitAccessEnabled"), bool):
        raise invalid("'jitAccessPolicy.jitAccessEnabled' is required")
    mode = policy.get("jitApprovalMode")
    if mode is not None and mode not in _MODES:
        raise invalid(f"'jitApprovalMode' must be one of {', '.join(_MODES)}")
    longest = policy.get("maximumJitAccessDuration")
    try:
        if longest is not None:
            read_duration(str(longest))
    except ValueError as error:
        raise invalid(f"'maximumJitAccessDuration': {error}") from error
    approvers = policy.get("jitApprovers")
    if approvers is None:
        return
    if not isinstance(approvers, list) or not all(has_texts(row, "id") for row in approvers):
        raise invalid("'jitApprovers' must be a list of objects with an 'id'")


def _require_own_group(call: ArmCall, managed: str, before: Resource | None) -> None:
    """Refuse a managed group that exists already, or that is not the application's own."""
    group = call.world.resource(managed)
    if before is None and group is not None:
        text = f"the managed resource group '{managed}' exists already"
        raise Problem(409, "ManagedResourceGroupExists", text)
    if before is not None:
        own = before.properties["managedResourceGroupId"]
        if own.lower() != managed.lower():
            raise invalid(f"'managedResourceGroupId' can't be changed from '{own}'")


def _set_policy(
    call: ArmCall, application: Resource, properties: dict[str, Any], policy: dict[str, Any]
) -> None:
    """Replace the JIT settings as a whole."""
    if call.world.switch("policy-patch", application.key) == "ignored":
        return
    if has_jit(application) != policy["jitAccessEnabled"]:
        return  # the articles: JIT is enabled at deployment or never
    before = (properties.get("jitAccessPolicy") or {}).get("jitApprovalMode")
    properties["jitAccessPolicy"] = policy
    if policy.get("jitApprovalMode") == "AutoApprove" and before != "AutoApprove":
        approve_pending(call.world, application)


def _deployed(call: ArmCall, sent: dict[str, Any], before: Resource | None) -> dict[str, Any]:
    """Give the application's body after a PUT; what is read-only comes from the service."""
    old = before.properties if before else {}
    properties = {key: sent["properties"][key] for key in _SENT if key in sent["properties"]}
    properties |= {
        "provisioningState": "Succeeded",
        "publisherTenantId": FABRIKAM,
        "managementMode": "Managed",
        "createdBy": old.get("createdBy", call.identity()),
        "updatedBy": call.identity(),
    }
    if "authorizations" in old:
        properties["authorizations"] = old["authorizations"]
    body = resource.new_body(call, KIND, sent, properties, before) | {"kind": sent["kind"]}
    return body | ({"plan": sent["plan"]} if sent.get("plan") else {})


def _rows(
    call: ArmCall, properties: dict[str, Any], before: Resource | None
) -> list[dict[str, str]]:
    """Give the publisher's rows: the definition's, else those that the application has."""
    definition = properties.get("applicationDefinitionId")
    source = call.world.resource(str(definition)) if definition else None
    if source is not None:
        return _normalized(source.properties.get("authorizations"))
    return list(before.private["authorizations"]) if before else []


def _normalized(rows: Any) -> list[dict[str, str]]:
    return [{**row, "principalId": guid(row["principalId"])} for row in rows or []]
