"""Durations: reads them from a person and from the wire, and writes them for both."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache

from azjit.errors import Usage

LONGEST = timedelta(days=365)
_SECOND = timedelta(seconds=1)
_DURATION_HINT = "use 2h, 90m, 1h30m or PT2H"
LONGEST_TEXT = 64
_NUMBER = r"(\d{1,18}(?:[.,]\d{1,9})?)"
_WIRE = re.compile(
    rf"p(?:{_NUMBER}w)?(?:{_NUMBER}d)?(?:t(?=\d)(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?)?",
    re.ASCII,
)
_TYPED = re.compile(
    rf"(?:{_NUMBER} ?w ?)?(?:{_NUMBER} ?d ?)?(?:{_NUMBER} ?h ?)?"
    rf"(?:{_NUMBER} ?m(?:in)? ?)?(?:{_NUMBER} ?s)?",
    re.ASCII,
)
_DOTNET = re.compile(r"(?:(\d{1,8})\.)?(\d\d):(\d\d):(\d\d(?:\.\d{1,7})?)", re.ASCII)
_CALENDAR = re.compile(r"p?(?=[\d.,]+ ?(?:y|mo))|p[^t]*[ym]", re.ASCII)
_UNITS = (7 * 86400, 86400, 3600, 60, 1)


def parse_duration(text: str) -> timedelta:
    """Read a length of time: more than nothing, at most a year, whole seconds.

    Raises:
        Usage: it is anything else.
    """
    plain = plain_text(text, "duration", _DURATION_HINT)
    if plain.isdigit():
        raise Usage(f"no unit in the duration {text!r}", hint=f"{plain}h or {plain}m?")
    if plain.startswith("-"):
        raise Usage(f"the duration {text!r} is negative", hint=_DURATION_HINT)
    if _CALENDAR.match(plain):
        raise Usage(f"months and years in {text!r} have no exact length", hint="use days: 30d")
    found = _TYPED.fullmatch(plain) or _WIRE.fullmatch(plain)
    if found is None or not any(found.groups()):
        raise Usage(f"malformed duration {text!r}", hint=_DURATION_HINT)
    seconds = _whole_seconds(found)
    if seconds is None:
        raise Usage(f"the duration {text!r} is not in whole seconds", hint=_DURATION_HINT)
    if seconds == 0:
        raise Usage(f"the duration {text!r} is zero", hint=_DURATION_HINT)
    if seconds > LONGEST.total_seconds():
        raise Usage(f"the duration {text!r} is longer than a year", hint=_DURATION_HINT)
    return timedelta(seconds=seconds)


def parse_iso_duration(text: object) -> timedelta | None:
    """Read a duration of the wire, in ISO 8601 or .NET form; None if it has no exact length."""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.isascii():
        return None
    return _exact_duration(text.strip().lower())


@lru_cache(maxsize=1024)
def _exact_duration(plain: str) -> timedelta | None:
    if dotnet := _DOTNET.fullmatch(plain):
        days, hours, minutes, seconds = (float(part or 0) for part in dotnet.groups())
        if hours >= 24 or minutes >= 60 or seconds >= 60:  # noqa: PLR2004 - a clock's numbers
            return None
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    micros = _in_parts_of_a_second(_WIRE.fullmatch(plain), 10**6)
    try:
        return None if micros is None else timedelta(microseconds=micros)
    except OverflowError:
        return None


def typed_seconds(plain: str) -> int | None:
    """Give a duration in whole seconds, typed or of the wire; None if the text is no duration."""
    return _whole_seconds(_TYPED.fullmatch(plain) or _WIRE.fullmatch(plain))


def _whole_seconds(found: re.Match[str] | None) -> int | None:
    return _in_parts_of_a_second(found, 1)


def _in_parts_of_a_second(found: re.Match[str] | None, parts: int) -> int | None:
    """Add up the units of a match exactly; None without a match, or if a remainder is left."""
    if found is None or not any(found.groups()):
        return None
    total = 0
    for number, unit in zip(found.groups(), _UNITS, strict=True):
        whole, _, fraction = (number or "0").replace(",", ".").partition(".")
        # Billionths, because a fraction has at most nine digits.
        total += (int(whole) * 10**9 + int(fraction.ljust(9, "0"))) * unit
    exact, rest = divmod(total * parts, 10**9)
    return None if rest else exact


def plain_text(text: str, what: str, hint: str) -> str:
    """Give a typed text in lower case with single spaces; refuse an empty or malformed one."""
    plain = " ".join(text.split()).lower()
    if not plain:
        raise Usage(f"empty {what}", hint=hint)
    if len(text) > LONGEST_TEXT or not plain.isascii() or not plain.isprintable():
        raise Usage(f"malformed {what} {text[:LONGEST_TEXT]!r}", hint=hint)
    return plain


def iso_duration(length: timedelta) -> str:
    """Write a duration for the wire: `PT1H30M`, with no days."""
    hours, minutes, seconds = _clock_parts(length)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    return "PT" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0S")


def typed_duration(length: timedelta) -> str:
    """Write a duration as a person types it: `1h30m`."""
    hours, minutes, seconds = _clock_parts(length)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def human_duration(length: timedelta) -> str:
    """Write a duration for people: `1 h 30 min`."""
    hours, minutes, seconds = _clock_parts(length)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def _clock_parts(length: timedelta) -> tuple[int, int, int]:
    if length < timedelta(0):
        raise ValueError(f"a length of time is not negative: {length}")
    minutes, seconds = divmod(length // _SECOND, 60)
    return *divmod(minutes, 60), seconds
