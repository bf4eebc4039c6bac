"""What a command hands over to be shown: the items, and how a person and a script read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from azjit.output.render.styles import Style

Item = Mapping[str, object]
"""JSON-able, with our keys: strings, numbers, booleans, None, lists, mappings; time as ISO text."""

Align = Literal["left", "right"]

Cut = Literal["end", "middle", "wrap", "never"]
"""How text that is too long is made to fit; `middle` is for ids: details never break them.

`never` is for what is wrong when cut, as times are: such a column is whole or not there.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list, or one line of details; declared once for table, TSV and CSV.

    `key` finds the value; dots reach into nested items. `cell` makes the text a terminal shows;
    TSV and CSV keep the value, or take `export`, in which no id is short and nothing is no dash;
    one that is not `on_screen` stands in them only. When a terminal is too narrow, columns of the
    lowest `priority` shrink first, then go. A terminal does not show a `sparse` one that is empty
    in every row; scripts get it always.
    """

    key: str
    title: str
    cell: Callable[[Item], str] | None = None
    style: Style | Callable[[Item], Style] = "plain"
    align: Align = "left"
    cut: Cut = "end"
    priority: int = 1
    wide_only: bool = False
    export: Callable[[Item], str] | None = None
    on_screen: bool = True
    sparse: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the details of one thing: lines or a small table.

    `key` names the nested mapping that `fields` read (the item itself when empty), or the nested
    list whose rows `columns` show. `empty` is said where such a list has nothing.
    """

    title: str = ""
    key: str = ""
    fields: tuple[Column, ...] = ()
    columns: tuple[Column, ...] = ()
    empty: str = "none"


@dataclass(frozen=True, slots=True)
class View:
    """A result: `kind` names its JSON Schema, `columns` give the order in every tabular format.

    `items` may be a generator: jsonl, csv and tsv stream it. `single` shows one thing: a bare
    object in JSON, details on a terminal, by `sections` where there are any. `empty` is said on
    stderr of a terminal when there is nothing to show. `prose` writes each item of a list as
    lines in place of a table, where a table would cut what must be whole; they fold between
    words unless they are `verbatim`, as a call's body is.
    """

    kind: str
    columns: tuple[Column, ...]
    items: Iterable[Item]
    single: bool = False
    empty: str = ""
    sections: tuple[Section, ...] = ()
    prose: Callable[[Item], str] | None = None
    verbatim: bool = False
