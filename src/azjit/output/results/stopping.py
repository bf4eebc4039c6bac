"""The outcome of `consumer stop`."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from azjit.domain.holders import HeldRole
from azjit.domain.stopping import Stop, Stopped, StoppedApplication
from azjit.errors import AzjitError
from azjit.output.cells import DisplayContext
from azjit.output.fields import Column, Field, Many, Maybe, Result, Shape, Style
from azjit.output.results.decisions import DECISION
from azjit.output.results.decisions import columns as decision_columns
from azjit.output.results.holders import HELD
from azjit.output.results.holders import columns as held_columns
from azjit.output.view import Line, Section, View

_RESULTS = "set to manual, manual already, without JIT, or not changed"
_WAITING = "names of requests that wait still"
_MAY_REMOVE = (
    "who may delete a role assignment by their role, if no deny assignment forbids it; names, or"
    " object ids"
)


def _id(row: StoppedApplication) -> str | None:
    return row.application.id.text if row.application is not None else None


def _style(row: StoppedApplication) -> Style:
    return "good" if row.result in {Stop.SET, Stop.ALREADY} else "bad"


_ERROR = Shape[AzjitError](
    "StopError",
    "Why the mode is not manual.",
    Field("message", str | None, lambda e: e.message),
    Field("hint", str | None, lambda e: e.hint),
)


def _is_theirs(held: HeldRole) -> bool:
    """Tell whether it is the publisher's, but for the role that only reads and files requests."""
    return held.is_publisher is not False and not held.is_operators


APPLICATION = Shape[StoppedApplication](
    "StoppedApplication",
    "What became of the approval mode of an application.",
    Field("application", str, lambda a: a.name),
    Field("applicationId", str | None, _id, "null if none was found"),
    Field("result", str, lambda a: a.result, _RESULTS),
    *_ERROR.within(attrgetter("error")),
)
STOPPED = Shape[Stopped](
    "Stopped",
    "What stopped new access, and who has access still.",
    Field("applications", Many(APPLICATION), lambda s: s.applications),
    Field("denied", Many(DECISION), lambda s: s.denials),
    Field("waiting", list[str], lambda s: list(s.waiting), _WAITING),
    Field("access", Maybe(Many(HELD)), lambda s: s.access, "null if it was not read"),
    Field("mayRemove", list[str], lambda s: list(s.may_remove), _MAY_REMOVE),
)
RESULT = Result("stop", STOPPED, "consumer stop")
_APPLICATION_COLUMNS = APPLICATION.columns(
    Column("application", "Application", priority=9),
    Column("result", "Approval", style=_style, cut="never", priority=8),
    Column("message", "Why", cut="wrap", priority=5, sparse=True),
)


def stopped_view(stopped: Stopped, display: DisplayContext) -> View:
    """Show what was stopped, and who has access still."""
    return View(RESULT, STOPPED.columns("waiting"), [stopped], display, details=_sections)


def _sections(stopped: Stopped, _: DisplayContext) -> Iterator[Section]:
    yield Section("Settings", columns=_APPLICATION_COLUMNS, rows=stopped.applications)
    yield Section(
        "Denials", columns=decision_columns(), rows=stopped.denials, empty="no request waited"
    )
    if stopped.waiting:
        names = ", ".join(stopped.waiting)
        yield Section("Wait still", lines=[Line("Requests", names, "bad")])
    if stopped.access is not None:
        theirs = [each for each in stopped.access if _is_theirs(each)]
        yield Section("The publisher's access", columns=held_columns(), rows=theirs, empty="none")
        who = ", ".join(stopped.may_remove) or "nobody whose role could be read"
        yield Section(
            "Who can take it away",
            lines=[
                Line("By their role", f"{who}; a deny assignment may forbid it"),
                Line("azjit", "consumer revoke REQUEST tries: Microsoft documents no revocation"),
            ],
        )
