"""Reads YAML strictly: each value with its line; no duplicate key, alias, tag or second document.

JSON is YAML too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from azjit.errors import Usage

_DEEPEST = 8
# What YAML 1.1 does not call printable; each parser would name its place in its own way.
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINES = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_HINT = "a key, a dash or a quote may be missing, or a line indented too far"

Value: TypeAlias = "str | list[YamlNode] | dict[str, YamlNode] | None"


class YamlNode(NamedTuple):
    """A value and its line; that of a key's value is the line of the key."""

    value: Value
    line: int


def wrong(name: str, line: int, what: str, hint: str) -> Usage:
    """Give the error of a line in a file."""
    return Usage(f"{name}:{line}: {what}", hint=hint)


def read_yaml(text: str, name: str) -> YamlNode:
    """Read the one document of a file; a scalar is a text as written, or None for `null`.

    Raises:
        Usage: it is not YAML, or more than plain lists, mappings and scalars; with the line.
    """
    import yaml

    if (found := _UNPRINTABLE.search(text)) is not None:
        line = len(_LINES.findall(text, 0, found.start())) + 1
        raise wrong(name, line, f"the character U+{ord(found[0]):04X} is not allowed", _HINT)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _YamlReader(yaml.parse(text, Loader=loader), name).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise wrong(name, line, f"not YAML: {error.problem or error.context}", _HINT) from error


class _YamlReader:
    """Makes nodes of the events of a parser."""

    def __init__(self, events: Iterator[Any], name: str) -> None:
        self._events = events
        self._name = name

    def document(self) -> YamlNode:
        next(self._events)  # the start of the stream
        event = next(self._events)
        if type(event).__name__ != "DocumentStartEvent":
            raise Usage(f"{self._name} is empty", hint="see: azjit consumer configure --help")
        node = self._node(next(self._events), 0)
        next(self._events)  # the end of the document
        event = next(self._events)
        if type(event).__name__ == "DocumentStartEvent":
            raise self._wrong(event, "a second document", "use one document in a file")
        return node

    def _node(self, event: Any, depth: int) -> YamlNode:  # noqa: ANN401 - the parser has no types
        kind, line = type(event).__name__, event.start_mark.line + 1
        if kind == "AliasEvent" or event.anchor is not None:
            raise self._wrong(event, "anchors and aliases are not accepted", "write the value")
        if event.tag is not None:
            raise self._wrong(event, f"the tag {event.tag} is not accepted", "remove it")
        if depth > _DEEPEST:
            raise self._wrong(event, "nested too deeply", _HINT)
        if kind == "ScalarEvent":
            is_null = event.implicit[0] and event.value == "null"
            return YamlNode(None if is_null else event.value, line)
        if kind == "SequenceStartEvent":
            return YamlNode(
                [self._node(each, depth + 1) for each in self._until("SequenceEndEvent")], line
            )
        return YamlNode(self._mapping(depth), line)

    def _mapping(self, depth: int) -> dict[str, YamlNode]:
        found: dict[str, YamlNode] = {}
        for event in self._until("MappingEndEvent"):
            key = self._node(event, _DEEPEST) if type(event).__name__ == "ScalarEvent" else None
            if key is None or key.value is None:
                raise self._wrong(event, "a key is not a word", _HINT)
            word = str(key.value)
            if word in found:
                raise self._wrong(
                    event,
                    f"the key {word!r} is there twice, first on line {found[word].line}",
                    "keep one of them",
                )
            found[word] = self._node(next(self._events), depth + 1)._replace(line=key.line)
        return found

    def _until(self, end: str) -> Iterator[Any]:
        while type(event := next(self._events)).__name__ != end:
            yield event

    def _wrong(self, event: Any, what: str, hint: str) -> Usage:  # noqa: ANN401 - the same
        return wrong(self._name, event.start_mark.line + 1, what, hint)
