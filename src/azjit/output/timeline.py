"""Draws a grant as one line: its start, its end, and the current time."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from azjit.output.fields import Style

_LENGTH = 14
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_SHORT = timedelta(minutes=15)


class Timeline(NamedTuple):
    """The span of a grant, seen at one moment."""

    start: datetime
    end: datetime
    now: datetime

    def text(self, zone: tzinfo) -> str:
        """Give `14:00 ──────●─────── 16:00  1 h 5 min left`, in the zone's time.

        A stream that lacks these characters gets - and o: see `output.streams`.
        """
        start, end = (self._clock(time, zone) for time in (self.start, self.end))
        if self.now < self.start:
            return f"● {start} {'─' * _LENGTH} {end}  starts in {spell(self.start - self.now)}"
        if self.now >= self.end:
            return f"{start} {'─' * _LENGTH} {end} ●  ended {spell(self.now - self.end)} ago"
        at = int((self.now - self.start) / (self.end - self.start) * _LENGTH)
        bar = "─" * at + "●" + "─" * (_LENGTH - at - 1)
        return f"{start} {bar} {end}  {spell(self.end - self.now)} left"

    def style(self) -> Style:
        """Give the style: open, soon over, or not open."""
        if not self.start <= self.now < self.end:
            return "quiet"
        return "wait" if self.end - self.now <= _SHORT else "good"

    def _clock(self, time: datetime, zone: tzinfo) -> str:
        local = time.astimezone(zone)
        is_today = local.date() == self.now.astimezone(zone).date()
        return local.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")


def spell(span: timedelta) -> str:
    """Give a length of time in its two largest units: `1 h 5 min`, `2 d 3 h`, `under a minute`."""
    if span < _MINUTE:
        return "under a minute"
    days, rest = divmod(span, _DAY)
    hours, rest = divmod(rest, _HOUR)
    units = ((days, "d"), (hours, "h"), (rest // _MINUTE, "min"))
    return " ".join([f"{count} {unit}" for count, unit in units if count][:2])
