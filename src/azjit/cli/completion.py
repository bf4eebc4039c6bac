"""`azjit completion`: print or install the completion script of a shell."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.complete import installation
from azjit.complete.installation import SCRIPTS, script_of
from azjit.output.results.config import installation_view, script_view

group = typer.Typer()

Shell = Annotated[str, typer.Argument(metavar="SHELL", help=", ".join(SCRIPTS))]


@command(group, "show", side="here", lenient=True, example="azjit completion show zsh")
def show(rt: Runtime, shell: Shell) -> None:
    """Print the completion script of a shell."""
    script = script_of(shell)
    if rt.console.form_for_shell in {"tsv", "table"} and rt.settings.query is None:
        # The escapes of a table cell would break the script.
        rt.process.stdout.write(script)
        return
    rt.show(script_view(shell, script))


@command(group, "install", side="here", lenient=True, example="azjit completion install fish")
def install(
    rt: Runtime,
    shell: Shell,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show the path without writing the script")
    ] = False,
) -> None:
    """Install the completion script of a shell, and show the remaining steps.

    azjit does not change the startup files of your shell. If one needs a line, azjit prints it.
    """
    plan = installation.plan(shell, rt.process.environ)
    if not plan.is_there and not dry_run:
        installation.install(plan)
    result = "unchanged" if plan.is_there else "would be written" if dry_run else "written"
    rt.show(
        installation_view(
            {"shell": shell, "path": str(plan.path), "result": result, "next": plan.next}
        )
    )
