"""Makes untrusted text harmless, measures it in terminal cells, and cuts it to fit."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from itertools import accumulate

# Controls, invisible characters (Unicode's Default_Ignorable_Code_Point), bidirectional
# overrides, line separators and lone surrogates: all that moves, hides or reorders other text.
_HAZARD = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

_FIRST_PICTURE = 0x2400
_DELETE = 0x7F
_DELETE_PICTURE = "\u2421"
_FIRST_PRINTABLE = 0x20
_LAST_IN_PLANE = 0xFFFF


@cache
def hazard() -> re.Pattern[str]:
    """Give the pattern of a dangerous character, made on first use: most texts have none."""
    return re.compile(_HAZARD)


def harmless(text: str) -> str:
    """Give the text with escapes for characters that control a terminal or are invisible."""
    if text.isascii() and text.isprintable():
        return text
    return hazard().sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < _FIRST_PRINTABLE:
        return chr(_FIRST_PICTURE + code)
    return _DELETE_PICTURE if code == _DELETE else f"<U+{code:04X}>"


def escape_hazards(json_text: str) -> str:
    r"""Give JSON text with its hazards as \uXXXX: the same data, unable to act on a terminal."""
    if json_text.isascii() and json_text.isprintable():
        return json_text
    return hazard().sub(_escaped, json_text)


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if char == "\n":  # only between tokens: inside strings JSON has escaped it already
        return char
    if code <= _LAST_IN_PLANE:
        return f"\\u{code:04x}"
    high, low = divmod(code - _LAST_IN_PLANE - 1, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def cells(text: str) -> int:
    """Count the terminal cells a harmless text takes."""
    return len(text) if text.isascii() else sum(map(_char_cells, text))


def _char_cells(char: str) -> int:
    import unicodedata  # noqa: PLC0415 - 2 ms that text in ASCII does not need

    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def cut_end(text: str, width: int) -> str:
    """Give the text in at most `width` cells, its end replaced by an ellipsis."""
    if cells(text) <= width:
        return text
    return _head(text, width - 1) + "…"


def cut_middle(text: str, width: int) -> str:
    """Give the text in at most `width` cells: more of its start, which a prefix search needs."""
    if cells(text) <= width:
        return text
    tail = (width - 1) // 3
    return f"{_head(text, width - 1 - tail)}…{_tail(text, tail)}"


def fold(text: str, room: int, rest: int) -> list[str]:
    """Fold between words: the first line has `room` cells, the others `rest`; no word is broken."""
    if cells(text) <= room:
        return [text]
    lines, line = [], ""
    for word in text.split(" "):
        if line and cells(line) + 1 + cells(word) > room:
            lines.append(line)
            line, room = word, rest
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _head(text: str, width: int) -> str:
    return text[: _count_within(text, width)]


def _tail(text: str, width: int) -> str:
    start = len(text) - _count_within(reversed(text), width)
    while start < len(text) and not _char_cells(text[start]):
        start += 1  # a combining mark never starts the tail: its base was cut away
    return text[start:]


def _count_within(chars: Iterable[str], width: int) -> int:
    return bisect_right(list(accumulate(map(_char_cells, chars))), width)
