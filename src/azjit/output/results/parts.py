"""Parts that several results have: a role for a principal, its access, ids with names, text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from azjit.domain.access import Access
from azjit.domain.applications import NamedGrant
from azjit.domain.ids import PrincipalId, ResourceId
from azjit.output.cells import NameOf, named
from azjit.output.fields import Column, Field, Many, Result, Shape
from azjit.output.view import View

UNREADABLE = "why it could not be read, so that nothing can be done with it; null if it was read"
KNOWN = (
    "how the state is known: request state, role assignment, permissions, PIM, receipt or activity"
    " log (of a request that is deleted), or unknown"
)


class Named(NamedTuple):
    """An id with the name of what it is of."""

    id: ResourceId | PrincipalId | None
    name: str | None


def with_name(told: ResourceId | None) -> Named | None:
    """Give an id together with its last segment as the name."""
    return Named(told, told.name) if told is not None else None


def role_of(grant: NamedGrant, name_of: NameOf = named) -> str:
    """Give the role's name, else its shortened id, or a text for a row that cannot be read."""
    told = name_of(grant.role_name, grant.role)
    return told if grant.is_whole else f"unreadable row ({told})" if told else "unreadable row"


def principal_of(grant: NamedGrant, name_of: NameOf = named) -> str:
    """Give the principal's name, else its shortened id."""
    return name_of(grant.principal_name, grant.principal)


def text_view(result: Result, lines: Iterable[str]) -> View:
    """Show a result as lines of text: one column, without a title."""
    column: Column[str] = Column("text", cell=str, export=str)
    return View(result._replace(type=Many(str)), (column,), lines)


GRANT = Shape[NamedGrant](
    "Row",
    "A role for a principal.",
    Field("roleId", str, lambda g: g.role.bare, "GUID; an id without one as in Azure"),
    Field("roleDefinitionId", str, lambda g: g.role.whole, "resource id of the role definition"),
    Field("roleName", str | None, lambda g: g.role_name),
    Field("principalId", str, lambda g: g.principal, "Entra object id"),
    Field("principalName", str | None, lambda g: g.principal_name),
    Field("unreadable", bool, lambda g: not g.is_whole, "Azure's row has no role or principal"),
)
ACCESS = Shape[Access](
    "Access",
    "Whether the access is active now.",
    Field("held", bool | None, lambda a: a.held, "null if no read showed it"),
    Field("proof", str, lambda a: a.proof, "role assignment, permissions, or unknown"),
)
NAMED = Shape[Named](
    "Named",
    "An application, named.",
    Field("id", str, lambda n: n.id),
    Field("name", str, lambda n: n.name),
)
PERSON = Shape[Named](
    "Person",
    "Who did something.",
    Field("id", str, lambda n: n.id, "Entra object id"),
    Field("name", str | None, lambda n: n.name),
)
