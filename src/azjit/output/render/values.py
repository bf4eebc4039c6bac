"""The text of one cell, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from azjit.domain.durations import human_duration
from azjit.output.cells import NONE, DisplayContext
from azjit.output.fields import Ago, Column, Columns, Style, encode, plain
from azjit.output.render.text import escape_hazards, harmless

_TIMES = (datetime, timedelta, datetime | None, timedelta | None)


def shown(column: Column[Any], item: Any, display: DisplayContext | None) -> str:  # noqa: ANN401
    """Give the text a terminal shows, harmless."""
    value = column.value(item) if column.cell is None else column.cell(item)
    is_time = column.field is not None and column.field.type in _TIMES
    if (column.cell is not None or is_time) and (value is None or value == ""):
        return NONE
    return harmless(_human(value, display))


def exported(column: Column[Any], item: Any) -> str:  # noqa: ANN401 - any thing
    """Give the text for TSV and CSV, not yet escaped."""
    if column.export is not None:
        return column.export(item)
    kind = column.field.type if column.field is not None else object
    return _text(encode(kind, column.value(item)), ",")


def style_at(column: Column[Any], item: Any) -> Style:  # noqa: ANN401 - any thing
    """Give the style of this column's text in this item."""
    return column.style(item) if callable(column.style) else column.style


def columns_of(items: Iterable[Mapping[str, object]]) -> Columns[Mapping[str, object]]:
    """Make columns from the keys of mappings, in the order they first appear."""
    keys = dict.fromkeys(key for item in items for key in item)
    return tuple(Column(key, key, cut="middle") for key in keys)


def _human(value: object, display: DisplayContext | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return human_duration(value)
    if isinstance(value, Ago):
        return display.age(value.at) if display is not None and value.at is not None else NONE
    if isinstance(value, datetime) and display is not None:
        return display.clock(value)
    return _text(plain(value), ", ")


def _text(value: object, comma: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(inner, (list, dict)) for inner in value):
        return comma.join(_text(inner, comma) for inner in value)
    return escape_hazards(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
