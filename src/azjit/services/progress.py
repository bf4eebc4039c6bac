"""The progress of a batch and its rate, for a person at a terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from azjit.context import Context

_In = TypeVar("_In")
_Out = TypeVar("_Out")

# The rate is that of the last seconds: under ARM's limits a batch begins fast, and goes on slowly.
_LAST = timedelta(seconds=5)
_SHORTEST = timedelta(seconds=1)
_SECONDS = 60


def counted(
    context: Context, doing: str, work: Callable[[_In], _Out], total: int
) -> Callable[[_In], _Out]:
    """Give work that also shows, after each of several items, how many are done."""
    if total == 1:
        return work
    lock = Lock()
    ended = deque([context.clock.now()])
    done = 0
    context.notes.progress(f"{doing} requests: 0 of {total}")

    def and_tell(item: _In) -> _Out:
        nonlocal done
        result = work(item)
        with lock:
            done += 1
            ended.append(context.clock.now())
            while len(ended) > 2 and ended[-1] - ended[0] > _LAST:  # noqa: PLR2004 - a first and a last
                ended.popleft()
            context.notes.progress(f"{doing} requests: {done} of {total}{_rate(ended)}")
        return result

    return and_tell


def _rate(ended: deque[datetime]) -> str:
    passed = ended[-1] - ended[0]
    if passed < _SHORTEST:
        return ""
    each_second = (len(ended) - 1) / passed.total_seconds()
    if each_second >= 1:
        return f", {each_second:.0f} per second"
    return f", {each_second * _SECONDS:.0f} per minute"
