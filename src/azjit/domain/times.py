"""Instants: reads them from a person and from the wire, and writes them for both."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple

from azjit.domain.durations import (
    LONGEST_TEXT,
    human_duration,
    parse_duration,
    plain_text,
    typed_seconds,
)
from azjit.errors import Usage

GRACE = timedelta(minutes=5)
CLOCK_CHANGE_WINDOW = timedelta(hours=24)
FARTHEST = timedelta(days=3653)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_NAMES = (
    "mon monday|tue tues tuesday|wed wednesday|thu thur thurs thursday|fri friday|"
    "sat saturday|sun sunday"
)
_SECOND = timedelta(seconds=1)
_WHEN_HINT = "use now, +30m, 22:00, 'sun 02:00' or 2026-12-01T22:00"
_SINCE_HINT = "use 12h, 7d, yesterday, 2026-12-01 or 2026-12-01T22:00"
_CLOCK = re.compile(r"(?:([a-z]+) +)?(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)
_STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[t ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?"
    r" ?(z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
# How Azure writes most instants; Python reads these in a quarter of the time.
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,12})?Z", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)


class When(NamedTuple):
    """A start that a person typed, in UTC and in whole seconds."""

    at: datetime
    is_now: bool
    warning: str | None = None


def parse_when(text: str, *, now: datetime, zone: tzinfo) -> When:
    """Read the start that `text` means at `now` in `zone`.

    Raises:
        Usage: it is malformed, past, too far, or a local time that does not name one instant.
    """
    plain = plain_text(text, "time", _WHEN_HINT)
    now = now.astimezone(UTC).replace(microsecond=0)
    if plain == "now":
        return When(now, is_now=True)
    try:
        at, is_local = _typed_instant(plain, text, now, zone)
        return _checked_start(text, at, now, zone if is_local else None)
    except (ValueError, OverflowError) as error:
        raise Usage(f"malformed time {text!r}", hint=_WHEN_HINT) from error


def _typed_instant(plain: str, text: str, now: datetime, zone: tzinfo) -> tuple[datetime, bool]:
    """Give the instant, and whether it was typed in local time."""
    if plain.startswith("+"):
        return now + parse_duration(plain[1:].strip()), False
    if _DATE.fullmatch(plain):
        raise Usage(f"no time of day in {text!r}", hint=f"add one: {plain}T22:00")
    if stamp := _STAMP.fullmatch(plain):
        local = _stamp_fields(stamp).replace(microsecond=0)
        offset = _offset(stamp[8])
        if offset is not None:
            return local.replace(tzinfo=offset).astimezone(UTC), False
        return _only_reading(local, zone), True
    if clock := _CLOCK.fullmatch(plain):
        at = time(int(clock[2]), int(clock[3]), int(clock[4] or 0))
        days = _days_ahead(clock[1], text, now.astimezone(zone).date())
        return _next_at(days, at, now, zone), True
    if plain in {"today", "tomorrow"} or _weekday(plain) is not None:
        raise Usage(f"no time of day in {text!r}", hint=f"add one: '{plain} 02:00'")
    raise Usage(f"malformed time {text!r}", hint=_WHEN_HINT)


def _days_ahead(day: str | None, text: str, today: date) -> tuple[date, ...]:
    """Give the dates that a day's name may mean, nearest first."""
    if day is None:
        return today, today + timedelta(days=1)
    if day in {"today", "tomorrow"}:
        return (today + timedelta(days=day == "tomorrow"),)
    weekday = _weekday(day)
    if weekday is None:
        raise Usage(f"unknown day {day!r} in {text!r}", hint=_WHEN_HINT)
    nearest = today + timedelta(days=(weekday - today.weekday()) % 7)
    return nearest, nearest + timedelta(days=7)


def _weekday(name: str) -> int | None:
    names = enumerate(_DAY_NAMES.split("|"))
    return next((number for number, spelled in names if name in spelled.split()), None)


def _next_at(dates: tuple[date, ...], at: time, now: datetime, zone: tzinfo) -> datetime:
    """Give the first of the dates whose `at` is not over yet; the last one if all are."""
    for day in dates[:-1]:
        local = datetime.combine(day, at)
        # A skipped or repeated time counts as over only when each of its readings is.
        if max(_both_readings(local, zone)) >= now - GRACE:
            return _only_reading(local, zone)
    return _only_reading(datetime.combine(dates[-1], at), zone)


def _checked_start(text: str, at: datetime, now: datetime, zone: tzinfo | None) -> When:
    if at < now - GRACE:
        raise Usage(f"the start {text!r} has passed", hint="use now, +30m, or a later time")
    if at > now + FARTHEST:
        raise Usage(f"the start {text!r} is more than ten years ahead", hint="check the year")
    warning = None if zone is None else _change_nearby(at, zone, now)
    return When(max(at, now), is_now=at <= now, warning=warning)


def parse_since(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """Read the past time from which a listing begins.

    Raises:
        Usage: it is malformed or still to come.
    """
    plain = plain_text(text, "time", _SINCE_HINT)
    try:
        at = _since(plain, now, zone)
    except (ValueError, OverflowError) as error:
        raise Usage(f"malformed time {text!r}", hint=_SINCE_HINT) from error
    if at > now:
        raise Usage(f"{text!r} is still to come", hint=_SINCE_HINT)
    return at


def _since(plain: str, now: datetime, zone: tzinfo) -> datetime:
    if plain in {"today", "yesterday"}:
        today = now.astimezone(zone).date()
        return _earliest(today - timedelta(days=plain == "yesterday"), zone)
    if day := _DATE.fullmatch(plain):
        return _earliest(date(int(day[1]), int(day[2]), int(day[3])), zone)
    if stamp := _STAMP.fullmatch(plain):
        local, offset = _stamp_fields(stamp), _offset(stamp[8])
        if offset is not None:
            return local.replace(tzinfo=offset).astimezone(UTC)
        return min(_both_readings(local, zone))
    seconds = typed_seconds(plain)
    if seconds is None:
        raise Usage(f"malformed time {plain!r}", hint=_SINCE_HINT)
    return now.astimezone(UTC) - timedelta(seconds=seconds)


def _earliest(day: date, zone: tzinfo) -> datetime:
    """Give the first instant of a day; where a clock change skips midnight, it is later."""
    midnight = datetime.combine(day, time())
    readings = _readings(midnight, zone)
    return readings[0] if readings else _change_between(*_both_readings(midnight, zone), zone)


def parse_instant(text: object) -> datetime | None:
    """Read an instant of the wire, in UTC if it has no offset; None if unreadable."""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        return None
    try:
        if _USUAL.fullmatch(text) is not None:
            return datetime.fromisoformat(text)
        stamp = _STAMP.fullmatch(text.strip().lower())
        if stamp is None:
            return None
        offset = _offset(stamp[8]) or UTC
        at = _stamp_fields(stamp).replace(tzinfo=offset)
        return at if offset is UTC else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def iso_instant(at: datetime) -> str:
    """Write an instant for the wire and for JSON: `2026-12-01T21:00:00Z`."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def _stamp_fields(stamp: re.Match[str]) -> datetime:
    year, month, day, hour, minute = map(int, stamp.group(1, 2, 3, 4, 5))
    micros = int((stamp[7] or "0")[:6].ljust(6, "0"))
    return datetime(year, month, day, hour, minute, int(stamp[6] or 0), micros)  # noqa: DTZ001 - local


def _offset(text: str | None) -> tzinfo | None:
    if text is None or text == "z":
        return UTC if text else None
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if minutes > 59:  # noqa: PLR2004 - a clock's number
        raise ValueError(text)
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text[0] == "-" else ahead)


def say_utc(at: datetime) -> str:
    """Write an instant for people, in UTC: `2026-12-01 21:00 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def say_when(at: datetime, zone: tzinfo, *, now: datetime) -> str:
    """Write an instant for people, in local time and UTC: `Sun 22 Nov 22:00 CET (21:00 UTC)`."""
    utc = at.astimezone(UTC)
    try:
        local, here = at.astimezone(zone), now.astimezone(zone)
    except OverflowError:
        local, here = utc, now.astimezone(UTC)
    said = f"{_say_day(local, here)} {local:%H:%M} {zone_label(local)}"
    if zone_label(local) == "UTC":
        return said
    day = "" if utc.date() == local.date() else f"{_say_day(utc, here)} "
    return f"{said} ({day}{utc:%H:%M} UTC)"


def _say_day(at: datetime, now: datetime) -> str:
    year = "" if at.year == now.year else f" {at.year}"
    return f"{_WEEKDAYS[at.weekday()].title()} {at.day} {_MONTHS[at.month - 1]}{year}"


def zone_label(at: datetime) -> str:
    """Name the zone of a local time."""
    label = at.tzname() or "UTC"
    if label in {"UTC", "GMT"} and (offset := at.utcoffset()):
        # Rules may give the name to another zone: `UTC+1` is an hour behind UTC.
        return str(timezone(offset))
    return f"UTC{label}" if label[0] in "+-" else label


def age(now: datetime, at: datetime) -> str:
    """Write the distance of an instant: `5 min ago`, `in 2 h`, in its two largest units."""
    seconds = abs(at - now) // _SECOND
    if seconds == 0:
        return "now"
    grain = 1 if seconds < 60 else 60 if seconds < 86400 else 3600  # noqa: PLR2004 - clock numbers
    length = human_duration(timedelta(seconds=seconds - seconds % grain))
    return f"in {length}" if at > now else f"{length} ago"


def _both_readings(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Give the instants that a local time means before and after a clock change; mostly equal."""
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def _readings(local: datetime, zone: tzinfo) -> list[datetime]:
    """Give the instants at which clocks show `local`: none, one or two, in order."""
    readings = sorted(set(_both_readings(local, zone)))
    return [at for at in readings if at.astimezone(zone).replace(tzinfo=None) == local]


def _only_reading(local: datetime, zone: tzinfo) -> datetime:
    readings = _readings(local, zone)
    if len(readings) == 1:
        return readings[0]
    said = f"{local:%H:%M} on {_say_day(local, local)} {local.year} in {_zone_name(zone)}"
    if readings:
        first, second = (f"{at:%Y-%m-%dT%H:%M}Z" for at in readings)
        raise Usage(f"{said} happens twice: the clocks go back", hint=f"use {first} or {second}")
    change = _change_between(*_both_readings(local, zone), zone)
    raise Usage(
        f"{said} does not exist: the clocks go forward",
        hint=f"the next time that does is {change.astimezone(zone):%H:%M} ({change:%H:%M} UTC)",
    )


def _change_nearby(at: datetime, zone: tzinfo, now: datetime) -> str | None:
    before, after = at - CLOCK_CHANGE_WINDOW, at + CLOCK_CHANGE_WINDOW
    if _offset_at(before, zone) == _offset_at(after, zone):
        return None
    change = _change_between(before, after, zone)
    forward = _offset_at(change, zone) > _offset_at(before, zone)
    way = "forward" if forward else "back"
    return f"the clocks in {_zone_name(zone)} go {way} at {say_when(change, zone, now=now)}"


def _change_between(one: datetime, other: datetime, zone: tzinfo) -> datetime:
    """Give the first instant of the offset that holds at the later of two instants."""
    low, high = sorted((one, other))
    wanted = _offset_at(high, zone)
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (low, middle) if _offset_at(middle, zone) == wanted else (middle, high)
    return high


def _offset_at(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _zone_name(zone: tzinfo) -> str:
    return str(getattr(zone, "key", None) or zone)
