"""Queries: a table, the operators that its rows go through, and other tables joined to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from azjit.sandbox.kusto.expressions import Expression, ExpressionParser
from azjit.sandbox.kusto.joins import JOINS, joined, renamed
from azjit.sandbox.kusto.tokens import Tokens
from azjit.sandbox.kusto.values import Row, order, text

_Stage = Callable[[Iterable[Row]], Iterable[Row]]
# Gives the rows of a table, of some types only if any are given.
Read = Callable[[str, frozenset[str] | None], Iterable[Row]]


class Query(NamedTuple):
    """A query that was understood.

    `types` are the resource types outside which it finds nothing, none when it may find any;
    `is_limited` says that it leaves out rows, so that there is no next page.
    """

    table: str
    columns: tuple[str, ...]
    types: frozenset[str] | None
    is_limited: bool
    stages: tuple[_Stage, ...]

    def run(self, rows: Iterable[Row]) -> list[Row]:
        """Run the query over a table's rows."""
        for stage in self.stages:
            rows = stage(rows)
        return list(rows)


def parse(query: str, tables: Mapping[str, Sequence[str]], read: Read) -> Query:
    """Parse a query over these tables, each with its columns; `read` gives those that it joins."""
    words = Tokens(query)
    found = _Parser(words, tables, read).query()
    if words.peek.kind != "end":
        words.fail("'|' is expected")
    return found


class _Parser:
    def __init__(self, words: Tokens, tables: Mapping[str, Sequence[str]], read: Read) -> None:
        self._words = words
        self._read = read
        self._tables = {name.lower(): columns for name, columns in tables.items()}
        self._columns: list[str] = []
        self._types: frozenset[str] | None = None
        self._stages: list[_Stage] = []
        self._is_limited = False
        self._operators: Mapping[str, Callable[[], _Stage]] = {
            "where": self._where,
            "project": self._project,
            "project-away": self._project_away,
            "extend": self._extend,
            "order": self._sort,
            "sort": self._sort,
            "limit": self._limit,
            "take": self._limit,
            "count": self._count,
            "summarize": self._summarize,
            "distinct": self._distinct,
            "join": self._join,
        }

    def query(self) -> Query:
        table = self._words.peek
        name = self._words.name().lower()
        if name not in self._tables:
            known = ", ".join(sorted(self._tables))
            self._words.fail(f"the table is not supported, only {known} are", table)
        self._columns = list(self._tables[name])
        while self._words.skip("|"):
            self._stages.append(self._operator())
        return Query(name, tuple(self._columns), self._types, self._is_limited, tuple(self._stages))

    def _operator(self) -> _Stage:
        word = self._words.peek
        operator = self._operators.get(self._words.name().lower())
        if operator is None:
            known = ", ".join(sorted(self._operators))
            self._words.fail(f"the operator is not supported, only {known} are", word)
        return operator()

    def _where(self) -> _Stage:
        node = self._expressions().condition()
        # Only a table's own rows are read by type: after `extend` the column may be another.
        if not self._stages and node.types is not None:
            self._types = node.types
        return lambda rows: (row for row in rows if node.value(row))

    def _project(self) -> _Stage:
        made = self._named_values()
        self._columns = [name for name, _node in made]
        return lambda rows: ({name: node.value(row) for name, node in made} for row in rows)

    def _project_away(self) -> _Stage:
        away = {self._column()}
        while self._words.skip(","):
            away.add(self._column())
        self._columns = [name for name in self._columns if name not in away]
        kept = tuple(self._columns)
        return lambda rows: ({name: row.get(name) for name in kept} for row in rows)

    def _extend(self) -> _Stage:
        made = self._named_values()
        self._columns += [name for name, _node in made if name not in self._columns]
        return lambda rows: (row | {n: node.value(row) for n, node in made} for row in rows)

    def _sort(self) -> _Stage:
        self._words.expect("by")
        keys = [self._sort_key()]
        while self._words.skip(","):
            keys.append(self._sort_key())

        def run(rows: Iterable[Row]) -> list[Row]:
            found = list(rows)
            for node, is_descending in reversed(keys):
                found.sort(key=lambda row: order(node.value(row)), reverse=is_descending)
            return found

        return run

    def _sort_key(self) -> tuple[Expression, bool]:
        node = self._expressions().value()
        if self._words.skip("asc"):
            return node, False
        self._words.skip("desc")  # the language's own default
        return node, True

    def _limit(self) -> _Stage:
        most = self._words.number()
        self._is_limited = True
        return lambda rows: islice(rows, most)

    def _count(self) -> _Stage:
        self._columns = ["Count"]
        return lambda rows: [{"Count": sum(1 for _row in rows)}]

    def _summarize(self) -> _Stage:
        words = self._words
        name = "count_"
        if not words.skip("count", "(", ")"):
            name = words.name()
            words.expect("=")
            if not words.skip("count", "(", ")"):
                words.fail("only count() is supported")
        keys = self._named_values() if words.skip("by") else []
        self._columns = [*(key for key, _node in keys), name]

        def run(rows: Iterable[Row]) -> list[Row]:
            groups: dict[tuple[str, ...], Row] = {}
            for row in rows:
                found = {key: node.value(row) for key, node in keys}
                group = groups.setdefault(tuple(map(text, found.values())), found | {name: 0})
                group[name] += 1
            return list(groups.values()) if keys or groups else [{name: 0}]

        return run

    def _distinct(self) -> _Stage:
        made = self._named_values()
        self._columns = [name for name, _node in made]

        def run(rows: Iterable[Row]) -> list[Row]:
            found: dict[tuple[str, ...], Row] = {}
            for row in rows:
                shown = {name: node.value(row) for name, node in made}
                found.setdefault(tuple(map(text, shown.values())), shown)
            return list(found.values())

        return run

    def _join(self) -> _Stage:
        words, kind = self._words, "innerunique"
        if words.skip("kind", "="):
            word = words.peek
            kind = words.name().lower()
            if kind not in JOINS:
                words.fail(f"the kind is not supported, only {', '.join(JOINS)} are", word)
        words.expect("(")
        other = _Parser(words, self._tables, self._read).query()
        words.expect(")")
        words.expect("on")
        keys = [self._join_key(other)]
        while words.skip(","):
            keys.append(self._join_key(other))
        names = renamed(self._columns, other.columns)
        self._columns += names.values()

        def run(rows: Iterable[Row]) -> Iterable[Row]:
            right = other.run(self._read(other.table, other.types))
            return joined(kind, rows, right, keys, names)

        return run

    def _join_key(self, other: Query) -> tuple[str, str]:
        """Read `name`, or `$left.name == $right.name` in any order."""
        words = self._words
        if not words.peek.text.startswith("$"):
            name = self._column()
            if name not in other.columns:
                words.fail(f"the joined table has no column {name}")
            return name, name
        sides: dict[str, str] = {}
        for sign in ("==", ""):
            side = words.name().lower()
            words.expect(".")
            sides[side] = words.name()
            if sign:
                words.expect(sign)
        left, right = sides.get("$left"), sides.get("$right")
        if left not in self._columns or right not in other.columns:
            words.fail("a column of $left and one of $right are expected")
        return str(left), str(right)

    def _named_values(self) -> list[tuple[str, Expression]]:
        made = [self._named_value(1)]
        while self._words.skip(","):
            made.append(self._named_value(len(made) + 1))
        return made

    def _named_value(self, number: int) -> tuple[str, Expression]:
        if self._words.peek.kind != "name" or self._words.after_next != "=":
            node = self._expressions().value()
            return node.name or f"Column{number}", node
        name = self._words.name()
        self._words.expect("=")
        return name, self._expressions().condition()

    def _column(self) -> str:
        word = self._words.peek
        name = self._words.name()
        if name not in self._columns:
            self._words.fail("there is no such column", word)
        return name

    def _expressions(self) -> ExpressionParser:
        return ExpressionParser(self._words, self._columns)
