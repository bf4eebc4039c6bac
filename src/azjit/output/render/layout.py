"""Chooses which columns fit a width, how wide each is, and writes plain rows for long lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from azjit.output.cells import NONE, DisplayContext
from azjit.output.fields import Column, Columns, Style
from azjit.output.render.styles import paint
from azjit.output.render.text import cells, cut_end, cut_middle, fold
from azjit.output.render.values import shown, style_at

GAP = 2
WIDE = 120
"""From this width on `wide_only` columns are shown."""

# A request is found by at least 8 characters of its name: a cut id keeps its first 8.
_LEAST = {"end": 8, "middle": 13, "wrap": 14, "name": 36}
_WRAPPED_LINES = 4
_LONG_WORD = 20
_LEAST_BESIDE = 24
_INDENT = 4
_LINES_BELOW = 2
# Wider than any time; a text that stands for one, because Azure wrote it so, may be cut.
_NEVER_CUT = 16


class Placed(NamedTuple):
    """A column and the cells it gets; `display` says how it shows times.

    One that `is_below` has lines of its own under each row.
    """

    column: Column[Any]
    width: int
    display: DisplayContext | None = None
    is_below: bool = False

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

    def below(self, item: Any) -> list[str]:  # noqa: ANN401
        """Give the lines under the row of an item; none where it has no text."""
        text = shown(self.column, item, self.display)
        if not text:
            return []
        lines = fold(f"{self.column.title}: {text}", self.width, self.width)
        last = [" ".join(lines[_LINES_BELOW - 1 :])] if len(lines) >= _LINES_BELOW else []
        told = [*lines[: _LINES_BELOW - 1], *last]
        return [" " * _INDENT + cut_end(line, self.width) for line in told]


def place(
    columns: Columns[Any], items: Sequence[Any], width: int, display: DisplayContext | None = None
) -> tuple[Placed, ...]:
    """Give the columns that fit into `width`: the least important shrink first, then disappear."""
    able = [each for each in columns if each.on_screen and (width >= WIDE or not each.wide_only)]
    texts = [[shown(each, item, display) for item in items] for each in able]
    pairs = zip(able, texts, strict=True)
    kept = [(each, told) for each, told in pairs if not each.sparse or {*told} - {"", NONE}]
    seen = [each for each, _ in kept]
    wanted = {at: max([cells(c.title), *map(cells, told)]) for at, (c, told) in enumerate(kept)}
    words = {at: _longest_word(column, told) for at, (column, told) in enumerate(kept)}
    least = {at: max(_least(column, wanted[at]), words[at]) for at, column in enumerate(seen)}
    if _total(least) > width:
        least = {at: words[at] or size for at, size in least.items()}
    below = [at for at in least if seen[at].below] if _total(least) > width else []
    for at in below:
        del least[at]
    while len(least) > 1 and _total(least) > width:
        del least[min(least, key=lambda at: (seen[at].priority, -at))]
    widths = {at: wanted[at] for at in least}
    for priority in sorted({seen[at].priority for at in widths}):
        group = [at for at in widths if seen[at].priority == priority]
        _shrink(widths, least, group, width)
    beside = [Placed(seen[at], max(1, min(size, width)), display) for at, size in widths.items()]
    room = max(1, width - _INDENT)
    return (*beside, *(Placed(seen[at], room, display, is_below=True) for at in below))


def left_out(columns: Columns[Any], placed: Sequence[Placed], items: Sequence[Any]) -> list[str]:
    """Give the titles of the columns without room, except those that are empty in every row."""
    there = {each.column.key for each in placed}
    display = placed[0].display if placed else None
    gone = (each for each in columns if each.on_screen and each.key not in there)
    return [
        each.title
        for each in gone
        if any(shown(each, item, display) not in {"", NONE} for item in items)
    ]


def plain_table(placed: Sequence[Placed], items: Iterable[Any], *, color: bool) -> Iterator[str]:
    """Yield the header, then a line for each item as it arrives, and what stands below it."""
    beside = [each for each in placed if not each.is_below]
    if any(each.column.title for each in beside):
        titles = [cut_end(each.column.title, each.width) for each in beside]
        yield _line(
            [_filled(p, t, "title", color=color) for p, t in zip(beside, titles, strict=True)]
        )
    for item in items:
        yield _line([_filled(each, *each.cell(item, wraps=False), color=color) for each in beside])
        yield from (f"{line}\n" for line in lines_below(placed, item, color=color))


def lines_below(
    placed: Sequence[Placed],
    item: Any,  # noqa: ANN401
    *,
    color: bool,
) -> list[str]:
    """Give the lines that stand under the row of an item."""
    lines = (line for each in placed if each.is_below for line in each.below(item))
    return [paint(line, "quiet", color=color) for line in lines]


def _filled(placed: Placed, text: str, style: Style, *, color: bool) -> str:
    space = " " * (placed.width - cells(text))
    painted = paint(text, style, color=color)
    return space + painted if placed.is_right else painted + space


def _line(parts: Sequence[str]) -> str:
    return (" " * GAP).join(parts).rstrip() + "\n"


def _longest_word(column: Column[Any], texts: Sequence[str]) -> int:
    """Give the width at which each word of a text may have its own line; 0 where it may not."""
    words = [text.split() for text in (column.title, *texts)]
    if column.cut != "wrap" or column.below or max(map(len, words)) > _WRAPPED_LINES:
        return 0
    return min(_LONG_WORD, max(cells(word) for each in words for word in each))


def _least(column: Column[Any], wanted: int) -> int:
    if column.cut == "never":
        return min(wanted, _NEVER_CUT)
    least = _LEAST_BESIDE if column.below else _LEAST[column.cut]
    return min(wanted, max(least, cells(column.title)))


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def _shrink(widths: dict[int, int], least: dict[int, int], group: list[int], room: int) -> None:
    """Narrow the widest of the group, a cell at a time, until all fits or none can give more."""
    while _total(widths) > room:
        able = [at for at in group if widths[at] > least[at]]
        if not able:
            return
        widths[max(able, key=lambda at: widths[at])] -= 1
