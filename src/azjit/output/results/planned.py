"""Calls that `--dry-run` shows without sending them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from azjit.domain.calls import Call
from azjit.output.fields import Column, Field, Many, Result, Shape
from azjit.output.view import View


def _body(call: Call) -> str:
    return json.dumps(call.body, separators=(", ", ": ")) if call.body is not None else ""


CALL = Shape[Call](
    "Planned",
    "A call that `--dry-run` shows without sending it.",
    Field("method", str, lambda c: c.method),
    Field("url", str, lambda c: c.url),
    Field("body", dict | None, lambda c: c.body),
)
PLANNED = Result("planned", Many(CALL), "any command with --dry-run but consumer configure")
_COLUMNS = CALL.columns(
    Column("method", "Method", priority=9),
    Column("url", "Address", cut="wrap", priority=8),
    Column("body", "Body", cell=_body, cut="wrap", priority=7, export=_body),
)


def planned_view(planned: Iterable[Call]) -> View:
    """List the exact calls that would be sent; a terminal shows each in full."""
    return View(PLANNED, _COLUMNS, planned, prose=call_text, verbatim=True)


def call_text(call: Call) -> str:
    """Give a call as text: its address, then its body."""
    body = json.dumps(call.body, indent=2) if call.body is not None else "(no body)"
    return f"{call.method} {call.url}\n{body}"
