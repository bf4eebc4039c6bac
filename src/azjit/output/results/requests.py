"""Requests: a list of them, and one with everything that an approver judges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from azjit.domain.ids import looks_cut, short_name
from azjit.domain.pim import Route
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.output.cells import (
    NONE,
    DisplayContext,
    NameOf,
    called,
    known,
    length,
    name_cell,
    named,
    with_id,
)
from azjit.output.fields import Ago, Column, Field, Many, Maybe, Result, Shape, Style
from azjit.output.results.parts import (
    ACCESS,
    GRANT,
    KNOWN,
    PERSON,
    UNREADABLE,
    Named,
    principal_of,
    role_of,
)
from azjit.output.timeline import Timeline
from azjit.output.view import Line, View


def _state_style(report: RequestReport) -> Style:
    if report.request.unreadable is not None:
        return "bad"
    if report.revoked_at is not None:
        return "quiet"
    phase = report.request.phase(report.at)
    return "quiet" if phase is Phase.ENDED else "wait" if phase is Phase.SCHEDULED else "state"


def _name(report: RequestReport) -> str:
    name = report.request.name
    if report.request.unreadable is None:
        return name_cell(name)
    return f"unreadable: {name}" if name else "unreadable"


def _name_style(report: RequestReport) -> Style:
    return "plain" if report.request.unreadable is None else "bad"


def _plain_state(report: RequestReport) -> str:
    word = report.request.state_word
    return word if report.request.unreadable is None else f"{word}, unreadable"


def _state(report: RequestReport) -> str:
    if report.request.unreadable is not None:
        return _plain_state(report)
    if report.revoked_at is not None:
        return "revoked"
    return _untimely(report) or report.request.state_word


def _untimely(report: RequestReport) -> Phase | None:
    """Give the phase of an approved request outside its time."""
    phase = report.request.phase(report.at)
    return phase if phase in {Phase.SCHEDULED, Phase.ENDED} else None


def _application_name(report: RequestReport) -> str | None:
    app_id = report.request.application
    if report.application is not None:
        return report.application.name
    return app_id.name if app_id is not None else None


def _application_group(report: RequestReport) -> str | None:
    app_id = report.request.application
    return app_id.group if app_id is not None else None


def _start(report: RequestReport) -> datetime | str | None:
    return report.request.schedule.start or report.request.schedule.start_text


def _age(report: RequestReport) -> Ago:
    return Ago(report.request.created_at)


def _length(report: RequestReport) -> timedelta | str | None:
    schedule = report.request.schedule
    return schedule.duration if schedule.duration is not None else schedule.duration_text


def _creator(report: RequestReport) -> Named | None:
    by = report.request.created_by
    return Named(by, report.names.get(by.key)) if by is not None else None


def _roles(name_of: NameOf, report: RequestReport) -> str:
    return ", ".join(role_of(each, name_of) for each in report.grants)


def _people(name_of: NameOf, report: RequestReport) -> str:
    people = (principal_of(each, name_of) for each in report.grants)
    return ", ".join(dict.fromkeys(people))


def _routes(report: RequestReport) -> str:
    # Short, or it would push out for whom the access is.
    words = {Route.APPLICATION.value: "app", Route.PIM.value: "PIM"}
    return ", ".join(words.get(each, each) for each in report.routes or ())


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
    " its end"
)
APPLICATION = Shape[RequestReport](
    "ApplicationOf",
    "The application that a request is for.",
    Field("id", str, lambda r: r.request.application_text, "resource id in the request"),
    Field("name", str | None, _application_name),
    Field("resourceGroup", str | None, _application_group),
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
    Field("start", datetime | None, _start, "time, or Azure's own value"),
    Field("end", datetime | None, lambda r: r.request.schedule.end),
    Field("duration", timedelta | None, _length, "ISO 8601"),
    Field("durationSeconds", int | None, lambda r: r.request.schedule.duration),
    Field("createdAt", datetime | None, lambda r: r.request.created_at),
    Field("createdBy", Maybe(PERSON), _creator),
    Field("publisherTenantId", str | None, lambda r: r.request.publisher_tenant),
    Field("reasonClaim", str | None, lambda r: r.request.reason_claim, _REASON),
    Field("ticketClaim", str | None, lambda r: r.request.ticket_claim, _TICKET),
    Field("access", Maybe(ACCESS), lambda r: r.access, "null if it was not read"),
    Field("digest", str, lambda r: r.request.digest(), _DIGEST),
    Field("routes", list[str] | None, lambda r: r.routes, _ROUTES),
    Field("revokedAt", datetime | None, lambda r: r.revoked_at, _REVOKED),
    Field("knownBy", str, lambda r: r.known_by, KNOWN),
    Field("unreadable", str | None, lambda r: r.request.unreadable, UNREADABLE),
)
REQUESTS = Result(
    "requests", Many(REQUEST), "publisher history, consumer history, consumer pending"
)
ONE = Result("request", REQUEST, "publisher request, publisher show, publisher wait")

_all_roles, _all_people = partial(_roles, called), partial(_people, called)
COLUMNS = REQUEST.columns(
    Column("name", "Request", _name, _name_style, priority=9),
    Column(
        "state", "Its state", _state, _state_style, cut="wrap", priority=10, export=_plain_state
    ),
    Column("application.name", "Application", priority=8),
    Column("roles", "Role", partial(_roles, named), cut="wrap", priority=7, export=_all_roles),
    Column("principals", "For", partial(_people, named), priority=6, export=_all_people),
    Column("start", "Start", cut="never", priority=5),
    Column("duration", "Length", cut="never", priority=5),
    Column("createdAt", "Asked", cell=_age, cut="never", priority=4, wide_only=True),
    Column("reasonClaim", "Reason, claimed", lambda r: r.request.reason_claim, wide_only=True),
    Column("end", "End", on_screen=False),
    Column("phase", "Phase", on_screen=False),
    Column("application.resourceGroup", "Group", on_screen=False),
    Column("id", "Id", on_screen=False),
)
# For pending requests the age matters; the name of the command says the state.
_WIDE = {"state": True, "createdAt": False}
PENDING = tuple(each._replace(wide_only=_WIDE.get(each.key, each.wide_only)) for each in COLUMNS)
_ROUTE = REQUEST.columns(Column("routes", "Route", cell=_routes, cut="never", priority=7))


def requests_view(reports: Iterable[RequestReport], display: DisplayContext, *, empty: str) -> View:
    """List requests."""
    return View(REQUESTS, COLUMNS, reports, display, empty, requests=_itself)


def pending_view(
    reports: Iterable[RequestReport], display: DisplayContext, *, with_routes: bool = False
) -> View:
    """List pending requests."""
    picked = (*PENDING, *_ROUTE) if with_routes else PENDING
    return View(REQUESTS, picked, reports, display, "no pending requests", requests=_itself)


def request_view(report: RequestReport, display: DisplayContext, *, to_judge: bool = False) -> View:
    """Show one request in detail: everything that an approver judges."""
    requests = _itself if to_judge else None
    return View(ONE, COLUMNS, [report], display, details=_lines, requests=requests)


def _itself(report: RequestReport, _: str) -> tuple[JitRequest]:
    return (report.request,)


def _lines(report: RequestReport, display: DisplayContext) -> Iterator[Line]:
    """Give every role, for whom, when, and how each fact is known."""
    request = report.request
    name = short_name(request.name) if looks_cut(request.name) else request.name
    yield Line("Request", name, "strong", "middle")
    state = f"approved, {phase}" if (phase := _untimely(report)) else request.state_word
    yield Line("State", known(state, report.known_by), _state_style(report))
    if request.unreadable is not None:
        yield Line("Unreadable", request.unreadable, "bad")
    yield Line("Application", _application(report))
    yield from _grants(report)
    yield Line("Start", display.whole(_start(report)))
    yield Line("End", display.whole(request.schedule.end))
    yield Line("Length", _length_and_kind(report))
    yield from _time(report, display)
    yield from _access(report)
    if report.revoked_at is not None:
        text = known(f"its access, {display.whole(report.revoked_at)}", "receipt")
        yield Line("Revoked", text, "quiet")
    creator = _creator(report)
    by = named(creator.name, creator.id) if creator is not None else NONE
    yield Line("Filed", f"{display.whole(request.created_at)}, by {by}")
    yield Line("Publisher tenant", request.publisher_tenant or NONE)
    if request.reason_claim:
        yield Line("Reason, claimed", request.reason_claim)
    if request.ticket_claim:
        yield Line("Ticket, claimed", request.ticket_claim)
    yield Line("Content digest", request.digest(), "quiet")


def _application(report: RequestReport) -> str:
    text = f"{_application_group(report) or '?'}/{_application_name(report) or '?'}"
    parts = report.request.application_text.split("/")[2:3]
    return f"{text}, subscription {parts[0]}" if parts else text


def _grants(report: RequestReport) -> Iterator[Line]:
    for grant in report.grants:
        is_whole = grant.is_whole
        told = with_id(grant.role_name, grant.role) if is_whole else role_of(grant)
        yield Line("Role", told, "strong" if is_whole else "bad")
        yield Line("  for", with_id(grant.principal_name, grant.principal))
    if not report.grants:
        yield Line("Role", "names no role", "bad")


def _length_and_kind(report: RequestReport) -> str:
    text, kind = length(_length(report)), report.request.schedule.kind
    return text if kind == "once" else f"{text}, {kind}: Azure does not say how often"


def _time(report: RequestReport, display: DisplayContext) -> Iterator[Line]:
    schedule = report.request.schedule
    start, end = schedule.start, schedule.end
    if report.request.state is not RequestState.APPROVED or report.lacks_access:
        return  # "57 min left" would speak of access that is not there
    if start is not None and end is not None and start < end:
        line = Timeline(start, end, display.now)
        yield Line("Time", line.text(display.zone), line.style())


def _access(report: RequestReport) -> Iterator[Line]:
    access = report.access
    if access is None:
        return
    text = {True: "active", False: "not active yet", None: "unknown"}[access.held]
    if report.lacks_access:
        text = "not active: it ended, or never began"
    text = known(text, access.proof) if access.held is not None else text
    yield Line("Access", text, "good" if access.held else "wait")
