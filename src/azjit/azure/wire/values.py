"""Reads single values of Azure's JSON: absent equals null, and an unexpected type never crashes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from azjit.domain.durations import iso_duration
from azjit.domain.ids import PrincipalId
from azjit.errors import Unavailable

Json = dict[str, Any]
Body = Mapping[str, Any]
_T = TypeVar("_T")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(text: str) -> Any:
    r"""Read JSON; half a character, which nothing can be written with, becomes the text `\\ud800`.

    Raises:
        ValueError: it is none, or too deep.
    """
    try:
        body = json.loads(text)
        return _encodable(body) if _HALF.search(text) else body
    except RecursionError as error:
        raise ValueError("too deep") from error


def _encodable(value: Any) -> Any:
    if isinstance(value, dict):
        return {_encodable(key): _encodable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_encodable(inner) for inner in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


def unusable(message: str) -> Unavailable:
    """Make the error for an answer that is not what Azure documents."""
    return Unavailable(message, hint="try again; a gateway or proxy may have answered")


def no_id(told: Any) -> str:
    """Say why an object cannot be read: by what Azure wrote in the place of its id."""
    return "it has no id" if told is None else f"its id is {told!r:.200}"


def mapping(value: Any) -> Mapping[str, Any]:
    """Give a JSON object, or an empty one where there is none."""
    # A dict is asked for first: the check of a Mapping costs ten times as much.
    return value if isinstance(value, (dict, Mapping)) else {}


def decoded(decode: Callable[[Body], _T | None], bodies: Iterable[Body]) -> list[_T]:
    """Decode the objects of a list, without those that cannot be read."""
    return [found for body in bodies if (found := decode(body)) is not None]


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Give a JSON list as objects, an empty one in the place of what is none."""
    if value is None:
        return []
    return [mapping(each) for each in value] if isinstance(value, list) else [{}]


def items(value: Any) -> list[Mapping[str, Any]]:
    """Give the objects of a JSON list, or none."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """Give a non-empty string, or None."""
    return value if isinstance(value, str) and value else None


def principal(value: Any) -> PrincipalId | None:
    """Give a principal as it is written; Azure's examples hold ids that are no GUIDs."""
    return PrincipalId(value) if isinstance(value, str) and value else None


def rest(source: Mapping[str, Any], read: set[str]) -> Json:
    """Give the keys that were not read, without nulls, to be written back as they are."""
    return {key: value for key, value in source.items() if key not in read and value is not None}


def full(source: Mapping[str, Any]) -> Json:
    """Drop the keys without a value."""
    return {key: value for key, value in source.items() if value is not None}


def duration_text(length: timedelta | None, kept: str | None) -> str | None:
    """Write a duration: in the text of Azure if there is one, else as `PT1H30M`.

    azure-core's own serialiser writes `PT01H30M00S`: legal, but like none of Azure's examples.
    """
    if kept is not None:
        return kept
    return iso_duration(length) if length is not None else None
