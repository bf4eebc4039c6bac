"""Compares, orders and formats the values of a row as the query language does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Row = dict[str, Any]
Value = Callable[[Row], Any]
_NUMBERS = (int, float)


def text(value: Any) -> str:
    """A value as text; null is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def is_empty(value: Any) -> bool:
    """Whether a value is null or an empty text."""
    return value is None or value == ""


def order(value: Any) -> tuple[int, Any]:
    """Give the sort key of a value: nulls first, then numbers, then texts."""
    if value is None:
        return (0, 0)
    if isinstance(value, _NUMBERS):
        return (1, value)
    return (2, text(value))


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS):
        return left == right
    return text(left) == text(right)


def _same(left: Any, right: Any) -> bool:
    return text(left).lower() == text(right).lower()


def _has(left: Any, right: Any) -> bool:
    term = rf"(?<![A-Za-z0-9]){re.escape(text(right))}(?![A-Za-z0-9])"
    return re.search(term, text(left), re.IGNORECASE) is not None


def _less(left: Any, right: Any) -> bool:
    return left is not None and right is not None and order(left) < order(right)


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "=~": _same,
    "!~": lambda left, right: not _same(left, right),
    "contains": lambda left, right: text(right).lower() in text(left).lower(),
    "!contains": lambda left, right: text(right).lower() not in text(left).lower(),
    "startswith": lambda left, right: text(left).lower().startswith(text(right).lower()),
    "endswith": lambda left, right: text(left).lower().endswith(text(right).lower()),
    "has": _has,
    "!has": lambda left, right: not _has(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: left is not None and not _less(right, left),
    ">=": lambda left, right: left is not None and right is not None and not _less(left, right),
}
FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "tostring": text,
    "tolower": lambda value: text(value).lower(),
    "toupper": lambda value: text(value).upper(),
    "isempty": is_empty,
    "isnotempty": lambda value: not is_empty(value),
    "isnull": lambda value: value is None,
    "isnotnull": lambda value: value is not None,
    "array_length": lambda value: len(value) if isinstance(value, list) else None,
    "strlen": lambda value: len(text(value)),
}


def member(value: Any, step: str | int) -> Any:
    """Give the member of a value at a key or an index; null when there is none."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
        return value[step]
    return None
