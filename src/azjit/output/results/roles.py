"""Eligible roles: what may be asked for, and what each is now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from azjit.domain.reports import MayRequest, NamedGrant, RoleReport
from azjit.output.cells import DisplayContext, known_word, named
from azjit.output.fields import Column, Field, Many, Maybe, Result, Shape, Style
from azjit.output.results.parts import ACCESS, GRANT, KNOWN
from azjit.output.view import View

_STATES = (
    "eligible; pending; scheduled; active; active, end not known; standing access; approved, not"
    " yet effective; approved, no access now; if access could not be read: eligible, pending,"
    " scheduled or approved, each followed by: , access unknown"
)


def _grant(role: RoleReport) -> NamedGrant:
    return NamedGrant(role.row.role, role.role_name, role.row.principal, role.principal_name)


def _principal(role: RoleReport) -> str:
    return named(role.principal_name, role.row.principal)


def _may_style(role: RoleReport) -> Style:
    return "good" if role.may_request is MayRequest.EXPLICIT else "quiet"


ROLE = Shape[RoleReport](
    "Role",
    "An eligible role and its current access.",
    *GRANT.within(_grant),
    Field("mayRequest", str, lambda r: r.may_request, "yes, group only, not mine, or unknown"),
    Field("state", str, lambda r: r.state, _STATES),
    Field("since", datetime | None, lambda r: r.since, "start of the approved time"),
    Field("until", datetime | None, lambda r: r.until, "end of the approved time"),
    Field("requestId", str | None, lambda r: r.request, "the request that the state comes from"),
    Field("access", Maybe(ACCESS), lambda r: r.access),
    Field("knownBy", str, lambda r: r.known_by, KNOWN),
)
ROLES = Result("roles", Many(ROLE), "publisher roles")
_COLUMNS = ROLE.columns(
    Column("roleName", "Role", lambda r: named(r.role_name, r.row.role), cut="wrap", priority=7),
    Column("principalName", "Principal", _principal, priority=9),
    Column("mayRequest", "May request", style=_may_style, priority=7),
    Column("state", "State", cut="wrap", style="state", priority=8),
    Column("until", "Until", cut="never", priority=5),
    Column("knownBy", "Known by", lambda r: known_word(r.known_by), cut="never", priority=7),
    Column("roleId", "Role id", cut="middle", wide_only=True),
    Column("principalId", "Principal id", cut="middle", wide_only=True),
)


def roles_view(roles: Iterable[RoleReport], shown: DisplayContext) -> View:
    """List eligible roles and what each is now."""
    return View(ROLES, _COLUMNS, roles, shown, "no eligible roles")
