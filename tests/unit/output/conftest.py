"""A list and a single item to show, and a way to show them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from azjit.output.fields import Column, Field
from azjit.output.render.notes import StderrNotes
from azjit.output.render.show import Target, show
from azjit.output.view import Line, Section, View
from views import listing, thing

REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950{}"


def nested(outer: str, inner: str, title: str) -> Column[Any]:
    path = f"{outer}.{inner}"
    return Column(path, title, field=Field(path, str, lambda item: item[outer][inner]))


COLUMNS = (
    Column("name", "Request", cut="middle", priority=5),
    Column("state", "State", style="state", priority=9),
    nested("application", "name", "Application")._replace(priority=3),
    Column("roles", "Roles", priority=3),
    Column("start", "Start", cell=lambda item: str(item["start"])[11:16], priority=6),
    Column("minutes", "Min", align="right", priority=6),
    Column("reason", "Reason", cut="wrap", priority=2),
    Column("requester", "By", wide_only=True),
)


def request_item(number: int = 0, **changes: object) -> dict[str, object]:
    item: dict[str, object] = {
        "name": REQUEST.format(number % 10),
        "state": "pending",
        "application": {"name": "contoso-db", "id": "/subscriptions/1/applications/contoso-db"},
        "roles": ["Contributor"],
        "start": "2026-03-02T14:00:00Z",
        "minutes": 120,
        "reason": "monthly patch",
        "requester": "alice@fabrikam.example",
    }
    return item | changes


@pytest.fixture
def item() -> Callable[..., dict[str, object]]:
    return request_item


@pytest.fixture
def requests() -> View:
    items = [
        request_item(1, reason="patch the warehouse before the audit of Tuesday"),
        request_item(2, state="approved", minutes=45, application={"name": "日本語アプリ"}),
        request_item(3, state="timed out", roles=["Reader", "Contributor"], reason=None),
    ]
    return listing("requests", COLUMNS, items, empty="no requests wait; ask with: azjit request")


@pytest.fixture
def application() -> View:
    item: dict[str, object] = {
        "name": "contoso-db",
        "id": "/subscriptions/0f8fad5b-d9cb-469f-a165-708677289501/resourceGroups/production/"
        "providers/Microsoft.Solutions/applications/contoso-db",
        "settings": {"enabled": True, "longest": "8 h"},
        "note": "the quick brown fox jumps over the lazy dog and comes back for more of the same",
        "approvers": [{"name": "Alice", "kind": "person"}, {"name": "山田", "kind": "group"}],
        "access": [],
    }
    columns = (Column("name", "Name"), nested("settings", "longest", "Longest"))
    return thing("application", columns, [item], details=_sections)


def _sections(item: Mapping[str, Any], _: object) -> Iterator[Section]:
    lines = (
        Line("Application", item["name"], "strong"),
        Line("Id", item["id"], cut="middle"),
        Line("Note", item["note"]),
        Line("Ticket", ""),
    )
    people = (Column("name", "Name"), Column("kind", "Kind"))
    yield Section(lines=lines)
    yield Section("Settings", lines=(Line("Enabled", "yes"), Line("Longest", "8 h")))
    yield Section("Approvers", columns=people, rows=item["approvers"])
    yield Section("Access now", rows=item["access"], empty="nobody")


@pytest.fixture
def shown() -> Callable[..., str]:
    """Show a view and give what stdout got; a terminal of 80 columns unless told."""

    def shown(view: View, **changes: Any) -> str:
        stdout = io.StringIO()
        settings = {"is_terminal": True, "width": 80, "color": False} | changes
        show(view, Target(stdout, **settings))
        return stdout.getvalue()

    return shown


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def notes(stderr: io.StringIO) -> StderrNotes:
    return StderrNotes(stderr, is_terminal=True, color=False, width=40)
