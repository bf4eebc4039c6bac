"""`azjit consumer report` and `azjit publisher report`: what happened in a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.access_report import AccessReport
from azjit.domain.times import parse_since
from azjit.errors import Usage, meant
from azjit.output.view import View

# The commands belong to the groups of both sides.
consumer, publisher = typer.Typer(), typer.Typer()

_FORMATS = ("md", "html", "json", "csv")
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
Outfile = Annotated[
    Path | None,
    typer.Option("--outfile", metavar="FILE", help="write to FILE, which only you can read"),
]


@command(consumer, "report", side="consumer", example="azjit consumer report --since 30d --sandbox")
def of_consumer(
    rt: Runtime,
    app: args.MaybeApp = None,
    since: Since = None,
    until: Until = None,
    form: Form = None,
    outfile: Outfile = None,
) -> None:
    """Report what was requested, decided, used and changed in a time, by application.

    Decisions and their reasons come from receipts that are whole. The hours of access are computed
    from approved times.
    """
    _report(rt, app, (since, until), form, outfile)


@command(
    publisher, "report", side="publisher", example="azjit publisher report --since 30d --sandbox"
)
def of_publisher(
    rt: Runtime,
    app: args.MaybeApp = None,
    since: Since = None,
    until: Until = None,
    form: Form = None,
    outfile: Outfile = None,
) -> None:
    """Report what was requested, decided and used in a time, by application."""
    _report(rt, app, (since, until), form, outfile)


def _report(
    rt: Runtime,
    app: str | None,
    span: tuple[str | None, str | None],
    form: str | None,
    outfile: Path | None,
) -> None:
    told = _form_of(rt, form, outfile)
    now = rt.now()
    since, until = (_past_of(rt, each) for each in span)
    start, end = since or now - _USUAL, until or now
    if start >= end:
        raise Usage("--since is not before --until", hint="e.g. --since 30d --until 1d")
    rt.begin()
    report = rt.reporting.report(app, start, end)
    if told == "html" and outfile is None:
        rt.console.make_private()
    view, shown_as = _view_of(rt, report, told, form)
    rt.show_list(view, form=shown_as, outfile=outfile)


def _form_of(rt: Runtime, form: str | None, outfile: Path | None) -> str:
    """Give the format of the report, which is JSON where a common option asks for data."""
    if form is not None and form not in _FORMATS:
        near = meant(form, _FORMATS)
        raise Usage(f"no format named {form!r}", hint=f"{near}one of: {', '.join(_FORMATS)}")
    is_data = rt.settings.output not in {None, "table"} or rt.settings.query is not None
    told = form or ("json" if is_data else "md")
    if told in {"md", "html"} and rt.settings.query is not None:
        raise Usage(f"--query has nothing to select from in {told}", hint="use --format json")
    if told == "html" and outfile is None and rt.process.stdout.isatty():
        raise Usage("a page is no text for a terminal", hint="add --outfile FILE, e.g. access.html")
    return told


def _view_of(
    rt: Runtime, report: AccessReport, told: str, form: str | None
) -> tuple[View, str | None]:
    from azjit.output.results import access_page, access_report  # noqa: PLC0415 - only here

    if told == "html":
        return access_page.page_view(report, rt.display), "table"
    if told == "md":
        return access_report.markdown_view(report, rt.display), "table"
    if told == "csv":
        return access_report.rows_view(report, rt.display), "csv"
    return access_report.report_view(report, rt.display), form


def _past_of(rt: Runtime, text: str | None) -> datetime | None:
    return parse_since(text, now=rt.now(), zone=rt.typed_zone) if text is not None else None
