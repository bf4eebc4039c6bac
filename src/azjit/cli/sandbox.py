"""`azjit sandbox`: the embedded Azure: serve it, look at it, move its clock, set its switches."""

from __future__ import annotations

import json
import signal
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli.leaf import leaf
from azjit.domain.times import parse_duration, parse_when
from azjit.errors import Failed, NotFound, Usage
from azjit.output.sandbox_views import (
    clock_view,
    environment_view,
    fault_kinds_view,
    faults_view,
    switches_view,
    world_view,
)
from azjit.runtime import Runtime

if TYPE_CHECKING:
    from azjit.sandbox.core import Person

group = typer.Typer(help="Rehearse on an embedded Azure: no account, no network.")

fault = typer.Typer(help="Let calls fail: throttled, broken off, too late, not what they seem.")
group.add_typer(fault, name="fault", no_args_is_help=True)

_PORT = 8443
_CALLER = "contoso-ci"


@leaf(group, "serve", example="azjit sandbox serve --port 8443")
def serve(
    rt: Runtime,
    port: Annotated[int, typer.Option(metavar="N", help="0 for any free one")] = _PORT,
) -> None:
    """Serve the sandbox over HTTPS on loopback, for other clients, until Ctrl-C."""
    from azjit.sandbox.server import SandboxServer  # noqa: PLC0415 - only this command serves

    folder = rt.connections.sandbox_path.parent
    try:
        server = SandboxServer(rt.connections.sandbox, port, directory=folder)
    except OSError as error:
        raise Failed(
            f"port {port} cannot be used: {error.strerror}", hint="choose another: --port 0"
        ) from error
    note = folder / "server.json"
    note.write_text(json.dumps({"url": server.url, "ca": str(server.ca_file)}))
    rt.notes.say(f"serving {server.url} until Ctrl-C; nothing here is real")
    rt.notes.say('in another shell: eval "$(azjit sandbox env)"')
    # A plain `kill` ends it as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        rt.notes.say("stopped")
    finally:
        note.unlink(missing_ok=True)
        with suppress(OSError):
            server.stop()


@leaf(group, "env", example="azjit sandbox env --as contoso-ci")
def env(rt: Runtime) -> None:
    """Print the variables that point other clients at a served sandbox."""
    from azjit.sandbox.server import environment  # noqa: PLC0415 - only this command needs it

    url, ca_file = _served(rt.connections.sandbox_path.parent)
    person = _person(rt, rt.settings.person or _CALLER)
    if person.app_id is None:
        variables = {
            "AZJIT_CLOUD": url,
            "AZJIT_AS": person.alias,
            "REQUESTS_CA_BUNDLE": str(ca_file),
            "SSL_CERT_FILE": str(ca_file),
        }
    else:
        variables = environment(url, ca_file, person)
    rt.show(environment_view(variables))


@leaf(group, "show", example="azjit sandbox show")
def show(rt: Runtime) -> None:
    """Show the world: its clock, people, applications and requests."""
    rt.show(world_view(rt.connections.sandbox.describe(), rt.reader))


@leaf(group, "reset", example="azjit sandbox reset")
def reset(
    rt: Runtime,
    switch: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="set a switch of the new world")
    ] = None,
) -> None:
    """Forget the world and seed it anew; its receipts and names go too."""
    settings = dict(_pair(text) for text in switch or ())
    world = rt.connections.fresh_sandbox()
    try:
        world.reset(settings=settings)
    except ValueError as error:
        raise Usage(str(error), hint="see: azjit sandbox switch") from error
    rt.show(clock_view(world.describe(), rt.reader))


@leaf(group, "clock", example="azjit sandbox clock +2h")
def clock(
    rt: Runtime,
    to: Annotated[
        str | None, typer.Argument(metavar="[TIME]", help="+2h, an ISO 8601 time, or real")
    ] = None,
) -> None:
    """Show the world's time, or move it: access ends and requests expire with it."""
    world = rt.connections.sandbox
    if to == "real":
        world.move_clock(-world.offset)
    elif to is not None and to.startswith("+"):
        world.move_clock(parse_duration(to[1:]))
    elif to is not None:
        world.set_clock(_moment(rt, to, world.now()))
    rt.show(clock_view(world.describe(), rt.reader))


@leaf(group, "switch", example="azjit sandbox switch orders update-access=ignored")
def switch(
    rt: Runtime,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[APP] [KEY=VALUE]...", help="what to set")
    ] = None,
) -> None:
    """Show or set what Microsoft leaves open, for one application or the whole world."""
    settings = [word for word in words or () if "=" in word]
    apps = [word for word in words or () if "=" not in word]
    if len(apps) > 1:
        raise Usage(f"one application at a time, not {', '.join(apps)}")
    app = apps[0] if apps else None
    try:
        for key, value in map(_pair, settings):
            rt.connections.sandbox.set_switch(app, key, value)
        rt.show(switches_view(rt.connections.sandbox.switch_table(app)))
    except ValueError as error:
        raise Usage(str(error), hint="see: azjit sandbox switch") from error


@leaf(fault, "list", example="azjit sandbox fault list")
def fault_list(
    rt: Runtime,
    *,
    kinds: Annotated[bool, typer.Option("--kinds", help="list what there is to add")] = False,
) -> None:
    """Show the faults that wait for calls, or every kind of fault."""
    if kinds:
        from azjit.sandbox.faults import KINDS  # noqa: PLC0415 - only this option needs it

        rt.show(fault_kinds_view(KINDS))
        return
    rt.show(faults_view(rt.connections.sandbox.faults()))


@leaf(fault, "add", example="azjit sandbox fault add 503 --next 2 --match 'PUT jitRequests'")
def fault_add(
    rt: Runtime,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="azjit sandbox fault list --kinds")],
    match: Annotated[
        str,
        typer.Option(metavar="[METHOD] PATTERN", help="a part of the path, or all of it with *"),
    ] = "",
    calls: Annotated[
        int | None, typer.Option("--next", metavar="N", help="so many calls; 1 if not said")
    ] = None,
    *,
    always: Annotated[bool, typer.Option("--always", help="every call, until cleared")] = False,
    skip: Annotated[int, typer.Option(metavar="N", help="let so many pass first")] = 0,
    seconds: Annotated[float, typer.Option(metavar="S", help="how late, or how long stale")] = 0.0,
    status: Annotated[int, typer.Option(metavar="N", help="the status of html")] = 0,
    retry_after: Annotated[
        int | None, typer.Option(metavar="S", help="say Retry-After with a status")
    ] = None,
    tokens: Annotated[
        int | None, typer.Option(metavar="N", help="what the buckets hold at first")
    ] = None,
    acted: Annotated[bool, typer.Option("--acted", help="the call is carried out first")] = False,
) -> None:
    """Let the next calls to the sandbox meet a fault, in this and every other process."""
    from azjit.sandbox.core import Fault  # noqa: PLC0415 - only this command makes one

    if always and calls is not None:
        raise Usage("--next and --always exclude each other")
    left: int | None = calls if calls is not None else 1
    if always or (kind == "buckets" and calls is None):
        left = None
    wanted = Fault(kind, match, left, skip, seconds, status, retry_after, tokens, has_acted=acted)
    try:
        made = rt.connections.sandbox.add_fault(wanted)
    except ValueError as error:
        raise Usage(str(error), hint="see: azjit sandbox fault list --kinds") from error
    rt.show(faults_view([made]))


@leaf(fault, "clear", example="azjit sandbox fault clear")
def fault_clear(
    rt: Runtime,
    number: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="one fault; all if not said")
    ] = None,
) -> None:
    """Forget the faults that wait, and what they left behind."""
    cleared = rt.connections.sandbox.clear_faults(number)
    if number is not None and not cleared:
        raise NotFound(f"no fault {number} waits", hint="see: azjit sandbox fault list")
    rt.show(faults_view(rt.connections.sandbox.faults()))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise Usage(f"malformed switch {text!r}", hint="use KEY=VALUE")
    return key, value


def _moment(rt: Runtime, text: str, now: datetime) -> datetime:
    if text.endswith("Z") and text[:4].isdigit():
        with suppress(ValueError):
            return datetime.fromisoformat(text).astimezone(UTC)
    return parse_when(text, now=now, zone=rt.zone).at


def _served(folder: Path) -> tuple[str, Path]:
    try:
        told = json.loads((folder / "server.json").read_text())
        return str(told["url"]), Path(str(told["ca"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotFound(
            "no sandbox is being served", hint="in another shell: azjit sandbox serve"
        ) from error


def _person(rt: Runtime, alias: str) -> Person:
    people = {person.alias: person for person in rt.connections.sandbox.people()}
    if alias not in people:
        raise NotFound(f"the sandbox has nobody named {alias!r}", hint=", ".join(people))
    return people[alias]
