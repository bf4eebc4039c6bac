"""The time zone of times that are read and shown."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NoReturn

from azjit.errors import Usage

_LOCALTIME = "/etc/localtime"
_SIMILAR = 0.75
_NAME_ONE = "use --timezone with a name such as Europe/Berlin or UTC"
_INSTALL = "install the package tzdata, or use --timezone UTC"
# A zone that its own rules describe: its names have letters, or anything in angle brackets.
_POSIX = re.compile(r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)[+-]?\d.*")
# The same zones without and with leap seconds, which no clock of a computer shows.
_VARIANTS = re.compile(r"^(?:posix|right)/")


class NoZone(tzinfo):
    """Stands for a time zone that cannot be used: it refuses to read local times.

    Without `was_set` there is none at all, and UTC is what the machine itself shows.
    """

    def __init__(self, why: str, *, was_set: bool = True, hint: str = _NAME_ONE) -> None:
        self.why, self.was_set = why, was_set
        self._hint = hint

    def utcoffset(self, _: datetime | None) -> timedelta:
        """Refuse every local time.

        Raises:
            Usage: always.
        """
        self._refuse()

    def dst(self, _: datetime | None) -> timedelta:
        """Refuse every local time, as `utcoffset` does."""
        self._refuse()

    def tzname(self, _: datetime | None) -> str:
        """Give no name of a zone."""
        return "no zone"

    def _refuse(self) -> NoReturn:
        raise Usage(f"{self.why}: a local time cannot be read", hint=self._hint)


def local_zone(name: str | None, environ: Mapping[str, str]) -> tzinfo:
    """Give the named time zone, else that of TZ, else that of this machine, else a `NoZone`.

    Raises:
        Usage: there is no zone of that name.
    """
    if name is not None:
        return _named_zone(name) or _no_such_zone(name)
    return _zone_of_tz(environ["TZ"]) if "TZ" in environ else _machine_zone()


def _named_zone(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - 5 ms that most commands do not need

    if name.upper() in {"UTC", "Z"}:
        return UTC
    try:
        # An unknown name is a KeyError, a malformed one a ValueError, a folder's an OSError.
        return ZoneInfo(_VARIANTS.sub("", name))
    except (KeyError, ValueError, OSError):
        return None


def _no_such_zone(name: str) -> tzinfo:
    from difflib import get_close_matches  # noqa: PLC0415 - only to say an error
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415 - the same

    known = {zone.lower(): zone for zone in available_timezones()}
    if not known:
        raise Usage(f"no time zone {name!r}: this machine has no database of them", hint=_INSTALL)
    if exact := known.get(name.lower()):
        return ZoneInfo(exact)
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(known.values())}
    wanted = name.lower().replace(" ", "_")
    near = [
        *get_close_matches(wanted, known, 1, _SIMILAR),
        *get_close_matches(wanted, cities, 1, _SIMILAR),
    ]
    found = next((known.get(match) or cities[match] for match in near), None)
    hint = f"did you mean {found}?" if found else "use a name such as Europe/Berlin or UTC"
    if wanted.endswith("_standard_time"):
        hint = "Windows calls it so; use a name such as Europe/Berlin or UTC"
    raise Usage(f"no time zone named {name!r}", hint=hint)


def _zone_of_tz(variable: str) -> tzinfo:
    """Give the zone that TZ describes: by its name, its file or its rules; empty, it is UTC."""
    text = variable.removeprefix(":")
    if not text:
        return UTC
    path, _, name = text.rpartition("zoneinfo/")
    found = _named_zone(name) if path or not text.startswith("/") else _zone_in(text, text)
    return found or _posix_zone(text) or NoZone(f"TZ is {variable!r}, which is no time zone here")


def _posix_zone(text: str) -> tzinfo | None:
    """Give the zone of rules such as `CET-1CEST,M3.5.0,M10.5.0/3`.

    Source: RFC 9636, which ends a file of a zone with such rules; here nothing is before them.
    """
    from io import BytesIO  # noqa: PLC0415 - only for a zone without a name
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - the same

    if _POSIX.fullmatch(text) is None or not text.isascii():
        return None
    head = b"TZif3" + bytes(15 + 4 * 4) + (1).to_bytes(4) + (4).to_bytes(4)
    one_type = bytes(6) + b"UTC\0"
    rules = b"\n" + text.encode() + b"\n"
    try:
        return ZoneInfo.from_file(BytesIO((head + one_type) * 2 + rules), key=text)
    except ValueError:
        return None


def _machine_zone() -> tzinfo:
    from pathlib import Path  # noqa: PLC0415 - only without --timezone

    if sys.platform == "win32":
        return _windows_zone() or NoZone("the time zone of this machine cannot be used")
    here = Path(_LOCALTIME)
    if not here.exists() and not here.is_symlink():
        return NoZone("this machine has no time zone", was_set=False)
    try:
        _, found, name = str(here.resolve()).rpartition("zoneinfo/")
    except (OSError, RuntimeError):  # links that lead to each other
        found, name = "", ""
    zone = (_named_zone(name) if found else None) or _zone_in(_LOCALTIME, "this machine's zone")
    return zone or NoZone(f"the time zone of this machine, {_LOCALTIME}, cannot be used")


def _zone_in(path: str, name: str) -> tzinfo | None:
    """Read the zone in a file, which has no name for it."""
    from pathlib import Path  # noqa: PLC0415 - only for a zone without a name
    from struct import error as Cut  # noqa: PLC0415, N812 - the same; a name for a file that is cut
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - the same

    try:
        with Path(path).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (OSError, ValueError, Cut):
        return None


def _windows_zone() -> tzinfo | None:
    """Give the zone in the registry of Windows, by the name that others have for it."""
    try:
        from tzlocal import get_localzone_name  # noqa: PLC0415 - only on Windows

        return _named_zone(get_localzone_name())
    except (ImportError, LookupError, OSError, ValueError):
        return None
