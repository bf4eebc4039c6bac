"""Typed fields: from one list of them come a result's JSON, its schema, CSV, TSV and table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from azjit.domain.durations import iso_duration
from azjit.domain.times import iso_instant
from azjit.output.cells import DisplayContext

T = TypeVar("T")
Whole = TypeVar("Whole")
Align = Literal["left", "right"]

Style = Literal["plain", "title", "strong", "quiet", "good", "bad", "wait", "state"]
"""What a text is, which gives its colour; `state` takes the style of the word shown."""

Cut = Literal["end", "middle", "wrap", "never", "name"]
"""How text that is too long is made to fit; `middle` is for ids: details never break them.

`never` is for what is wrong when cut, as times are: such a column is whole or not there. `name` is
for the name of a request, of which a part may be another's.
"""


class Fit(NamedTuple):
    """Where a table goes: the least length of a shortened name, and how times are shown."""

    least: int
    display: DisplayContext | None


class Field(NamedTuple, Generic[T]):
    """One value of a result; `get` reads it from the item.

    `type` is what JSON has under `key`: a Python type, a Shape, Many or Maybe. A length of time
    under the type int is in seconds.
    """

    key: str
    type: Any
    get: Callable[[T], object]
    doc: str = ""


class Column(NamedTuple, Generic[T]):
    """A field as a column of a list, or as a line of details.

    A person sees `cell`, with a dash for nothing, or else the value; TSV and CSV have `export`, or
    else the value as in JSON. One that is not `on_screen` is in TSV and CSV only. When a terminal
    is too narrow, columns of the lowest `priority` shrink first, then go. A terminal does not show
    a `sparse` one that is empty in every row. The text of one that may go `below` gets lines
    of its own under the row where the columns beside it need the room. Without a `field` the value
    is that of `key` in a mapping. What a cell shows may depend on the others `among` which it is:
    that gives the cell, or None for a column that says nothing there. One that `shortens` ids
    shows its `export` where nothing is cut; one that is not `exported` is on a screen only.
    """

    key: str
    title: str = ""
    cell: Callable[[T], object] | None = None
    style: Style | Callable[[T], Style] = "plain"
    align: Align = "left"
    cut: Cut = "end"
    priority: int = 1
    wide_only: bool = False
    export: Callable[[T], str] | None = None
    on_screen: bool = True
    sparse: bool = False
    below: bool = False
    field: Field[T] | None = None
    among: Among[T] | None = None
    shortens: bool = False
    exported: bool = True

    def value(self, item: T) -> object:
        """Give the value in an item."""
        if self.field is not None:
            return self.field.get(item)
        return item.get(self.key) if isinstance(item, Mapping) else None


Columns = tuple[Column[T], ...]
Among = Callable[[Sequence[T], Fit], Callable[[T], object] | None]


class Shape(Generic[T]):
    """A JSON object: its name and description in the schema, and its fields in their order."""

    def __init__(self, name: str, doc: str, *fields: Field[T]) -> None:
        self.name = name
        self.doc = doc
        self.fields = fields
        self._encoders = [(each.key, each.get, _encoder(each.type)) for each in fields]

    def encode(self, thing: T) -> dict[str, object]:
        """Give a thing as JSON has it."""
        return {key: encoded(get(thing)) for key, get, encoded in self._encoders}

    def within(self, part: Callable[[Whole], T | None]) -> tuple[Field[Whole], ...]:
        """Give the fields of a part as fields of the whole; without the part they are None."""
        return tuple(_moved(each, part) for each in self.fields)

    def columns(self, *named: Column[T] | str) -> Columns[T]:
        """Give columns with the fields under their keys; a key alone is its own title.

        Raises:
            KeyError: there is no such field, and the column has no `export` of its own.
        """

        def found(each: Column[T] | str) -> Column[T]:
            column = each if isinstance(each, Column) else Column[T](each, _words(each))
            field = self.at(column.key)
            if field is None and column.export is None and column.exported:
                raise KeyError(column.key)
            return column._replace(field=field)

        return tuple(map(found, named))

    def at(self, path: str) -> Field[T] | None:
        """Give the field under a key, if there is one; dots reach into what is nested."""
        for each in self.fields:
            if each.key == path:
                return each
            inner = each.type.of if isinstance(each.type, Maybe) else each.type
            if isinstance(inner, Shape) and path.startswith(f"{each.key}."):
                found = inner.at(path.removeprefix(f"{each.key}."))
                return _moved(found, each.get) if found is not None else None
        return None


class Many(NamedTuple):
    """The type of a JSON array."""

    of: Any


class Maybe(NamedTuple):
    """The type of a value that may be null; plain types use `str | None`."""

    of: Any


class Result(NamedTuple):
    """A kind of result, the type of its JSON, and the commands that print it."""

    kind: str
    type: Any
    commands: str


class Ago(NamedTuple):
    """An instant that a person sees as its age."""

    at: datetime | None


def encode(kind: Any, value: Any) -> object:  # noqa: ANN401 - any type, any value
    """Give a value of a type as JSON has it."""
    return _encoder(kind)(value)


def _encoder(kind: Any) -> Callable[[Any], object]:  # noqa: ANN401 - any type
    """Give what encodes the values of a type; a shape makes them once for all of its values."""
    if isinstance(kind, (Many, Maybe)):
        inner = _encoder(kind.of)
        if isinstance(kind, Many):
            return lambda value: [inner(each) for each in value or ()]
        return lambda value: inner(value) if value is not None else None
    if isinstance(kind, Shape):
        return kind.encode
    return _seconds if kind in {int, int | None} else plain


def _seconds(value: object) -> object:
    return int(value.total_seconds()) if isinstance(value, timedelta) else plain(value)


def plain(value: object) -> object:
    """Give a value in the types that json, yaml and jmespath know; an id as it was written."""
    if value is None or type(value) is str or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, datetime):
        return iso_instant(value)
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str.__str__(key): plain(inner) for key, inner in value.items()}
    return iso_duration(value) if isinstance(value, timedelta) else str(value)


def _words(key: str) -> str:
    return re.sub("[A-Z]", r" \g<0>", key).capitalize()


def _moved(field: Field[T], part: Callable[[Whole], Any]) -> Field[Whole]:
    def get(whole: Whole) -> object:
        found = part(whole)
        return field.get(found) if found is not None else None

    return Field(field.key, field.type, get, field.doc)


def mapping_shape(title: str, doc: str, /, **keys: Any) -> Shape[Mapping[str, Any]]:  # noqa: ANN401
    """Give the shape of a mapping: for each key a type, or a type and what it means."""

    def keyed(key: str, kind: Any, doc: str = "") -> Field[Mapping[str, Any]]:  # noqa: ANN401
        return Field(key, kind, lambda item: item[key], doc)

    told = {key: kind if type(kind) is tuple else (kind,) for key, kind in keys.items()}
    return Shape(title, doc, *(keyed(key, *each) for key, each in told.items()))
