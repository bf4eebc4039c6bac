"""Holds results to their schemas, keys that no schema names refused."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from azjit.output.schema import RESULTS, schema_of


def strict(kind: str) -> dict[str, Any]:
    """A result's schema, under which an unknown key is an error: users may meet one, tests not."""
    schema = schema_of(kind)
    for shape in schema["$defs"].values():
        if "properties" in shape:
            shape["additionalProperties"] = False
    return schema


def check(kind: str, result: object) -> None:
    """Fail where a result is not what its schema says, or says more."""
    Draft202012Validator(strict(kind)).validate(result)


def kinds_of(command: str) -> list[str]:
    """The results that a command names as its own, whatever its options are."""
    return [
        kind
        for kind, (_, commands) in RESULTS.items()
        if any(
            said == command or said.startswith(f"{command} --")
            for said in commands.replace(";", ",").split(", ")
        )
    ]
