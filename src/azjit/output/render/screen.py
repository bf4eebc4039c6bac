"""Tables and details for a terminal, drawn by Rich."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from azjit.output.cells import DisplayContext
from azjit.output.fields import Columns
from azjit.output.render.fitting import fitted
from azjit.output.render.layout import GAP, Placed, left_out, lines_below, place
from azjit.output.render.styles import paint, rich_style
from azjit.output.render.text import cells, cut_end, harmless
from azjit.output.render.values import columns_of, shown, style_at
from azjit.output.view import Line, Section, View

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_INDENT = 2
_LABEL_SHARE = 3
_TRAILING = re.compile(r" +(?=(\x1b\[0m)?$)", re.MULTILINE)  # also inside a colour


class Screen:
    """Draws tables and details at a given width, with or without colour."""

    def __init__(self, width: int, display: DisplayContext | None, *, color: bool) -> None:
        self._width = width
        self._display = display
        self._color = color
        self.left_out: dict[str, None] = {}
        """The titles of the columns that were left out of its tables."""

    def table(self, columns: Columns[Any], items: Sequence[Any], *, indent: int = 0) -> str:
        """Give the rows under their titles; texts that may wrap do, nothing else breaks."""
        columns = fitted(columns, items, self._display, self._width)
        placed = place(columns, items, self._width - indent, self._display)
        self.left_out.update(dict.fromkeys(left_out(columns, placed, items)))
        drawn = io.StringIO()
        console = self._console(drawn)
        if not any(each.is_below for each in placed):
            console.print(_table(placed, items))
        else:
            console.print(_table(placed, ()))
            for item in items:
                console.print(_table(placed, (item,), has_header=False))
                drawn.writelines(f"{x}\n" for x in lines_below(placed, item, color=self._color))
        return textwrap.indent(_TRAILING.sub("", drawn.getvalue()), " " * indent)

    def details(self, view: View, item: Any) -> str:  # noqa: ANN401 - any thing
        """Give the details of one item: lines of label and value, and its sections."""
        told = view.details(item, self._display) if view.details else self._lines(view, item)
        parts = list(told)
        lines = [part for part in parts if isinstance(part, Line)]
        sections = [part for part in parts if isinstance(part, Section)]
        if lines:
            sections.insert(0, Section(lines=lines))
        titles = [cells(line.title) for section in sections for line in section.lines]
        label = min(max(titles, default=0), self._width // _LABEL_SHARE)
        return "\n".join("".join(self._section(section, label)) for section in sections)

    def _lines(self, view: View, item: Any) -> Iterator[Line]:  # noqa: ANN401 - any thing
        for column in view.columns or columns_of([item]):
            text = shown(column, item, self._display)
            if column.on_screen and (text or not column.sparse):
                yield Line(column.title, text, style_at(column, item), column.cut)

    def _section(self, section: Section, label: int) -> Iterator[str]:
        indent = 0
        if section.title:
            yield paint(section.title, "title", color=self._color) + "\n"
            indent = _INDENT
        for line in section.lines:
            yield self._drawn(line, label, indent)
        rows = list(section.rows)
        if rows:
            yield self.table(section.columns, rows, indent=indent)
        elif not section.lines:
            yield " " * indent + paint(section.empty, "quiet", color=self._color) + "\n"

    def _drawn(self, line: Line, label: int, indent: int) -> str:
        text = harmless(line.text) or "-"
        style = line.style if line.text else "quiet"
        hang = indent + label + GAP
        space = " " * (label + GAP - cells(line.title))
        start = " " * indent + paint(line.title, "quiet", color=self._color) + space
        parts = [text] if line.cut == "middle" else self._wrapped(text, hang)
        painted = [paint(part, style, color=self._color) for part in parts]
        return start + ("\n" + " " * hang).join(painted) + "\n"

    def _wrapped(self, text: str, hang: int) -> list[str]:
        width = max(self._width - hang, 1)
        if cells(text) <= width:
            return [text.rstrip()]
        from rich.text import Text

        lines = Text(text).wrap(self._console(), width)
        return [line.plain.rstrip() for line in lines]

    def _console(self, file: io.StringIO | None = None) -> Console:
        from rich.console import Console

        return Console(
            file=file or io.StringIO(),
            width=self._width,
            height=25,
            color_system="standard" if self._color else None,
            force_terminal=self._color,
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
            _environ={},  # the caller has read the environment
        )


def _table(placed: Sequence[Placed], items: Iterable[Any], *, has_header: bool = True) -> Table:
    from rich.table import Table
    from rich.text import Text

    beside = [each for each in placed if not each.is_below]
    table = Table(
        box=None,
        padding=(0, GAP, 0, 0),
        pad_edge=False,
        show_header=has_header and any(each.column.title for each in beside),
        header_style=rich_style("title", ""),
    )
    for each in beside:
        _add_column(table, each)
    for item in items:
        row = [each.cell(item, wraps=True) for each in beside]
        table.add_row(*(Text(text, rich_style(style, text)) for text, style in row))
    return table


def _add_column(table: Table, placed: Placed) -> None:
    column = placed.column
    table.add_column(
        cut_end(column.title, placed.width),
        width=placed.width,
        justify="right" if placed.is_right else "left",
        no_wrap=column.cut != "wrap",
        overflow="fold",
    )
