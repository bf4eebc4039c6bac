"""The seeded world: the applications of Fabrikam at Contoso, and their requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import group_id, solutions_id, stable_id
from azjit.sandbox.seeding import pim_seed
from azjit.sandbox.seeding.activity_seed import record_seeded
from azjit.sandbox.seeding.builders import (
    LOCATION,
    ApplicationFacts,
    Creation,
    RequestFacts,
    definition,
    jit_policy,
    rows,
)
from azjit.sandbox.seeding.standing_roles import give_standing_roles
from azjit.sandbox.solutions.deployment import deploy, save_group
from azjit.sandbox.solutions.jit_lifecycle import decide
from azjit.sandbox.solutions.request_state import APPROVED, DENIED, PENDING
from azjit.sandbox.world import people
from azjit.sandbox.world.world import JIT_REQUEST, Resource, World

_EXPLICIT = (people.ALICE.object_id, people.FABRIKAM_CI.object_id)
_CATALOG = "contoso-catalog"
_SHOP_DEFINITION = "shop-definition"


@dataclass(frozen=True, slots=True)
class _Application:
    name: str
    group: str
    managed: str
    policy: dict[str, Any]
    principals: tuple[str, ...] = _EXPLICIT
    roles: tuple[str, ...] = (people.CONTRIBUTOR,)
    subscription: str = people.PRODUCTION
    is_catalog: bool = False


def seed(world: World) -> None:
    """Fill an empty world."""
    add_directory(world)
    give_standing_roles(world, [key for key, _name, _tenant in people.SUBSCRIPTIONS])
    _define_shop(world)
    for application in _applications():
        _deploy(world, application)
    _history(world)
    pim_seed.seed(world)
    for request in world.every(JIT_REQUEST):
        record_seeded(world, request)


def add_directory(world: World) -> None:
    """Add the seeded directory."""
    world.directory.add_tenants(people.TENANTS)
    world.directory.add_subscriptions(people.SUBSCRIPTIONS)
    world.directory.add_people(people.PEOPLE)
    world.directory.add_groups(people.GROUPS)
    for role in people.ROLES:
        world.directory.save_role(role)


def _applications() -> tuple[_Application, ...]:
    shared = jit_policy("PT8H", people.BOB, people.APPROVERS)
    bobs, nobodys = jit_policy("PT8H", people.BOB), jit_policy("PT8H")
    automatic, never = jit_policy("PT4H", mode="AutoApprove"), {"jitAccessEnabled": False}
    apps, both = "contoso-apps", (people.CONTRIBUTOR, people.MACHINES)
    shop = jit_policy("PT2H", people.BOB)
    support = (people.SUPPORT.object_id,)
    return (
        _Application("orders", apps, "mrg-orders", shared, roles=both),
        _Application("reports", apps, "mrg-reports", automatic),
        _Application("ledger", apps, "mrg-ledger", never),
        _Application("archive", apps, "mrg-archive", bobs, principals=support),
        _Application("shop", "shop-eu", "mrg-shop-eu", shop, is_catalog=True),
        _Application("shop", "shop-us", "mrg-shop-us", shop, is_catalog=True),
        _Application("sensors", "sensors-rg", "mrg-sensors", nobodys, subscription=people.TEST),
    )


def _deploy(world: World, application: _Application) -> None:
    save_group(world, application.subscription, application.group, LOCATION)
    shop = solutions_id(people.PRODUCTION, _CATALOG, "applicationDefinitions", _SHOP_DEFINITION)
    facts = ApplicationFacts(
        application.name,
        application.group,
        application.subscription,
        application.managed,
        application.policy,
        rows(application.principals, application.roles),
        people.FABRIKAM,
        Creation(people.BOB, stamp(world.now - timedelta(days=30))),
        shop if application.is_catalog else None,
    )
    deploy(world, facts.body(), facts.rows, people.FABRIKAM)


def _define_shop(world: World) -> None:
    save_group(world, people.PRODUCTION, _CATALOG, LOCATION)
    properties = {
        "lockLevel": "ReadOnly",
        "displayName": "Fabrikam Shop",
        "description": "The shop of Fabrikam, from the service catalog.",
        "isEnabled": True,
        "authorizations": rows(_EXPLICIT),
        "artifacts": [],
        "managementPolicy": {"mode": "Managed"},
    }
    creation = Creation(people.BOB, stamp(world.now - timedelta(days=60)))
    world.save(definition((people.PRODUCTION, _CATALOG), _SHOP_DEFINITION, properties, creation))


def _history(world: World) -> None:
    """Add two requests of last week, and a pending one."""
    orders = ("contoso-apps", "orders", "mrg-orders")
    shop = ("shop-eu", "shop", "mrg-shop-eu")
    day, hour = timedelta(days=1), timedelta(hours=1)
    denied = _request(world, orders, "denied", (-7 * day, -7 * day + hour, "PT2H"))
    decide(world, denied, DENIED, world.now - 7 * day + hour / 2)
    ended = _request(world, orders, "ended", (-6 * day, -6 * day + hour, "PT4H"))
    decide(world, ended, APPROVED, world.now - 6 * day + hour / 4)
    _request(world, shop, "waiting", (timedelta(0), 2 * hour, "PT1H"))


def _request(
    world: World,
    place: tuple[str, str, str],
    name: str,
    times: tuple[timedelta, timedelta, str],
) -> Resource:
    """Save a request by alice for Contributor; the times are relative to the seeding."""
    group, application, managed = place
    created, start, duration = times
    creation = stamp(world.now + created)
    facts = RequestFacts(
        stable_id(f"request/{application}/{name}"),
        solutions_id(people.PRODUCTION, group, "applications", application),
        group_id(people.PRODUCTION, managed),
        rows([people.ALICE.object_id]),
        stamp((world.now + start).replace(microsecond=0)),
        duration,
        people.FABRIKAM,
        Creation(people.ALICE, creation),
        [[creation, PENDING]],
    )
    saved = facts.resource()
    world.save(saved)
    return saved
