"""`azjit schema`: the JSON Schema of every result."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.errors import Usage, meant

group = typer.Typer()


@command(group, "schema", side="here", lenient=True, example="azjit schema roles")
def schema(
    rt: Runtime,
    kind: Annotated[
        str | None, typer.Argument(metavar="[RESULT]", help="name of a result; default all")
    ] = None,
) -> None:
    """Print the JSON Schema of one result or of all results."""
    from azjit.output.results.about import schema_view  # noqa: PLC0415 - help does not need it
    from azjit.output.schema import RESULTS, schema_of  # noqa: PLC0415 - the same

    if kind is not None and kind not in RESULTS:
        near = meant(kind, RESULTS)
        raise Usage(f"no result named {kind!r}", hint=f"{near}one of: {', '.join(RESULTS)}")
    form = rt.console.form_of_document("json")
    shown = schema_of(kind) if kind is not None else {name: schema_of(name) for name in RESULTS}
    rt.console.show(schema_view(shown), form)
