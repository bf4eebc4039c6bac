"""ARM's limits: a bucket of tokens for each principal and subscription, and the headers.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

from __future__ import annotations

import math
from typing import NamedTuple

from azjit.sandbox.base.ids import place_of
from azjit.sandbox.base.messages import Request
from azjit.sandbox.world.world import World

# Kind of call: how many tokens a bucket holds, and how many come back each second.
_BUCKETS = {"reads": (250, 25), "writes": (200, 10), "deletes": (200, 10)}
PREFIX = "arm/"
_GLOBAL = 15  # all principals of a subscription together have this many times as much


class BucketLevel(NamedTuple):
    """The remaining tokens: the headers of the answer, and the wait when there are none."""

    headers: dict[str, str]
    wait_seconds: int = 0


def full(request: Request) -> dict[str, str]:
    """Give the header for a caller that has made no other call."""
    kind = _kind(request)
    place = "subscription" if place_of(request.path)[0] else "tenant"
    return {f"x-ms-ratelimit-remaining-{place}-{kind}": str(_BUCKETS[kind][0] - 1)}


def take(
    request: Request, world: World, at: float, principal: str, start: int | None
) -> BucketLevel:
    """Take a token from each bucket of a call; `start` is what a new bucket holds."""
    kind = _kind(request)
    subscription = place_of(request.path)[0].lower()
    place = "subscription" if subscription else "tenant"
    draws = [(f"{place}-{kind}", f"{PREFIX}{kind}/{subscription}/{principal}", 1)]
    if subscription:
        draws.append((f"{place}-global-{kind}", f"{PREFIX}{kind}/{subscription}", _GLOBAL))
    headers, wait = {}, 0
    for name, key, factor in draws:
        left = _draw(world, key, (kind, factor), at, start)
        wait = max(wait, math.ceil(-left / (_BUCKETS[kind][1] * factor)) if left < 0 else 0)
        headers[f"x-ms-ratelimit-remaining-{name}"] = str(max(0, int(left)))
    return BucketLevel(headers, wait)


def _draw(world: World, key: str, draw: tuple[str, int], at: float, start: int | None) -> float:
    """Give the tokens of a bucket after the call; below zero when the call is refused."""
    most, refill = (number * draw[1] for number in _BUCKETS[draw[0]])
    row = world.connection.execute(
        "SELECT tokens, at FROM buckets WHERE key = ?", (key,)
    ).fetchone()
    held, since = row or (most if start is None else start * draw[1], at)
    held = min(most, held + max(0.0, at - since) * refill)
    left = held - 1
    kept = held if left < 0 else left  # a call that is refused takes nothing
    world.connection.execute("INSERT OR REPLACE INTO buckets VALUES (?,?,?)", (key, kept, at))
    return left


def _kind(request: Request) -> str:
    if request.method == "DELETE":
        return "deletes"
    return "reads" if request.method in ("GET", "HEAD") else "writes"
