"""The time by Azure: the `Date` of its answers shows whether this machine's clock is right."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Lock
from typing import NamedTuple

from azjit.domain.durations import human_duration

# Kerberos takes five minutes, and Azure's tokens as many; what is decided by minutes needs less.
LARGEST_SKEW = timedelta(minutes=2)
_SLACK = timedelta(seconds=5)
_SECOND = timedelta(seconds=1)
# Two dates that a proxy joined: a comma stands inside of one, too.
_JOINED = re.compile(r",\s*(?=(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun))", re.IGNORECASE)


def read_date(header: str) -> datetime | None:
    """Read a date of HTTP in any form of RFC 9110; None if it is none, or several that differ."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - 10 ms before any call

    try:
        found = map(parsedate_to_datetime, _JOINED.split(header.strip()))
        # A date without a zone, as of asctime, is in UTC.
        at = {(each if each.tzinfo else each.replace(tzinfo=UTC)).astimezone(UTC) for each in found}
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at.pop() if len(at) == 1 else None


class _Span(NamedTuple):
    """How far ahead of this machine Azure's clock is, at least and at most."""

    low: timedelta
    high: timedelta

    @property
    def is_off(self) -> bool:
        """Whether the clocks differ by more than they may, for certain."""
        return self.low > LARGEST_SKEW or self.high < -LARGEST_SKEW

    @property
    def nearest(self) -> timedelta:
        """The smallest correction that fits."""
        return self.low if self.low > timedelta(0) else self.high

    def agrees(self, other: _Span) -> bool:
        """Tell whether both may measure the same difference."""
        return self.low - _SLACK <= other.high and other.low - _SLACK <= self.high


class AzureTime:
    """The correction of this machine's clock, learned from the answers of Resource Manager.

    The clock counts as wrong after two answers in a row that agree; `say` is then told. An answer
    from a cache, or an error, which a gateway may have made, tells nothing. A sandbox has a clock
    of its own, which is followed.
    """

    def __init__(self, now: Callable[[], datetime], say: Callable[[str], None]) -> None:
        self.now_here = now
        self._say = say
        self.offset = timedelta(0)
        self.is_followed = False
        self._last: _Span | None = None
        self._is_unsure = False
        self._lock = Lock()

    @property
    def is_wrong_here(self) -> bool:
        """Whether this machine's clock differs from Azure's by more than it may."""
        return bool(self.offset) and not self.is_followed

    def follow(self, date: str) -> None:
        """Follow a sandbox's clock, which `Date` gives in whole seconds, rounded down."""
        self.is_followed = True
        told = read_date(date)
        if told is not None:
            ahead = (told - self.now_here()).total_seconds()
            self.offset = timedelta(seconds=math.ceil(ahead - 0.001))

    def hear(self, status: int, headers: Mapping[str, str], asked: datetime) -> None:
        """Take note of an answer to a call that was sent at an instant of this machine's clock."""
        date = headers.get("Date") or ""
        if self.is_followed:
            self.follow(date)
            return
        told = read_date(date)
        if told is None or status >= HTTPStatus.MULTIPLE_CHOICES or headers.get("Age"):
            return
        span = _Span(told - self.now_here(), told + _SECOND - asked)
        with self._lock:
            self._learn(span)

    def wants_another(self) -> bool:
        """Tell, once, whether one more answer is needed to know that the clock is wrong."""
        with self._lock:
            is_unsure, self._is_unsure = self._is_unsure, False
        return is_unsure

    def _learn(self, span: _Span) -> None:
        last, self._last = self._last, span
        is_sure = last is not None and last.is_off == span.is_off and last.agrees(span)
        self._is_unsure = span.is_off and not is_sure and not self.offset
        if not is_sure:
            return
        if not span.is_off:
            self.offset = timedelta(0)
        elif not self.offset:
            self.offset = span.nearest
            way = "behind" if self.offset > timedelta(0) else "ahead of"
            length = human_duration(timedelta(seconds=abs(self.offset) // _SECOND))
            self._say(f"this machine's clock is {length} {way} Azure's: azjit uses Azure's time")
