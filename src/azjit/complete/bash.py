"""Parses the command line for bash, and quotes the answer; bash does neither itself."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+:,%@=-")
_LISTING = "63"
"""COMP_TYPE while bash only lists candidates, so that descriptions cannot reach the line."""
_WIDEST = 60


class Typed:
    """A command line up to the cursor: complete words, and the last word as typed so far.

    `kept` is the start of the last word that bash keeps; it replaces only the rest.
    """

    def __init__(self, line: str, breaks: str) -> None:
        self.words: list[str] = []
        self.text = ""
        self.kept = ""
        self.quote = ""
        self.is_readable = True
        self._in_word = False
        chars = iter(line)
        for char in chars:
            if self.quote:
                self._take_quoted(char, chars)
            else:
                self._take(char, chars, breaks)

    def _take(self, char: str, chars: Iterator[str], breaks: str) -> None:
        if char in " \t\n":
            if self._in_word:
                self.words.append(self.text)
            self.text, self.kept, self._in_word, self.is_readable = "", "", False, True
            return
        self._in_word = True
        if char in "'\"":
            self.quote, self.kept = char, self.text
        elif char == "\\":
            self.text += next(chars, "")
        else:
            self.text += char
            if char in breaks:
                self.kept = self.text

    def _take_quoted(self, char: str, chars: Iterator[str]) -> None:
        if char == self.quote:
            self.quote = ""
            # It is unclear where bash would start to replace after a closed quote.
            self.is_readable = False
        elif char == "\\" and self.quote == '"':
            escaped = next(chars, "")
            self.text += escaped if escaped in '"\\$`' else f"\\{escaped}"
        else:
            self.text += char


def replies(typed: Typed, found: Sequence[tuple[str, str]], comp_type: str) -> list[str]:
    """Give the values for COMPREPLY: quoted, and without the start that bash keeps."""
    rows = []
    for value, about in found:
        if value.lower().startswith(typed.kept.lower()) and _can_be_quoted(value, typed.quote):
            rows.append((_quoted(value[len(typed.kept) :], typed.quote), about))
    if comp_type != _LISTING or len(rows) < 2 or not any(about for _, about in rows):  # noqa: PLR2004
        return [value for value, _ in rows]
    width = min(max(len(value) for value, _ in rows), 40)
    return [f"{value:<{width}}  ({about[:_WIDEST]})" if about else value for value, about in rows]


def _can_be_quoted(value: str, quote: str) -> bool:
    # In double quotes, bash uses ! for history and keeps a backslash before it.
    return quote not in value if quote == "'" else not (quote == '"' and "!" in value)


def _quoted(text: str, quote: str) -> str:
    if quote == "'":
        return text
    if quote == '"':
        return "".join(f"\\{char}" if char in '"\\$`' else char for char in text)
    return "".join(
        char if char in _PLAIN or (not char.isascii() and char.isalnum()) else f"\\{char}"
        for char in text
    )
