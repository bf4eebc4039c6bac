"""The words of a command line, as a shell, a portal or a clipboard hands them over."""

from __future__ import annotations

from collections.abc import Sequence

from azjit.options import plain


def plain_words(argv: Sequence[str]) -> list[str]:
    """Give the words without blanks and invisible characters at their ends.

    Raises:
        Usage: one contains bytes that are no text; the message names its option.
    """
    before = ["", *argv]
    return [plain(word, _name(before[at], word, at + 1)) for at, word in enumerate(argv)]


def _name(before: str, word: str, number: int) -> str:
    flag, equals, _ = word.partition("=")
    if equals and flag.startswith("--"):
        return flag
    return before if before.startswith("-") else f"argument {number}"
