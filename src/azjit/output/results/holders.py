"""Who holds a role on the managed resource groups."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from azjit.domain.holders import Basis, GroupMember, HeldRole
from azjit.output.cells import NONE, DisplayContext, known_word
from azjit.output.fields import Column, Columns, Field, Many, Maybe, Result, Shape, Style
from azjit.output.names import unique_names
from azjit.output.results.parts import GRANT, principal_of, role_of
from azjit.output.view import View

_BASES = (
    "jit (an approved request), scheduled (approved, not begun), pim (PIM ends it), standing (no"
    " end), or unknown (the end is not known)"
)
_KNOWN = "how it is known: role assignment, index (which may be behind), or request state"
_SCOPE = "where the role was assigned: the group, or above it; null for a request"
_PUBLISHER = "whether it is a principal of the publisher; null if that is not known"
_MEMBERS = "of a group and of its groups; null if it is no group, or they could not be read"
_KINDS = "user, group, serviceprincipal, or Azure's own value in lower case"


def _application_name(held: HeldRole) -> str:
    return held.application.name


def _by(held: HeldRole) -> str:
    return {Basis.UNKNOWN: "end not known", Basis.SCHEDULED: "not begun"}.get(
        held.basis, held.basis.value
    )


def _style(held: HeldRole) -> Style:
    if held.basis in {Basis.JIT, Basis.PIM}:
        return "good"
    return "bad" if held.basis is Basis.STANDING and held.is_publisher is not False else "wait"


def _who(held: HeldRole) -> str:
    name = principal_of(held.grant)
    if held.members is not None:
        count = len(held.members)
        return f"{name} ({count} member{'' if count == 1 else 's'})"
    return name


def _side(held: HeldRole) -> str:
    if held.is_publisher is None:
        return NONE
    return "publisher" if held.is_publisher else "other"


MEMBER = Shape[GroupMember](
    "GroupMember",
    "A member of a group.",
    Field("id", str, lambda m: m.id, "Entra object id"),
    Field("name", str | None, lambda m: m.name),
)


def _request_name(held: HeldRole) -> str | None:
    return held.request.name if held.request is not None else None


HELD = Shape[HeldRole](
    "HeldRole",
    "A role that a principal holds on a managed resource group, or will hold.",
    Field("application", str, _application_name),
    Field("applicationId", str, lambda h: h.application.id, "resource id"),
    Field("managedResourceGroupId", str | None, lambda h: h.application.managed_group),
    *GRANT.within(attrgetter("grant")),
    Field("principalKind", str | None, lambda h: h.kind, _KINDS),
    Field("isPublisher", bool | None, lambda h: h.is_publisher, _PUBLISHER),
    Field("members", Maybe(Many(MEMBER)), lambda h: h.members, _MEMBERS),
    Field("basis", str, lambda h: h.basis, _BASES),
    Field("since", datetime | None, lambda h: h.since, "assigned, or the start of the request"),
    Field("until", datetime | None, lambda h: h.until, "null if it has no end, or no known end"),
    Field("requestId", str | None, lambda h: h.request, "the request that gives it"),
    Field("scope", str | None, lambda h: h.scope, _SCOPE),
    Field("knownBy", str, lambda h: h.known_by, _KNOWN),
)
HELD_ROLES = Result("access", Many(HELD), "consumer access")
_REQUESTS = unique_names(_request_name)
_COLUMNS = HELD.columns(
    Column("application", "Application", priority=8),
    Column("principalName", "Principal", cell=_who, priority=9),
    Column("isPublisher", "Side", cell=_side, cut="never", priority=5),
    Column("roleName", "Role", lambda h: role_of(h.grant), cut="wrap", priority=8),
    Column("basis", "By", cell=_by, style=_style, cut="never", priority=7),
    Column("until", "Until", cut="never", priority=7),
    Column("requestId", "Request", cut="name", priority=4, sparse=True, among=_REQUESTS),
    Column("knownBy", "Known by", lambda h: known_word(h.known_by), cut="never", priority=3),
    Column("scope", "Scope", cut="middle", wide_only=True),
    Column("principalId", "Principal id", cut="middle", wide_only=True),
)


def columns() -> Columns[HeldRole]:
    """Give the columns of a table of those who have access."""
    return _COLUMNS


def holders_view(held: Iterable[HeldRole], display: DisplayContext) -> View:
    """List who holds a role."""
    return View(HELD_ROLES, _COLUMNS, held, display, "nobody holds a role that could be read")
