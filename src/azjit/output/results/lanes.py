"""Who had which role when, as bars of characters."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from math import ceil, floor
from operator import attrgetter

from azjit.domain.access_report import Chart, Lane
from azjit.domain.durations import human_duration
from azjit.output.cells import DisplayContext
from azjit.output.fields import Column, Field, Many, Result, Shape, Style
from azjit.output.results.parts import GRANT, principal_of, role_of
from azjit.output.view import View

# What the other columns need.
_BESIDE = 60
_LEAST, _MOST = 16, 72
_NOTHING, _APPROVED, _AUTOMATIC = "·", "█", "▒"
_SECOND = timedelta(seconds=1)
_USED = "seconds of approved time, each request counted: computed, a revocation ends it"
LANE = Shape[Lane](
    "Lane",
    "When a principal had a role.",
    Field("application", str, lambda lane: lane.application, "GROUP/NAME"),
    *GRANT.within(attrgetter("grant")),
    Field("usedSeconds", int, lambda lane: lane.length, _USED),
)


def lanes_view(chart: Chart, display: DisplayContext, width: int) -> View:
    """Draw a bar for each principal and role, as long as the terminal allows."""
    size = _size(width)
    columns = LANE.columns(
        Column("principalName", "For", lambda lane: principal_of(lane.grant), priority=8),
        Column("roleName", "Role", lambda lane: role_of(lane.grant), cut="wrap", priority=7),
        Column("application", "Application", cut="wrap", priority=6),
        Column[Lane](
            "bar",
            _axis(chart, display, size),
            partial(_bar, chart, size),
            partial(_style, chart),
            cut="never",
            priority=9,
            exported=False,
        ),
        Column("usedSeconds", "Access", _length, cut="never", align="right", priority=5),
    )
    return View(
        Result("lanes", Many(LANE), ""), columns, chart.lanes, display, "no access in this time"
    )


def legend(chart: Chart, display: DisplayContext, width: int) -> str:
    """Say what the bars mean, and which time they show."""
    step = max(_SECOND, (chart.until - chart.since) / _size(width))
    kinds = [f"{_APPROVED} approved"]
    if any(automatic for lane in chart.lanes for *_, automatic in lane.spans):
        kinds.append(f"{_AUTOMATIC} approved automatically")
    span = f"{display.whole(chart.since)} to {display.whole(chart.until)}"
    length = human_duration(_rounded(step))
    return (
        f"{', '.join(kinds)}, for at least a part of {length}; {span}; computed from approved"
        " times and revocations in the receipts"
    )


def _size(width: int) -> int:
    return max(_LEAST, min(_MOST, width - _BESIDE))


def _axis(chart: Chart, display: DisplayContext, size: int) -> str:
    start = display.clock(chart.since)
    return f"{start}{'now'.rjust(size - len(start))}"


def _bar(chart: Chart, size: int, lane: Lane) -> str:
    cells = [_NOTHING] * size
    for start, end, automatic in lane.spans:
        first, last = _place(chart, size, start), _place(chart, size, end)
        for at in range(floor(first), min(size, ceil(last))):
            if cells[at] != _APPROVED:
                cells[at] = _AUTOMATIC if automatic else _APPROVED
    return "".join(cells)


def _place(chart: Chart, size: int, at: datetime) -> float:
    return (at - chart.since) / (chart.until - chart.since) * size


def _style(chart: Chart, lane: Lane) -> Style:
    return "good" if any(end >= chart.until for _, end, _ in lane.spans) else "plain"


def _length(lane: Lane) -> str:
    return human_duration(_rounded(lane.length))


def _rounded(span: timedelta) -> timedelta:
    """Give a length in whole minutes, of a short one in whole seconds."""
    unit = timedelta(minutes=1) if span >= timedelta(hours=1) else _SECOND
    return max(_SECOND, round(span / unit) * unit)
