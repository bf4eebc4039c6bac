"""How roles in PIM and their activation look, and as what JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from azjit.domain.access import Proof
from azjit.domain.pim import PimRequest, PimRole
from azjit.output.cells import (
    Cell,
    DisplayContext,
    length_cell,
    named,
    state_line,
    text_cell,
    with_id,
)
from azjit.output.results.items import instant, length
from azjit.output.results.pim_shapes import ActivationItem, PimRoleItem
from azjit.output.view import Column, Item, Section, View


def pim_roles_view(roles: Iterable[PimRole], reader: DisplayContext) -> View:
    """List what the caller is eligible for in PIM, and has active."""
    columns = (
        Column("roleName", "Role", cell=_role, cut="wrap", priority=9),
        Column("holding", "In PIM", style="state", priority=8),
        Column("membership", "How", cell=_how, priority=6, export=_how_export),
        Column("since", "Since", cell=reader.time_cell("since"), cut="never", priority=4),
        Column("until", "Until", cell=_until(reader), cut="never", priority=7),
        Column("principalName", "Principal", cell=_principal, wide_only=True),
        Column("scope", "Scope", cut="middle", wide_only=True),
        Column("roleId", "Role id", cut="middle", wide_only=True),
    )
    items = [pim_role_item(each) for each in roles]
    return View("pim-roles", columns, items, empty="PIM has no role for you there")


def activation_view(
    request: PimRequest,
    state: str,
    until: datetime | None,
    reader: DisplayContext,
    *,
    has_request: bool = True,
) -> View:
    """Show a request for an activation, or the role that is active already."""
    item = activation_item(request, state, until)
    if not has_request:
        item["id"] = item["name"] = None
    fields = (
        Column("name", "Request", cell=text_cell("name"), style="strong", cut="middle"),
        Column("state", "State", cell=state_line, style="state"),
        Column("roleName", "Role", cell=lambda each: with_id(each, "roleName", "roleId")),
        Column(
            "principalName",
            "  for",
            cell=lambda each: with_id(each, "principalName", "principalId"),
        ),
        Column("scope", "Scope", cut="middle"),
        Column("start", "Start", cell=reader.time_cell("start", whole=True)),
        Column("end", "End", cell=reader.time_cell("end", whole=True)),
        Column("duration", "Length", cell=length_cell("duration")),
        Column("justification", "Reason", cell=text_cell("justification")),
        Column("ticket", "Ticket", cell=text_cell("ticket")),
        Column("approvalId", "Approval", cell=text_cell("approvalId")),
    )
    sections = (Section(fields=fields),)
    return View("activation", fields, [item], single=True, sections=sections)


def pim_role_item(role: PimRole) -> PimRoleItem:
    """Give a role that the caller has in PIM."""
    return {
        "roleId": role.role.text,
        "roleName": role.role_name,
        "principalId": role.principal.text,
        "principalName": role.principal_name,
        "holding": role.holding.value,
        "scope": role.scope.text,
        "membership": _lowered(role.member),
        "assignment": _lowered(role.how),
        "since": instant(role.since),
        "until": instant(role.until),
        "scheduleId": role.schedule,
        "knownBy": Proof.PIM.value,
    }


def activation_item(request: PimRequest, state: str, until: datetime | None) -> ActivationItem:
    """Give a request for an activation; `until` is the end that PIM shows, where it does."""
    start, span = request.start, request.duration
    end = until or (start + span if start is not None and span is not None else None)
    return {
        "id": request.id.text,
        "name": request.id.name,
        "state": state,
        "pimStatus": request.state_text,
        "roleId": request.role.text,
        "roleName": request.role_name,
        "principalId": request.principal.text,
        "principalName": request.principal_name,
        "scope": request.scope.text,
        "start": instant(start),
        "end": instant(end),
        "duration": length(span),
        "justification": request.justification,
        "ticket": request.ticket,
        "approvalId": request.approval,
        "knownBy": Proof.PIM.value,
    }


def _lowered(text: str | None) -> str | None:
    return text.lower() if text is not None else None


def _role(item: Item) -> str:
    return named(item, "roleName", "roleId")


def _principal(item: Item) -> str:
    return named(item, "principalName", "principalId")


def _how(item: Item) -> str:
    return _how_export(item) or "-"


def _how_export(item: Item) -> str:
    words = [str(item[key]) for key in ("membership", "assignment") if item.get(key)]
    return ", ".join(words)


def _until(reader: DisplayContext) -> Cell:
    ends = reader.time_cell("until")
    return lambda item: ends(item) if item.get("until") else "no end"
