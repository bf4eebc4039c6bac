"""Parts that several results have: a role for a principal, its access, ids with names, text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from azjit.domain.access import Access
from azjit.domain.ids import PrincipalId, ResourceId
from azjit.domain.reports import NamedGrant
from azjit.output.fields import Column, Field, Fields, Many, Result, Shape
from azjit.output.view import View

KNOWN = "how the state is known: request state, role assignment, permissions, PIM, or unknown"


class Named(NamedTuple):
    """An id with the name of what it is of."""

    id: ResourceId | PrincipalId | None
    name: str | None


def with_name(told: ResourceId | None) -> Named | None:
    """Give an id with the name that it ends with."""
    return Named(told, told.name) if told is not None else None


def text_view(result: Result, lines: Iterable[str]) -> View:
    """Show a result as lines of text: one column, without a title."""
    column: Column[str] = Column("text", cell=str, export=str)
    return View(result._replace(type=Many(str)), (column,), lines)


GRANT_FIELDS: Fields[NamedGrant] = (
    Field("roleId", str, lambda g: g.role, "role definition id, as in Azure"),
    Field("roleName", str | None, lambda g: g.role_name),
    Field("principalId", str, lambda g: g.principal, "Entra object id"),
    Field("principalName", str | None, lambda g: g.principal_name),
)
_ACCESS: Fields[Access] = (
    Field("held", bool | None, lambda a: a.held, "null if no read showed it"),
    Field("proof", str, lambda a: a.proof, "role assignment, permissions, or unknown"),
)
_NAMED: Fields[Named] = (
    Field("id", str, lambda n: n.id),
    Field("name", str, lambda n: n.name),
)
_PERSON: Fields[Named] = (
    Field("id", str, lambda n: n.id, "Entra object id"),
    Field("name", str | None, lambda n: n.name),
)
GRANT = Shape("Row", "A role for a principal.", GRANT_FIELDS)
ACCESS = Shape("Access", "Whether the access is active now.", _ACCESS)
NAMED = Shape("Named", "An application, named.", _NAMED)
PERSON = Shape("Person", "Who did something.", _PERSON)
