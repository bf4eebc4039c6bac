"""`azjit sandbox clock` and `switch`: the time and the behaviour of the sandbox."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.cli.sandbox.usage import as_usage, switch_pair
from azjit.domain.durations import parse_duration
from azjit.domain.times import parse_when
from azjit.errors import Usage, meant
from azjit.output.results.sandbox import clock_view, switches_view

group = typer.Typer()


@command(group, "clock", example="azjit sandbox clock +2h")
def clock(
    rt: Runtime,
    to: Annotated[
        str | None, typer.Argument(metavar="[TIME]", help="+2h, an ISO 8601 time, or real")
    ] = None,
) -> None:
    """Show or change the time of the sandbox; access ends and requests expire with it."""
    world = rt.sandbox.world
    if to == "real":
        world.move_clock(-world.offset)
    elif to is not None and to.startswith("+"):
        world.move_clock(parse_duration(to[1:]))
    elif to is not None:
        world.set_clock(_moment(rt, to, world.now()))
    rt.show(clock_view(world.describe(), rt.display))


@command(group, "switch", example="azjit sandbox switch orders update-access=ignored")
def switch(
    rt: Runtime,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[APP] [KEY=VALUE]...", help="application and switches to set"),
    ] = None,
) -> None:
    """Show or set switches for behaviour that Microsoft does not document.

    A switch applies to one application, or to the whole sandbox.
    """
    settings = [word for word in words or () if "=" in word]
    apps = [word for word in words or () if "=" not in word]
    if len(apps) > 1:
        raise Usage(
            f"only one application at a time, not {', '.join(apps)}",
            hint="set a switch with KEY=VALUE, e.g. update-access=ignored",
        )
    app = apps[0] if apps else None
    with as_usage("azjit sandbox switch"):
        for key, value in map(switch_pair, settings):
            _check_switch(rt, key, value)
            rt.sandbox.world.set_switch(app, key, value)
        rt.show(switches_view(rt.sandbox.world.switch_table(app)))


def _check_switch(rt: Runtime, key: str, value: str) -> None:
    """Refuse a misspelled switch or value; the sandbox itself refuses the rest."""
    known = {row["key"]: row["takes"].split(" | ") for row in rt.sandbox.world.switch_table()}
    if key not in known:
        near = meant(key, known)
        raise Usage(f"no switch is named {key!r}", hint=f"{near}see: azjit sandbox switch")
    if value.lower() not in known[key] and (near := meant(value, known[key])):
        text = f"{key} accepts {', '.join(known[key])}, not {value!r}"
        raise Usage(text, hint=f"{near}see: azjit sandbox switch")


def _moment(rt: Runtime, text: str, now: datetime) -> datetime:
    if text.endswith("Z") and text[:4].isdigit():
        with suppress(ValueError):
            return datetime.fromisoformat(text).astimezone(UTC)
    return parse_when(text, now=now, zone=rt.typed_zone).at
