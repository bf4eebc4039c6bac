"""`azjit receipts`: read back what was changed, by whom and why, and check that it is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.times import parse_since
from azjit.errors import Failed, Usage, meant

if TYPE_CHECKING:
    from azjit.domain.receipts import Check, ReceiptFilter
    from azjit.output.results.receipts import Row
    from azjit.services.receipts import ReceiptReads

group = typer.Typer()

# Receipts are of both sides, and read without Azure; the side gives the clock of a sandbox.
_SIDE = "consumer"
_FORMATS = ("csv", "json", "jsonl", "ocsf")

App = Annotated[
    str | None,
    typer.Option("--application", metavar="APP", help="only of APP: id, NAME, GROUP/NAME"),
]
Request = Annotated[
    str | None,
    typer.Option("--request", metavar="REQUEST", help="only of REQUEST: name, prefix or id"),
]
Actor = Annotated[
    str | None, typer.Option("--actor", metavar="WHO", help="only by WHO: name or object id")
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", help="from WHEN: 7d, 12h or 2026-12-01")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="WHEN", help="before WHEN: 7d, 12h or 2026-12-01")
]
From = Annotated[
    list[str] | None,
    typer.Option("--from", metavar="DIR", help="read the receipts in DIR instead; repeatable"),
]


@command(group, "list", side=_SIDE, example="azjit receipts list --since 7d --sandbox")
def list_(
    rt: Runtime,
    application: App = None,
    request: Request = None,
    actor: Actor = None,
    since: Since = None,
    until: Until = None,
    folders: From = None,
) -> None:
    """List the changes that azjit sent from this machine, with their reasons and outcomes."""
    from azjit.output.results.receipts import receipts_view  # noqa: PLC0415 - help needs it not

    wanted = _filter(rt, application, request, actor, since, until)
    rt.show(receipts_view(_reads(rt, folders).matching(wanted), rt.display))


@command(group, "show", side=_SIDE, example="azjit receipts show RECEIPT --sandbox")
def show(
    rt: Runtime,
    receipt: Annotated[
        str, typer.Argument(metavar="RECEIPT", help="id, or its first 8 characters")
    ],
    folders: From = None,
) -> None:
    """Show a recorded change in full."""
    from azjit.output.results.receipts import receipt_view  # noqa: PLC0415 - the same

    rt.show(receipt_view(_reads(rt, folders).find(receipt), rt.display))


@command(group, "verify", side=_SIDE, example="azjit receipts verify --sandbox")
def verify(
    rt: Runtime,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="HEAD", help="also check against a copy of the head: COUNT:HASH, or its file"
        ),
    ] = None,
    folders: From = None,
) -> None:
    """Check that no receipt was changed, removed or added since azjit wrote it.

    Who can write the receipts can also forge all of them and their head. Only a copy of the head
    that is kept elsewhere shows that: see azjit receipts head.
    """
    from azjit.output.results.receipts import checks_view  # noqa: PLC0415 - the same

    found = list(_reads(rt, folders).checks(against))
    rt.show(checks_view(found, rt.display))
    _raise_for(rt, found)


@command(group, "head", side=_SIDE, example="azjit receipts head -o json --sandbox > head.json")
def head(rt: Runtime, folders: From = None) -> None:
    """Show the head of the receipts, to be kept where their writers cannot change it."""
    from azjit.output.results.receipts import heads_view  # noqa: PLC0415 - the same

    rt.show(heads_view(_reads(rt, folders).heads()))


@command(
    group, "export", side=_SIDE, example="azjit receipts export --since 30d --sandbox > out.json"
)
def export(
    rt: Runtime,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help=f"{', '.join(_FORMATS)}; default json"),
    ] = None,
    application: App = None,
    request: Request = None,
    actor: Actor = None,
    since: Since = None,
    until: Until = None,
    folders: From = None,
) -> None:
    """Check the receipts, then write them for another program; each has the head of its source."""
    from azjit.output.results.ocsf import ocsf_view  # noqa: PLC0415 - the same
    from azjit.output.results.receipts import export_view  # noqa: PLC0415 - the same

    if form is not None and form not in _FORMATS:
        near = meant(form, _FORMATS)
        raise Usage(f"no format named {form!r}", hint=f"{near}one of: {', '.join(_FORMATS)}")
    wanted, reads = _filter(rt, application, request, actor, since, until), _reads(rt, folders)
    _raise_for(rt, list(reads.checks(None)))
    rows = _rows(reads, wanted)
    if form == "ocsf":
        rt.show(ocsf_view(rows), "jsonl")
    else:
        rt.show(export_view(rows, rt.display), form or rt.settings.output or "json")


def _rows(reads: ReceiptReads, wanted: ReceiptFilter) -> Iterator[Row]:
    from azjit.output.results.receipts import Row  # noqa: PLC0415 - the same

    heads = {each.source: each for each in reads.heads()}
    for receipt in reads.matching(wanted):
        yield Row(receipt, heads[receipt.source])


def _reads(rt: Runtime, folders: list[str] | None) -> ReceiptReads:
    from azjit.services.receipts import ReceiptReads  # noqa: PLC0415 - the same

    rt.context.say_sandbox()
    return ReceiptReads(rt.context, folders or ())


def _filter(
    rt: Runtime,
    application: str | None,
    request: str | None,
    actor: str | None,
    since: str | None,
    until: str | None,
) -> ReceiptFilter:
    from azjit.domain.receipts import ReceiptFilter  # noqa: PLC0415 - the same

    def at(text: str | None) -> datetime | None:
        return parse_since(text, now=rt.now(), zone=rt.typed_zone) if text is not None else None

    return ReceiptFilter(application, request, actor, at(since), at(until))


def _raise_for(rt: Runtime, checks: Iterable[Check]) -> None:
    broken = []
    for each in checks:
        for left in each.open:
            rt.notes.warn(
                f"{left.action} of {left.target_name} in the receipts of {each.source} has no"
                f" outcome: receipt {left.id}"
            )
        if not each.ok:
            line = f" at line {each.broken_line}" if each.broken_line is not None else ""
            broken.append(f"the receipts of {each.source} are not whole{line}: {each.why}")
    if broken:
        raise Failed(
            "; ".join(broken),
            hint="keep a copy of the files, and find out who changed them",
        )
