"""PIM in the seeded world: three eligible principals, and the rules for them.

Assumes:
    [U] a principal of the publisher's tenant may be eligible on the managed group
"""

from __future__ import annotations

from datetime import timedelta

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import group_id, stable_id, subscription_id
from azjit.sandbox.pim import rules
from azjit.sandbox.pim.records import Eligibility, save_eligibility
from azjit.sandbox.world.people import ALICE, BOB, CAROL, MACHINES, PRODUCTION, SUPPORT
from azjit.sandbox.world.world import World

_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
_LENGTH, _ENABLED = "Expiration_EndUser_Assignment", "Enablement_EndUser_Assignment"


def seed(world: World) -> None:
    """Make alice, Fabrikam's support and carol eligible, each under rules of its own."""
    orders, archive = group_id(PRODUCTION, "mrg-orders"), group_id(PRODUCTION, "mrg-archive")
    production = subscription_id(PRODUCTION)
    _make_eligible(world, orders, ALICE.object_id, MACHINES)
    ticketed = rules.enablement_rule(_ENABLED, "Justification", "Ticketing")
    longest = rules.expiration_rule(_LENGTH, "PT4H", is_required=True)
    rules.change_rules(world, orders, MACHINES, [longest, ticketed])
    _make_eligible(world, archive, SUPPORT.object_id, MACHINES)
    _make_eligible(world, production, CAROL.object_id, _ACCESS_ADMINISTRATOR)
    short = rules.expiration_rule(_LENGTH, "PT2H", is_required=True)
    approved = rules.approval_rule((BOB.object_id, BOB.name))
    rules.change_rules(world, production, _ACCESS_ADMINISTRATOR, [short, approved])


def _make_eligible(world: World, scope: str, principal: str, role: str) -> None:
    name = f"eligibility/{scope.lower()}/{principal}/{role}"
    since = world.now - timedelta(days=30)
    save_eligibility(
        world,
        Eligibility(
            name=stable_id(name),
            scope=scope,
            principal=principal,
            role=role,
            starts=stamp(since),
            ends=stamp(since + timedelta(days=365)),
            requestor=BOB.object_id,
            created=stamp(since),
            request=stable_id(f"{name}/request"),
        ),
    )
