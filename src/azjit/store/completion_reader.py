"""A fast reader of the caches for completion, which runs on every TAB.

`store.names` and `store.contexts` own these files; their careful reading takes ten times as long.
A test compares the two. `os.path` is used for the reason given in `store.locations`.
"""
# ruff: noqa: PTH118, PTH123

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Item = dict[str, Any]
    """One entry of `store.names`: texts, unless the file was edited."""


def applications(directory: str) -> list[tuple[str, str]]:
    """Give the shortest unique name of each application, with its group."""
    found = _items(directory, "applications", "id", "name", "group")
    names: dict[str, int] = {}
    for item in found:
        name = item["name"].lower()
        names[name] = names.get(name, 0) + 1
    return [
        (item["name"] if names[item["name"].lower()] == 1 else _in_group(item), item["group"])
        for item in found
    ]


def requests(directory: str) -> list[tuple[str, str]]:
    """Give requests with their applications, the most recently seen first."""
    found = _items(directory, "requests", "id", "name", "application")
    found.sort(key=lambda item: str(item.get("seen")), reverse=True)
    return [(item["name"], item["application"].rsplit("/", 1)[-1]) for item in found]


def roles(directory: str) -> list[tuple[str, str]]:
    """Give role names."""
    return [(item["name"], "") for item in _items(directory, "roles", "id", "name")]


def contexts(file: str) -> list[tuple[str, str]]:
    """Give the names of contexts by their headers; a TOML parser would take 20 ms."""
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:
            heads = [line.partition("#")[0].strip() for line in lines]
    except OSError:
        return []
    names = [
        head[len("[contexts.") : -1].strip().strip("\"'")
        for head in heads
        if head.startswith("[contexts.") and head.endswith("]")
    ]
    return [(name, "") for name in dict.fromkeys(names)]


def _in_group(item: Item) -> str:
    return f"{item['group']}/{item['name']}"


def _items(directory: str, shelf: str, *keys: str) -> list[Item]:
    import json  # noqa: PLC0415 - 10 ms that only names need

    try:
        with open(os.path.join(directory, "names.json"), "rb") as file:
            kept = json.load(file)
        items = list(kept[shelf].values())
    except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return []
    return [
        item
        for item in items
        if isinstance(item, dict) and all(isinstance(item.get(key), str) for key in keys)
    ]
