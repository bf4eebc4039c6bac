"""Roles in PIM, and the activation of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.domain.access import Proof
from azjit.domain.applications import NamedGrant
from azjit.domain.ids import ResourceId
from azjit.domain.pim import PimRequest, PimRole
from azjit.output.cells import NONE, DisplayContext, known, length, named, with_id
from azjit.output.fields import Column, Field, Many, Result, Shape
from azjit.output.results.parts import GRANT, KNOWN
from azjit.output.view import Line, View


class Activation(NamedTuple):
    """A request for an activation, or the role that is active already; `until` as PIM shows it."""

    request: PimRequest
    state: str
    until: datetime | None
    has_request: bool

    @property
    def end(self) -> datetime | None:
        """Its end, if that is known."""
        start, span = self.request.start, self.request.duration
        return self.until or (start + span if start is not None and span is not None else None)


def _grant(role: PimRole) -> NamedGrant:
    return NamedGrant(role.role, role.role_name, role.principal, role.principal_name)


def _lowered(text: str | None) -> str | None:
    return text.lower() if text is not None else None


def _how(role: PimRole) -> str:
    return ", ".join(word.lower() for word in (role.member, role.how) if word)


def _principal(role: PimRole) -> str:
    return named(role.principal_name, role.principal)


def _activated(activation: Activation) -> NamedGrant:
    of = activation.request
    return NamedGrant(of.role, of.role_name, of.principal, of.principal_name)


def _id(activation: Activation) -> ResourceId | None:
    return activation.request.id if activation.has_request else None


def _name(activation: Activation) -> str | None:
    return activation.request.id.name if activation.has_request else None


_STATES = (
    "active if PIM lists it as active; else waiting for approval, scheduled, pending, granted,"
    " refused, ended or unknown"
)
_MEMBER = "direct, inherited, group, or Azure's own value"
_ASSIGNMENT = "for an active role: activated or assigned"
_SCHEDULE = "the eligibility that an activation is linked to"
ROLE = Shape[PimRole](
    "PimRole",
    "A role that the caller has in PIM.",
    *GRANT.within(_grant),
    Field("holding", str, lambda r: r.holding, "eligible or active"),
    Field("scope", str, lambda r: r.scope, "the scope, as in Azure"),
    Field("membership", str | None, lambda r: _lowered(r.member), _MEMBER),
    Field("assignment", str | None, lambda r: _lowered(r.how), _ASSIGNMENT),
    Field("since", datetime | None, lambda r: r.since),
    Field("until", datetime | None, lambda r: r.until, "null if it has no end"),
    Field("scheduleId", str | None, lambda r: r.schedule, _SCHEDULE),
    Field("knownBy", str, lambda _: Proof.PIM, KNOWN),
)
ACTIVATION = Shape[Activation](
    "Activation",
    "An activation of a role in PIM.",
    Field(
        "id", str | None, _id, "resource id; null if no request for the active role could be read"
    ),
    Field("name", str | None, _name),
    Field("state", str, lambda a: a.state, _STATES),
    Field("pimStatus", str, lambda a: a.request.state_text, "PIM's own value"),
    *GRANT.within(_activated),
    Field("scope", str, lambda a: a.request.scope),
    Field("start", datetime | None, lambda a: a.request.start),
    Field("end", datetime | None, lambda a: a.end),
    Field("duration", timedelta | None, lambda a: a.request.duration),
    Field("justification", str | None, lambda a: a.request.justification),
    Field("ticket", str | None, lambda a: a.request.ticket),
    Field("approvalId", str | None, lambda a: a.request.approval, "the approval that it waits for"),
    Field("knownBy", str, lambda _: Proof.PIM, KNOWN),
)
ROLES = Result("pim-roles", Many(ROLE), "publisher roles --pim")
ACTIVATED = Result("activation", ACTIVATION, "publisher request --pim, publisher cancel --pim")
_ROLE_COLUMNS = ROLE.columns(
    Column("roleName", "Role", lambda r: named(r.role_name, r.role), cut="wrap", priority=9),
    Column("holding", "In PIM", style="state", priority=8),
    Column("membership", "How", cell=_how, priority=6, export=_how),
    Column("since", "Since", cut="never", priority=4),
    Column("until", "Until", cell=lambda r: r.until or "no end", cut="never", priority=7),
    Column("principalName", "Principal", _principal, wide_only=True),
    Column("scope", "Scope", cut="middle", wide_only=True),
    Column("roleId", "Role id", cut="middle", wide_only=True),
)
_ACTIVATION_COLUMNS = ACTIVATION.columns(
    *("name", "state", "roleName", "principalName", "scope", "start", "end", "duration"),
    *("justification", "ticket", "approvalId"),
)


def pim_roles_view(roles: Iterable[PimRole], display: DisplayContext) -> View:
    """List the caller's eligible and active roles in PIM."""
    return View(ROLES, _ROLE_COLUMNS, roles, display, "PIM lists no role of yours there")


def activation_view(
    request: PimRequest,
    state: str,
    until: datetime | None,
    display: DisplayContext,
    *,
    has_request: bool = True,
) -> View:
    """Show a request for an activation, or the role that is active already."""
    activation = Activation(request, state, until, has_request)
    return View(ACTIVATED, _ACTIVATION_COLUMNS, [activation], display, details=_lines)


def _lines(activation: Activation, display: DisplayContext) -> Iterator[Line]:
    request = activation.request
    yield Line("Request", _name(activation) or NONE, "strong", "middle")
    yield Line("State", known(activation.state, Proof.PIM))
    yield Line("Until", display.whole(activation.end))
    yield Line("Role", with_id(request.role_name, request.role))
    yield Line("  for", with_id(request.principal_name, request.principal))
    yield Line("Scope", request.scope.text, cut="middle")
    yield Line("Start", display.whole(request.start))
    yield Line("Length", length(request.duration))
    yield Line("Reason", request.justification or NONE)
    yield Line("Ticket", request.ticket or NONE)
    yield Line("Approval", request.approval or NONE)
