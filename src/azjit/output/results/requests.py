"""How requests look: lists, one in detail, and what became of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from azjit.domain.decisions import DecisionResult
from azjit.domain.pim import Route
from azjit.domain.reports import RequestReport
from azjit.domain.requests import LAG
from azjit.domain.times import parse_instant
from azjit.output.cells import (
    Cell,
    DisplayContext,
    creator_cell,
    known,
    known_cell,
    length_cell,
    people_cell,
    people_export,
    roles_cell,
    roles_export,
    rows_of,
    short_name_cell,
    short_of,
    text_cell,
    with_id,
)
from azjit.output.render.styles import Style
from azjit.output.results.items import request_item, verdict_item
from azjit.output.timeline import Timeline
from azjit.output.view import Column, Item, Section, View


def requests_view(reports: Iterable[RequestReport], reader: DisplayContext, *, empty: str) -> View:
    """List requests."""
    items = (request_item(report) for report in reports)
    return View("requests", request_columns(reader), items, empty=empty)


def pending_view(
    reports: Iterable[RequestReport], reader: DisplayContext, *, with_routes: bool = False
) -> View:
    """List the requests that wait: their age counts, their state is told by the command."""
    items = (request_item(report) for report in reports)
    routes = Column("routes", "Route", cell=_routes_cell, cut="never", priority=7)
    columns = (*pending_columns(reader), *([routes] if with_routes else []))
    return View("requests", columns, items, empty="no request waits")


def request_columns(reader: DisplayContext) -> tuple[Column, ...]:
    """Give the columns of a list of requests."""
    return _columns(reader, is_pending=False)


def pending_columns(reader: DisplayContext) -> tuple[Column, ...]:
    """Give the columns of a list of requests that wait."""
    return _columns(reader, is_pending=True)


def _columns(reader: DisplayContext, *, is_pending: bool) -> tuple[Column, ...]:
    return (
        Column("name", "Request", cell=short_name_cell, priority=9),
        Column(
            "state",
            "Its state",
            cell=_state_word,
            cut="wrap",
            style=_state_style,
            priority=10,
            wide_only=is_pending,
        ),
        Column("application.name", "Application", priority=8),
        Column("roles", "Role", cell=roles_cell, cut="wrap", priority=7, export=roles_export),
        Column("principals", "For", cell=people_cell, priority=6, export=people_export),
        Column("start", "Start", cell=reader.time_cell("start"), cut="never", priority=5),
        Column("duration", "Length", cell=length_cell("duration"), cut="never", priority=5),
        Column(
            "createdAt",
            "Asked",
            cell=reader.age_cell("createdAt"),
            cut="never",
            priority=4,
            wide_only=not is_pending,
        ),
        Column("reasonClaim", "Reason, claimed", cell=text_cell("reasonClaim"), wide_only=True),
        Column("end", "End", on_screen=False),
        Column("phase", "Phase", on_screen=False),
        Column("application.resourceGroup", "Group", on_screen=False),
        Column("id", "Id", on_screen=False),
    )


def request_view(report: RequestReport, reader: DisplayContext) -> View:
    """Show one request in detail: everything that an approver judges."""
    item = request_item(report)
    return View(
        "request",
        request_columns(reader),
        [item],
        single=True,
        sections=request_sections(item, reader),
    )


def request_sections(item: Item, reader: DisplayContext) -> tuple[Section, ...]:
    """Give the lines of a request's details: every role row, for whom, when, and who says so."""
    fields = [
        Column("name", "Request", style="strong", cut="middle"),
        Column("state", "State", cell=_state_cell, style=_state_style),
        Column("", "Application", cell=_application_line),
        *_role_lines(item),
        Column("start", "Start", cell=reader.time_cell("start", whole=True)),
        Column("end", "End", cell=reader.time_cell("end", whole=True)),
        Column("", "Length", cell=_length_line),
        *_timeline(item, reader),
        *_access_line(item, reader),
        *_revoked_line(item, reader),
        Column("", "Filed", cell=_filed_line(reader)),
        Column("publisherTenantId", "Publisher tenant", cell=text_cell("publisherTenantId")),
        *_claims(item),
        Column("digest", "Content digest", style="quiet"),
    ]
    return (Section(fields=tuple(fields)),)


def verdicts_view(rows: Iterable[DecisionResult], reader: DisplayContext) -> View:
    """Show a row for each request of a batch."""
    columns = (
        Column("asked", "Request", cell=short_of("asked"), cut="middle", priority=8),
        Column("result", "Result", style=_result_style, cut="wrap", priority=10),
        Column(
            "request.state",
            "Its state",
            cell=_inside("request", _taken_word),
            style=_inner_style,
            cut="wrap",
            priority=7,
        ),
        Column("request.application.name", "Application", priority=3),
        Column(
            "request.end",
            "Until",
            cell=_inside("request", reader.time_cell("end")),
            cut="never",
            priority=4,
        ),
        Column("knownBy", "Known by", cell=known_cell, cut="never", priority=7),
        Column("message", "Why", cell=text_cell("message"), cut="wrap", priority=6),
    )
    return View("decisions", columns, [verdict_item(row) for row in rows])


def _application_line(item: Item) -> str:
    application = item.get("application")
    if not isinstance(application, Mapping):
        return "-"
    group = f"{application.get('resourceGroup') or '?'}/{application.get('name') or '?'}"
    subscription = str(application.get("id") or "").split("/")[2:3]
    return f"{group}, subscription {subscription[0]}" if subscription else group


def _role_lines(item: Item) -> list[Column]:
    lines = []
    for row in rows_of(item):
        role = with_id(row, "roleName", "roleId")
        person = with_id(row, "principalName", "principalId")
        lines.append(Column("", "Role", cell=_constant(role), style="strong"))
        lines.append(Column("", "  for", cell=_constant(person)))
    return lines or [Column("", "Role", cell=_constant("names no role"), style="bad")]


def _constant(text: str) -> Cell:
    return lambda _: text


def _length_line(item: Item) -> str:
    kind = item.get("scheduleType")
    said = length_cell("duration")(item)
    return said if kind == "once" else f"{said}, {kind}: how often is not told"


def _filed_line(reader: DisplayContext) -> Cell:
    def cell(item: Item) -> str:
        when = reader.time_cell("createdAt", whole=True)(item)
        return f"{when}, by {creator_cell(item)}"

    return cell


def _claims(item: Item) -> list[Column]:
    named = (("reasonClaim", "Reason, claimed"), ("ticketClaim", "Ticket, claimed"))
    return [Column(key, title, cell=text_cell(key)) for key, title in named if item.get(key)]


def _timeline(item: Item, reader: DisplayContext) -> list[Column]:
    start, end = (parse_instant(item.get(key)) for key in ("start", "end"))
    if item.get("state") != "approved" or start is None or end is None or end <= start:
        return []
    if _lacks_access(item, reader):
        return []  # "57 min left" would speak of access that is not there
    line = Timeline(start, end, reader.now)
    return [Column("", "Time", cell=lambda _: line.text(reader.zone), style=lambda _: line.style())]


def _access_line(item: Item, reader: DisplayContext) -> list[Column]:
    access = item.get("access")
    if not isinstance(access, Mapping):
        return []
    held = access.get("held")
    said = {True: "active", False: "not there yet", None: "unknown"}[held]
    if _lacks_access(item, reader):
        said = "not there: it is gone, or it never came"
    proof = access.get("proof")
    said = known(said, proof) if held is not None else said
    style: Style = "good" if held else "wait"
    return [Column("", "Access", cell=_constant(said), style=style)]


def _revoked_line(item: Item, reader: DisplayContext) -> list[Column]:
    if not item.get("revokedAt"):
        return []
    said = known(f"its access, {reader.time_cell('revokedAt', whole=True)(item)}", "receipt")
    return [Column("", "Taken back", cell=_constant(said), style="quiet")]


def _lacks_access(item: Item, reader: DisplayContext) -> bool:
    """Tell whether an approved request's time runs and nothing promises its access."""
    access = item.get("access")
    held = access.get("held") if isinstance(access, Mapping) else None
    if item.get("phase") != "approved" or held:
        return False
    start = parse_instant(item.get("start"))
    is_overdue = start is None or reader.now - start > LAG
    return bool(item.get("revokedAt")) or (held is False and is_overdue)


def _state_cell(item: Item) -> str:
    state, phase = item.get("state"), item.get("phase")
    is_told = state == "approved" and phase in {"scheduled", "ended"}
    return known(f"approved, {phase}" if is_told else str(state), item.get("knownBy"))


def _state_word(item: Item) -> str:
    state, phase = item.get("state"), item.get("phase")
    if item.get("revokedAt"):
        return "taken back"
    return str(phase if state == "approved" and phase in {"scheduled", "ended"} else state)


def _taken_word(item: Item) -> str:
    state = str(item.get("state"))
    return f"{state}, taken back" if item.get("revokedAt") else state


def _state_style(item: Item) -> Style:
    phase = item.get("phase")
    if item.get("revokedAt"):
        return "quiet"
    return "quiet" if phase == "ended" else "wait" if phase == "scheduled" else "state"


def _inner_style(item: Item) -> Style:
    request = item.get("request")
    return "quiet" if isinstance(request, Mapping) and request.get("revokedAt") else "state"


def _result_style(item: Item) -> Style:
    if item.get("exit") != 0:
        return "bad"
    return "wait" if item.get("result") == "not sent" else "good"


def _routes_cell(item: Item) -> str:
    routes = item.get("routes")
    # Short, or it would push out for whom the access is.
    words = {Route.APPLICATION.value: "app", Route.PIM.value: "PIM"}
    return ", ".join(words[each] for each in routes) if isinstance(routes, list) else "-"


def _inside(key: str, cell: Cell) -> Cell:
    def outer(item: Item) -> str:
        inner = item.get(key)
        return cell(inner) if isinstance(inner, Mapping) else "-"

    return outer
