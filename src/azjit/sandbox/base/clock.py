"""Time in the sandbox: the system's clock, and instants and durations as Azure writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DURATION = re.compile(
    r"P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?", re.ASCII
)


def system_now() -> datetime:
    """The real time, aware and in UTC."""
    return datetime.now(UTC)  # noqa: TID251 the sandbox's only look at the real clock


def stamp(at: datetime) -> str:
    """An instant as text of fixed width, so that text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def read_instant(text: str) -> datetime:
    """Read an instant in RFC 3339 text; Azure writes seven digits of a second.

    Raises:
        ValueError: the text is no instant with an offset.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError(f"not an instant with an offset: {text!r}")
    day, clock, fraction, offset = match.groups()
    micros = (fraction or "0").ljust(6, "0")[:6]
    zone = "+00:00" if offset in "Zz" else offset
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{micros}{zone}").astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"outside the calendar: {text!r}") from error


def read_duration(text: str) -> timedelta:
    """Read a duration in ISO 8601 text without calendar units.

    Raises:
        ValueError: the text is no positive duration.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"not a duration: {text!r}")
    days, hours, minutes, seconds = (int(group or 0) for group in match.groups())
    try:
        length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise ValueError(f"too long a duration: {text!r}") from error
    if length <= timedelta(0):
        raise ValueError(f"not a positive duration: {text!r}")
    return length


def end_of(start: datetime, length: timedelta) -> datetime:
    """Give start plus length, at most the end of the calendar."""
    latest = datetime.max.replace(tzinfo=UTC)
    return latest if length >= latest - start else start + length


def http_date(at: datetime) -> str:
    """An instant as the `Date` header writes it, whatever the locale."""
    utc = at.astimezone(UTC)
    day, month = _DAYS[utc.weekday()], _MONTHS[utc.month - 1]
    return f"{day}, {utc.day:02} {month} {utc.year:04} {utc:%H:%M:%S} GMT"
