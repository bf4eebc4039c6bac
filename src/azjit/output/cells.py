"""How times, lengths and people look on a screen; made from items, in the reader's zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from azjit.domain.durations import human_duration, parse_iso_duration
from azjit.domain.ids import is_guid
from azjit.domain.times import age, parse_instant, say_when

Item = Mapping[str, object]
Cell = Callable[[Item], str]
_NONE = "-"
_WEEK = 7


@dataclass(frozen=True, slots=True)
class DisplayContext:
    """Who reads: their time zone and the moment."""

    zone: tzinfo
    now: datetime

    def clock(self, at: datetime) -> str:
        """Say a time as short as it stays clear: `14:00`, `Sun 14:00`, `01 Dec 14:00`.

        A weekday is always one of the coming six days; what is past has its date.
        """
        local = at.astimezone(self.zone)
        here = self.now.astimezone(self.zone)
        days = (local.date() - here.date()).days
        if days == 0:
            return local.strftime("%H:%M")
        if 0 < days < _WEEK:
            return local.strftime("%a %H:%M")
        same_year = local.year == here.year
        return local.strftime("%d %b %H:%M" if same_year else "%Y-%m-%d")

    def whole(self, at: datetime) -> str:
        """Say a time in full, local and UTC."""
        return say_when(at, self.zone, now=self.now)

    def age(self, at: datetime) -> str:
        """Say how long ago, or how far ahead, a time is."""
        return age(self.now, at)

    def time_cell(self, key: str, *, whole: bool = False) -> Cell:
        """Make a cell that says the instant under `key`."""

        def cell(item: Item) -> str:
            told = item.get(key)
            at = parse_instant(told) if isinstance(told, str) else None
            if at is None:
                return str(told) if told else _NONE
            return self.whole(at) if whole else self.clock(at)

        return cell

    def age_cell(self, key: str) -> Cell:
        """Make a cell that says how old the instant under `key` is."""

        def cell(item: Item) -> str:
            told = item.get(key)
            at = parse_instant(told) if isinstance(told, str) else None
            return self.age(at) if at is not None else _NONE

        return cell


def length_cell(key: str) -> Cell:
    """Make a cell that says the ISO 8601 duration under `key`."""

    def cell(item: Item) -> str:
        told = item.get(key)
        span = parse_iso_duration(told) if isinstance(told, str) else None
        return human_duration(span) if span is not None else str(told or _NONE)

    return cell


def named(item: Item, name_key: str, id_key: str) -> str:
    """Say a name, else a shortened id."""
    name, told = item.get(name_key), item.get(id_key)
    return str(name or short_id(str(told or "")) or _NONE)


def called(item: Item, name_key: str, id_key: str) -> str:
    """Say a name, else the whole id, else nothing: for exports, in which an id must be whole."""
    return str(item.get(name_key) or item.get(id_key) or "")


def short_id(told: str) -> str:
    """Shorten a GUID to its first eight characters, which is enough to name it."""
    last = told.rstrip("/").rsplit("/", 1)[-1]
    is_long = len(last) > 12 and "-" in last  # noqa: PLR2004 - longer than a short name
    return f"{last[:8]}..." if is_long else last


def with_id(item: Item, name_key: str, id_key: str) -> str:
    """Say a name with its id behind it, else the id alone."""
    name, told = item.get(name_key), item.get(id_key)
    return f"{name} ({told})" if name else str(told or _NONE)


def text_cell(key: str) -> Cell:
    """Make a cell that says the text under `key`, or a dash."""
    return lambda item: str(item.get(key) or _NONE)


def short_name_cell(item: Item) -> str:
    """Say a request's name short: a GUID's first eight characters are enough to name it."""
    name = str(item.get("name") or _NONE)
    return name[:8] if is_guid(name) else name


_SHORT = {"request state": "request", "role assignment": "assignment", "unknown": "not known"}


def known_cell(item: Item) -> str:
    """Say in one word how an item's state is known."""
    told = str(item.get("knownBy") or _NONE)
    return _SHORT.get(told, told)


def state_line(item: Item) -> str:
    """Say an item's state and how it is known."""
    return known(str(item.get("state")), item.get("knownBy"))


def known(said: str, proof: object) -> str:
    """Say something with how it is known behind it."""
    return f"{said} (known by: {proof})"


def short_of(key: str) -> Cell:
    """Make a cell that says a GUID, or the one that an id ends with, by its first characters."""

    def cell(item: Item) -> str:
        told = str(item.get(key) or _NONE)
        name = told.rsplit("/", 1)[-1]
        return name[:8] if is_guid(name) else told

    return cell


def rows_of(item: Item) -> list[Item]:
    """Give a request's role rows."""
    rows = item.get("roles")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def roles_cell(item: Item) -> str:
    """Say the roles that a request is for."""
    return ", ".join(named(row, "roleName", "roleId") for row in rows_of(item)) or _NONE


def roles_export(item: Item) -> str:
    """Say the roles that a request is for, for TSV and CSV."""
    return ", ".join(called(row, "roleName", "roleId") for row in rows_of(item))


def people_export(item: Item) -> str:
    """Say for whom a request is, for TSV and CSV."""
    people = dict.fromkeys(called(row, "principalName", "principalId") for row in rows_of(item))
    return ", ".join(people)


def people_cell(item: Item) -> str:
    """Say for whom a request is."""
    people = dict.fromkeys(named(row, "principalName", "principalId") for row in rows_of(item))
    return ", ".join(people) or _NONE


def creator_cell(item: Item) -> str:
    """Say who filed a request."""
    creator = item.get("createdBy")
    return named(creator, "name", "id") if isinstance(creator, Mapping) else _NONE
