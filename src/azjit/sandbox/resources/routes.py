"""The routes of Microsoft.Resources; they accept any api-version."""

from __future__ import annotations

from azjit.sandbox.arm.route import ArmRoute, Handler
from azjit.sandbox.base.ids import group_id, subscription_id
from azjit.sandbox.resources import providers, subscriptions, tags

_SUBSCRIPTION = subscription_id("{subscription}")
_DEPLOYMENTS = "Microsoft.Resources/deployments"
_GROUP = group_id("{subscription}", "{group}")


def _get(pattern: str, handler: Handler) -> ArmRoute:
    # Everyone may call: the handler shows only what the caller may read.
    return ArmRoute("GET", pattern, (), handler)


ROUTES = (
    _get("/tenants", subscriptions.list_tenants),
    _get("/subscriptions", subscriptions.list_subscriptions),
    _get(_SUBSCRIPTION, subscriptions.get_subscription),
    _get(f"{_SUBSCRIPTION}/resourceGroups", subscriptions.list_groups),
    ArmRoute("GET", _GROUP, (), subscriptions.get_group, subscriptions.GROUP_READ),
    ArmRoute("HEAD", _GROUP, (), providers.has_group, subscriptions.GROUP_READ),
    _get(f"{_SUBSCRIPTION}/locations", providers.list_locations),
    _get(f"{_SUBSCRIPTION}/tagNames", tags.list_names),
    *(
        ArmRoute("GET", f"{{scope}}/providers/{kind}", (), providers.list_none, f"{kind}/read")
        for kind in (
            _DEPLOYMENTS,
            "Microsoft.Authorization/policyAssignments",
            "Microsoft.Authorization/classicAdministrators",
        )
    ),
    ArmRoute(
        "GET",
        f"{{scope}}/providers/{_DEPLOYMENTS}/{{name}}",
        (),
        providers.no_deployment,
        f"{_DEPLOYMENTS}/read",
    ),
    _get(
        "/providers/Microsoft.Authorization/providerOperations/{namespace}",
        providers.list_operations,
    ),
    _get(f"{_SUBSCRIPTION}/providers", providers.list_providers),
    _get(f"{_SUBSCRIPTION}/providers/{{namespace}}", providers.get_provider),
    ArmRoute(
        "POST",
        f"{_SUBSCRIPTION}/providers/{{namespace}}/register",
        (),
        providers.register,
        "Microsoft.Solutions/register/action",
        writes=True,
    ),
    *(
        ArmRoute(
            method,
            "{scope}/providers/Microsoft.Resources/tags/default",
            (),
            handler,
            f"Microsoft.Resources/tags/{verb}",
            writes=method != "GET",
        )
        for method, handler, verb in (
            ("GET", tags.get, "read"),
            ("PUT", tags.put, "write"),
            ("PATCH", tags.patch, "write"),
            ("DELETE", tags.delete, "delete"),
        )
    ),
    _get(f"{_SUBSCRIPTION}/resources", providers.list_resources),
    _get(f"{_GROUP}/resources", providers.list_resources),
)
