"""Every result that a module of `results` declares, and its JSON Schema, for `azjit schema`."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_args, get_origin

from azjit.output import results
from azjit.output.fields import Field, Many, Maybe, Result, Shape

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {
    str: "string",
    datetime: "string",
    timedelta: "string",
    int: "integer",
    bool: "boolean",
    float: "number",
    type(None): "null",
}

Schema = dict[str, Any]


def _results() -> Iterator[Result]:
    for found in iter_modules(results.__path__):
        module = import_module(f"{results.__name__}.{found.name}")
        yield from (each for each in vars(module).values() if isinstance(each, Result))


RESULTS: Mapping[str, Result] = {
    each.kind: each for each in sorted(_results(), key=lambda each: each.kind)
}


def schema_of(kind: str) -> Schema:
    """Give the JSON Schema of a result by its kind."""
    result = RESULTS[kind]
    definitions: dict[str, Schema] = {}
    body = _of(result.type, definitions)
    return {
        "$schema": _DIALECT,
        "title": kind,
        "description": f"What these commands print with -o json: {result.commands}.",
        **body,
        "$defs": definitions,
    }


def _of(kind: Any, definitions: dict[str, Schema]) -> Schema:  # noqa: ANN401 - a field's type
    if isinstance(kind, Shape):
        return _reference(kind, definitions)
    if isinstance(kind, Maybe):
        return _union([_of(kind.of, definitions), {"type": "null"}])
    if isinstance(kind, types.UnionType):
        return _union([_of(part, definitions) for part in get_args(kind)])
    if isinstance(kind, Many) or get_origin(kind) is list:
        of = kind.of if isinstance(kind, Many) else get_args(kind)[0]
        return {"type": "array", "items": _of(of, definitions)}
    return {"type": _PLAIN.get(kind, "object")}


def _union(parts: list[Schema]) -> Schema:
    if all(part.keys() == {"type"} for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


def _reference(shape: Shape[Any], definitions: dict[str, Schema]) -> Schema:
    if shape.name not in definitions:
        definitions[shape.name] = {}  # keeps the order of first mention, and ends recursion
        definitions[shape.name] = {
            "type": "object",
            "description": shape.doc,
            "properties": {each.key: _property(each, definitions) for each in shape.fields},
            "required": [each.key for each in shape.fields],
        }
    return {"$ref": f"#/$defs/{shape.name}"}


def _property(field: Field[Any], definitions: dict[str, Schema]) -> Schema:
    schema = _of(field.type, definitions)
    return {**schema, "description": field.doc} if field.doc else schema
