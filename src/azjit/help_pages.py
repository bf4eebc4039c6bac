"""Finds the generated help page of a command line, so that --help need not import typer."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FULL_WIDTH = 80
"""typer wraps its help at the width of the terminal, or here on a wider one."""


def page_of(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[str, int]:
    """Give the help page and the exit code for a command line; no page if typer has to answer."""
    asked = argv[-1:] in (["--help"], ["-h"])
    words = argv[:-1] if asked else argv
    if not all(word.replace("-", "").isalpha() for word in words) or not _is_wide(environ):
        return "", 0
    # A group without a command shows its help, too, but as wrong usage.
    pages = _pages()
    page = _find(pages, [*words, "..."]) or (_find(pages, words) if asked else "")
    return page, 0 if asked else 2


def _pages() -> str:
    """Give all pages, each after a form feed and a line with its command; a group has dots."""
    try:
        with open(f"{__file__.removesuffix('.py')}.txt", encoding="utf-8") as file:  # noqa: PTH123 - pathlib is slow to load
            return file.read()
    except OSError:
        return ""


def _find(pages: str, words: Sequence[str]) -> str:
    return pages.partition(f"\f{' '.join(words)}\n")[2].partition("\f")[0]


def _is_wide(environ: Mapping[str, str]) -> bool:
    columns = environ.get("COLUMNS")
    if columns:
        return columns.isdecimal() and len(columns) in {2, 3} and int(columns) >= FULL_WIDTH
    try:
        width = os.get_terminal_size().columns
    except OSError:
        return True  # no terminal
    return width == 0 or width >= FULL_WIDTH
