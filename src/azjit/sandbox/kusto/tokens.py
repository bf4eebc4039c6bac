"""The tokens of a query, with their places."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

_WORD = re.compile(
    r"(?P<space>\s+|//[^\n]*)"
    r"|(?P<text>'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>\$(?:left|right)\b|[A-Za-z_]\w*(?:-(?:away|keep|rename|reorder|expand))?)"
    r"|(?P<sign>=~|!~|==|!=|<=|>=|~|!|[<>|(),.\[\]=])"
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class InvalidQuery(ValueError):
    """The query is not in the supported part of the language; whatever reads it raises this."""

    def __init__(self, message: str, token: str = "", line: int = 1, column: int = 0) -> None:
        super().__init__(message)
        self.token, self.line, self.column = token, line, column


class Token(NamedTuple):
    """One token: its kind, its text, and its place."""

    kind: str
    text: str
    at: int


class Tokens:
    """The tokens of a query, read from the left."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._words = [*_split(query), Token("end", "", len(query))]
        self._next = 0

    @property
    def peek(self) -> Token:
        """The next token."""
        return self._words[self._next]

    @property
    def after_next(self) -> str:
        """The text of the token after the next one."""
        following = self._words[self._next + 1 : self._next + 2]
        return following[0].text if following else ""

    def take(self) -> Token:
        """Read the next token."""
        word = self.peek
        if word.kind != "end":
            self._next += 1
        return word

    def skip(self, *texts: str) -> bool:
        """Read these tokens, if they are the next ones."""
        following = self._words[self._next : self._next + len(texts)]
        if [word.text.lower() for word in following] != list(texts):
            return False
        if any(word.kind == "text" for word in following):
            return False
        self._next += len(texts)
        return True

    def expect(self, text: str) -> None:
        """Read this token."""
        if not self.skip(text):
            self.fail(f"'{text}' is expected")

    def name(self) -> str:
        """Read the next token, which must be a name."""
        if self.peek.kind != "name":
            self.fail("a name is expected")
        return self.take().text

    def number(self) -> int:
        """Read the next token, which must be a whole number."""
        if self.peek.kind != "number" or "." in self.peek.text:
            self.fail("a whole number is expected")
        return int(self.take().text)

    def fail(self, message: str, word: Token | None = None) -> NoReturn:
        """Refuse the query at a token, by default the next one."""
        _fail(self._query, message, word or self.peek)


def unquoted(word: Token) -> str:
    """Give the content of a quoted token."""
    return _ESCAPE.sub(r"\1", word.text[1:-1])


def _split(query: str) -> list[Token]:
    found, at = [], 0
    while at < len(query):
        match = _WORD.match(query, at)
        if match is None:
            _fail(query, "the character is not understood", Token("sign", query[at], at))
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    return found


def _fail(query: str, message: str, word: Token) -> NoReturn:
    before = query[: word.at]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
    shown = word.text or "the end of the query"
    raise InvalidQuery(f"{message} at '{shown}'", word.text, line, column)
