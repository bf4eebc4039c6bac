"""The fast check accepts nothing that jsonschema refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator  # type: ignore[import-untyped] # it ships no types

from contract.schema_check import fits
from patience import patient

NAMES = st.sampled_from(["a", "b", "c"])
LEAVES = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.text("ab", max_size=3)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
PLAIN = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "array", "string", "boolean", "integer", "number"]),
        "enum": st.lists(LEAVES, min_size=1, max_size=3, unique_by=repr),
        "pattern": st.sampled_from(["^a", "b$"]),
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(0, 3),
        "minimum": st.integers(-2, 2),
        "maximum": st.integers(-2, 2),
        "required": st.lists(NAMES, min_size=1, max_size=2, unique=True),
        "format": st.just("uuid"),
    },
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    outer = {
        "items": inner,
        "properties": st.dictionaries(NAMES, inner, max_size=2),
        "additionalProperties": st.booleans() | inner,
    }
    return st.tuples(PLAIN, st.fixed_dictionaries({}, optional=outer)).map(lambda p: p[0] | p[1])


@settings(patient, max_examples=200)
@given(st.recursive(PLAIN, nested, max_leaves=4), VALUES)
def test_what_fits_is_valid(schema: dict[str, Any], value: Any) -> None:
    assert not fits(value, schema) or Draft4Validator(schema).is_valid(value)


@pytest.mark.parametrize("value", [{"a": "x"}, {"a": "x", "b": [1, 2]}, {"a": "x", "b": []}])
def test_what_is_right_fits(value: Any) -> None:
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": "string", "enum": ["x"]},
            "b": {"type": "array", "items": {"type": "integer"}},
        },
        "additionalProperties": False,
    }

    assert fits(value, schema)
