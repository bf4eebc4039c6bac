"""The roles that people hold on the consumer's subscriptions, whatever is deployed there."""

from __future__ import annotations

from collections.abc import Iterable

from azjit.sandbox.base.ids import stable_id, subscription_id
from azjit.sandbox.world.people import STANDING
from azjit.sandbox.world.rights import ALWAYS, Assignment
from azjit.sandbox.world.world import World


def give_standing_roles(world: World, subscriptions: Iterable[str]) -> None:
    """Assign the permanent roles on each of these subscriptions."""
    for subscription in subscriptions:
        for person, role in STANDING:
            name = stable_id(f"standing/{person.alias}/{subscription}")
            scope = subscription_id(subscription)
            world.assign(Assignment(name, scope, person.object_id, role, ALWAYS))
