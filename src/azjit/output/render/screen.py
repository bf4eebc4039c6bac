"""Tables and details painted by Rich, for a person at a terminal."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from azjit.output.render.layout import GAP, Placed, place
from azjit.output.render.styles import paint, rich_style
from azjit.output.render.text import cells, cut_end
from azjit.output.render.values import columns_of, plain, shown, style_at, value_at
from azjit.output.view import Column, Item, Section, View

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_INDENT = 2
_LABEL_SHARE = 3
_TRAILING = re.compile(r" +(?=(\x1b\[0m)?$)", re.MULTILINE)  # also inside a colour


class Screen:
    """Sets tables and details as text of a given width, with or without colour."""

    def __init__(self, width: int, *, color: bool) -> None:
        self._width = width
        self._color = color

    def table(self, columns: Sequence[Column], items: Sequence[Item], *, indent: int = 0) -> str:
        """Give the rows under their titles; texts that may wrap do, nothing else breaks."""
        from rich.table import Table
        from rich.text import Text

        placed = place(columns, items, self._width - indent)
        table = Table(
            box=None,
            padding=(0, GAP, 0, 0),
            pad_edge=False,
            show_header=any(each.column.title for each in placed),
            header_style=rich_style("title", ""),
        )
        for each in placed:
            _add_column(table, each)
        for item in items:
            row = [each.cell(item, wraps=True) for each in placed]
            table.add_row(*(Text(text, rich_style(style, text)) for text, style in row))
        drawn = io.StringIO()
        self._console(drawn).print(table)
        return textwrap.indent(_TRAILING.sub("", drawn.getvalue()), " " * indent)

    def details(self, view: View, item: Item) -> str:
        """Give one thing as lines of label and value, and its sections below each other."""
        columns = tuple(c for c in view.columns or columns_of([item]) if c.on_screen)
        sections = view.sections or (Section(fields=columns),)
        labels = [cells(field.title) for section in sections for field in section.fields]
        label = min(max(labels, default=0), self._width // _LABEL_SHARE)
        return "\n".join("".join(self._section(section, item, label)) for section in sections)

    def _section(self, section: Section, item: Item, label: int) -> Iterator[str]:
        indent = 0
        if section.title:
            yield paint(section.title, "title", color=self._color) + "\n"
            indent = _INDENT
        inner = value_at(item, section.key) if section.key else item
        if section.fields and isinstance(inner, Mapping):
            for field in section.fields:
                yield self._field(field, inner, label, indent)
        elif inner:
            yield self._rows(section, inner, indent)
        else:
            yield " " * indent + paint(section.empty, "quiet", color=self._color) + "\n"

    def _rows(self, section: Section, inner: object, indent: int) -> str:
        rows = plain(inner)
        if not isinstance(rows, list):
            raise TypeError(f"section {section.key!r} shows {type(rows).__name__}, not a list")
        if all(isinstance(row, Mapping) for row in rows):
            return self.table(section.columns or columns_of(rows), rows, indent=indent)
        texts = [shown(Column("", ""), {"": row}) for row in rows]
        return "".join(" " * indent + text + "\n" for text in texts)

    def _field(self, field: Column, item: Item, label: int, indent: int) -> str:
        text = shown(field, item)
        style = style_at(field, item) if text else "quiet"
        hang = indent + label + GAP
        space = " " * (label + GAP - cells(field.title))
        start = " " * indent + paint(field.title, "quiet", color=self._color) + space
        lines = [text or "-"] if field.cut == "middle" else self._wrapped(text or "-", hang)
        painted = [paint(line, style, color=self._color) for line in lines]
        return start + ("\n" + " " * hang).join(painted) + "\n"

    def _wrapped(self, text: str, hang: int) -> list[str]:
        from rich.text import Text

        lines = Text(text).wrap(self._console(), max(self._width - hang, 1))
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


def _add_column(table: Table, placed: Placed) -> None:
    column = placed.column
    table.add_column(
        cut_end(column.title, placed.width),
        width=placed.width,
        justify="right" if placed.is_right else "left",
        no_wrap=column.cut != "wrap",
        overflow="fold",
    )
