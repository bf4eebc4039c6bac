"""Makes views of plain mappings, for a list or a single item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from azjit.output.fields import Column, Many, Result
from azjit.output.view import View

Columns = tuple[Column[Any], ...]
Items = Iterable[Mapping[str, Any]]


def listing(kind: str, columns: Columns, items: Items, **more: Any) -> View:
    return View(Result(kind, Many(object), ""), columns, items, **more)


def thing(kind: str, columns: Columns, items: Items, **more: Any) -> View:
    return View(Result(kind, object, ""), columns, items, **more)
