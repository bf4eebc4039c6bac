"""Decisions: the result for each request of a batch."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from azjit.domain.decisions import DecisionResult
from azjit.domain.ids import ApplicationId
from azjit.errors import AzjitError
from azjit.output.cells import NONE, DisplayContext, known_word
from azjit.output.fields import Column, Columns, Field, Many, Maybe, Result, Shape, Style
from azjit.output.names import told_apart, unique_names
from azjit.output.results.planned import CALL
from azjit.output.results.request_cells import application_name
from azjit.output.results.requests import REQUEST
from azjit.output.view import View

_RESULTS = (
    "approved, denied, revoked, withdrawn, already ..., refused, unconfirmed, not found, not"
    " allowed, malformed, failed, or not sent"
)

_KNOWN = (
    "how the result is known: request state, role assignment, or permissions; null if the result"
    " is not a new state"
)


def _name(row: DecisionResult) -> str:
    if row.report is not None:
        return row.report.request.name
    return row.case.asked.rsplit("/", 1)[-1]


def _application_id(row: DecisionResult) -> ApplicationId | None:
    return row.report.request.application if row.report is not None else None


def _application(row: DecisionResult) -> str:
    return (application_name(row.report) if row.report is not None else None) or NONE


def _state(row: DecisionResult) -> str | None:
    if row.report is None:
        return None
    state = row.report.request.state_word
    return f"{state}, revoked" if row.report.revoked_at is not None else state


def _state_style(row: DecisionResult) -> Style:
    return "quiet" if row.report is not None and row.report.revoked_at is not None else "state"


def _result_style(row: DecisionResult) -> Style:
    return "bad" if row.error is not None else "good"


def _message(row: DecisionResult) -> str | None:
    told = row.error or row.trouble
    return told.message if told is not None else row.case.already or None


_ERROR = Shape[AzjitError](
    "Error",
    "Why one request failed.",
    Field("hint", str | None, lambda e: e.hint),
    Field("errorCode", str | None, lambda e: e.code, "the error code of Azure"),
    Field(
        "azureRequestId", str | None, lambda e: e.request_id, "the request id of the failed call"
    ),
)
DECISION = Shape[DecisionResult](
    "Decision",
    "The result for one request of a batch.",
    Field("asked", str, lambda d: d.case.asked, "the request as the user gave it"),
    Field("action", str, lambda d: d.case.action, "approve, deny, revoke or cancel"),
    Field("result", str, lambda d: d.word, _RESULTS),
    Field("exit", int, lambda d: int(d.exit), "the exit code of this row"),
    Field("message", str | None, _message),
    *_ERROR.within(attrgetter("error")),
    Field("request", Maybe(REQUEST), lambda d: d.report),
    Field("planned", Maybe(CALL), lambda _: None),
    Field("route", str | None, lambda d: d.route, "how it was decided: application or pim"),
    Field("knownBy", str | None, lambda d: d.known_by, _KNOWN),
)
DECISIONS = Result(
    "decisions",
    Many(DECISION),
    "consumer approve, consumer deny, consumer revoke, publisher cancel",
)
_COLUMNS = DECISION.columns(
    Column("asked", "Request", cut="name", priority=8, among=unique_names(_name)),
    Column("result", "Result", style=_result_style, cut="wrap", priority=10),
    Column("request.state", "State", _state, _state_style, cut="wrap", priority=7),
    Column(
        "request.application.name",
        "Application",
        priority=3,
        among=told_apart(_application_id, _application),
    ),
    Column("request.end", "Until", cut="never", priority=4),
    Column("knownBy", "Known by", lambda d: known_word(d.known_by), cut="never", priority=7),
    Column("message", "Why", cell=_message, cut="wrap", priority=6),
)


def columns() -> Columns[DecisionResult]:
    """Give the columns of a table of decisions."""
    return _COLUMNS


def decisions_view(rows: Iterable[DecisionResult], display: DisplayContext) -> View:
    """Show a row for each request of a batch."""
    return View(DECISIONS, _COLUMNS, rows, display)
