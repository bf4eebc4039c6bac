"""`azjit consumer settings`: the settings of many applications as a file."""

from __future__ import annotations

import typer

from azjit.cli import arguments as args
from azjit.cli.command import command
from azjit.cli.runtime import Runtime

group = typer.Typer()


@command(
    group,
    "export",
    side="consumer",
    example="azjit consumer settings export --sandbox > settings.yaml",
)
def export(rt: Runtime, apps: args.MaybeApps = None) -> None:
    """Write the JIT settings of applications as a file for azjit consumer configure --file.

    Without APP it writes those of all applications in reach. Applications without JIT have none.
    """
    from azjit.output.results.settings_file import entries_view  # noqa: PLC0415 - help needs it not

    rt.begin()
    rt.show_list(entries_view(rt.exporting.entries(apps or ())), form=rt.settings.output or "yaml")
