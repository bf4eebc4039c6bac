"""What the seeded world has beyond managed applications: PIM, and the log of its history."""

from __future__ import annotations

from azjit.sandbox.seeding import pim_seed
from azjit.sandbox.seeding.activity_seed import record_seeded
from azjit.sandbox.world.world import JIT_REQUEST, World


def seed_entra(world: World) -> None:
    """Add it to a world that has its applications and requests."""
    pim_seed.seed(world)
    for request in world.every(JIT_REQUEST):
        record_seeded(world, request)
