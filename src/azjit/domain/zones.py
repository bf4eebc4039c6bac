"""The time zone of times that are read and shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo

from azjit.errors import Usage

_LOCALTIME = "/etc/localtime"


def local_zone(name: str | None, environ: Mapping[str, str]) -> tzinfo:
    """Give the named time zone, else that of TZ, else that of this machine, else UTC.

    Raises:
        Usage: there is no zone of that name.
    """
    if name is not None:
        return _named_zone(name) or _no_such_zone(name)
    if "TZ" in environ:
        text = environ["TZ"].removeprefix(":")
        return _named_zone(text.rpartition("zoneinfo/")[2]) or UTC
    return _machine_zone() or UTC


def _named_zone(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - 5 ms that most commands do not need

    if name.upper() in {"UTC", "Z"}:
        return UTC
    try:
        # An unknown name is a KeyError, a malformed one a ValueError, a folder's an OSError.
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _no_such_zone(name: str) -> tzinfo:
    from difflib import get_close_matches  # noqa: PLC0415 - only to say an error
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415 - the same

    known = {zone.lower(): zone for zone in available_timezones()}
    if exact := known.get(name.lower()):
        return ZoneInfo(exact)
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(known.values())}
    wanted = name.lower().replace(" ", "_")
    near = get_close_matches(wanted, known, n=1) or get_close_matches(wanted, cities, n=1)
    found = next((known.get(match) or cities[match] for match in near), None)
    hint = f"did you mean {found}?" if found else "use a name such as Europe/Berlin or UTC"
    raise Usage(f"no time zone named {name!r}", hint=hint)


def _machine_zone() -> tzinfo | None:
    from pathlib import Path  # noqa: PLC0415 - only without --timezone
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - the same

    here = Path(_LOCALTIME)
    try:
        _, found, name = str(here.resolve()).rpartition("zoneinfo/")
        if found and (zone := _named_zone(name)) is not None:
            return zone
        with here.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return None
