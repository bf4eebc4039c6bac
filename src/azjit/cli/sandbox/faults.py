"""`azjit sandbox fault`: make calls to the sandbox fail, as they can in production."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli.command import command, take_common_options
from azjit.cli.runtime import Runtime
from azjit.cli.sandbox.usage import as_usage
from azjit.errors import NotFound, Usage, meant
from azjit.output.results.sandbox import fault_kinds_view, faults_view

group = typer.Typer(help="Make calls to the sandbox fail: throttled, aborted, late or malformed.")
take_common_options(group)


@command(group, "list", example="azjit sandbox fault list")
def fault_list(
    rt: Runtime,
    *,
    kinds: Annotated[bool, typer.Option("--kinds", help="list the kinds that you can add")] = False,
) -> None:
    """List the active faults, or every kind of fault."""
    if kinds:
        rt.show(fault_kinds_view(rt.sandbox.world.fault_kinds()))
        return
    rt.show(faults_view(rt.sandbox.world.faults()))


@command(group, "add", example="azjit sandbox fault add 503 --next 2 --match 'PUT jitRequests'")
def fault_add(
    rt: Runtime,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="see azjit sandbox fault list --kinds")
    ],
    match: Annotated[
        str,
        typer.Option(metavar="[METHOD] PATTERN", help="part of the path, or the whole path with *"),
    ] = "",
    calls: Annotated[
        int | None, typer.Option("--next", metavar="N", help="number of calls that fail; default 1")
    ] = None,
    *,
    always: Annotated[
        bool, typer.Option("--always", help="every call fails, until the fault is cleared")
    ] = False,
    skip: Annotated[int, typer.Option(metavar="N", help="number of calls that pass first")] = 0,
    seconds: Annotated[
        float, typer.Option(metavar="S", help="delay, or how long answers are stale")
    ] = 0.0,
    status: Annotated[int, typer.Option(metavar="N", help="status code of an html fault")] = 0,
    retry_after: Annotated[
        int | None, typer.Option(metavar="S", help="send Retry-After with a status code")
    ] = None,
    tokens: Annotated[
        int | None, typer.Option(metavar="N", help="tokens in the buckets at first")
    ] = None,
    acted: Annotated[
        bool, typer.Option("--acted", help="carry out the call before it fails")
    ] = False,
) -> None:
    """Make the next calls to the sandbox fail, in this and every other process."""
    if always and calls is not None:
        raise Usage("--next and --always exclude each other")
    kinds = rt.sandbox.world.fault_kinds()
    if kind not in kinds:
        near = meant(kind, kinds)
        raise Usage(
            f"no fault is named {kind!r}", hint=f"{near}see: azjit sandbox fault list --kinds"
        )
    left: int | None = calls if calls is not None else 1
    if always or (kind == "buckets" and calls is None):
        left = None
    wanted = {
        "kind": kind,
        "match": match,
        "left": left,
        "skip": skip,
        "seconds": seconds,
        "status": status,
        "retry_after": retry_after,
        "tokens": tokens,
        "has_acted": acted,
    }
    with as_usage("azjit sandbox fault list --kinds"):
        fault = rt.sandbox.world.add_fault(wanted)
    rt.show(faults_view([fault]))


@command(group, "clear", example="azjit sandbox fault clear")
def fault_clear(
    rt: Runtime,
    number: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="id of a fault; default all")
    ] = None,
) -> None:
    """Remove the active faults and their after-effects."""
    cleared = rt.sandbox.world.clear_faults(number)
    if number is not None and not cleared:
        raise NotFound(f"no active fault {number}", hint="see: azjit sandbox fault list")
    rt.show(faults_view(rt.sandbox.world.faults()))
