"""Parses JSON with comments and keeps the position of each value."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

_TRIVIA = re.compile(r"(?:[ \t\r\n]++|//[^\r\n]*+|/\*[\s\S]*?\*/)*+")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"')
_BROKEN_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*+")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}
_DEEPEST = 100


class NodeKind(StrEnum):
    """The kinds of JSON values."""

    OBJECT = "object"
    LIST = "list"
    TEXT = "text"
    OTHER = "other"


class Malformed(ValueError):
    """The text is not JSON; `offset` is the position of the error."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Node:
    """A value at `text[start:end]`; `scalar` is the Python value of a string, number or word."""

    kind: NodeKind
    start: int
    end: int
    scalar: object = None
    members: tuple[Member, ...] = ()
    items: tuple[Node, ...] = ()

    @property
    def text(self) -> str | None:
        """The value of a string; None for anything else."""
        return self.scalar if isinstance(self.scalar, str) else None

    def member(self, key: str) -> Member | None:
        """The member with this key; the last one of repeated keys, as most parsers do."""
        return next((each for each in reversed(self.members) if each.key == key), None)

    def get(self, *keys: str) -> Node | None:
        """The value at a path of keys."""
        found: Node | None = self
        for key in keys:
            member = found.member(key) if found is not None else None
            found = member.value if member is not None else None
        return found

    def repeated(self) -> list[Member]:
        """The members with a key that an earlier member of the object has."""
        counts: Counter[str] = Counter()
        again = []
        for member in self.members:
            counts[member.key] += 1
            if counts[member.key] > 1:
                again.append(member)
        return again

    def plain(self) -> object:
        """The value as Python types."""
        if self.kind is NodeKind.OBJECT:
            return {each.key: each.value.plain() for each in self.members}
        return [each.plain() for each in self.items] if self.kind is NodeKind.LIST else self.scalar


@dataclass(frozen=True, slots=True)
class Member:
    """A key of an object, its position, and its value."""

    key: str
    start: int
    end: int
    value: Node


def parse(text: str) -> Node:
    """Parse a text; comments are the only extension of JSON.

    Raises:
        Malformed: it is not JSON.
    """
    reader = _Reader(text)
    root = reader.value(0, 0)
    rest = skip_trivia(text, root.end)
    if rest < len(text):
        raise Malformed("text after the end of the value", rest)
    return root


def skip_trivia(text: str, at: int) -> int:
    """Give the offset after white space and comments."""
    match = _TRIVIA.match(text, at)
    assert match is not None
    return match.end()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def value(self, at: int, depth: int) -> Node:
        at = skip_trivia(self._text, at)
        if depth > _DEEPEST:
            raise Malformed(f"more than {_DEEPEST} levels deep", at)
        first = self._text[at : at + 1]
        if first == "{":
            return self._object(at, depth)
        if first == "[":
            return self._list(at, depth)
        return self._string(at) if first == '"' else self._plain(at)

    def _object(self, start: int, depth: int) -> Node:
        members: list[Member] = []
        at = skip_trivia(self._text, start + 1)
        while self._text[at : at + 1] != "}":
            if self._text[at : at + 1] != '"':
                raise self._unexpected(at, "a key in double quotes", after_comma=bool(members))
            key = self._string(at)
            colon = skip_trivia(self._text, key.end)
            if self._text[colon : colon + 1] != ":":
                raise self._unexpected(colon, "a colon")
            value = self.value(colon + 1, depth + 1)
            members.append(Member(str(key.scalar), key.start, key.end, value))
            at = self._next(value.end, "}")
        return Node(NodeKind.OBJECT, start, at + 1, members=tuple(members))

    def _list(self, start: int, depth: int) -> Node:
        items: list[Node] = []
        at = skip_trivia(self._text, start + 1)
        while self._text[at : at + 1] != "]":
            items.append(self.value(at, depth + 1))
            at = self._next(items[-1].end, "]")
        return Node(NodeKind.LIST, start, at + 1, items=tuple(items))

    def _next(self, end: int, closing: str) -> int:
        """Give the offset of the next item or of the closing bracket."""
        at = skip_trivia(self._text, end)
        mark = self._text[at : at + 1]
        if mark == closing:
            return at
        if mark != ",":
            raise self._unexpected(at, f"a comma or {closing}")
        following = skip_trivia(self._text, at + 1)
        if self._text[following : following + 1] == closing:
            raise Malformed("a comma with nothing after it", at)
        return following

    def _string(self, at: int) -> Node:
        match = _STRING.match(self._text, at)
        if match is None:
            raise self._bad_string(at)
        quoted = match[0]
        said = json.loads(quoted) if "\\" in quoted else quoted[1:-1]
        return Node(NodeKind.TEXT, at, match.end(), said)

    def _bad_string(self, at: int) -> Malformed:
        match = _BROKEN_STRING.match(self._text, at)
        assert match is not None
        end = match.end()
        if self._text[end : end + 1] == "\\":
            return Malformed("a backslash without a valid escape", end)
        if end < len(self._text) and self._text[end] not in "\r\n":
            return Malformed("a control character inside a string", end)
        return Malformed("a string that does not end on its line", at)

    def _plain(self, at: int) -> Node:
        match = _NUMBER.match(self._text, at)
        if match is not None:
            number = json.loads(match[0])
            return Node(NodeKind.OTHER, at, match.end(), number)
        word = _WORD.match(self._text, at)
        if word is None or word[0] not in _WORDS:
            raise self._unexpected(at, "a value")
        return Node(NodeKind.OTHER, at, word.end(), _WORDS[word[0]])

    def _unexpected(self, at: int, wanted: str, *, after_comma: bool = False) -> Malformed:
        if self._text.startswith("/*", at):
            return Malformed("a comment that does not end", at)
        if at >= len(self._text):
            return Malformed(f"expected {wanted}, found the end of the file", at)
        after = " after the comma" if after_comma else ""
        return Malformed(f"expected {wanted}{after}, found {self._text[at]!r}", at)
