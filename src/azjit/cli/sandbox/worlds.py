"""`azjit sandbox show`, `reset`, `seed` and `export`: the content of the sandbox."""

from __future__ import annotations

import codecs
import json
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.cli.sandbox.usage import as_usage, switch_pair
from azjit.errors import Failed, NotFound, Usage
from azjit.output.results.sandbox import clock_view, counts_view, world_file_view, world_view

if TYPE_CHECKING:
    from azjit.sandbox.core import Sandbox

group = typer.Typer()


@command(group, "show", example="azjit sandbox show")
def show(rt: Runtime) -> None:
    """Show the clock, people, applications and requests of the sandbox."""
    rt.show(world_view(rt.sandbox.world.describe(), rt.display))


@command(group, "reset", example="azjit sandbox reset")
def reset(
    rt: Runtime,
    switch: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="set a switch of the new sandbox")
    ] = None,
) -> None:
    """Reset the sandbox, and delete its receipts and cached names."""
    settings = dict(switch_pair(text) for text in switch or ())
    with as_usage("azjit sandbox switch"):
        _openable(rt).reset(settings=settings)
    rt.show(clock_view(rt.sandbox.fresh().describe(), rt.display))


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
    settings = dict(switch_pair(text) for text in switch or ())
    content = _read_world(rt, file) if file is not None else None
    wanted = {
        "applications": apps,
        "requests": requests,
        "subscriptions": subscriptions,
        "waiting": waiting,
    }
    sizes = {word: number for word, number in wanted.items() if number is not None}
    with as_usage("azjit sandbox seed --help"):
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
        content = _parse_yaml("".join(lines))
    assert isinstance(content, dict)  # the sandbox wrote it
    rt.console.show(world_file_view(content), form)


def _openable(rt: Runtime) -> Sandbox:
    """Give the world, or a new one if the file has another version."""
    try:
        return rt.sandbox.world
    except Failed:
        return rt.sandbox.fresh()


def _read_world(rt: Runtime, file: Path) -> object:
    """Give the content of a world file."""
    try:
        text = rt.process.stdin.read() if str(file) == "-" else _text_in(file.read_bytes())
    except OSError as error:
        raise NotFound(
            f"{file} cannot be read: {error.strerror}",
            hint="create such a file: azjit sandbox export > world.yaml",
        ) from error
    except UnicodeDecodeError as error:
        raise Usage(f"{file} is not UTF-8", hint="save it as UTF-8") from error
    from yaml import YAMLError

    try:
        return _parse_yaml(text)
    except YAMLError as error:
        raise Usage(
            f"{file} is not YAML: {error}", hint="its form is that of: azjit sandbox export"
        ) from error


def _text_in(content: bytes) -> str:
    """Decode a file; the > of Windows PowerShell writes UTF-16 with a mark."""
    has_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if has_mark else "utf-8-sig")


def _parse_yaml(text: str) -> object:
    import yaml

    content: object = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both loaders are safe
    return content
