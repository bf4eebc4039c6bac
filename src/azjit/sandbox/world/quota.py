"""Quotas of calls in a window of time, as services other than ARM have them."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from azjit.sandbox.world.world import World


class Quota(NamedTuple):
    """What is left of a quota after a call, below zero when it is exceeded, and until when."""

    remaining: int
    resets_after: timedelta


def spend(world: World, key: str, allowed: int, window: timedelta) -> Quota:
    """Count a call against a quota."""
    now = world.now.timestamp()
    row = world.connection.execute(
        "SELECT tokens, at FROM buckets WHERE key = ?", (key,)
    ).fetchone()
    used, since = row or (0.0, now)
    if not since <= now < since + window.total_seconds():
        used, since = 0.0, now
    world.connection.execute(
        "INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)", (key, used + 1, since)
    )
    left = timedelta(seconds=since + window.total_seconds() - now)
    return Quota(allowed - int(used) - 1, left)
