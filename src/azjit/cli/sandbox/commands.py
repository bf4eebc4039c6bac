"""`azjit sandbox`: serve the embedded Azure, show it, set its clock and its switches."""

from __future__ import annotations

import json
import signal
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.cli.sandbox import faults
from azjit.domain.durations import parse_duration
from azjit.domain.times import parse_when
from azjit.errors import Failed, NotFound, Usage, meant
from azjit.output.results.sandbox import (
    clock_view,
    counts_view,
    environment_view,
    switches_view,
    world_file_view,
    world_view,
)

if TYPE_CHECKING:
    from azjit.sandbox.core import Person, Sandbox

group = typer.Typer()

group.add_typer(faults.group, name="fault", no_args_is_help=True)

_HOST, _PORT = "127.0.0.1", 8443
_CALLER = "contoso-ci"


@command(group, "serve", example="azjit sandbox serve --port 8443")
def serve(
    rt: Runtime,
    port: Annotated[
        int, typer.Option(metavar="N", help="port, or 0 for any free one; default 8443")
    ] = _PORT,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="a loopback address; default 127.0.0.1")
    ] = _HOST,
) -> None:
    """Serve the sandbox to other clients over HTTPS on loopback, until Ctrl-C."""
    from azjit.sandbox.transports.server import SandboxServer  # noqa: PLC0415 - only this command serves

    rehearsal = rt.sandbox
    folder = rehearsal.path.parent
    try:
        with _as_usage("azjit sandbox serve --help"):
            server = SandboxServer(rt.sandbox.world, port, directory=folder, host=host)
    except OSError as error:
        raise Failed(
            f"port {port} cannot be used: {error.strerror}", hint="choose another port, or --port 0"
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


@command(group, "env", example="azjit sandbox env --as contoso-ci")
def env(
    rt: Runtime,
    sign_in: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="secret, certificate, federated, managed-identity, github or pipelines;"
            " default secret",
        ),
    ] = "secret",
) -> None:
    """Print the environment variables that point other clients at a served sandbox."""
    from azjit.sandbox.transports.workloads import environment  # noqa: PLC0415 - only this command needs it

    url, ca_file = _served(rt.sandbox.path.parent)
    person = _person(rt, rt.settings.person or _CALLER)
    if person.app_id is None:
        variables = {
            "AZJIT_CLOUD": url,
            "AZJIT_AS": person.alias,
            "REQUESTS_CA_BUNDLE": str(ca_file),
            "SSL_CERT_FILE": str(ca_file),
        }
    else:
        with _as_usage("azjit sandbox env --help"):
            variables = environment(rt.sandbox.world, url, ca_file, person, sign_in)
    rt.show(environment_view(variables))


@command(group, "show", example="azjit sandbox show")
def show(rt: Runtime) -> None:
    """Show the clock, people, applications and requests of the sandbox."""
    rt.show(world_view(rt.sandbox.world.describe(), rt.reader))


@command(group, "reset", example="azjit sandbox reset")
def reset(
    rt: Runtime,
    switch: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="set a switch of the new sandbox")
    ] = None,
) -> None:
    """Reset the sandbox, and delete its receipts and cached names."""
    settings = dict(_pair(text) for text in switch or ())
    with _as_usage("azjit sandbox switch"):
        _openable(rt).reset(settings=settings)
    rt.show(clock_view(rt.sandbox.fresh().describe(), rt.reader))


@command(group, "seed", example="azjit sandbox seed --apps 100 --requests 5000")
def seed(
    rt: Runtime,
    *,
    apps: Annotated[
        int | None, typer.Option(metavar="N", help="number of applications, at most 1000")
    ] = None,
    requests: Annotated[
        int | None, typer.Option(metavar="M", help="number of requests, at most 100000")
    ] = None,
    subscriptions: Annotated[
        int | None, typer.Option(metavar="N", help="number of subscriptions, at most 1000")
    ] = None,
    waiting: Annotated[
        int | None, typer.Option(metavar="N", help="number of pending requests")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="WORLD.YAML", help="read the sandbox from this file; - is stdin"),
    ] = None,
    switch: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="set a switch of the new sandbox")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="print the JSON Schema of the file")
    ] = False,
) -> None:
    """Create a new sandbox: the default one, a larger one, or one from a file."""
    if schema:
        from azjit.output.results.about import schema_view  # noqa: PLC0415 - nothing else needs it

        form = rt.console.form_of_document("json")
        rt.console.show(schema_view(json.loads(rt.sandbox.world.file_schema())), form)
        return
    settings = dict(_pair(text) for text in switch or ())
    content = _read_world(rt, file) if file is not None else None
    wanted = {
        "applications": apps,
        "requests": requests,
        "subscriptions": subscriptions,
        "waiting": waiting,
    }
    sizes = {word: number for word, number in wanted.items() if number is not None}
    with _as_usage("azjit sandbox seed --help"):
        world = _openable(rt)
        world.reset(settings=settings, content=content, sizes=sizes)
    rt.show(counts_view(rt.sandbox.fresh().describe()))


@command(group, "export", example="azjit sandbox export > world.yaml")
def export(rt: Runtime) -> None:
    """Write the sandbox as a file that azjit sandbox seed can read."""
    form = rt.console.form_of_document("yaml")
    # Close the generator here: the world that it reads from is closed next.
    with closing(cast("Generator[str]", rt.sandbox.world.export())) as lines:
        if form == "yaml" and rt.settings.query is None:
            for line in lines:  # streamed: a world can be large
                rt.process.stdout.write(line)
            return
        told = _mapping_of("".join(lines))
    rt.console.show(world_file_view(told), form)


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
    rt.show(clock_view(world.describe(), rt.reader))


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
        raise Usage(f"only one application at a time, not {', '.join(apps)}")
    app = apps[0] if apps else None
    with _as_usage("azjit sandbox switch"):
        for key, value in map(_pair, settings):
            _check_switch(rt, key, value)
            rt.sandbox.world.set_switch(app, key, value)
        rt.show(switches_view(rt.sandbox.world.switch_table(app)))


def _openable(rt: Runtime) -> Sandbox:
    """Give the world, or a new one if the file has another version."""
    try:
        return rt.sandbox.world
    except Failed:
        return rt.sandbox.fresh()


@contextmanager
def _as_usage(more: str) -> Iterator[None]:
    """Turn a ValueError of the sandbox into a Usage error."""
    try:
        yield
    except ValueError as error:
        raise Usage(str(error), hint=f"see: {more}") from error


def _check_switch(rt: Runtime, key: str, value: str) -> None:
    """Refuse a misspelled switch or value; the sandbox itself refuses the rest."""
    known = {row["key"]: row["takes"].split(" | ") for row in rt.sandbox.world.switch_table()}
    if key not in known:
        near = meant(key, known)
        raise Usage(f"no switch is named {key!r}", hint=f"{near}see: azjit sandbox switch")
    if value.lower() not in known[key] and (near := meant(value, known[key])):
        told = f"{key} accepts {', '.join(known[key])}, not {value!r}"
        raise Usage(told, hint=f"{near}see: azjit sandbox switch")


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise Usage(f"malformed switch {text!r}", hint="use KEY=VALUE")
    return key, value


def _read_world(rt: Runtime, file: Path) -> object:
    """Give the content of a world file."""
    try:
        text = rt.process.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise NotFound(
            f"{file} cannot be read: {why}",
            hint="create such a file: azjit sandbox export > world.yaml",
        ) from error
    from yaml import YAMLError

    try:
        return _of_yaml(text)
    except YAMLError as error:
        raise Usage(f"{file} is not YAML: {error}") from error


def _of_yaml(text: str) -> object:
    import yaml

    told: object = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both loaders are safe
    return told


def _mapping_of(text: str) -> dict[str, object]:
    told = _of_yaml(text)
    assert isinstance(told, dict)  # the sandbox wrote it
    return told


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
    return rt.sandbox.inhabitant(alias)
