"""Expressions of the query language: conditions, paths into a row, a few functions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from azjit.sandbox.kusto.tokens import Tokens, unquoted
from azjit.sandbox.kusto.values import COMPARISONS, FUNCTIONS, Row, Value, member

_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
_NAMED = ("contains", "startswith", "endswith", "has")


class Expression(NamedTuple):
    """An expression.

    `name` is the default name of a column of it; `types` are the resource types
    outside which it cannot hold, none when it can hold for any.
    """

    value: Value
    name: str = ""
    types: frozenset[str] | None = None
    literal: Any = None


class ExpressionParser:
    """Reads expressions over the columns that a row has at this point of a query."""

    def __init__(self, words: Tokens, columns: Collection[str]) -> None:
        self._words = words
        self._columns = columns

    def condition(self) -> Expression:
        """A condition: `or` binds least, then `and`, then `not`."""
        node = self._conjunction()
        while self._words.skip("or"):
            node = _either(node, self._conjunction())
        return node

    def value(self) -> Expression:
        """A value: a literal, a path, or a function of a value."""
        words = self._words
        word = words.take()
        if word.kind == "text":
            content = unquoted(word)
            return Expression(lambda _row: content, literal=content)
        if word.kind == "number":
            number = float(word.text) if "." in word.text else int(word.text)
            return Expression(lambda _row: number, literal=number)
        if word.kind != "name":
            words.fail("a value is expected", word)
        if word.text.lower() in _LITERALS:
            fixed = _LITERALS[word.text.lower()]
            return Expression(lambda _row: fixed, literal=fixed)
        if words.skip("("):
            return self._function(word.text, word)
        if word.text not in self._columns:
            words.fail("there is no such column", word)
        return self._path(word.text)

    def _conjunction(self) -> Expression:
        node = self._clause()
        while self._words.skip("and"):
            node = _both(node, self._clause())
        return node

    def _clause(self) -> Expression:
        words = self._words
        if words.skip("not", "("):
            inner = self.condition()
            words.expect(")")
            return Expression(lambda row: not inner.value(row))
        if words.skip("("):
            inner = self.condition()
            words.expect(")")
            return inner
        return self._comparison(self.value())

    def _comparison(self, left: Expression) -> Expression:
        words = self._words
        is_not = words.skip("!")
        if words.skip("in"):
            return self._membership(left, is_not=is_not, ignores_case=words.skip("~"))
        sign = self._sign(is_not=is_not)
        if sign is None:
            return left
        compare, right = COMPARISONS[sign], self.value()
        types = None
        if left.name == "type" and sign in ("==", "=~") and isinstance(right.literal, str):
            types = frozenset([right.literal.lower()])
        return Expression(lambda row: compare(left.value(row), right.value(row)), types=types)

    def _sign(self, *, is_not: bool) -> str | None:
        words = self._words
        word = words.peek
        if word.kind == "name" and word.text.lower() in _NAMED:
            sign = ("!" if is_not else "") + words.take().text.lower()
            if sign not in COMPARISONS:
                words.fail("the operator is not supported", word)
            return sign
        if is_not:
            words.fail("an operator is expected")
        if word.kind == "sign" and word.text in COMPARISONS:
            return words.take().text
        return None

    def _membership(self, left: Expression, *, is_not: bool, ignores_case: bool) -> Expression:
        self._words.expect("(")
        listed = [self._literal()]
        while self._words.skip(","):
            listed.append(self._literal())
        self._words.expect(")")
        same = COMPARISONS["=~" if ignores_case else "=="]

        def holds(row: Row) -> bool:
            value = left.value(row)
            return any(same(value, item) for item in listed) is not is_not

        types = None
        if left.name == "type" and not is_not:
            types = frozenset(str(item).lower() for item in listed)
        return Expression(holds, types=types)

    def _literal(self) -> Any:
        word = self._words.peek
        node = self.value()
        if node.name or node.literal is None:
            self._words.fail("only literals are supported in a list", word)
        return node.literal

    def _function(self, name: str, word: Any) -> Expression:
        function = FUNCTIONS.get(name.lower())
        if function is None:
            known = ", ".join(sorted(FUNCTIONS))
            self._words.fail(f"the function is not supported, only {known} are", word)
        inner = self.value()
        self._words.expect(")")
        return Expression(lambda row: function(inner.value(row)), inner.name)

    def _path(self, column: str) -> Expression:
        words, steps = self._words, list[str | int]()
        while True:
            if words.skip("."):
                steps.append(words.name())
            elif words.skip("["):
                inside = words.take()
                if inside.kind not in ("text", "number"):
                    words.fail("a key or an index is expected", inside)
                steps.append(unquoted(inside) if inside.kind == "text" else int(inside.text))
                words.expect("]")
            else:
                break

        def read(row: Row) -> Any:
            value = row.get(column)
            for step in steps:
                value = member(value, step)
            return value

        return Expression(read, "_".join([column, *map(str, steps)]))


def _both(left: Expression, right: Expression) -> Expression:
    types = left.types
    if right.types is not None:
        types = right.types if types is None else types & right.types
    return Expression(lambda row: bool(left.value(row) and right.value(row)), types=types)


def _either(left: Expression, right: Expression) -> Expression:
    types = None
    if left.types is not None and right.types is not None:
        types = left.types | right.types
    return Expression(lambda row: bool(left.value(row) or right.value(row)), types=types)
