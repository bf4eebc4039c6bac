"""A quick look whether a JSON schema takes a value, for the calls that every test makes.

It finds no fault in a tenth of the time in which jsonschema finds none. It puts nothing into
words, and what it does not understand it refuses: that is left to jsonschema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_KEYWORDS = {
    *("type", "enum", "items", "required", "properties", "additionalProperties"),
    *("pattern", "minLength", "maxLength", "minimum", "maximum"),
}
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a schema takes a value for certain."""
    return (
        schema.keys() <= _KEYWORDS
        and ("type" not in schema or _TYPES[schema["type"]](value))
        and ("enum" not in schema or (isinstance(value, str) and value in schema["enum"]))
        and _fits_inside(value, schema)
    )


def _fits_inside(value: Any, schema: Mapping[str, Any]) -> bool:
    if isinstance(value, list):
        items = schema.get("items", {})
        return all(fits(item, items) for item in value)
    if isinstance(value, dict):
        return _fit_members(value, schema)
    if isinstance(value, str):
        return bool(re.search(schema.get("pattern", ""), value)) and (
            schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        )
    return {"minimum", "maximum"}.isdisjoint(schema)


def _fit_members(value: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    properties, extra = schema.get("properties", {}), schema.get("additionalProperties", {})
    if any(name not in value for name in schema.get("required", ())):
        return False
    for name, member in value.items():
        declared = properties.get(name, extra)
        if not (declared if isinstance(declared, bool) else fits(member, declared)):
            return False
    return True
