"""How an application looks after its permissions were refreshed."""

from __future__ import annotations

from azjit.domain.applications import Application
from azjit.output.results.package_shapes import RowsItem
from azjit.output.view import Column, Section, View


def refreshed_view(application: Application, added: tuple[str, ...], *, confirmed: bool) -> View:
    """Show what an application took over from its definition."""
    item: RowsItem = {
        "application": application.id.text,
        "definition": application.definition,
        "added": list(added),
        "confirmed": confirmed,
    }
    columns = (
        Column("application", "Application", cell=lambda _: application.name, style="strong"),
        Column("added", "Taken over", cut="wrap"),
        Column("confirmed", "A read shows it"),
    )
    return View("refreshed", columns, [item], single=True, sections=(Section(fields=columns),))
