"""`azjit sandbox`: the embedded Azure: serve it, look at it, move its clock."""

from __future__ import annotations

import typer

group = typer.Typer(help="Rehearse on an embedded Azure: no account, no network.")
