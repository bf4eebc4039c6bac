"""The routes of Microsoft.Authorization, PIM's aside, with the api-versions that they accept."""

from __future__ import annotations

from azjit.sandbox.arm.route import ArmRoute, Handler
from azjit.sandbox.authorization import assignments, role_definitions

VERSIONS = {
    "roleAssignments": (
        "2015-07-01",
        "2018-01-01-preview",
        "2018-09-01-preview",
        "2020-04-01-preview",
        "2020-08-01-preview",
        "2020-10-01-preview",
        "2022-04-01",
    ),
    "roleDefinitions": (
        "2015-07-01",
        "2018-01-01-preview",
        "2018-07-01",
        "2022-04-01",
        "2022-05-01-preview",
        "2023-07-01-preview",
    ),
    "locks": ("2016-09-01", "2020-05-01"),
    "denyAssignments": ("2018-07-01-preview", "2022-04-01", "2024-07-01-preview"),
}
VERSIONS["permissions"] = VERSIONS["roleDefinitions"]


def _route(method: str, path: str, handler: Handler) -> ArmRoute:
    kind = path.partition("/")[0]
    verb = {"GET": "read", "PUT": "write", "DELETE": "delete"}[method]
    # `permissions` answers everyone who holds any role there, so its handler checks that.
    action = "" if kind == "permissions" else f"Microsoft.Authorization/{kind}/{verb}"
    pattern = f"{{scope}}/providers/Microsoft.Authorization/{path}"
    return ArmRoute(method, pattern, VERSIONS[kind], handler, action, writes=method != "GET")


ROUTES = (
    _route("GET", "roleAssignments", assignments.listed),
    _route("GET", "roleAssignments/{name}", assignments.get),
    _route("PUT", "roleAssignments/{name}", assignments.put),
    _route("DELETE", "roleAssignments/{name}", assignments.delete),
    _route("GET", "roleDefinitions", role_definitions.list_definitions),
    _route("GET", "roleDefinitions/{name}", role_definitions.get_definition),
    _route("PUT", "roleDefinitions/{name}", role_definitions.put_definition),
    _route("DELETE", "roleDefinitions/{name}", role_definitions.delete_definition),
    _route("GET", "locks", role_definitions.list_locks),
    _route("GET", "permissions", role_definitions.permissions),
    _route("GET", "denyAssignments", role_definitions.list_denials),
    _route("GET", "denyAssignments/{name}", role_definitions.get_denial),
)
