"""Who decided a request: as JSON, in a column, and as lines of its view."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from azjit.domain.decided import Decided, ToldBy
from azjit.domain.reports import RequestReport
from azjit.domain.requests import RequestState
from azjit.output.cells import DisplayContext, known, named
from azjit.output.fields import Field, Many, Maybe, Shape
from azjit.output.results.parts import PERSON, Named
from azjit.output.view import Line

_REASON = "from the receipt; the activity log has none"
_ROUTE = "application or pim; null if it is not known"
_KNOWN = "receipt, activity log, settings (approved automatically), or unknown"
_OTHERS = "what other sources tell, if they name somebody else"
_AUTOMATIC = "automatically, by the settings of the application"


def _person(decided: Decided) -> Named | None:
    return Named(decided.by, decided.name) if decided.by is not None else None


_FIELDS = (
    Field[Decided]("by", Maybe(PERSON), _person, "null if nobody is named"),
    Field[Decided]("at", datetime | None, lambda d: d.at),
    Field[Decided]("reason", str | None, lambda d: d.reason, _REASON),
    Field[Decided]("route", str | None, lambda d: d.route, _ROUTE),
    Field[Decided]("knownBy", str, lambda d: d.known_by, _KNOWN),
)
_OTHER = Shape[Decided]("OtherDecision", "A decision as another source tells it.", *_FIELDS)
DECIDED = Shape[Decided](
    "RequestDecision",
    "Who decided a request, when and why.",
    *_FIELDS,
    Field("others", Many(_OTHER), lambda d: d.others, _OTHERS),
)


def decider_of(report: RequestReport) -> str:
    """Give who decided, for a column."""
    decided = report.decision
    if decided is None or decided.known_by is ToldBy.UNKNOWN:
        return ""
    if decided.by is None:
        return "automatic"
    name = named(decided.name, decided.by)
    return f"{name}, disputed" if decided.others else name


def decision_lines(report: RequestReport, display: DisplayContext) -> Iterator[Line]:
    """Give who decided, and why; where two sources name different people, both."""
    decided = report.decision
    if decided is None:
        return
    title = "Approved" if report.request.state is RequestState.APPROVED else "Denied"
    yield Line(title, _told(decided, display), "bad" if decided.others else "plain")
    for other in decided.others:
        yield Line("  or", _told(other, display), "bad")
    if decided.reason:
        yield Line("  because", decided.reason)


def _told(decided: Decided, display: DisplayContext) -> str:
    if decided.known_by is ToldBy.SETTINGS:
        return _AUTOMATIC
    if decided.by is None:
        return "by whom is not known"
    at = f"{display.whole(decided.at)}, " if decided.at is not None else ""
    route = " through PIM" if decided.route == "pim" else ""
    return known(f"{at}by {named(decided.name, decided.by)}{route}", decided.known_by)
