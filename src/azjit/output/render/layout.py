"""Chooses which columns fit a width, how wide each is, and writes plain rows for long lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from azjit.output.cells import DisplayContext
from azjit.output.fields import Column, Columns, Style
from azjit.output.render.styles import paint
from azjit.output.render.text import cells, cut_end, cut_middle
from azjit.output.render.values import shown, style_at

GAP = 2
WIDE = 120
"""From this width on `wide_only` columns are shown."""

# A request is found by at least 8 characters of its name: a cut id keeps its first 8.
_LEAST = {"end": 8, "middle": 13, "wrap": 14}
_WRAPPED_LINES = 4
# Wider than any time; a text that stands for one, because Azure wrote it so, may be cut.
_NEVER_CUT = 16


class Placed(NamedTuple):
    """A column and the cells it gets; `display` says how it shows times."""

    column: Column[Any]
    width: int
    display: DisplayContext | None = None

    @property
    def is_right(self) -> bool:
        """Whether its cells are aligned to the right, as numbers are."""
        return self.column.align == "right"

    def cell(self, item: Any, *, wraps: bool) -> tuple[str, Style]:  # noqa: ANN401
        """Give the text of an item in this column, cut to fit, and its style."""
        lines = _WRAPPED_LINES if wraps and self.column.cut == "wrap" else 1
        cut = cut_middle if self.column.cut == "middle" else cut_end
        room = self.width * lines
        if self.column.cut == "never" and not wraps:
            # A long list is set by its first rows; a later time may be wider than all of those.
            room = max(room, _NEVER_CUT)
        return cut(shown(self.column, item, self.display), room), style_at(self.column, item)


def place(
    columns: Columns[Any], items: Sequence[Any], width: int, display: DisplayContext | None = None
) -> tuple[Placed, ...]:
    """Give the columns that fit into `width`: the least important shrink first, then disappear."""
    able = [each for each in columns if each.on_screen and (width >= WIDE or not each.wide_only)]
    texts = [[shown(each, item, display) for item in items] for each in able]
    kept = [pair for pair in zip(able, texts, strict=True) if not pair[0].sparse or any(pair[1])]
    seen = [each for each, _ in kept]
    wanted = {at: max([cells(c.title), *map(cells, told)]) for at, (c, told) in enumerate(kept)}
    least = {at: _least(column, wanted[at]) for at, column in enumerate(seen)}
    while len(least) > 1 and _total(least) > width:
        del least[min(least, key=lambda at: (seen[at].priority, -at))]
    widths = {at: wanted[at] for at in least}
    for priority in sorted({seen[at].priority for at in widths}):
        group = [at for at in widths if seen[at].priority == priority]
        _shrink(widths, least, group, width)
    return tuple(Placed(seen[at], max(1, min(size, width)), display) for at, size in widths.items())


def plain_table(placed: Sequence[Placed], items: Iterable[Any], *, color: bool) -> Iterator[str]:
    """Yield the header, then a line for each item as it arrives."""
    if any(each.column.title for each in placed):
        titles = [cut_end(each.column.title, each.width) for each in placed]
        yield _line(
            [_filled(p, t, "title", color=color) for p, t in zip(placed, titles, strict=True)]
        )
    for item in items:
        yield _line([_filled(each, *each.cell(item, wraps=False), color=color) for each in placed])


def _filled(placed: Placed, text: str, style: Style, *, color: bool) -> str:
    space = " " * (placed.width - cells(text))
    painted = paint(text, style, color=color)
    return space + painted if placed.is_right else painted + space


def _line(parts: Sequence[str]) -> str:
    return (" " * GAP).join(parts).rstrip() + "\n"


def _least(column: Column[Any], wanted: int) -> int:
    if column.cut == "never":
        return min(wanted, _NEVER_CUT)
    return min(wanted, max(_LEAST[column.cut], cells(column.title)))


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def _shrink(widths: dict[int, int], least: dict[int, int], group: list[int], room: int) -> None:
    """Narrow the widest of the group, a cell at a time, until all fits or none can give more."""
    while _total(widths) > room:
        able = [at for at in group if widths[at] > least[at]]
        if not able:
            return
        widths[max(able, key=lambda at: widths[at])] -= 1
