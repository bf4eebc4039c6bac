"""The report of a time: as JSON, as rows of requests, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.domain.access_report import AccessReport, ApplicationActivity
from azjit.domain.durations import human_duration
from azjit.domain.receipts import Receipt
from azjit.domain.reports import RequestReport
from azjit.domain.requests import RequestState
from azjit.domain.times import iso_instant
from azjit.output.cells import NONE, DisplayContext
from azjit.output.fields import Field, Many, Maybe, Result, Shape
from azjit.output.results.decided import decider_of
from azjit.output.results.holders import HELD
from azjit.output.results.parts import principal_of, role_of, text_view
from azjit.output.results.requests import REQUEST
from azjit.output.view import View

_USED = "seconds of approved time within the report: computed, a revocation ends it"
_STANDING = "the publisher's access without an end, now; null if it could not be read"
_CHANGED = "changes of settings in the receipts of this machine and of the shared folder"
EXPIRED = (RequestState.EXPIRED, RequestState.TIMED_OUT)
_BACKTICKS = re.compile("`+")

SETTING = Shape[Receipt](
    "SettingsReceipt",
    "A recorded change of settings.",
    Field("at", datetime, lambda r: r.began),
    Field("by", str, lambda r: r.actor_name),
    Field("action", str, lambda r: r.action),
    Field("outcome", str | None, lambda r: r.outcome),
    Field("receipt", str, lambda r: r.id),
)
ACTIVITY = Shape[ApplicationActivity](
    "ApplicationActivity",
    "What happened to an application.",
    Field("application", str, lambda a: a.label, "GROUP/NAME"),
    Field("applicationId", str | None, lambda a: a.id),
    Field("requested", int, lambda a: len(a.requests), "filed in the time, or approved for it"),
    Field("approved", int, lambda a: a.approved, "not by the settings, as far as is known"),
    Field("automatic", int, lambda a: a.automatic, "approved by the settings"),
    Field("denied", int, lambda a: a.count(RequestState.DENIED)),
    Field("expired", int, lambda a: a.count(*EXPIRED), "expired or timed out"),
    Field("canceled", int, lambda a: a.count(RequestState.CANCELED)),
    Field("usedSeconds", int, lambda a: a.used, _USED),
    Field("standing", Maybe(Many(HELD)), lambda a: a.standing, _STANDING),
    Field("settings", Many(SETTING), lambda a: a.settings, _CHANGED),
    Field("requests", Many(REQUEST), lambda a: a.requests),
)
REPORT = Shape[AccessReport](
    "AccessReport",
    "What happened in a time.",
    Field("since", datetime, lambda r: r.since),
    Field("until", datetime, lambda r: r.until, "not part of the time"),
    Field("at", datetime, lambda r: r.at, "when the report was made"),
    Field("missing", list[str], lambda r: r.missing, "what could not be read, and why"),
    Field("applications", Many(ACTIVITY), lambda r: r.applications),
)
ONE = Result("report", REPORT, "consumer report, publisher report")


class _Row(NamedTuple):
    activity: ApplicationActivity
    report: RequestReport


ROW = Shape[_Row](
    "ReportedRequest",
    "A request in a report.",
    Field("application", str, lambda r: r.activity.label),
    Field("request", str, lambda r: r.report.request.name),
    Field("state", str, lambda r: r.report.request.state_word),
    Field("role", str, lambda r: roles_in(r.report)),
    Field("for", str, lambda r: people_in(r.report)),
    Field("start", datetime | None, lambda r: r.report.request.schedule.start),
    Field("end", datetime | None, lambda r: r.report.request.schedule.end),
    Field("duration", timedelta | None, lambda r: r.report.request.schedule.duration),
    Field("decidedBy", str, lambda r: decider_of(r.report)),
    Field("reason", str | None, lambda r: reason_of(r.report)),
    Field("reasonClaim", str | None, lambda r: r.report.request.reason_claim),
    Field("ticketClaim", str | None, lambda r: r.report.request.ticket_claim),
)
_COLUMNS = ROW.columns(*(each.key for each in ROW.fields))


def report_view(report: AccessReport, display: DisplayContext) -> View:
    """Give a report as one thing."""
    return View(ONE, REPORT.columns("since", "until"), [report], display)


def rows_view(report: AccessReport, display: DisplayContext) -> View:
    """Give a row for each request of a report."""
    rows = (_Row(each, one) for each in report.applications for one in each.requests)
    return View(Result("report", Many(ROW), ""), _COLUMNS, rows, display)


def markdown_view(report: AccessReport, display: DisplayContext) -> View:
    """Give a report as Markdown, in which foreign text stands in code spans."""
    view = text_view(Result("report", Many(str), ""), _markdown(report, display))
    return view._replace(verbatim=True)


def _markdown(report: AccessReport, display: DisplayContext) -> Iterator[str]:
    yield "# JIT access"
    yield ""
    yield (
        f"From {_time(report.since, display)} to {_time(report.until, display)}; made"
        f" {_time(report.at, display)}."
    )
    yield ""
    for missing in report.missing:
        yield f"Incomplete: {_code(missing)}"
        yield ""
    yield "| application | requested | approved | automatic | denied | expired | canceled | used |"
    yield "|---|---|---|---|---|---|---|---|"
    for each in report.applications:
        counts = (
            len(each.requests),
            each.approved,
            each.automatic,
            each.count(RequestState.DENIED),
            each.count(*EXPIRED),
            each.count(RequestState.CANCELED),
            human_duration(each.used) if each.used else "0",
        )
        yield f"| {_code(each.label)} | {' | '.join(map(str, counts))} |"
    for each in report.applications:
        if each.requests or each.standing or each.settings:
            yield from _of_application(each, display)


def _of_application(activity: ApplicationActivity, display: DisplayContext) -> Iterator[str]:
    yield ""
    yield f"## {_code(activity.label)}"
    if activity.requests:
        yield ""
        yield "| request | state | role | for | start | length | decided by | why |"
        yield "|---|---|---|---|---|---|---|---|"
    for each in activity.requests:
        request = each.request
        length, start = request.schedule.duration, request.schedule.start
        told = (
            _code(request.name),
            request.state_word,
            _code(roles_in(each)),
            _code(people_in(each)),
            _time(start, display) if start is not None else NONE,
            human_duration(length) if length is not None else NONE,
            _code(decider_of(each) or "not known") if each.decision is not None else NONE,
            _code(reason_of(each)) if reason_of(each) else NONE,
        )
        yield f"| {' | '.join(told)} |"
    if activity.standing:
        yield ""
        yield "Standing access of the publisher:"
        yield ""
        for held in activity.standing:
            yield f"- {_code(principal_of(held.grant))}: {_code(role_of(held.grant))}"
    if activity.settings:
        yield ""
        yield "Settings changed:"
        yield ""
        for receipt in activity.settings:
            done = receipt.outcome or "no outcome"
            yield f"- {_time(receipt.began, display)}, by {_code(receipt.actor_name)}: {done}"


def _time(at: datetime, display: DisplayContext) -> str:
    local = display.whole(at)
    utc = iso_instant(at)
    return utc if local.endswith(" UTC") else f"{local} ({utc})"


def _code(text: str | None) -> str:
    """Give foreign text as a code span, in a cell of a table."""
    plain = " ".join((text or "").split()).replace("|", "\\|")
    if not plain:
        return NONE
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(plain)), default=0))
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def roles_in(report: RequestReport) -> str:
    """Give the roles of a request."""
    return ", ".join(dict.fromkeys(role_of(each) for each in report.grants))


def people_in(report: RequestReport) -> str:
    """Give for whom a request is."""
    return ", ".join(dict.fromkeys(principal_of(each) for each in report.grants))


def reason_of(report: RequestReport) -> str | None:
    """Give why a request was decided as it was."""
    return report.decision.reason if report.decision is not None else None
