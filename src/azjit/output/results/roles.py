"""Eligible roles and their current access."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from azjit.domain.reports import MayRequest, RoleReport
from azjit.output.cells import DisplayContext, known_word
from azjit.output.fields import Column, Field, Many, Maybe, Result, Shape, Style
from azjit.output.results.parts import ACCESS, GRANT, KNOWN, principal_of, role_of
from azjit.output.view import View

_STATES = (
    "eligible; pending; scheduled; active; active, end not known; standing access; approved, not"
    " yet effective; approved, no access now; if access could not be read: eligible, pending,"
    " scheduled or approved, each followed by: , access unknown"
)


def _may_style(role: RoleReport) -> Style:
    return "good" if role.may_request is MayRequest.EXPLICIT else "quiet"


ROLE = Shape[RoleReport](
    "Role",
    "An eligible role and its current access.",
    *GRANT.within(attrgetter("grant")),
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
    Column("roleName", "Role", lambda r: role_of(r.grant), cut="wrap", priority=7),
    Column("principalName", "Principal", lambda r: principal_of(r.grant), priority=9),
    Column("mayRequest", "May request", style=_may_style, priority=7),
    Column("state", "State", cut="wrap", style="state", priority=8),
    Column("until", "Until", cut="never", priority=5),
    Column("knownBy", "Known by", lambda r: known_word(r.known_by), cut="never", priority=7),
    Column("roleId", "Role id", cut="middle", wide_only=True),
    Column("principalId", "Principal id", cut="middle", wide_only=True),
)


def roles_view(roles: Iterable[RoleReport], display: DisplayContext) -> View:
    """List eligible roles and their current access."""
    return View(ROLES, _COLUMNS, roles, display, "no eligible roles")
