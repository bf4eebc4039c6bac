"""Checks of this machine: where receipts are kept, and which zone local times are read in."""

from __future__ import annotations

from azjit.context import Context
from azjit.domain import checks
from azjit.domain.findings import HERE, Finding
from azjit.domain.zones import NoZone, local_zone
from azjit.errors import Usage


def of_machine(context: Context) -> tuple[Finding, ...]:
    """Check the state directory first, and then the zone; neither needs an answer of Azure."""
    return _state_directory(context), _time_zone(context)


def _state_directory(context: Context) -> Finding:
    from azjit.store.place import try_place  # noqa: PLC0415 - `store` is loaded where it is used

    try:
        place = context.state_directory
        try_place(place)
    except Usage as error:
        return HERE.found(checks.STATE, error.message, error.hint)
    except OSError as error:
        why = error.strerror or str(error)
        return HERE.found(checks.STATE, f"{error.filename} cannot be written: {why}")
    return HERE.ok(checks.STATE, f"receipts are kept in {place}, readable by its owner only")


def _time_zone(context: Context) -> Finding:
    name, environ = context.settings.timezone, context.process.environ
    zone = local_zone(name, environ)
    if isinstance(zone, NoZone):
        say = HERE.found if zone.was_set else HERE.ok
        return say(checks.ZONE, f"{zone.why}: times are shown in UTC")
    source = "--timezone" if name else "TZ" if "TZ" in environ else "the setting of this machine"
    return HERE.ok(checks.ZONE, f"local times are read in {zone}, by {source}")
