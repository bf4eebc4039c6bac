"""The text of times, ids, names and proofs on a screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from azjit.domain.access import Proof
from azjit.domain.durations import human_duration
from azjit.domain.ids import ResourceId, short_name
from azjit.domain.times import age, say_when, zone_label

NONE = "-"
NameOf = Callable[[str | None, object], str]
_WEEK_DAYS = 7
_SHORT = {
    Proof.REQUEST: "request",
    Proof.ASSIGNMENT: "assignment",
    Proof.UNKNOWN: "not known",
}


class DisplayContext(NamedTuple):
    """The time zone that times are shown in, the moment, and the known names of subscriptions."""

    zone: tzinfo
    now: datetime
    subscription_name: Callable[[str], str | None] | None = None

    def clock(self, at: datetime) -> str:
        """Give a time in its shortest unambiguous form: `14:00`, `Sun 14:00`, `01 Dec 14:00`.

        A weekday is always one of the coming six days; what is past has its date.
        """
        local = at.astimezone(self.zone)
        here = self.now.astimezone(self.zone)
        days = (local.date() - here.date()).days
        if days == 0:
            return local.strftime("%H:%M")
        if 0 < days < _WEEK_DAYS:
            return local.strftime("%a %H:%M")
        same_year = local.year == here.year
        return local.strftime("%d %b %H:%M" if same_year else "%Y-%m-%d")

    def zone_of(self, at: datetime) -> str:
        """Name the zone of a time as it is shown."""
        try:
            return zone_label(at.astimezone(self.zone))
        except OverflowError:
            return "UTC"

    def whole(self, at: datetime | str | None) -> str:
        """Give a time in full, local and UTC; one that could not be read as it was written."""
        return say_when(at, self.zone, now=self.now) if isinstance(at, datetime) else at or NONE

    def age(self, at: datetime) -> str:
        """Give the distance of a time: `5 min ago`, `in 2 h`."""
        return age(self.now, at)


def length(span: timedelta | str | None) -> str:
    """Give a length of time; one that could not be read as it was written."""
    return human_duration(span) if isinstance(span, timedelta) else span or NONE


def named(name: str | None, told: object) -> str:
    """Give a name, else a shortened id."""
    return name or short_id(str(told or "")) or NONE


def called(name: str | None, told: object) -> str:
    """Give a name, else the whole id, else nothing: for exports, which never shorten an id."""
    return name or str(told or "")


def with_id(name: str | None, told: object) -> str:
    """Give a name followed by its id, or the id alone."""
    return f"{name} ({told})" if name else str(told or NONE)


def short_id(told: str) -> str:
    """Shorten a GUID to its first eight characters, which is enough to name it."""
    last = told.rstrip("/").rsplit("/", 1)[-1]
    is_long = len(last) > 12 and "-" in last  # noqa: PLR2004 - longer than a short name
    return f"{last[:8]}..." if is_long else last


def name_cell(told: str | ResourceId | None) -> str:
    """Give a request's name, or the one that its id ends with, as a table shows it."""
    return short_name(str(told).rsplit("/", 1)[-1]) if told is not None else NONE


def known_word(proof: Proof | None) -> str:
    """Give the word for how something is known."""
    return _SHORT.get(proof, proof.value) if proof is not None else NONE


def known(text: str, proof: object) -> str:
    """Add to a text how it is known."""
    return f"{text} (known by: {proof})"
