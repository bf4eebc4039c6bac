"""Does the same for many, eight at a time, and keeps the order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")

# ARM refills ten writes a second for each principal and subscription: more threads gain nothing.
THREADS = 8


def each(
    work: Callable[[_In], _Out], many: Iterable[_In], stop: Event | None = None
) -> Iterator[_Out]:
    """Give `work` of each item in the order of the items; Ctrl-C sets `stop` for those at work."""
    listed = list(many)
    if len(listed) <= 1:
        yield from map(work, listed)
        return
    with ThreadPoolExecutor(THREADS, thread_name_prefix="azjit") as pool:
        try:
            yield from pool.map(work, listed)
        except KeyboardInterrupt:
            # Leaving the pool waits for its threads; whoever waits in them looks at `stop`.
            if stop is not None:
                stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
