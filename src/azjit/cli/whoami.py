"""`azjit whoami`: who is signed in, how, and until when."""

from __future__ import annotations

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime

group = typer.Typer()


@command(group, "whoami", side="consumer", example="azjit whoami --sandbox")
def whoami(rt: Runtime) -> None:
    """Show who is signed in, how and why so, in which tenant and cloud, and until when."""
    from azjit.output.results.identity import identity_view  # noqa: PLC0415 - help needs no view

    rt.begin()
    rt.show(identity_view(rt.context.identity, rt.display))
