"""`azjit api`: the JSON of any path of Resource Manager, read only."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime

group = typer.Typer()


@command(
    group,
    "api",
    side="consumer",
    example='azjit api "/subscriptions?api-version=2022-12-01" --sandbox',
)
def api(
    rt: Runtime,
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="path of Resource Manager with its api-version")
    ],
) -> None:
    """Print the JSON of any path of Resource Manager; to write, use az rest."""
    from azjit.output.results.about import api_view  # noqa: PLC0415 - help does not need it

    rt.begin()
    rt.console.show(api_view(rt.raw_reads.read(path)), rt.settings.output or "json")
