"""What the seeded world has beyond managed applications: PIM, and the log of its history."""

from __future__ import annotations

from azjit.sandbox.activity.history import record_seeded
from azjit.sandbox.pim import seed as pim
from azjit.sandbox.world.world import JIT_REQUEST, World


def seed_entra(world: World) -> None:
    """Add it to a world that has its applications and requests."""
    pim.seed(world)
    for request in world.every(JIT_REQUEST):
        record_seeded(world, request)
