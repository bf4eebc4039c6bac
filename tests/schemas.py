"""Checks results against their schemas, and refuses keys that no schema names."""

from __future__ import annotations

from functools import cache

from jsonschema import Draft202012Validator

from azjit.output.schema import RESULTS, schema_of


@cache
def _strict(kind: str) -> Draft202012Validator:
    """Judges by a result's schema, but takes a key that is unknown there for a fault."""
    schema = schema_of(kind)
    for shape in schema["$defs"].values():
        if "properties" in shape:
            shape["additionalProperties"] = False
    return Draft202012Validator(schema)


def check(kind: str, result: object) -> None:
    """Fail where a result is not what its schema says, or says more."""
    faults = [f"{fault.json_path}: {fault.message}" for fault in _strict(kind).iter_errors(result)]
    assert faults == []


def kinds_of(command: str) -> list[str]:
    """The results that a command names as its own, that of the command without options first."""
    named = {
        kind: said
        for kind, result in RESULTS.items()
        for said in result.commands.replace(";", ",").split(", ")
        if said == command or said.startswith(f"{command} --")
    }
    return sorted(named, key=lambda kind: named[kind] != command)
