"""How calls look that `--dry-run` shows and does not send."""

from __future__ import annotations

import json
from collections.abc import Iterable

from azjit.domain.calls import Call
from azjit.output.results.shapes import PlannedItem
from azjit.output.view import Column, Item, View


def planned_view(planned: Iterable[Call]) -> View:
    """List the exact calls that would be sent; on a terminal whole, as a person reads them."""
    columns = (
        Column("method", "Method", priority=9),
        Column("url", "Address", cut="wrap", priority=8),
        Column("body", "Body", cell=_body_cell, cut="wrap", priority=7, export=_body_cell),
    )
    return View("planned", columns, [_item(each) for each in planned], prose=_call, verbatim=True)


def _item(call: Call) -> PlannedItem:
    body = dict(call.body) if call.body is not None else None
    return {"method": call.method, "url": call.url, "body": body}


def _call(item: Item) -> str:
    body = item.get("body")
    told = json.dumps(body, indent=2) if body is not None else "(no body)"
    return f"{item.get('method')} {item.get('url')}\n{told}"


def _body_cell(item: Item) -> str:
    body = item.get("body")
    return json.dumps(body, separators=(", ", ": ")) if body is not None else ""
