"""`azjit sandbox`: the embedded Azure."""

from __future__ import annotations

import typer

from azjit.cli.sandbox import controls, faults, serving, worlds

group = typer.Typer()

for _module in (serving, worlds, controls):
    group.registered_commands += _module.group.registered_commands
group.add_typer(faults.group, name="fault", no_args_is_help=True)
