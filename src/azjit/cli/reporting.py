"""`azjit consumer report` and `azjit publisher report`: what happened in a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.times import parse_since
from azjit.errors import Usage, meant

# The commands belong to the groups of both sides.
consumer, publisher = typer.Typer(), typer.Typer()

_FORMATS = ("md", "json", "csv")
_USUAL = timedelta(days=30)

Since = Annotated[
    str | None, typer.Option(metavar="WHEN", help="from WHEN: 7d, 2026-11-01; default 30d")
]
Until = Annotated[
    str | None, typer.Option(metavar="WHEN", help="to before WHEN: 1d, 2026-12-01; default now")
]
Form = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help=f"{', '.join(_FORMATS)}; default md"),
]


@command(consumer, "report", side="consumer", example="azjit consumer report --since 30d --sandbox")
def of_consumer(
    rt: Runtime,
    app: args.MaybeApp = None,
    since: Since = None,
    until: Until = None,
    form: Form = None,
) -> None:
    """Report what was requested, decided, used and changed in a time, by application.

    Decisions and their reasons come from receipts that are whole. The hours of access are computed
    from approved times.
    """
    _report(rt, app, since, until, form)


@command(
    publisher, "report", side="publisher", example="azjit publisher report --since 30d --sandbox"
)
def of_publisher(
    rt: Runtime,
    app: args.MaybeApp = None,
    since: Since = None,
    until: Until = None,
    form: Form = None,
) -> None:
    """Report what was requested, decided and used in a time, by application."""
    _report(rt, app, since, until, form)


def _report(
    rt: Runtime, app: str | None, since: str | None, until: str | None, form: str | None
) -> None:
    from azjit.output.results import access_report as views  # noqa: PLC0415 - only here

    if form is not None and form not in _FORMATS:
        near = meant(form, _FORMATS)
        raise Usage(f"no format named {form!r}", hint=f"{near}one of: {', '.join(_FORMATS)}")
    now = rt.now()
    start = _past_of(rt, since) or now - _USUAL
    end = _past_of(rt, until) or now
    if start >= end:
        raise Usage("--since is not before --until", hint="e.g. --since 30d --until 1d")
    rt.begin()
    report = rt.reporting.report(app, start, end)
    told = form or ("json" if rt.settings.output not in {None, "table"} else "md")
    if told == "md":
        rt.show_list(views.markdown_view(report, rt.display))
    elif told == "csv":
        rt.show_list(views.rows_view(report, rt.display), form="csv")
    else:
        rt.show_list(views.report_view(report, rt.display), form=form)


def _past_of(rt: Runtime, text: str | None) -> datetime | None:
    return parse_since(text, now=rt.now(), zone=rt.typed_zone) if text is not None else None
