"""`azjit schema`: the JSON Schema of every result."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from azjit.errors import Usage
from azjit.process import Process


def schema(
    ctx: typer.Context,
    kind: Annotated[
        str | None, typer.Argument(metavar="[RESULT]", help="which result; all if not said")
    ] = None,
) -> None:
    """Print the JSON Schema of a result, or of all, by name."""
    from azjit.output.schema import RESULTS, schema_of  # noqa: PLC0415 - only here

    if kind is not None and kind not in RESULTS:
        raise Usage(f"no result named {kind!r}", hint=f"one of: {', '.join(RESULTS)}")
    told = schema_of(kind) if kind is not None else {name: schema_of(name) for name in RESULTS}
    process: Process = ctx.obj
    process.stdout.write(f"{json.dumps(told, indent=2)}\n")
