"""Managed applications: read, deploy, change the JIT settings, refresh, delete."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall, invalid, text_tags
from azjit.sandbox.base.clock import read_duration
from azjit.sandbox.base.ids import guid, solutions_id
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.solutions import operations
from azjit.sandbox.solutions.deployment import deploy, give_standing_rights, has_jit
from azjit.sandbox.solutions.jit_lifecycle import approve_pending
from azjit.sandbox.solutions.request_state import as_of
from azjit.sandbox.world.people import FABRIKAM
from azjit.sandbox.world.world import APPLICATION, Resource

_MODES = ("NotSpecified", "AutoApprove", "ManualApprove")


def find(call: ArmCall) -> Resource:
    """The application that the path names.

    Raises:
        Problem: 404, there is none.
    """
    resource = call.world.resource(_path_id(call))
    if resource is None:
        raise Problem(
            404,
            "ResourceNotFound",
            f"The Resource 'Microsoft.Solutions/applications/{call['name']}' under resource group"
            f" '{call['group']}' was not found.",
        )
    return resource


def get(call: ArmCall) -> Response:
    """GET of one application."""
    return answer(200, call.versioned(find(call).body))


def listed(call: ArmCall) -> Response:
    """GET of the applications in a group or a subscription."""
    group = call.params.get("group")
    page = call.world.page(APPLICATION, call["subscription"], group, call.after())
    return call.listing(page, lambda item: call.versioned(as_of(item, call.world.now)))


def put(call: ArmCall) -> Response:
    """PUT: deploy an application, or deploy it again."""
    body, before = call.json(), call.world.resource(_path_id(call))
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
    application = deploy(
        call.world, _deployed(call, body, before), _rows(call, body, before), FABRIKAM
    )
    headers = operations.start(
        call, target=application.key, region=body["location"], is_by_status=True
    )
    return answer(
        201 if before is None else 200,
        call.versioned(_accepted(application.body)),
        headers,
    )


def patch(call: ArmCall) -> Response:
    """PATCH: tags, and the JIT settings where the switch `policy-patch` allows it.

    Assumes:
        [L] PATCH replaces the whole jitAccessPolicy with the one that was sent
        [U] PATCH that enables or disables JIT is accepted and leaves the policy as it was
        [U] PATCH answers 202, and the change is visible at once
    """
    application, body = find(call), call.json() if call.request.body else {}
    changed = dict(application.body)
    properties = body.get("properties") or {}
    if not isinstance(properties, dict):
        raise invalid("'properties' must be an object")
    if "tags" in body:
        changed["tags"] = text_tags(body["tags"])
    policy = properties.get("jitAccessPolicy")
    if policy is not None:
        check_policy(policy)
        changed["properties"] = dict(application.properties)
        _set_policy(call, application, changed["properties"], policy)
    changed["properties"] = {**changed["properties"], "updatedBy": call.identity()}
    changed["systemData"] = call.system_data(application.body.get("systemData"))
    fresh = Resource(*_place(application), changed, application.private)
    call.world.save(fresh)
    headers = operations.start(
        call, target=fresh.key, region=str(changed["location"]), is_by_status=True
    )
    return answer(202, call.versioned(changed), headers)


def delete(call: ArmCall) -> Response:
    """DELETE: the application goes, and its managed group with all that is in it."""
    application = call.world.resource(_path_id(call))
    if application is None:
        return answer(204)
    call.world.remove(application)
    call.world.remove_group(application.properties["managedResourceGroupId"])
    region = str(application.body["location"])
    headers = operations.start(call, target=application.key, region=region, is_by_status=True)
    return answer(202, None, headers)


def refresh_permissions(call: ArmCall) -> Response:
    """POST refreshPermissions: take the definition's rows as they are now."""
    application = find(call)
    definition = application.properties.get("applicationDefinitionId")
    source = call.world.resource(definition) if definition else None
    if source is not None:
        rows = _clean(source.properties.get("authorizations"))
        application.private["authorizations"] = rows
        if "authorizations" in application.properties:
            application.properties["authorizations"] = rows
        call.world.save(application)
        give_standing_rights(call.world, application)
    region = str(application.body["location"])
    return answer(
        202,
        None,
        operations.start(call, target=application.key, region=region, is_by_status=True),
    )


def list_tokens(call: ArmCall) -> Response:
    """POST listTokens: no application of this world has a managed identity."""
    find(call)
    call.json()
    return answer(200, {"value": []})


def list_upgrade_plans(call: ArmCall) -> Response:
    """POST listAllowedUpgradePlans: the plan that a marketplace application has."""
    plan = find(call).body.get("plan")
    return answer(200, {"value": [plan] if plan else []})


def check_policy(policy: Any) -> None:
    """Hold JIT settings to the contract.

    Raises:
        Problem: 400, they break it.
    """
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
    if not isinstance(approvers, list) or not all(
        isinstance(row, dict) and isinstance(row.get("id"), str) for row in approvers
    ):
        raise invalid("'jitApprovers' must be a list of objects with an 'id'")


def _require_own_group(call: ArmCall, managed: str, before: Resource | None) -> None:
    """A managed group is made with its application and stays with it."""
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


def _deployed(call: ArmCall, body: dict[str, Any], before: Resource | None) -> dict[str, Any]:
    """The application's body after a PUT; what is read-only comes from the service."""
    old = before.properties if before else {}
    sent = body["properties"]
    kept = ("managedResourceGroupId", "applicationDefinitionId", "parameters", "jitAccessPolicy")
    properties: dict[str, Any] = {key: sent[key] for key in kept if key in sent}
    properties |= {
        "provisioningState": "Succeeded",
        "publisherTenantId": FABRIKAM,
        "managementMode": "Managed",
        "createdBy": old.get("createdBy", call.identity()),
        "updatedBy": call.identity(),
    }
    if "authorizations" in old:
        properties["authorizations"] = old["authorizations"]
    found = {
        "id": solutions_id(call["subscription"], call["group"], "applications", call["name"]),
        "name": call["name"],
        "type": "Microsoft.Solutions/applications",
        "location": body["location"],
        "kind": body["kind"],
        "tags": text_tags(body.get("tags")),
        "properties": properties,
        "systemData": call.system_data(before.body.get("systemData") if before else None),
    }
    return found | ({"plan": body["plan"]} if body.get("plan") else {})


def _rows(call: ArmCall, body: dict[str, Any], before: Resource | None) -> list[dict[str, str]]:
    """The publisher's rows: of the definition, else the ones that the application has."""
    definition = body["properties"].get("applicationDefinitionId")
    source = call.world.resource(str(definition)) if definition else None
    if source is not None:
        return _clean(source.properties.get("authorizations"))
    return list(before.private["authorizations"]) if before else []


def _clean(rows: Any) -> list[dict[str, str]]:
    return [{**row, "principalId": guid(row["principalId"])} for row in rows or []]


def _accepted(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "properties": {**body["properties"], "provisioningState": "Accepted"}}


def _place(resource: Resource) -> tuple[str, str, str, str, str]:
    return resource.key, resource.type, resource.subscription, resource.group, resource.name


def _path_id(call: ArmCall) -> str:
    return solutions_id(call["subscription"], call["group"], "applications", call["name"])
