"""What publishers changed in managed resource groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from azjit.domain.activity import LoggedChange
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest
from azjit.output.cells import NONE, DisplayContext, named
from azjit.output.fields import Column, Field, Many, Maybe, Result, Shape, Style
from azjit.output.results.parts import NAMED, PERSON, Named, with_name
from azjit.output.results.requests import REQUEST, request_lines
from azjit.output.view import Line, Section, View

_SURE = "false if it may be of another person of the publisher: a group was granted"
_APPLICATION = "null where one request is shown"
_UNREAD = "null if the activity log could not be read"


def _person(work: LoggedChange) -> Named | None:
    return Named(work.event.person, work.name) if work.event.person is not None else None


def _who(work: LoggedChange) -> str:
    name = named(work.name, work.event.person)
    return name if work.is_sure else f"{name}, or another"


def _target(work: LoggedChange) -> str:
    return work.event.target.rsplit("/", 1)[-1] or NONE


def _style(work: LoggedChange) -> Style:
    return "bad" if work.event.has_failed else "quiet"


WORK = Shape[LoggedChange](
    "LoggedChange",
    "A change in a managed resource group by a publisher.",
    Field("at", datetime, lambda w: w.event.at),
    Field("operation", str, lambda w: w.event.operation, "Azure's name of the operation"),
    Field("target", str, lambda w: w.event.target, "id of the changed resource"),
    Field("by", Maybe(PERSON), _person, "null if the log names no person"),
    Field("isSure", bool, lambda w: w.is_sure, _SURE),
    Field("application", Maybe(NAMED), lambda w: with_name(w.application), _APPLICATION),
    Field("status", str | None, lambda w: w.event.status or None, "Azure's own value"),
    Field("correlationId", str | None, lambda w: w.event.correlation),
)
WORKS = Result("work", Many(WORK), "consumer history --activity --outside-grants")


class _Shown(NamedTuple):
    report: RequestReport
    work: tuple[LoggedChange, ...] | None


SHOWN = Shape[_Shown](
    "RequestWithActivity",
    "A request, and what its principals changed in its time.",
    *REQUEST.within(attrgetter("report")),
    Field("activity", Maybe(Many(WORK)), lambda s: s.work, _UNREAD),
)
ONE = Result("requestActivity", SHOWN, "consumer show --activity")
_COLUMNS = WORK.columns(
    Column("at", "When", cut="never", priority=9),
    Column("by", "Who", cell=_who, cut="wrap", priority=8, export=_who),
    Column("operation", "Operation", cut="wrap", priority=10),
    Column("target", "Target", cell=_target, cut="wrap", priority=7),
    Column("application.name", "Application", priority=6, sparse=True),
    Column("status", "Status", style=_style, priority=4),
    Column("correlationId", "Correlation id", cut="middle", wide_only=True),
)


def work_view(work: Iterable[LoggedChange], display: DisplayContext) -> View:
    """List changes."""
    return View(WORKS, _COLUMNS, work, display, "no change by a publisher outside of its requests")


def with_work_view(
    report: RequestReport,
    work: tuple[LoggedChange, ...] | None,
    display: DisplayContext,
    *,
    full: bool,
) -> View:
    """Show a request, and what was changed in its time."""
    shown, details = _Shown(report, work), partial(_sections, full=full)
    columns = SHOWN.columns("name", "state")
    return View(ONE, columns, [shown], display, details=details, requests=_request)


def _request(shown: _Shown, _: str) -> tuple[JitRequest]:
    return (shown.report.request,)


def _sections(shown: _Shown, display: DisplayContext, *, full: bool) -> Iterator[Line | Section]:
    yield from request_lines(shown.report, display, full=full)
    if shown.work is not None:
        empty = "nothing in the activity log, which has no reads"
        yield Section("Changed in its time", columns=_COLUMNS, rows=shown.work, empty=empty)
