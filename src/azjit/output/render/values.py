"""From an item to the text of one cell, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from azjit.output.render.styles import Style
from azjit.output.render.text import escape_hazards, harmless
from azjit.output.view import Column, Item


def value_at(item: Item, key: str) -> object:
    """Give the value of a key, dots reaching inwards; None where there is none."""
    if key in item:
        return item[key]
    head, dot, rest = key.partition(".")
    inner = item.get(head)
    return value_at(inner, rest) if dot and isinstance(inner, Mapping) else None


def shown(column: Column, item: Item) -> str:
    """Give the text a terminal shows, harmless."""
    if column.cell is not None:
        return harmless(column.cell(item))
    value = value_at(item, column.key)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return harmless(_text(value, ", "))


def exported(column: Column, item: Item) -> str:
    """Give the text for TSV and CSV, not yet escaped."""
    if column.export is not None:
        return column.export(item)
    return _text(value_at(item, column.key), ",")


def style_at(column: Column, item: Item) -> Style:
    """Give the style of this column's text in this item."""
    return column.style(item) if callable(column.style) else column.style


def columns_of(items: Iterable[Item]) -> tuple[Column, ...]:
    """Make columns from the keys of the items, in the order they first appear."""
    keys = dict.fromkeys(key for item in items for key in item)
    return tuple(Column(key, key, cut="middle") for key in keys)


def plain(value: object) -> object:
    """Give the value in the types json, yaml and jmespath know: dict, list and exact str."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {str.__str__(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def _text(value: object, comma: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (list, tuple)) and not any(_is_nested(inner) for inner in value):
        return comma.join(_text(inner, comma) for inner in value)
    return escape_hazards(json.dumps(plain(value), ensure_ascii=False, separators=(",", ":")))


def _is_nested(value: object) -> bool:
    return isinstance(value, (Mapping, list, tuple))
