"""Polling ends with its goal, at the deadline, or with an error of the read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, islice

import pytest

from azjit.domain.polling import Clock, growing, poll
from azjit.errors import Unavailable

START = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class _Watch:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=sum(self.slept))


def _poll(wanted: int, timeout: timedelta) -> tuple[int, list[float]]:
    watch, reads, pauses = _Watch(), count(1), growing(SECOND, 2, 4 * SECOND)
    clock = Clock(watch.now, watch.slept.append)
    seen = poll(
        lambda: next(reads),
        lambda seen: seen == wanted,
        lambda _: next(pauses),
        START + timeout,
        clock,
    )
    return seen, watch.slept


@pytest.mark.parametrize(
    ("wanted", "timeout", "seen", "slept"),
    [
        (1, timedelta(0), 1, []),
        (9, timedelta(0), 1, []),
        (3, 10 * SECOND, 3, [1, 2]),
        (9, 5 * SECOND, 4, [1, 2, 2]),
    ],
)
def test_poll_reads_until_done_or_the_deadline(
    wanted: int, timeout: timedelta, seen: int, slept: list[float]
) -> None:
    assert _poll(wanted, timeout) == (seen, slept)


def test_an_error_of_the_read_ends_it() -> None:
    def read() -> int:
        raise Unavailable("no answer came")

    with pytest.raises(Unavailable):
        poll(read, bool, lambda _: SECOND, START + SECOND, Clock(lambda: START, lambda _: None))


def test_pauses_grow_up_to_the_longest() -> None:
    assert [*islice(growing(SECOND, 2, 3 * SECOND), 4)] == [each * SECOND for each in (1, 2, 3, 3)]
