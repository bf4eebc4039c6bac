"""The facts and concerns of a request, as an approver judges them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from azjit.domain.concerns import Concern
from azjit.domain.levels import Level
from azjit.domain.powers import Power, said_of
from azjit.domain.reports import RequestReport
from azjit.output.cells import NONE, DisplayContext
from azjit.output.fields import Field, Many, Shape, Style, mapping_shape
from azjit.output.view import Line

_MINUTE = timedelta(minutes=1)
_STYLES: dict[Level, Style] = {
    Level.REFUSED: "bad",
    Level.BLOCKER: "bad",
    Level.WARNING: "wait",
    Level.NOTE: "quiet",
}
_POWERS = ", ".join(Power)
_ROLE = mapping_shape(
    "RoleFacts",
    "A role that is asked for, from its definition.",
    roleId=(str, "GUID; an id without one as in Azure"),
    roleName=str | None,
    powers=(list[str] | None, f"{_POWERS}; null if not known"),
)
_CLAIMS = mapping_shape(
    "Claims",
    "What the publisher claims in tags; not checked.",
    reason=str | None,
    ticket=str | None,
)
FACTS = mapping_shape(
    "Facts",
    "The facts that an approver judges; null is what is not known.",
    lengthSeconds=int | None,
    maximumSeconds=(int | None, "what the application allows"),
    startsInSeconds=(int | None, "0 after its start"),
    leftSeconds=(int | None, "until its start plus its length"),
    waitedSeconds=(int | None, "since it was filed"),
    latestEnd=(datetime | None, "if it is approved now and runs its whole length"),
    own=(bool | None, "whether it was filed by or for the caller, also through a group"),
    approver=(bool | None, "whether the application names the caller as an approver"),
    inPlace=(bool | None, "whether it is in the managed resource group of its application"),
    ofPublisher=(bool | None, "whether its tenant is that of the application's publisher"),
    eligible=(bool | None, "whether the application's authorizations have all its rows"),
    standingAccess=(bool | None, "whether the publisher has the access anyway"),
    policyExempt=(bool | None, "whether the publisher is of another tenant"),
    roles=Many(_ROLE),
    overlaps=(list[str] | None, "ids of grants of the same principal at that time"),
    continues=(list[str] | None, "ids of grants that it begins within an hour of, latest first"),
    jointSeconds=(int | None, "its length together with those"),
    claims=_CLAIMS,
)
CONCERN = Shape[Concern](
    "Concern",
    "What speaks against an approval.",
    Field("code", str, lambda c: c.code, "see the page of concerns"),
    Field("level", str, lambda c: c.level, ", ".join(Level)),
    Field("text", str, lambda c: c.text),
)


def worst_cell(report: RequestReport) -> str:
    """Give the heaviest concern of a request for a table; a note is none.

    That a request is unreadable stands with its name.
    """
    is_read = report.sheet is not None and report.request.unreadable is None
    worst = report.sheet.worst if report.sheet is not None and is_read else None
    return f"{worst.level}: {worst.code}" if worst and worst.level is not Level.NOTE else NONE


def worst_style(report: RequestReport) -> Style:
    """Give the style of the heaviest concern."""
    worst = report.sheet.worst if report.sheet is not None else None
    return _STYLES[worst.level] if worst is not None else "plain"


def concern_lines(report: RequestReport, display: DisplayContext) -> Iterator[Line]:
    """Give a line for each concern, and when access ends at the latest if that is another time."""
    if report.sheet is None:
        return
    latest = report.sheet.facts.latest_end
    end = report.request.schedule.end
    if latest is not None and end is not None and latest - end >= _MINUTE:
        yield Line("At the latest", f"{display.whole(latest)}, if it is approved now")
    for each in report.sheet.concerns:
        if each.code == "acts-through":
            continue  # the line under the role says it
        title = each.level.capitalize()
        yield Line(title, f"{each.code}: {each.text}", _STYLES[each.level])


def powers_of_row(report: RequestReport, row: int) -> str | None:
    """Say what the role of a row can do; None if nobody judged the request."""
    if report.sheet is None or row >= len(report.sheet.facts.roles):
        return None
    return said_of(report.sheet.facts.roles[row].powers)
