"""Every kind of result, and its JSON Schema: what `azjit schema` prints."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, get_args, get_origin

from azjit.output.fields import Field, Many, Maybe, Result, Shape
from azjit.output.results import (
    about,
    activity,
    applications,
    config,
    decisions,
    doctor,
    offer,
    packages,
    pim,
    planned,
    refresh,
    requests,
    roles,
    sandbox,
    settings,
)

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

RESULTS: Mapping[str, Result] = {
    each.kind: each
    for each in (
        applications.APPLICATIONS,
        applications.ONE,
        roles.ROLES,
        requests.REQUESTS,
        activity.ACTIVITIES,
        doctor.CHECKUP,
        requests.ONE,
        decisions.DECISIONS,
        settings.CHANGED,
        config.CONTEXTS,
        config.ONE_CONTEXT,
        config.ONE_SETTING,
        config.CONFIG_FILE,
        config.EXPLANATIONS,
        config.INSTALLED,
        config.ONE_SCRIPT,
        packages.FINDINGS,
        packages.EDITED,
        packages.PREVIEWED,
        refresh.REFRESHED,
        offer.SHOWN,
        pim.ROLES,
        pim.ACTIVATED,
        planned.PLANNED,
        sandbox.WORLDS,
        sandbox.CLOCKS,
        sandbox.SEEDED,
        sandbox.SWITCHES,
        sandbox.FAULTS,
        sandbox.FAULT_KINDS,
        sandbox.ENVIRONMENT,
        sandbox.WORLD_FILE,
        about.TOPICS,
        about.STORY,
        about.SCHEMA,
    )
}


def schema_of(kind: str) -> Schema:
    """Give the JSON Schema of a result by its kind."""
    result = RESULTS[kind]
    definitions: dict[str, Schema] = {}
    body = _of(result.type, definitions)
    return {
        "$schema": _DIALECT,
        "title": kind,
        "description": f"What these give with -o json: {result.commands}.",
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
