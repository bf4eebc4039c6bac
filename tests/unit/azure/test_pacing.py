from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from azjit.azure.pacing import Bucket, Pace, Room
from azjit.domain.polling import Clock as PollClock
from azjit.sandbox.arm import limits
from harness import Clock

_HERE = "/subscriptions/S1/resourceGroups/g"
_READS = "x-ms-ratelimit-remaining-subscription-reads"
_WRITES = "x-ms-ratelimit-remaining-subscription-writes"


def _paced(clock: Clock) -> Pace:
    return Pace(PollClock(clock.now, clock.sleep))


def test_without_a_word_from_azure_nothing_waits() -> None:
    clock = Clock()
    pace = _paced(clock)

    for _ in range(1000):
        pace.end(pace.begin("GET", _HERE), {})

    assert clock.slept == []


def test_a_full_bucket_lets_many_begin_at_once() -> None:
    clock = Clock()
    pace = _paced(clock)
    pace.end(pace.begin("GET", _HERE), {_READS: "249"})

    begun = [pace.begin("GET", _HERE) for _ in range(32)]

    assert clock.slept == []
    assert begun[0].under_way == 32


@pytest.mark.parametrize(
    ("method", "header", "seconds"), [("GET", _READS, 5 / 25), ("POST", _WRITES, 3 / 10)]
)
def test_an_empty_bucket_is_waited_for(method: str, header: str, seconds: float) -> None:
    clock = Clock()
    pace = _paced(clock)
    pace.end(pace.begin(method, _HERE), {header: "0"})

    pace.begin(method, _HERE)

    assert sum(clock.slept) == pytest.approx(seconds, abs=0.01)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_call_keeps_its_bucket_closed_for_as_long_as_azure_asks(method: str) -> None:
    clock = Clock()
    pace = _paced(clock)
    both = [pace.begin(method, _HERE) for _ in range(2)]
    pace.end(both[0], {}, timedelta(seconds=7))
    pace.end(both[1], {}, timedelta(seconds=2))

    assert pace.is_short(method, _HERE)
    pace.begin({"GET": "POST", "POST": "GET"}[method], _HERE)
    assert clock.slept == []
    pace.begin(method, _HERE)

    assert sum(clock.slept) == pytest.approx(7)
    assert not pace.is_short(method, _HERE)


def test_a_clock_that_is_set_back_closes_no_bucket() -> None:
    clock = Clock()
    pace = _paced(clock)
    pace.end(pace.begin("POST", _HERE), {}, timedelta(seconds=7))
    clock.sleep(-3600)
    clock.slept.clear()

    pace.begin("POST", _HERE)

    assert clock.slept == []


def test_the_smallest_limit_of_an_answer_counts() -> None:
    clock = Clock()
    pace = _paced(clock)
    globally = "X-Ms-Ratelimit-Remaining-Subscription-Global-Writes"
    pace.end(pace.begin("PUT", _HERE), {_WRITES: "199", globally: "0", _READS: "odd"})

    pace.begin("PUT", _HERE)

    assert clock.slept


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", _HERE), ("DELETE", _HERE), ("GET", "/subscriptions/S2"), ("GET", "/providers/x")],
)
def test_each_kind_and_subscription_has_a_bucket_of_its_own(method: str, path: str) -> None:
    clock = Clock()
    pace = _paced(clock)
    pace.end(pace.begin("GET", _HERE), {_READS: "0"})

    pace.begin(method, path)

    assert clock.slept == []


def test_calls_under_way_are_taken_off_what_is_left() -> None:
    clock = Clock()
    pace = _paced(clock)
    first, *others = [pace.begin("POST", _HERE) for _ in range(4)]
    pace.end(first, {_WRITES: "6"})

    pace.begin("POST", _HERE)
    assert clock.slept == []
    pace.begin("POST", _HERE)
    assert clock.slept

    assert len(others) == 3


def test_a_clock_that_is_set_back_never_waits_longer_than_the_bucket_needs() -> None:
    bucket, clock = Bucket("writes"), Clock()
    bucket.begin(clock.now())
    bucket.end([0], clock.now())

    assert bucket.begin(clock.now().replace(year=2020)) == pytest.approx(0.3)


def test_five_hundred_writes_keep_to_the_bucket_of_the_sandbox() -> None:
    """The bound: the bucket holds 200 and gets 10 a second, so that 500 take 30 seconds."""
    clock, lock = Clock(), threading.Lock()
    pace = _paced(clock)
    most, refill = limits._BUCKETS["writes"]
    held, at, refused = float(most), clock.now(), 0

    def write(_: int) -> None:
        nonlocal held, at, refused
        with lock:
            bucket = pace.begin("POST", _HERE)
            held = min(most, held + (clock.now() - at).total_seconds() * refill)
            at = clock.now()
            refused += held < 1
            held -= held >= 1
            pace.end(bucket, {_WRITES: str(int(held))})

    began = clock.now()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(500)))

    assert refused == 0
    assert (clock.now() - began).total_seconds() <= 33


def test_room_that_is_not_used_is_for_another_call() -> None:
    clock = Clock()
    pace = _paced(clock)
    pace.end(pace.begin("POST", _HERE), {_WRITES: "3"})

    with Room(pace, "POST", _HERE):
        pass
    with Room(pace, "POST", _HERE) as room:
        bucket = room.take()

    assert clock.slept == []
    assert bucket.under_way == 1


def test_room_is_kept_while_another_call_waits() -> None:
    clock = Clock()
    pace = _paced(clock)
    pace.end(pace.begin("POST", _HERE), {_WRITES: "3"})

    with Room(pace, "POST", _HERE) as room:
        pace.begin("POST", _HERE)
        waited = len(clock.slept)
        room.take()

    assert waited == 1
    assert len(clock.slept) == waited
