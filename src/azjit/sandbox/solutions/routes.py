"""The routes of Microsoft.Solutions, with the api-versions that they accept."""

from __future__ import annotations

from types import ModuleType

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.arm.route import ArmRoute, Handler
from azjit.sandbox.base.ids import SOLUTIONS, group_id, solutions_id, subscription_id
from azjit.sandbox.base.messages import Response, answer
from azjit.sandbox.solutions import applications, definitions, jit_requests, operations
from azjit.sandbox.solutions.update_access import update_access

VERSIONS = (
    "2018-03-01",
    "2018-06-01",
    "2018-09-01-preview",
    "2019-07-01",
    "2020-08-21-preview",
    "2021-02-01-preview",
    "2021-07-01",
    "2023-12-01-preview",
)
# Before JIT access there were applications and definitions already.
_OLD_VERSIONS = ("2017-09-01", "2017-12-01", "2018-02-01")
_OTHER_ACTIONS = (
    "locations/operationStatuses/read",
    "locations/operationStatuses/write",
    "operations/read",
    "portalRegistryPackage/action",
    "register/action",
    "unregister/action",
)
_UPGRADE_VERSIONS = VERSIONS[VERSIONS.index("2019-07-01") :]
_IN_SUBSCRIPTION = f"{subscription_id('{subscription}')}/providers/{SOLUTIONS}"
_IN_GROUP = f"{group_id('{subscription}', '{group}')}/providers/{SOLUTIONS}"


def list_operations(_call: ArmCall) -> Response:
    """GET of the provider's operations."""
    return answer(200, {"value": [_operation(action) for action in actions()]})


def actions() -> list[str]:
    """Give the actions that the routes need, and the others of the provider."""
    needed = {route.action for route in ROUTES if route.action}
    return sorted(needed | {f"{SOLUTIONS}/{each}" for each in _OTHER_ACTIONS})


def _operation(action: str) -> dict[str, object]:
    resource = action.split("/")[1]
    display = {"provider": SOLUTIONS, "resource": resource, "operation": action}
    return {"name": action, "isDataAction": False, "display": display}


def _resource(kind: str, handlers: ModuleType) -> tuple[ArmRoute, ...]:
    one, action = solutions_id("{subscription}", "{group}", kind, "{name}"), f"{SOLUTIONS}/{kind}"
    versions = VERSIONS if kind == "jitRequests" else (*_OLD_VERSIONS, *VERSIONS)
    return (
        ArmRoute("GET", one, versions, handlers.get, f"{action}/read"),
        ArmRoute("GET", f"{_IN_GROUP}/{kind}", versions, handlers.listed, f"{action}/read"),
        ArmRoute("GET", f"{_IN_SUBSCRIPTION}/{kind}", versions, handlers.listed, f"{action}/read"),
        ArmRoute("PUT", one, versions, handlers.put, f"{action}/write", writes=True),
        ArmRoute("PATCH", one, versions, handlers.patch, f"{action}/write", writes=True),
        ArmRoute("DELETE", one, versions, handlers.delete, f"{action}/delete", writes=True),
    )


def _post(
    name: str, handler: Handler, versions: tuple[str, ...] = VERSIONS, confidence: str = "H"
) -> ArmRoute:
    pattern = f"{_IN_GROUP}/applications/{{name}}/{name}"
    action = f"{SOLUTIONS}/applications/{name}/action"
    return ArmRoute("POST", pattern, versions, handler, action, writes=True, confidence=confidence)


def _poll(name: str, handler: Handler) -> ArmRoute:
    pattern = f"{_IN_SUBSCRIPTION}/locations/{{region}}/{name}/{{operation}}"
    return ArmRoute("GET", pattern, VERSIONS, handler, writes=True)  # each poll is counted


ROUTES: tuple[ArmRoute, ...] = (
    *_resource("applications", applications),
    _post("refreshPermissions", applications.refresh_permissions),
    _post("updateAccess", update_access, confidence="U"),
    _post("listTokens", applications.list_tokens),
    _post("listAllowedUpgradePlans", applications.list_upgrade_plans, _UPGRADE_VERSIONS),
    *_resource("applicationDefinitions", definitions),
    *_resource("jitRequests", jit_requests),
    _poll("operationStatuses", operations.status),
    _poll("operationResults", operations.result),
    ArmRoute("GET", f"/providers/{SOLUTIONS}/operations", VERSIONS, list_operations),
)
