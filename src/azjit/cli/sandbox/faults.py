"""`azjit sandbox fault`: let calls to the sandbox fail, as they do in production."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli.command import leaf
from azjit.errors import NotFound, Usage, meant
from azjit.output.results.sandbox import fault_kinds_view, faults_view
from azjit.runtime import Runtime

group = typer.Typer(help="Let calls fail: throttled, broken off, too late, not what they seem.")


@leaf(group, "list", example="azjit sandbox fault list")
def fault_list(
    rt: Runtime,
    *,
    kinds: Annotated[bool, typer.Option("--kinds", help="list what there is to add")] = False,
) -> None:
    """Show the faults that wait for calls, or every kind of fault."""
    if kinds:
        rt.show(fault_kinds_view(rt.connections.rehearsal.world.fault_kinds()))
        return
    rt.show(faults_view(rt.connections.rehearsal.world.faults()))


@leaf(group, "add", example="azjit sandbox fault add 503 --next 2 --match 'PUT jitRequests'")
def fault_add(
    rt: Runtime,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="azjit sandbox fault list --kinds")],
    match: Annotated[
        str,
        typer.Option(metavar="[METHOD] PATTERN", help="a part of the path, or all of it with *"),
    ] = "",
    calls: Annotated[
        int | None, typer.Option("--next", metavar="N", help="so many calls; 1 if not said")
    ] = None,
    *,
    always: Annotated[bool, typer.Option("--always", help="every call, until cleared")] = False,
    skip: Annotated[int, typer.Option(metavar="N", help="let so many pass first")] = 0,
    seconds: Annotated[float, typer.Option(metavar="S", help="how late, or how long stale")] = 0.0,
    status: Annotated[int, typer.Option(metavar="N", help="the status of html")] = 0,
    retry_after: Annotated[
        int | None, typer.Option(metavar="S", help="say Retry-After with a status")
    ] = None,
    tokens: Annotated[
        int | None, typer.Option(metavar="N", help="what the buckets hold at first")
    ] = None,
    acted: Annotated[bool, typer.Option("--acted", help="the call is carried out first")] = False,
) -> None:
    """Let the next calls to the sandbox meet a fault, in this and every other process."""
    if always and calls is not None:
        raise Usage("--next and --always exclude each other")
    kinds = rt.connections.rehearsal.world.fault_kinds()
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
    try:
        made = rt.connections.rehearsal.world.add_fault(wanted)
    except ValueError as error:
        raise Usage(str(error), hint="see: azjit sandbox fault list --kinds") from error
    rt.show(faults_view([made]))


@leaf(group, "clear", example="azjit sandbox fault clear")
def fault_clear(
    rt: Runtime,
    number: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="one fault; all if not said")
    ] = None,
) -> None:
    """Forget the faults that wait, and what they left behind."""
    cleared = rt.connections.rehearsal.world.clear_faults(number)
    if number is not None and not cleared:
        raise NotFound(f"no fault {number} waits", hint="see: azjit sandbox fault list")
    rt.show(faults_view(rt.connections.rehearsal.world.faults()))
