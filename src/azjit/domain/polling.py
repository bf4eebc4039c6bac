"""Polling: reads until a condition holds or the time is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

_T = TypeVar("_T")


class Clock(NamedTuple):
    """The time now, and a way to wait for some seconds."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


def poll(
    read: Callable[[], _T],
    is_done: Callable[[_T], bool],
    pause: Callable[[_T], timedelta],
    deadline: datetime,
    clock: Clock,
) -> _T:
    """Read until `is_done` or the deadline, and give what the last read showed.

    There is at least one read. `pause` says how long to wait after a read that is not done, and
    may report progress; a pause is cut at the deadline, and one more read follows it. An error
    that `read` raises ends the polling: a `read` that may be repeated after an error gives that
    error as a part of its value instead.

        pauses = growing(timedelta(seconds=1), 2, timedelta(seconds=10))
        seen = poll(read, has_ended, lambda _: next(pauses), clock.now() + timeout, clock)
    """
    while True:
        seen = read()
        if is_done(seen):
            return seen
        left = deadline - clock.now()
        if left <= timedelta(0):
            return seen
        clock.sleep(min(pause(seen), left).total_seconds())


def growing(first: timedelta, factor: float, longest: timedelta) -> Iterator[timedelta]:
    """Give endless pauses, each longer by a factor, up to the longest."""
    while True:
        yield first
        first = min(first * factor, longest)
