"""Requests: a list of them, and one with everything that an approver judges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from azjit.domain.concerns import Concern
from azjit.domain.ids import ApplicationId, looks_cut, short_name
from azjit.domain.plain_facts import plain_facts
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.output.cells import (
    NONE,
    DisplayContext,
    called,
    known,
    length,
    named,
    with_id,
)
from azjit.output.fields import Column, Field, Many, Maybe, Result, Shape
from azjit.output.names import customers, told_apart, unique_names
from azjit.output.results.decided import DECIDED, decider_of, decision_lines
from azjit.output.results.parts import (
    ACCESS,
    GRANT,
    KNOWN,
    PERSON,
    UNREADABLE,
    role_of,
)
from azjit.output.results.request_cells import (
    age_of,
    application_group,
    application_name,
    creator_of,
    length_of,
    name_of,
    name_style,
    people_of,
    plain_state,
    roles_of,
    routes_of,
    start_of,
    state_of,
    state_style,
)
from azjit.output.results.sheets import (
    CONCERN,
    FACTS,
    concern_lines,
    powers_of_row,
    worst_cell,
    worst_style,
)
from azjit.output.timeline import Timeline
from azjit.output.view import Line, View


def _concerns(report: RequestReport) -> tuple[Concern, ...] | None:
    return report.sheet.concerns if report.sheet is not None else None


def _facts(report: RequestReport) -> dict[str, object] | None:
    return plain_facts(report.sheet.facts) if report.sheet is not None else None


_KNOWN_STATES = ", ".join(state for state in RequestState if state is not RequestState.UNKNOWN)
_STATES = f"{_KNOWN_STATES}, or Azure's own value"
_PHASES = "state and time together: pending, scheduled, approved, ended, closed, or unknown"
_REASON = "the publisher's reason, from a tag: a claim, not a fact"
_TICKET = "the publisher's ticket, from a tag: a claim, not a fact"
_SCHEDULE = "once, recurring, or Azure's own value"
_DIGEST = "SHA-256 of everything that an approver judges"
_ROUTES = "how it can be decided: application, pim, or portal; null if it was not checked"
_REVOKED = (
    "when a read showed that its access was revoked, from a receipt on this machine; null after"
    " its end, except in a report"
)
_DECIDED = "who approved or denied it; null if it was not decided"
_CONCERNS = "what speaks against an approval, the heaviest first; null if it was not judged"
_FACTS = "what the concerns come from; null if it was not judged"
APPLICATION = Shape[RequestReport](
    "ApplicationOf",
    "The application that a request is for.",
    Field("id", str, lambda r: r.request.application_text, "resource id in the request"),
    Field("name", str | None, application_name),
    Field("resourceGroup", str | None, application_group),
)
REQUEST = Shape[RequestReport](
    "Request",
    "A JIT request.",
    Field("id", str, lambda r: r.request.id, "resource id"),
    Field("name", str, lambda r: r.request.name, "usually a GUID"),
    Field("state", str, lambda r: r.request.state_word, _STATES),
    Field("phase", str, lambda r: r.request.phase(r.at), _PHASES),
    Field("application", APPLICATION, lambda r: r),
    Field("managedResourceGroupId", str | None, lambda r: r.request.id.group_id),
    Field("roles", Many(GRANT), lambda r: r.grants),
    Field("scheduleType", str, lambda r: r.request.schedule.kind, _SCHEDULE),
    Field("start", datetime | None, start_of, "time, or Azure's own value"),
    Field("end", datetime | None, lambda r: r.request.schedule.end),
    Field("duration", timedelta | None, length_of, "ISO 8601"),
    Field("durationSeconds", int | None, lambda r: r.request.schedule.duration),
    Field("createdAt", datetime | None, lambda r: r.request.created_at),
    Field("createdBy", Maybe(PERSON), creator_of),
    Field("publisherTenantId", str | None, lambda r: r.request.publisher_tenant),
    Field("reasonClaim", str | None, lambda r: r.request.reason_claim, _REASON),
    Field("ticketClaim", str | None, lambda r: r.request.ticket_claim, _TICKET),
    Field("access", Maybe(ACCESS), lambda r: r.access, "null if it was not read"),
    Field("digest", str, lambda r: r.request.digest(), _DIGEST),
    Field("routes", list[str] | None, lambda r: r.routes, _ROUTES),
    Field("revokedAt", datetime | None, lambda r: r.revoked_at, _REVOKED),
    Field("decision", Maybe(DECIDED), lambda r: r.decision, _DECIDED),
    Field("knownBy", str, lambda r: r.known_by, KNOWN),
    Field("unreadable", str | None, lambda r: r.request.unreadable, UNREADABLE),
    Field("concerns", Maybe(Many(CONCERN)), _concerns, _CONCERNS),
    Field("facts", Maybe(FACTS), _facts, _FACTS),
)
REQUESTS = Result(
    "requests",
    Many(REQUEST),
    "publisher history, publisher wait of several, consumer history, consumer pending",
)
ONE = Result(
    "request",
    REQUEST,
    "publisher request, publisher extend, publisher show, publisher wait, consumer show",
)


def _app_id(report: RequestReport) -> ApplicationId | None:
    return report.request.application


_NAMES = unique_names(lambda r: r.request.name or None, name_of)
_APPLICATIONS = told_apart(_app_id, lambda r: application_name(r) or NONE)
_roles, _people = partial(roles_of, named), partial(people_of, named)
_all_roles, _all_people = partial(roles_of, called), partial(people_of, called)
COLUMNS = REQUEST.columns(
    Column("name", "Request", None, name_style, cut="name", priority=9, among=_NAMES),
    Column("state", "State", state_of, state_style, cut="wrap", priority=10, export=plain_state),
    Column("application.name", "Application", priority=8, among=_APPLICATIONS),
    Column(
        "customer", "Customer", cut="wrap", priority=4, among=customers(_app_id), exported=False
    ),
    Column("roles", "Role", _roles, cut="wrap", priority=7, export=_all_roles, shortens=True),
    Column("principals", "For", _people, priority=6, export=_all_people, shortens=True),
    Column("start", "Start", cut="never", priority=5),
    Column("duration", "Length", cut="never", priority=5),
    Column("createdAt", "Asked", cell=age_of, cut="never", priority=4, wide_only=True),
    Column("reasonClaim", "Reason, claimed", cut="wrap", priority=6, sparse=True, below=True),
    Column("end", "End", on_screen=False),
    Column("phase", "Phase", on_screen=False),
    Column("application.resourceGroup", "Group", on_screen=False),
    Column("id", "Id", on_screen=False),
)
_DECIDERS = REQUEST.columns(
    Column("decision", "Decided by", decider_of, wide_only=True, sparse=True, export=decider_of)
)
_CONCERN = REQUEST.columns(
    Column(
        "concerns", "Concern", worst_cell, worst_style, cut="wrap", priority=7, export=worst_cell
    )
)


def _odd_state(report: RequestReport) -> str | None:
    return None if report.request.state is RequestState.PENDING else state_of(report)


# The name of the command says the usual state, and the name of a request that it is unreadable.
PENDING = (
    *(e._replace(cell=_odd_state, sparse=True) if e.key == "state" else e for e in COLUMNS),
    *_CONCERN,
)
_ROUTE = REQUEST.columns(Column("routes", "Route", cell=routes_of, cut="never", priority=7))


def requests_view(
    reports: Iterable[RequestReport],
    display: DisplayContext,
    *,
    empty: str,
    with_deciders: bool = False,
) -> View:
    """List requests."""
    picked = (*COLUMNS, *_DECIDERS) if with_deciders else COLUMNS
    return View(REQUESTS, picked, reports, display, empty, requests=_itself)


def pending_view(
    reports: Iterable[RequestReport], display: DisplayContext, *, with_routes: bool = False
) -> View:
    """List pending requests."""
    picked = (*PENDING, *_ROUTE) if with_routes else PENDING
    return View(REQUESTS, picked, reports, display, "no pending requests", requests=_itself)


def request_view(
    report: RequestReport, display: DisplayContext, *, to_judge: bool = False, full: bool = False
) -> View:
    """Show one request in detail: what an approver judges, and in `full` how each fact is known."""
    requests = _itself if to_judge else None
    details = partial(request_lines, full=full)
    return View(ONE, COLUMNS, [report], display, details=details, requests=requests)


def _itself(report: RequestReport, _: str) -> tuple[JitRequest]:
    return (report.request,)


def request_lines(report: RequestReport, display: DisplayContext, *, full: bool) -> Iterator[Line]:
    """Give first the state, until when, every role and for whom."""
    request = report.request
    name = short_name(request.name) if looks_cut(request.name) else request.name
    yield Line("Request", name, "strong", "middle")
    yield Line("State", _state(report, full=full), state_style(report))
    yield from decision_lines(report, display)
    if request.unreadable is not None:
        yield Line("Unreadable", request.unreadable, "bad")
    yield Line("Until", display.whole(request.schedule.end))
    yield from _grants(report, full=full)
    yield Line("Start", display.whole(start_of(report)))
    yield Line("Length", _length_and_kind(report))
    yield Line("Application", _application(report))
    yield from concern_lines(report, display)
    yield from _time(report, display)
    yield from _access(report, full=full)
    if report.revoked_at is not None:
        text = known(f"its access, {display.whole(report.revoked_at)}", "receipt")
        yield Line("Revoked", text, "quiet")
    creator = creator_of(report)
    by = named(creator.name, creator.id) if creator is not None else NONE
    yield Line("Filed", f"{display.whole(request.created_at)}, by {by}")
    if request.reason_claim:
        yield Line("Reason, claimed", request.reason_claim)
    if request.ticket_claim:
        yield Line("Ticket, claimed", request.ticket_claim)
    if full:
        yield Line("Subscription", request.id.subscription or NONE, "quiet")
        yield Line("Publisher tenant", request.publisher_tenant or NONE, "quiet")
        yield Line("Content digest", request.digest(), "quiet", "middle")


def _state(report: RequestReport, *, full: bool) -> str:
    state = state_of(report)
    if report.request.phase(report.at) is Phase.ENDED and report.access is None:
        state += " (computed from its time)"
    return known(state, report.known_by) if full else state


def _application(report: RequestReport) -> str:
    return f"{application_group(report) or '?'}/{application_name(report) or '?'}"


def _grants(report: RequestReport, *, full: bool) -> Iterator[Line]:
    for row, grant in enumerate(report.grants):
        told = role_of(grant)
        if grant.is_whole and (full or not grant.role_name):
            told = with_id(grant.role_name, grant.role.bare)
        yield Line("Role", told, "strong" if grant.is_whole else "bad")
        if (can := powers_of_row(report, row)) is not None:
            yield Line("  which", can)
        yield Line("  for", with_id(grant.principal_name, grant.principal))
    if not report.grants:
        yield Line("Role", "names no role", "bad")


def _length_and_kind(report: RequestReport) -> str:
    text, kind = length(length_of(report)), report.request.schedule.kind
    return text if kind == "once" else f"{text}, {kind}: Azure does not say how often"


def _time(report: RequestReport, display: DisplayContext) -> Iterator[Line]:
    schedule = report.request.schedule
    start, end = schedule.start, schedule.end
    if report.request.state is not RequestState.APPROVED or report.lacks_access:
        return  # "57 min left" would speak of access that is not there
    if start is not None and end is not None and start < end:
        line = Timeline(start, end, display.now)
        yield Line("Time", line.text(display.zone), line.style())


def _access(report: RequestReport, *, full: bool) -> Iterator[Line]:
    access = report.access
    if access is None:
        return
    text = {True: "active", False: "not active yet", None: "unknown"}[access.held]
    if report.lacks_access:
        text = "not active: it ended, or never began"
    text = known(text, access.proof) if access.held is not None and full else text
    yield Line("Access", text, "good" if access.held else "wait")
