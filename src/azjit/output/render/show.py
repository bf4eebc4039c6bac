"""Writes a view to stdout in the chosen format."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, NamedTuple, TextIO

from azjit.errors import Usage
from azjit.output.fields import encode
from azjit.output.render.fitting import MANY, UNBOUNDED, fitted
from azjit.output.render.formats import write_csv, write_json, write_jsonl, write_tsv, write_yaml
from azjit.output.render.layout import left_out, place, plain_table
from azjit.output.render.notes import StderrNotes
from azjit.output.render.query import bare, compiled, queried
from azjit.output.render.screen import Screen
from azjit.output.render.streams import for_scripts, writer
from azjit.output.render.text import fold, harmless
from azjit.output.render.values import columns_of, exported
from azjit.output.view import View

FORMATS = ("table", "json", "jsonl", "yaml", "csv", "tsv", "none")

_HANG = 4
_UNFOLDED = ("next: ", "fix: ")


class Target(NamedTuple):
    """The stream of a result, and the options about its format."""

    stdout: TextIO
    is_terminal: bool
    width: int
    color: bool
    format: str | None = None
    query: str | None = None
    limit: int | None = None
    notes: StderrNotes | None = None


def show(view: View, target: Target) -> None:
    """Write the view in the format asked for: a table on a terminal, TSV in a pipe when none is.

    Raises:
        Usage: the query or the format is wrong.
        BrokenPipeError: the reader of stdout has gone.
    """
    if target.notes is not None:
        target.notes.clear()
    form = target.format or ("table" if target.is_terminal else "tsv")
    if form not in FORMATS:
        raise Usage(f"there is no format {form!r}", hint=f"one of: {', '.join(FORMATS)}")
    # What is fetched in threads ends with the list, also where its reader leaves early.
    with _closing(view.items):
        if form not in {"table", "none"}:
            for_scripts(target.stdout)
        is_document = view.verbatim and view.prose is None
        if not view.single and not is_document:
            view = view._replace(items=islice(view.items, target.limit))
        if form == "none":
            deque(view.items, maxlen=0)  # what fails while listing fails in every format
        elif form in {"json", "jsonl", "yaml"}:
            _show_values(view, target, form)
        else:
            _show_rows(view, target, form)
        target.stdout.flush()


@contextmanager
def _closing(items: Iterable[object]) -> Iterator[None]:
    try:
        yield
    finally:
        if isinstance(items, Generator):
            items.close()


def _show_values(view: View, target: Target, form: str) -> None:
    search = _search(target) if target.query is not None else lambda value: value
    if form == "jsonl":
        write_jsonl((search(encode(view.item_type, item)) for item in view.items), target.stdout)
        return
    write = write_json if form == "json" else write_yaml
    write(search(bare(view)), target.stdout)


def _search(target: Target) -> Callable[[object], Any]:
    said: set[str] = set()

    def warn(text: str) -> None:
        if text not in said and target.notes is not None:
            said.add(text)
            target.notes.warn(text)

    return compiled(str(target.query), warn)


def _show_rows(view: View, target: Target, form: str) -> None:
    if target.query is not None:
        view = queried(view, _search(target))
    if not view.columns:
        items = list(view.items)
        view = view._replace(items=items, columns=columns_of(items))
    is_text = len(view.columns) == 1 and not view.columns[0].title
    for_export = tuple(each for each in view.columns if each.exported)
    if is_text and target.query is None and form != "csv":
        _show_text(view, target)
    elif form == "csv":
        write_csv(for_export, view.items, target.stdout)
    elif form == "tsv" or is_text:
        write_tsv(for_export, view.items, target.stdout)
    else:
        _show_table(view, target)


def _show_text(view: View, target: Target) -> None:
    """Write lines of text as they are, for example a path or a command, with no escapes of cells.

    What could act on a terminal is made visible there, and elsewhere unless the view is `verbatim`.
    """
    if not target.is_terminal:
        for_scripts(target.stdout)
    write = writer(target.stdout)
    for item in view.items:
        line = exported(view.columns[0], item)
        if target.is_terminal or not view.verbatim:
            line = "\t".join(map(harmless, line.removesuffix("\r").split("\t")))
        write(f"{line}\n")
        target.stdout.flush()


def _show_table(view: View, target: Target) -> None:
    write = writer(target.stdout, drawn=True)
    width = target.width if target.is_terminal else UNBOUNDED
    screen = Screen(width, view.display, color=target.color)
    if view.prose is not None:
        for item in view.items:
            for line in map(harmless, view.prose(item).split("\n")):
                parts = [line] if view.verbatim else _folded(line, target.width)
                write("".join(f"{part}\n" for part in parts))
        return
    if view.single:
        (item,) = view.items
        write(screen.details(view, item))
        _say_left_out(screen.left_out, target)
        return
    rest = iter(view.items)
    first = list(islice(rest, MANY + 1))
    if not first:
        _say_empty(view, target)
    elif len(first) <= MANY:
        write(screen.table(view.columns, first))
        _say_left_out(screen.left_out, target)
    else:
        columns = fitted(view.columns, first, view.display, width)
        placed = place(columns, first, width, view.display)
        for line in plain_table(placed, chain(first, rest), color=target.color):
            write(line)
        _say_left_out(left_out(columns, placed, first), target)


def _say_left_out(titles: Iterable[str], target: Target) -> None:
    told = ", ".join(titles)
    if told and target.notes is not None:
        target.stdout.flush()
        target.notes.say(f"no room at {target.width} columns for: {told}; -o json has it all")


def _folded(line: str, width: int) -> list[str]:
    """Fold a line of prose, indented like its start; a command to paste is not folded."""
    text = line.lstrip(" ")
    if text.startswith(_UNFOLDED):
        return [line]
    indent = len(line) - len(text)
    first, *more = fold(text, width - indent, width - indent - _HANG)
    return [" " * indent + first, *(" " * (indent + _HANG) + part for part in more)]


def _say_empty(view: View, target: Target) -> None:
    if view.empty and target.is_terminal and target.notes is not None and view.is_whole():
        target.notes.aside(view.empty)
