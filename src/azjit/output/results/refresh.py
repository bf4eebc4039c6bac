"""The roles of an application after its permissions were refreshed."""

from __future__ import annotations

from typing import NamedTuple

from azjit.domain.applications import Application
from azjit.output.fields import Column, Field, Result, Shape
from azjit.output.view import View


class Refreshed(NamedTuple):
    """An application after the refresh, and its new roles."""

    application: Application
    added: tuple[str, ...]
    confirmed: bool


_CONFIRMED = "whether a read shows every authorization of the definition"
ROWS = Shape[Refreshed](
    "Rows",
    "An application's eligible roles after a refresh.",
    Field("application", str, lambda r: r.application.id),
    Field("definition", str | None, lambda r: r.application.definition),
    Field("added", list[str], lambda r: r.added, "each new authorization, as ROLE for PRINCIPAL"),
    Field("confirmed", bool, lambda r: r.confirmed, _CONFIRMED),
)
REFRESHED = Result("refreshed", ROWS, "publisher refresh-permissions")
_COLUMNS = ROWS.columns(
    Column("application", "Application", cell=lambda r: r.application.name, style="strong"),
    Column("added", "Taken over", cut="wrap"),
    Column("confirmed", "A read shows it"),
)


def refreshed_view(application: Application, added: tuple[str, ...], *, confirmed: bool) -> View:
    """Show an application's roles after the refresh."""
    return View(REFRESHED, _COLUMNS, [Refreshed(application, added, confirmed)])
