"""A view: the items that a command shows, and their form for people and scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from azjit.output.cells import DisplayContext
from azjit.output.fields import Columns, Cut, Many, Result, Style

if TYPE_CHECKING:
    from azjit.domain.requests import JitRequest


class Line(NamedTuple):
    """A line of the details of one item; text that is cut in the `middle` is never wrapped."""

    title: str
    text: str
    style: Style = "plain"
    cut: Cut = "end"


class Section(NamedTuple):
    """A titled part of the details of one item: lines or a small table.

    `empty` is shown where there are neither lines nor rows.
    """

    title: str = ""
    lines: Sequence[Line] = ()
    columns: Columns[Any] = ()
    rows: Iterable[Any] = ()
    empty: str = "none"


class View(NamedTuple):
    """A result; `columns` give the order in every tabular format.

    `items` may be a generator: jsonl, csv and tsv stream it. One thing is a bare object in JSON; on
    a terminal its `details`, made in the `display`, or a line for each column. The `display` is
    needed where a person sees times. `empty` is shown on stderr of a terminal when there is nothing
    to show and the list `is_whole`, which is asked once it has ended. `prose` writes each item of a
    list as lines in place of a table, where a table would cut what must be whole; they fold between
    words unless they are `verbatim`, as a call's body is; a text that is `verbatim` reaches a file
    as it is, and whole: no limit cuts it. `requests` gives the requests that an
    item shows in a format, where that is the purpose.
    """

    result: Result
    columns: Columns[Any]
    items: Iterable[Any]
    display: DisplayContext | None = None
    empty: str = ""
    details: Callable[[Any, Any], Iterable[Line | Section]] | None = None
    prose: Callable[[Any], str] | None = None
    verbatim: bool = False
    is_whole: Callable[[], bool] = lambda: True
    requests: Callable[[Any, str], Iterable[JitRequest]] | None = None

    @property
    def kind(self) -> str:
        """The name of its JSON Schema."""
        return self.result.kind

    @property
    def single(self) -> bool:
        """Whether it shows one item, not a list."""
        return not isinstance(self.result.type, Many)

    @property
    def item_type(self) -> Any:  # noqa: ANN401 - a type of a field
        """The type of each of its items."""
        return self.result.type.of if isinstance(self.result.type, Many) else self.result.type
