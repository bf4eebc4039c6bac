"""Makes worlds, and writes them down: what only a new world and its file need.

The core loads this when it is asked for: it is a tenth of what a start would load.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from azjit.sandbox.seeding import bulk_seed, export, schema_check, seed
from azjit.sandbox.seeding.world_reader import WorldReader
from azjit.sandbox.world.world import World


def fill(world: World, told: Mapping[str, Any] | None = None) -> None:
    """Be the seeded world, or the one of a file that `checked` has passed.

    Raises:
        ValueError: the file names what is not there.
    """
    if told is None:
        seed.seed(world)
    else:
        WorldReader(world, told).fill()


def grow(world: World, told: Mapping[str, int]) -> None:
    """Make a world larger; what is not said stays as it is.

    Raises:
        ValueError: it has more than that already, or no world has so many.
    """
    if told:
        bulk_seed.grow(world, told)


def checked(told: Any) -> dict[str, Any]:
    """A file's content.

    Raises:
        ValueError: it is not what its schema says.
    """
    return schema_check.check(told)


def schema() -> str:
    """The JSON Schema of a world's file."""
    return schema_check.PATH.read_text(encoding="utf-8")


def lines(world: World, ahead_seconds: float) -> Iterator[str]:
    """The world as a file, line by line."""
    return export.lines(world, ahead_seconds)
