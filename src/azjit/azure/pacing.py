"""Paces the calls to the token buckets of Resource Manager, so that it need not refuse any.

Each answer says how many calls are left for the caller in the subscription, and one that refuses
a call how long to wait.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Self

from azjit.domain.polling import Clock

# The calls that come back to a bucket each second.
_REFILL = {"reads": 25, "writes": 10, "deletes": 10}
# Answers may arrive in another order than they were counted, so that some room is left. A refused
# read is sent again after a second; a refused write is not.
_SPARE = {"reads": 4, "writes": 2, "deletes": 2}
_FEW = 8
_LEFT = "x-ms-ratelimit-remaining-"
_LONGEST_SECONDS = 1.0
_NONE = timedelta()


class Bucket:
    """The tokens of a bucket at the last answer, and the calls that it does not count yet."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.under_way = 0
        self._refill = _REFILL[kind]
        self._least = 1 + _SPARE[kind]
        self._left: int | None = None
        self._at: datetime | None = None
        self._begun = 0
        self._refused_at: datetime | None = None
        self._wait = _NONE

    def room(self, now: datetime) -> float | None:
        """Give how many calls may begin; None before the first answer."""
        if self._closed(now):
            return 0.0
        if self._left is None or self._at is None:
            return None
        passed = max(0.0, (now - self._at).total_seconds())
        return self._left + passed * self._refill - self._begun

    def begin(self, now: datetime) -> float:
        """Begin a call, or give the seconds until one may begin."""
        if closed := self._closed(now):
            return closed.total_seconds()
        room = self.room(now)
        if room is not None and room < self._least:
            return (self._least - room) / self._refill
        self._begun += 1
        self.under_way += 1
        return 0.0

    def give_back(self) -> None:
        """Take the beginning of a call back that was not sent."""
        self.under_way -= 1
        self._begun = max(0, self._begun - 1)

    def end(self, left: Iterable[int], now: datetime, wait: timedelta = _NONE) -> None:
        """End a call.

        `left` has the remaining calls of each limit that the answer names; `wait` is how long Azure
        asks to wait.
        """
        if wait > self._closed(now):
            self._refused_at, self._wait = now, wait
        self.under_way -= 1
        lowest = min(left, default=None)
        if lowest is not None:
            # Azure may have counted those under way, or not: they are taken off.
            self._left, self._at, self._begun = lowest, now, self.under_way

    def _closed(self, now: datetime) -> timedelta:
        """Give how long Azure asks to wait still; if a clock is set back, no longer."""
        passed = now - self._refused_at if self._refused_at is not None else self._wait
        return max(_NONE, self._wait - passed) if passed >= _NONE else _NONE


class Pace:
    """Lets calls begin while their bucket has tokens; before the first answer, all of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def begin(self, method: str, path: str) -> Bucket:
        """Wait until a call may begin."""
        key = _key(method, path)
        while True:
            with self._lock:
                bucket = self._buckets.setdefault(key, Bucket(key[0]))
                seconds = bucket.begin(self._clock.now())
            if not seconds:
                return bucket
            self._clock.sleep(min(seconds, _LONGEST_SECONDS))

    def is_short(self, method: str, path: str) -> bool:
        """Tell whether only a few calls may begin."""
        with self._lock:
            bucket = self._buckets.get(_key(method, path))
            room = bucket.room(self._clock.now()) if bucket is not None else None
        return room is not None and room < _FEW

    def give_back(self, bucket: Bucket) -> None:
        """Take the beginning of a call back that was not sent."""
        with self._lock:
            bucket.give_back()

    def end(self, bucket: Bucket, headers: Mapping[str, str], wait: timedelta = _NONE) -> None:
        """Learn from the headers of an answer; they are empty if there is none.

        One that refuses the call asks for a `wait`.
        """
        named = ((name.lower(), text) for name, text in headers.items())
        left = [
            int(text)
            for name, text in named
            if name.startswith(_LEFT) and name.endswith(f"-{bucket.kind}") and text.isdecimal()
        ]
        with self._lock:
            bucket.end(left, self._clock.now(), wait)


def _key(method: str, path: str) -> tuple[str, str]:
    """Name the bucket of a call: its kind, and its subscription if it has one."""
    kind = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")
    parts = path.lower().split("/")
    is_in_one = parts[1:2] == ["subscriptions"] and len(parts) > 2  # noqa: PLR2004 - the id's shape
    return kind, parts[2] if is_in_one else ""


class Room:
    """Room for one call in its bucket, kept from before the reads that the call depends on."""

    def __init__(self, pace: Pace, method: str, path: str) -> None:
        self._pace = pace
        self._method = method
        self._path = path
        self._bucket: Bucket | None = None

    def wait(self) -> None:
        """Wait until the call may begin, unless it may already."""
        if self._bucket is None:
            self._bucket = self._pace.begin(self._method, self._path)

    def take(self) -> Bucket:
        """Give the room to the call that begins now; the next `wait` is for another call."""
        self.wait()
        taken, self._bucket = self._bucket, None
        assert taken is not None  # it was waited for
        return taken

    def __enter__(self) -> Self:
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bucket is not None:
            self._pace.give_back(self.take())
