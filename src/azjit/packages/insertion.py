"""Inserts values into JSON text in the style of the text: indentation, line ends, spacing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from azjit.packages.jsonc import Node, NodeKind

_LINE_END = re.compile(r"\r\n|\n|\r")
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text to insert at an offset."""

    offset: int
    text: str


def insert(text: str, insertions: Iterable[Insertion]) -> str:
    """Give the text with all insertions; nothing is removed."""
    parts, done = [], 0
    for each in sorted(insertions, key=lambda each: each.offset):
        parts += [text[done : each.offset], each.text]
        done = each.offset
    return "".join([*parts, text[done:]])


class JsonStyle:
    """The style of a text, and insertions in this style."""

    def __init__(self, text: str, root: Node) -> None:
        self._text = text
        self._unit = _unit(text, root)
        self._colon = _colon(text, root)

    def append(self, container: Node, value: object, *, key: str | None = None) -> list[Insertion]:
        """Add a value to the end of a list, or a key and a value to the end of an object."""
        children = _ends(container)
        content_end = self._content_end(container)
        is_wide = self._has_line_end(container.start, container.end)
        if not children:
            is_wide = self._has_line_end(0, len(self._text))
            return [Insertion(content_end, self._first(container, value, key, is_wide=is_wide))]
        start, end = children[-1]
        comma = Insertion(end, ",")
        if not is_wide:
            space = " " if self._colon.endswith(" ") else ""
            return [comma, Insertion(content_end, space + self._inline(value, key))]
        indent = self._line_indent(start if self._leads_its_line(start) else end - 1)
        body = self._eol(container) + indent + self._pretty(container, value, key, indent)
        return [comma, Insertion(content_end, body)]

    def _first(self, container: Node, value: object, key: str | None, *, is_wide: bool) -> str:
        if not is_wide:
            return self._inline(value, key)
        base, eol = self._line_indent(container.start), self._eol(container)
        inner = base + self._unit
        body = eol + inner + self._pretty(container, value, key, inner)
        closes_its_line = self._has_line_end(self._content_end(container), container.end)
        return body if closes_its_line else body + eol + base

    def _content_end(self, container: Node) -> int:
        """Give the end of the last value or comment of a container."""
        inside = self._text[container.start + 1 : container.end - 1]
        return container.start + 1 + len(inside.rstrip(_SPACE))

    def _inline(self, value: object, key: str | None) -> str:
        comma = ", " if self._colon.endswith(" ") else ","
        return self._keyed(json.dumps(value, separators=(comma, self._colon)), key)

    def _pretty(self, container: Node, value: object, key: str | None, indent: str) -> str:
        drawn = json.dumps(value, indent=self._unit, separators=(",", self._colon))
        return self._keyed(drawn, key).replace("\n", self._eol(container) + indent)

    def _keyed(self, drawn: str, key: str | None) -> str:
        return f"{json.dumps(key)}{self._colon}{drawn}" if key is not None else drawn

    def _eol(self, container: Node) -> str:
        near = _LINE_END.search(self._text, container.start) or _LINE_END.search(self._text)
        return near[0] if near is not None else "\n"

    def _has_line_end(self, start: int, end: int) -> bool:
        return _LINE_END.search(self._text, start, end) is not None

    def _line_indent(self, at: int) -> str:
        return _line_indent(self._text, at)

    def _leads_its_line(self, at: int) -> bool:
        return _leads_its_line(self._text, at)


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _line_indent(text: str, at: int) -> str:
    start = _line_start(text, at)
    line = text[start:at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _leads_its_line(text: str, at: int) -> bool:
    return not text[_line_start(text, at) : at].strip(" \t")


def _ends(container: Node) -> list[tuple[int, int]]:
    """Give the start and the end of each child."""
    if container.kind is NodeKind.LIST:
        return [(item.start, item.end) for item in container.items]
    return [(member.start, member.value.end) for member in container.members]


def _unit(text: str, root: Node) -> str:
    """Give the most common indentation of a level."""
    steps: Counter[str] = Counter()
    for node in _containers(root):
        start = _ends(node)[0][0]
        outer, inner = _line_indent(text, node.start), _line_indent(text, start)
        if _leads_its_line(text, start) and inner.startswith(outer) and inner != outer:
            steps[inner[len(outer) :]] += 1
    return steps.most_common(1)[0][0] if steps else "  "


def _colon(text: str, root: Node) -> str:
    """Give the most common separator between key and value."""
    seen: Counter[str] = Counter()
    for node in _containers(root):
        for member in node.members:
            between = text[member.end : member.value.start]
            if re.fullmatch(r" ?: ?", between):
                seen[between] += 1
    return seen.most_common(1)[0][0] if seen else ": "


def _containers(node: Node) -> Iterator[Node]:
    children = [*node.items, *(member.value for member in node.members)]
    if children:
        yield node
    for child in children:
        yield from _containers(child)
