"""Checks a world's file against its schema, with the keywords that this schema uses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("world.schema.json")
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def check(content: Any) -> None:
    """Check the content of a world's file.

    Raises:
        ValueError: it does not fit the schema; the message has the place of the first mistake.
    """
    schema: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    for mistake in _mistakes(content, schema, schema["$defs"], ""):
        raise ValueError(mistake)


def _mistakes(value: Any, schema: Mapping[str, Any], known: Any, place: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    where = place or "the file"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{where} must be of type {' or '.join(kinds)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} must be one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, str):
        yield from _text_mistakes(value, schema, where)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _mistakes(item, schema["items"], known, f"{place}[{number}]")
    if isinstance(value, dict):
        yield from _member_mistakes(value, schema, known, place)


def _text_mistakes(value: str, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"{where} must not be empty"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where}: {value!r} has the wrong form"


def _member_mistakes(
    value: Mapping[str, Any], schema: Mapping[str, Any], known: Any, place: str
) -> Iterator[str]:
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{place or 'the file'} needs {key!r}"
    members, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key, item in value.items():
        inside = f"{place}.{key}" if place else str(key)
        if key in members:
            yield from _mistakes(item, members[key], known, inside)
        elif more is False:
            yield f"{place or 'the file'} has no {key!r}: {', '.join(members)}"
        elif isinstance(more, dict):
            yield from _mistakes(item, more, known, inside)


def _is(value: Any, kind: str) -> bool:
    is_number_kind = kind in ("integer", "number")
    return isinstance(value, _KINDS[kind]) and not (is_number_kind and isinstance(value, bool))
