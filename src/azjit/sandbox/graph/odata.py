"""The part of OData's $filter and $search that the directory's calls need."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

from azjit.sandbox.graph.call import bad

Body = dict[str, Any]
Test = Callable[[Body], bool]
_WORD = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z][\w/@.]*)|(?P<number>\d+)|(?P<sign>[(),]))"
)
_SEARCH = re.compile(r'\s*"(?P<key>\w+):(?P<text>(?:\\.|[^"\\])*)"\s*(?P<more>AND|OR)?')
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
_ADVANCED = "Request_UnsupportedQuery"


def read_filter(text: str, properties: set[str], *, is_eventual: bool) -> Test:
    """Read a $filter as a test."""
    return _Filter(text, properties, is_eventual=is_eventual).read()


def read_search(text: str, *, is_eventual: bool) -> Test:
    """Read a $search as a test: words start with the given text, in any casing."""
    if not is_eventual:
        raise bad(
            "Request with $search query parameter only works through MSGraph with a special"
            " request header: 'ConsistencyLevel: eventual'",
            _ADVANCED,
        )
    tests: list[Test] = []
    at, how = 0, "OR"
    while at < len(text):
        match = _SEARCH.match(text, at)
        if match is None:
            raise bad(f"Syntax error in $search: {text}")
        tests.append(_words(match["key"], match["text"]))
        how, at = match["more"] or how, match.end()
    every = all if how == "AND" else any
    return lambda body: every(test(body) for test in tests)


def _words(key: str, text: str) -> Test:
    wanted = [word.lower() for word in re.split(r"\W+", text) if word]

    def holds(body: Body) -> bool:
        value = str(body.get(key) or "").lower()
        words = [*re.split(r"\W+", value), value]
        return all(any(word.startswith(part) for word in words) for part in wanted)

    return holds


class _Filter:
    def __init__(self, text: str, properties: set[str], *, is_eventual: bool) -> None:
        self._text = text
        self._properties = properties
        self._is_eventual = is_eventual
        self._words = _split(text)

    def read(self) -> Test:
        test = self._any()
        if self._words:
            self._fail()
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._skip("or"):
            tests.append(self._all())
        return lambda body: any(test(body) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._skip("and"):
            tests.append(self._one())
        return lambda body: all(test(body) for test in tests)

    def _one(self) -> Test:
        if self._skip("("):
            test = self._any()
            self._expect(")")
            return test
        for name in ("startswith", "endswith"):
            if self._skip(name):
                return self._affix(name)
        key = self._property()
        if self._skip("in"):
            return self._among(key)
        if self._skip("eq"):
            value = self._literal()
            return lambda body: _same(body.get(key), value)
        if self._skip("ne"):
            self._need_eventual("ne")
            value = self._literal()
            return lambda body: not _same(body.get(key), value)
        return self._fail()

    def _affix(self, name: str) -> Test:
        self._expect("(")
        key = self._property()
        self._expect(",")
        value = str(self._literal()).lower()
        self._expect(")")
        if name == "startswith":
            return lambda body: str(body.get(key) or "").lower().startswith(value)
        self._need_eventual(name)
        return lambda body: str(body.get(key) or "").lower().endswith(value)

    def _among(self, key: str) -> Test:
        self._expect("(")
        values = [self._literal()]
        while self._skip(","):
            values.append(self._literal())
        self._expect(")")
        return lambda body: any(_same(body.get(key), value) for value in values)

    def _property(self) -> str:
        kind, text = self._words.pop(0) if self._words else ("", "")
        if kind != "name":
            self._fail()
        if text not in self._properties:
            raise bad(f"Could not find a property named '{text}' in the sandbox's directory.")
        return text

    def _literal(self) -> Any:
        kind, text = self._words.pop(0) if self._words else ("", "")
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "name" and text in _LITERALS:
            return _LITERALS[text]
        return self._fail()

    def _skip(self, text: str) -> bool:
        if self._words and self._words[0][0] != "text" and self._words[0][1].lower() == text:
            self._words.pop(0)
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._skip(text):
            self._fail()

    def _need_eventual(self, what: str) -> None:
        if not self._is_eventual:
            text = f"Operator '{what}' is not supported without the header ConsistencyLevel."
            raise bad(text, _ADVANCED)

    def _fail(self) -> NoReturn:
        raise bad(f"Invalid filter clause: the sandbox does not understand '{self._text}'.")


def _split(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _WORD.match(text, at)
        if match is None:
            raise bad(f"Invalid filter clause: '{text}'.")
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
    return found


def _same(left: Any, right: Any) -> bool:
    """Whether two values are equal; texts are equal in any casing."""
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return bool(left == right)
