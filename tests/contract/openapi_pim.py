"""Checks PIM against Microsoft's examples, because its schema accepts almost anything."""

from __future__ import annotations

import json
from typing import Any

from contract.openapi import SPECS

_AUTHORIZATION = "authorization/resource-manager/Microsoft.Authorization"
_FOLDERS = (
    SPECS / _AUTHORIZATION / "stable" / "2020-10-01" / "examples",
    SPECS / _AUTHORIZATION / "preview" / "2021-01-01-preview" / "examples",
)
# What this world never has: conditions on assignments, and properties of nobody's.
_LEFT_OUT = {"condition", "conditionVersion"}


def example(name: str) -> Any:
    """The body of the successful answer in one of Microsoft's examples."""
    responses = _read(name)["responses"]
    return next(item["body"] for status, item in responses.items() if status < "300")


def sent_in(name: str) -> Any:
    """The body of the request in one of Microsoft's examples."""
    told = _read(name)["parameters"]
    return told["body"] if "body" in told else told["parameters"]


def _read(name: str) -> Any:
    (file,) = (folder / name for folder in _FOLDERS if (folder / name).is_file())
    return json.loads(file.read_text(encoding="utf-8-sig"))


def missing(answer: Any, shown: Any, at: str = "") -> list[str]:
    """The places of an example that an answer does not have, or has otherwise."""
    if isinstance(shown, dict):
        if not isinstance(answer, dict):
            return [f"{at}: no object"]
        lost = [f"{at}/{key}" for key in shown if key not in answer and key not in _LEFT_OUT]
        for key in shown:
            if key in answer:
                lost += missing(answer[key], shown[key], f"{at}/{key}")
        return lost
    if isinstance(shown, list):
        if not isinstance(answer, list):
            return [f"{at}: no list"]
        return _missing_items(answer, shown, at)
    is_other = shown is not None and answer is not None and type(answer) is not type(shown)
    return [f"{at}: {answer!r} for {shown!r}"] if is_other else []


def _missing_items(answer: list[Any], shown: list[Any], at: str) -> list[str]:
    """Hold every item to the example's item of its kind: that of the same id, else the first."""
    if not shown:
        return []
    by_id = {str(each.get("id")): each for each in shown if isinstance(each, dict)}
    are_named = len(by_id) == len(shown) > 1
    lost: list[str] = []
    for index, item in enumerate(answer):
        like = shown[0]
        if are_named:
            like = by_id.get(str(item.get("id")))
        if like is not None:
            lost += missing(item, like, f"{at}/{index}")
    return lost
