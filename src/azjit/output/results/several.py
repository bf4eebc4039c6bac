"""What a command did to each of several applications: a row each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from azjit.domain.batches import ApplicationRow
from azjit.domain.ids import ResourceId
from azjit.errors import AzjitError, Exit
from azjit.output.cells import NONE, DisplayContext
from azjit.output.fields import Column, Field, Many, Maybe, Result, Shape, Style
from azjit.output.names import told_apart, unique_names
from azjit.output.results.applications import longest_word
from azjit.output.results.planned import call_text
from azjit.output.results.requests import REQUEST
from azjit.output.results.settings import CHANGE, differences
from azjit.output.view import View


def _id(row: ApplicationRow) -> ResourceId | None:
    """Give the id of an application that the user gave by its id."""
    found = ResourceId.try_parse(row.asked)
    return found if found is not None and found.kind else None


def _asked(row: ApplicationRow) -> str:
    found = _id(row)
    return found.name if found is not None else row.asked


def _message(row: ApplicationRow) -> str | None:
    if row.error is not None:
        return row.error.message
    return "; ".join(_said(*each) for each in _differences(row)) or None


def _said(key: str, before: str, after: str) -> str:
    return f"{key} is {before}, not {after}" if before else f"{key} {after} is missing"


def _differences(row: ApplicationRow) -> list[tuple[str, str, str]]:
    return list(differences(row.change)) if row.differs and row.change is not None else []


def _style(row: ApplicationRow) -> Style:
    return "good" if row.exit is Exit.DONE else "bad"


def _name(row: ApplicationRow) -> str | None:
    return row.report.request.name if row.report is not None else None


def _until(row: ApplicationRow) -> datetime | str:
    end = row.report.request.schedule.end if row.report is not None else None
    return end or NONE


def _mode(row: ApplicationRow) -> str:
    return row.change.after.mode_word if row.change is not None else NONE


def _longest(row: ApplicationRow) -> str:
    return longest_word(row.change.after) if row.change is not None else NONE


_ERROR = Shape[AzjitError](
    "RowError",
    "Why one application failed.",
    Field("hint", str | None, lambda e: e.hint),
    Field("errorCode", str | None, lambda e: e.code, "the error code of Azure"),
    Field("azureRequestId", str | None, lambda e: e.request_id, "the id of the failed call"),
)
_ROW = (
    Field[ApplicationRow]("asked", str, lambda r: r.asked, "the application as the user gave it"),
    Field[ApplicationRow](
        "result",
        str,
        lambda r: r.word,
        "filed, already there, configured, nothing to change, planned, as in the file, differs,"
        " or why it failed",
    ),
    Field[ApplicationRow]("exit", int, lambda r: int(r.exit), "the exit code of this row"),
    Field[ApplicationRow]("message", str | None, _message, "why it failed, or what differs"),
    *_ERROR.within(attrgetter("error")),
)
FILED = Shape[ApplicationRow](
    "Filed",
    "The request of one of several applications.",
    *_ROW,
    Field("request", Maybe(REQUEST), lambda r: r.report),
)
CONFIGURED = Shape[ApplicationRow](
    "Configured",
    "The settings of one of several applications.",
    *_ROW,
    Field("change", Maybe(CHANGE), lambda r: r.change),
)
FILINGS = Result("filings", Many(FILED), "publisher request with several applications")
CHANGES = Result(
    "settings-of-many",
    Many(CONFIGURED),
    "consumer configure with several applications, or with --file",
)
_FIRST = (
    Column[ApplicationRow]("asked", "Application", among=told_apart(_id, _asked), priority=9),
    Column[ApplicationRow]("result", "Result", style=_style, cut="wrap", priority=10),
)
_WHY = Column[ApplicationRow]("message", "Why", cut="wrap", priority=6, sparse=True)
_FILED = FILED.columns(
    *_FIRST,
    Column("request.name", "Request", cut="name", priority=8, among=unique_names(_name)),
    Column("request.end", "Until", cell=_until, cut="never", priority=7),
    _WHY,
)
_CONFIGURED = CONFIGURED.columns(
    *_FIRST,
    Column("change.after.approvalMode", "Approval", cell=_mode, priority=7),
    Column("change.after.maximumDuration", "Longest", cell=_longest, priority=7),
    _WHY,
)


def filings_view(rows: Iterable[ApplicationRow], display: DisplayContext) -> View:
    """Show the request of each application."""
    return View(FILINGS, _FILED, rows, display)


def changes_view(rows: Iterable[ApplicationRow], display: DisplayContext) -> View:
    """Show the settings of each application."""
    return View(CHANGES, _CONFIGURED, rows, display)


def planned_changes_view(rows: Iterable[ApplicationRow]) -> View:
    """Show changes that are not sent: to a person their calls."""
    return View(CHANGES, _CONFIGURED, rows, prose=_calls, verbatim=True)


def differences_view(rows: Iterable[ApplicationRow]) -> View:
    """Compare the settings of each application with a file: to a person what differs."""
    return View(CHANGES, _CONFIGURED, rows, prose=_diff, verbatim=True)


def _diff(row: ApplicationRow) -> str:
    lines = [f"{row.asked}: {row.word}"]
    for key, before, after in _differences(row):
        lines += [f"- {key}: {before}"] if before else []
        lines.append(f"+ {key}: {after}")
    return "\n".join(lines)


def _calls(row: ApplicationRow) -> str:
    call = row.change.planned if row.change is not None else None
    return call_text(call) if call is not None else f"{row.asked}: {row.word}"
