"""The words of a command line, as a shell, a portal or a clipboard hands them over."""

from __future__ import annotations

from collections.abc import Sequence

from azjit.option_values import plain


def plain_words(argv: Sequence[str]) -> list[str]:
    """Give the words without blanks and invisible characters at their ends.

    Raises:
        Usage: one contains bytes that are no text; the message names its option.
    """
    before = ["", *argv]
    return [plain(word, _name(before[at], word, at + 1)) for at, word in enumerate(argv)]


def own_words(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate the words of azjit from the command that `publisher run` is given after `--`."""
    at = argv.index("--") if "--" in argv else len(argv)
    if "run" not in argv[:at]:
        at = len(argv)
    return list(argv[:at]), list(argv[at:])


def meant_words(words: Sequence[str]) -> list[str]:
    """Give the words of azjit for those that other programs have for the same.

    `version`, `--verbose`, and `help` with a command.
    """
    from azjit.complete.tree import COMMANDS, GROUPS  # noqa: PLC0415 - few lines need it

    if list(words) == ["version"]:
        return ["--version"]
    if words[:1] == ["help"] and len(words) > 1:
        path = " ".join(words[1:])
        if path in GROUPS or path in COMMANDS:
            return [*words[1:], "--help"]
    return ["--debug" if word == "--verbose" else word for word in words]


def _name(before: str, word: str, number: int) -> str:
    flag, equals, _ = word.partition("=")
    if equals and flag.startswith("--"):
        return flag
    return before if before.startswith("-") else f"argument {number}"
