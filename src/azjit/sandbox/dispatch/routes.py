"""The routes of ARM that this world answers: one table, with what is known of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from azjit.sandbox.arm.call import Call
from azjit.sandbox.authorization import assignments, role_definitions
from azjit.sandbox.base.ids import SOLUTIONS, group_id, solutions_id, subscription_id
from azjit.sandbox.base.messages import Response, answer
from azjit.sandbox.entra_routes import ENTRA_ROUTES, ENTRA_VERSIONS
from azjit.sandbox.resources import providers, subscriptions
from azjit.sandbox.solutions import applications, definitions, jit_requests, operations
from azjit.sandbox.solutions.update_access import update_access

_IN_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
_GROUP = f"{_IN_GROUP}/providers/{SOLUTIONS}"
_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{SOLUTIONS}"
_RIGHTS = "{scope}/providers/Microsoft.Authorization"

JIT_VERSIONS = (
    "2018-03-01",
    "2018-06-01",
    "2018-09-01-preview",
    "2019-07-01",
    "2020-08-21-preview",
    "2021-02-01-preview",
    "2021-07-01",
    "2023-12-01-preview",
)
# What each family of routes takes; none means any date.
VERSIONS: Mapping[str, tuple[str, ...]] = {
    "solutions": JIT_VERSIONS,
    "upgrades": JIT_VERSIONS[JIT_VERSIONS.index("2019-07-01") :],
    "assignments": (
        "2015-07-01",
        "2018-01-01-preview",
        "2018-09-01-preview",
        "2020-04-01-preview",
        "2020-08-01-preview",
        "2020-10-01-preview",
        "2022-04-01",
    ),
    "roles": (
        "2015-07-01",
        "2018-01-01-preview",
        "2018-07-01",
        "2022-04-01",
        "2022-05-01-preview",
        "2023-07-01-preview",
    ),
    "denials": ("2018-07-01-preview", "2022-04-01", "2024-07-01-preview"),
    "resources": (),
    **ENTRA_VERSIONS,
}

_Handler = Callable[[Call], Response]


@dataclass(frozen=True)
class Route:
    """A route: what it takes, the action it needs, and how well Azure's side of it is known."""

    method: str
    pattern: str
    family: str
    action: str
    handler: _Handler
    kind: str = ""
    writes: bool = False
    confidence: str = "H"

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, in any casing, with the names of its parts."""
        text = re.escape(self.pattern).replace(r"\{scope\}", "(?P<scope>(?:/.+)?)")
        text = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", text)
        return re.compile(text, re.IGNORECASE)

    def scope(self, params: Mapping[str, str]) -> str:
        """The scope on which the caller needs the action."""
        if "scope" in params:
            return params["scope"] or "/"
        if self.kind and "name" in params:
            return solutions_id(params["subscription"], params["group"], self.kind, params["name"])
        if "group" in params:
            return group_id(params["subscription"], params["group"])
        return subscription_id(params["subscription"]) if "subscription" in params else "/"


def list_operations(_call: Call) -> Response:
    """GET the provider's operations: the actions that its routes need."""
    actions = sorted({route.action for route in ROUTES if route.action.startswith(SOLUTIONS)})
    return answer(200, {"value": [_operation(action) for action in actions]})


def _operation(action: str) -> dict[str, object]:
    resource = action.split("/")[1]
    display = {"provider": SOLUTIONS, "resource": resource, "operation": action}
    return {"name": action, "isDataAction": False, "display": display}


def _read(kind: str, get: _Handler, listed: _Handler) -> tuple[Route, ...]:
    action = f"{SOLUTIONS}/{kind}/read"
    return (
        Route("GET", f"{_GROUP}/{kind}/{{name}}", "solutions", action, get, kind),
        Route("GET", f"{_GROUP}/{kind}", "solutions", action, listed, kind),
        Route("GET", f"{_SUBSCRIPTION}/{kind}", "solutions", action, listed, kind),
    )


def _write(method: str, kind: str, handler: _Handler) -> Route:
    action = f"{SOLUTIONS}/{kind}/{'delete' if method == 'DELETE' else 'write'}"
    pattern = f"{_GROUP}/{kind}/{{name}}"
    return Route(method, pattern, "solutions", action, handler, kind, writes=True)


def _post(name: str, handler: _Handler, family: str = "solutions", confidence: str = "H") -> Route:
    pattern = f"{_GROUP}/applications/{{name}}/{name}"
    action = f"{SOLUTIONS}/applications/{name}/action"
    return Route(
        "POST",
        pattern,
        family,
        action,
        handler,
        "applications",
        writes=True,
        confidence=confidence,
    )


def _poll(name: str, handler: _Handler) -> Route:
    pattern = f"{_SUBSCRIPTION}/locations/{{region}}/{name}/{{operation}}"
    return Route("GET", pattern, "solutions", "", handler, writes=True)


def _resources(pattern: str, handler: _Handler) -> Route:
    # Everyone may ask: the handler shows only what the caller may read.
    return Route("GET", pattern, "resources", "", handler)


def _rights(
    method: str, kind: str, family: str, handler: _Handler, *, is_one: bool = False
) -> Route:
    pattern = f"{_RIGHTS}/{kind}" + ("/{name}" if is_one else "")
    verb = {"GET": "read", "PUT": "write", "DELETE": "delete"}[method]
    # `permissions` answers everyone who holds any role there, so its handler asks.
    action = "" if kind == "permissions" else f"Microsoft.Authorization/{kind}/{verb}"
    return Route(method, pattern, family, action, handler, writes=method != "GET")


ROUTES: tuple[Route, ...] = (
    *_read("applications", applications.get, applications.listed),
    _write("PUT", "applications", applications.put),
    _write("PATCH", "applications", applications.patch),
    _write("DELETE", "applications", applications.delete),
    _post("refreshPermissions", applications.refresh_permissions),
    _post("updateAccess", update_access, confidence="U"),
    _post("listTokens", applications.list_tokens),
    _post("listAllowedUpgradePlans", applications.list_upgrade_plans, "upgrades"),
    *_read("applicationDefinitions", definitions.get, definitions.listed),
    _write("PUT", "applicationDefinitions", definitions.put),
    _write("PATCH", "applicationDefinitions", definitions.patch),
    _write("DELETE", "applicationDefinitions", definitions.delete),
    *_read("jitRequests", jit_requests.get, jit_requests.listed),
    _write("PUT", "jitRequests", jit_requests.put),
    _write("PATCH", "jitRequests", jit_requests.patch),
    _write("DELETE", "jitRequests", jit_requests.delete),
    _poll("operationStatuses", operations.status),
    _poll("operationResults", operations.result),
    Route("GET", f"/providers/{SOLUTIONS}/operations", "solutions", "", list_operations),
    Route("GET", "/tenants", "resources", "", subscriptions.list_tenants),
    Route("GET", "/subscriptions", "resources", "", subscriptions.list_subscriptions),
    Route("GET", "/subscriptions/{subscription}", "resources", "", subscriptions.get_subscription),
    Route(
        "GET",
        "/subscriptions/{subscription}/resourceGroups",
        "resources",
        "",
        subscriptions.list_groups,
    ),
    Route(
        "GET",
        _IN_GROUP,
        "resources",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        subscriptions.get_group,
    ),
    Route(
        "HEAD",
        _IN_GROUP,
        "resources",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        providers.has_group,
    ),
    _resources("/subscriptions/{subscription}/providers", providers.list_providers),
    _resources("/subscriptions/{subscription}/providers/{namespace}", providers.get_provider),
    _resources("/subscriptions/{subscription}/resources", providers.list_resources),
    _resources(f"{_IN_GROUP}/resources", providers.list_resources),
    _rights("GET", "roleAssignments", "assignments", assignments.listed),
    _rights("GET", "roleAssignments", "assignments", assignments.get, is_one=True),
    _rights("PUT", "roleAssignments", "assignments", assignments.put, is_one=True),
    _rights("DELETE", "roleAssignments", "assignments", assignments.delete, is_one=True),
    _rights("GET", "roleDefinitions", "roles", role_definitions.list_definitions),
    _rights("GET", "roleDefinitions", "roles", role_definitions.get_definition, is_one=True),
    _rights("PUT", "roleDefinitions", "roles", role_definitions.put_definition, is_one=True),
    _rights("DELETE", "roleDefinitions", "roles", role_definitions.delete_definition, is_one=True),
    _rights("GET", "permissions", "roles", role_definitions.permissions),
    _rights("GET", "denyAssignments", "denials", role_definitions.list_denials),
    _rights("GET", "denyAssignments", "denials", role_definitions.get_denial, is_one=True),
    *(Route(*row) for row in ENTRA_ROUTES),
)


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route that a request takes, with the parts of its path."""
    for route in ROUTES:
        if route.method == method:
            match = route.regex.fullmatch(path)
            if match is not None:
                return route, match.groupdict()
    return None
