"""Tenants, subscriptions and resource groups, as each side sees them.

Assumes:
    [M] a publisher sees the customer's subscription with managedByTenants, and the managed groups
        in it
"""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.authorization.access import may, subscriptions_of
from azjit.sandbox.authorization.scopes import no_group
from azjit.sandbox.base.ids import group_id, subscription_id
from azjit.sandbox.base.messages import Page, Problem, Response, answer
from azjit.sandbox.world.world import GROUP, Resource

GROUP_READ = "Microsoft.Resources/subscriptions/resourceGroups/read"


def list_tenants(call: ArmCall) -> Response:
    """GET tenants: the tenant of the token."""
    found = [
        {
            "id": f"/tenants/{tenant}",
            "tenantId": tenant,
            "tenantCategory": "Home",
            "displayName": name,
            "defaultDomain": domain,
            "domains": [domain],
            "countryCode": "DE",
            "tenantType": "AAD",
        }
        for tenant, name, domain in call.world.directory.tenants()
        if tenant == call.caller.tenant
    ]
    return answer(200, {"value": found})


def list_subscriptions(call: ArmCall) -> Response:
    """GET subscriptions: those where the caller holds any role."""
    seen = subscriptions_of(call.world, call.caller)
    return answer(200, {"value": [_subscription(call, *row) for row in seen]})


def get_subscription(call: ArmCall) -> Response:
    """GET of one subscription."""
    for row in subscriptions_of(call.world, call.caller):
        if row[0] == call["subscription"].lower():
            return answer(200, _subscription(call, *row))
    raise no_subscription(call["subscription"])


def list_groups(call: ArmCall) -> Response:
    """GET resourceGroups: those that the caller may read."""
    subscription = call["subscription"]
    if may(call.world, call.caller, GROUP_READ, subscription_id(subscription)):
        page = call.world.page(GROUP, subscription, None, call.after())
        return call.listing(page, lambda item: item.body)
    return call.listing(_readable(call, subscription), lambda item: item.body)


def get_group(call: ArmCall) -> Response:
    """GET of one resource group."""
    group = call.world.resource(group_id(call["subscription"], call["group"]))
    if group is None:
        raise no_group(call["group"])
    return answer(200, group.body)


def no_subscription(subscription: str) -> Problem:
    """Give the 404 for a subscription that does not exist."""
    text = f"The subscription '{subscription}' could not be found."
    return Problem(404, "SubscriptionNotFound", text)


def _readable(call: ArmCall, subscription: str) -> Page:
    """Give a page of the groups that a role of the caller can read."""
    size, after = call.world.page_size, call.after()
    found: list[Resource] = []
    while len(found) <= size:
        some = call.world.groups_held(call.caller.principals, subscription, after, size + 1)
        if not some:
            break
        found += [g for g in some if may(call.world, call.caller, GROUP_READ, g.key)]
        after = some[-1].key
    return Page(found[:size], found[size - 1].key if len(found) > size else None)


def _subscription(call: ArmCall, subscription: str, name: str, tenant: str) -> dict[str, Any]:
    publishers = call.world.publishers_in(subscription)
    return {
        "id": subscription_id(subscription),
        "authorizationSource": "RoleBased",
        "managedByTenants": [{"tenantId": t} for t in publishers if t != tenant],
        "subscriptionId": subscription,
        "tenantId": tenant,
        "displayName": name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
    }
