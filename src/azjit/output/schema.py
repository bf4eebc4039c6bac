"""JSON Schemas of the results, made from their shapes: what `azjit schema` prints."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from azjit.output.results import (
    about_shapes,
    checkup_shapes,
    package_shapes,
    pim_shapes,
    sandbox_shapes,
    shapes,
)

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {str: "string", int: "integer", bool: "boolean", float: "number", type(None): "null"}

Schema = dict[str, Any]

RESULTS: Mapping[str, tuple[type, str]] = {
    "applications": (list[shapes.ApplicationItem], "publisher apps, consumer apps"),
    "application": (shapes.ApplicationReportItem, "consumer show"),
    "roles": (list[shapes.RoleItem], "publisher roles"),
    "requests": (
        list[shapes.RequestItem],
        "publisher history, consumer history, consumer pending",
    ),
    "activity": (list[checkup_shapes.ActivityItem], "consumer history --activity"),
    "checkup": (list[checkup_shapes.CheckItem], "doctor"),
    "request": (shapes.RequestItem, "publisher request, publisher show, publisher wait"),
    "decisions": (
        list[shapes.DecisionItem],
        "consumer approve, consumer deny, consumer revoke, publisher cancel",
    ),
    "settings": (shapes.ChangeItem, "consumer configure"),
    "contexts": (list[shapes.ContextItem], "config list"),
    "context": (shapes.ContextItem, "config set, config unset, config use, config remove"),
    "setting": (shapes.SettingItem, "config get"),
    "config-file": (shapes.ConfigFileItem, "config path"),
    "explained": (list[shapes.ExplainedItem], "config explain"),
    "installation": (shapes.InstallationItem, "completion install"),
    "script": (shapes.ScriptItem, "completion show"),
    "findings": (list[package_shapes.FindingItem], "publisher package check, publisher check"),
    "package-edit": (package_shapes.EditItem, "publisher package add-jit"),
    "package-preview": (package_shapes.PreviewItem, "publisher package preview"),
    "refreshed": (package_shapes.RowsItem, "publisher refresh-permissions"),
    "offer": (
        package_shapes.OfferItem,
        "publisher offer show, publisher offer enable-jit, publisher offer disable-jit",
    ),
    "pim-roles": (list[pim_shapes.PimRoleItem], "publisher roles --pim"),
    "activation": (pim_shapes.ActivationItem, "publisher request --pim"),
    "planned": (list[shapes.PlannedItem], "any command with --dry-run"),
    "world": (sandbox_shapes.WorldItem, "sandbox show"),
    "clock": (sandbox_shapes.ClockItem, "sandbox clock, sandbox reset"),
    "counts": (sandbox_shapes.CountsItem, "sandbox seed"),
    "switches": (list[sandbox_shapes.SwitchItem], "sandbox switch"),
    "faults": (
        list[sandbox_shapes.FaultItem],
        "sandbox fault list, sandbox fault add, sandbox fault clear",
    ),
    "fault-kinds": (list[sandbox_shapes.FaultKindItem], "sandbox fault list --kinds"),
    "environment": (list[sandbox_shapes.VariableItem], "sandbox env"),
    "world-file": (dict, "sandbox export; its own schema: sandbox seed --schema"),
    "topic": (list[about_shapes.TopicItem], "help"),
    "story": (list[about_shapes.StoryItem], "demo"),
    "schema": (dict, "schema, sandbox seed --schema"),
}


def schema_of(kind: str) -> Schema:
    """Give the JSON Schema of a result by its kind."""
    shape, commands = RESULTS[kind]
    definitions: dict[str, Schema] = {}
    body = _of(shape, definitions)
    return {
        "$schema": _DIALECT,
        "title": kind,
        "description": f"What these give with -o json: {commands}.",
        **body,
        "$defs": definitions,
    }


def _of(hint: Any, definitions: dict[str, Schema]) -> Schema:  # noqa: ANN401 - a type hint
    if get_origin(hint) is Annotated:
        inner, description = get_args(hint)[:2]
        return {**_of(inner, definitions), "description": description}
    if is_typeddict(hint):
        return _reference(hint, definitions)
    if get_origin(hint) in {types.UnionType, Union}:
        return _union([_of(part, definitions) for part in get_args(hint)])
    if get_origin(hint) is list:
        return {"type": "array", "items": _of(get_args(hint)[0], definitions)}
    return {"type": _PLAIN[hint]} if hint in _PLAIN else {"type": "object"}


def _union(parts: list[Schema]) -> Schema:
    if all(part.keys() == {"type"} for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


def _reference(shape: type, definitions: dict[str, Schema]) -> Schema:
    name = shape.__name__.removesuffix("Item")
    if name not in definitions:
        definitions[name] = {}  # keeps the order of first mention, and ends recursion
        hints = get_type_hints(shape, include_extras=True)
        definitions[name] = {
            "type": "object",
            "description": (shape.__doc__ or "").strip(),
            "properties": {key: _of(hint, definitions) for key, hint in hints.items()},
            "required": list(hints),
        }
    return {"$ref": f"#/$defs/{name}"}
