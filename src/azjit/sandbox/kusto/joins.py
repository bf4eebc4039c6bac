"""Joins of two tables by equal keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from azjit.sandbox.kusto.values import Row, text

# Those that Resource Graph has, but for fullouter.
JOINS = ("innerunique", "inner", "leftouter")
Keys = Sequence[tuple[str, str]]


def renamed(left: Sequence[str], right: Sequence[str]) -> dict[str, str]:
    """Give the names that the columns of the right table get: a number follows a taken one."""
    names: dict[str, str] = {}
    for name in right:
        number, free = 0, name
        while free in left or free in names.values():
            number += 1
            free = f"{name}{number}"
        names[name] = free
    return names


def joined(
    kind: str, left: Iterable[Row], right: Iterable[Row], keys: Keys, names: Mapping[str, str]
) -> Iterator[Row]:
    """Give each pair of rows with equal keys as one row.

    `leftouter` also gives the rows on the left without a partner; `innerunique` takes one row of
    each key on the left.
    """
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in right:
        found.setdefault(tuple(text(row.get(key)) for _, key in keys), []).append(row)
    nothing: list[Row] = [{}] if kind == "leftouter" else []
    seen: set[tuple[str, ...]] = set()
    for row in left:
        key = tuple(text(row.get(name)) for name, _ in keys)
        if kind == "innerunique" and key in seen:
            continue
        seen.add(key)
        for other in found.get(key, nothing):
            yield row | {names[name]: other.get(name) for name in names}
