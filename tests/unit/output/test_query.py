"""`--query`: its input, its result for each shape, and what it refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from azjit.errors import Usage
from azjit.output.fields import Column
from azjit.output.render.notes import StderrNotes
from azjit.output.render.query import check_query, compiled
from azjit.output.view import View
from views import listing, thing

Shown = Callable[..., str]
ITEMS = [{"name": "a", "n": 1, "tags": ("x", "y")}, {"name": "b", "n": 2, "tags": ()}]


@pytest.fixture
def things() -> View:
    return listing("things", (Column("name", "Name"),), ITEMS)


@pytest.fixture
def single() -> View:
    return thing("thing", (Column("name", "Name"),), ITEMS[:1])


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("[].name", ["a", "b"]),
        ("[?n > `1`].{x: name}", [{"x": "b"}]),
        ("[].tags[]", ["x", "y"]),
        ("length(@)", 2),
        ("[5]", None),
    ],
)
def test_json_sees_the_bare_array(shown: Shown, things: View, query: str, value: Any) -> None:
    assert json.loads(shown(things, format="json", query=query)) == value


def test_json_sees_the_bare_object(shown: Shown, single: View) -> None:
    assert shown(single, format="json", query="tags") == '[\n  "x",\n  "y"\n]\n'


def test_yaml_sees_the_same(shown: Shown, things: View) -> None:
    assert shown(things, format="yaml", query="[].name") == "- a\n- b\n"


def test_jsonl_sees_each_item(shown: Shown, things: View) -> None:
    assert shown(things, format="jsonl", query="name") == '"a"\n"b"\n'


@pytest.mark.parametrize(
    ("query", "tsv", "csv", "table"),
    [
        ("[].{x: name, y: n}", "a\t1\nb\t2\n", "x,y\r\na,1\r\nb,2\r\n", "x  y\na  1\nb  2\n"),
        ("[].name", "a\nb\n", "a\r\nb\r\n", "a\nb\n"),
        ("[].[name, n]", "a\t1\nb\t2\n", "a,1\r\nb,2\r\n", "a  1\nb  2\n"),
        ("[0].name", "a\n", "a\r\n", "a\n"),
        ("[0].n == `1`", "true\n", "true\r\n", "true\n"),
        # Whole items keep the columns of the list.
        ("[0]", "a\n", "name\r\na\r\n", "Name\na\n"),
        ("reverse(@)", "b\na\n", "name\r\nb\r\na\r\n", "Name\nb\na\n"),
        ("[?n == `2`]", "b\n", "name\r\nb\r\n", "Name\nb\n"),
        ("[?n == `2`] | [0] || @", "b\n", "name\r\nb\r\n", "Name\nb\n"),
        ("[0].{n: n, tags: tags}", "1\tx,y\n", None, "n     1\ntags  x, y\n"),
        ("[5]", "", "", ""),
        ("[?n > `5`]", "", "", ""),
        ("[0].[name, tags]", "a\nx,y\n", None, None),
    ],
)
def test_rows_follow_the_shape(
    shown: Shown, things: View, query: str, tsv: str, csv: str | None, table: str | None
) -> None:
    assert shown(things, format="tsv", query=query) == tsv
    assert csv is None or shown(things, format="csv", query=query) == csv
    assert table is None or shown(things, format="table", query=query) == table


def test_long_scalars_are_never_cut(shown: Shown) -> None:
    view = listing("things", (Column("id", "Id"),), [{"id": "/" + "x" * 200}])

    assert shown(view, query="[].id") == "/" + "x" * 200 + "\n"


def test_limit_comes_before_the_query(shown: Shown, things: View) -> None:
    assert shown(things, format="tsv", query="[].name", limit=1) == "a\n"


def test_query_that_matches_nothing_says_so(
    shown: Shown, things: View, notes: StderrNotes, stderr: io.StringIO
) -> None:
    shown(things, query="[?n > `5`]", notes=notes)

    assert stderr.getvalue() == "nothing matches --query\n"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("[?a=", "--query '[?a=' is not JMESPath at character 4"),
        ("a..b", "--query 'a..b' is not JMESPath at character 3"),
        ("foo(", "--query 'foo(' is not JMESPath at character 5"),
        ("", "--query '' is not JMESPath: it is empty"),
        ("[].nope(@)", "--query '[].nope(@)' calls nope(), which JMESPath does not have"),
        ("length()", "--query 'length()' gives length() 0 arguments, not 1"),
        ("length(a, b)", "--query 'length(a, b)' gives length() 2 arguments, not 1"),
        ("not_null()", "--query 'not_null()' gives not_null() 0 arguments, not 1"),
    ],
)
def test_bad_query_is_usage_in_one_line(query: str, message: str) -> None:
    with pytest.raises(Usage) as caught:
        check_query(query)

    assert caught.value.message == message


@pytest.mark.parametrize(
    ("query", "item", "picked"),
    [
        ("[]", [1, [2]], [1, 2]),
        ("@", {"a": 1}, {"a": 1}),
        ("a.b[0]", {"a": {"b": [7]}}, 7),
        ("sort_by(@, &n)[].name", [{"n": 2, "name": "x"}, {"n": 1, "name": "y"}], ["y", "x"]),
        ("not_null(a, b, c)", {"a": None, "b": 1}, 1),
        ("[?n > `1`] | [0]", [{"n": 1}, {"n": 2}], {"n": 2}),
        ("[0:2]", [1, 2, 3], [1, 2]),
    ],
)
def test_good_query_passes_and_picks(query: str, item: object, picked: object) -> None:
    check_query(query)

    assert compiled(query)(item) == picked


def test_bad_query_is_refused_before_an_item_is_taken(shown: Shown) -> None:
    items = iter(ITEMS)

    for form in ("jsonl", "json", "tsv"):
        with pytest.raises(Usage):
            shown(listing("things", (), items), format=form, query="[?")

    assert next(items) is ITEMS[0]


def test_query_that_does_not_suit_the_result_is_usage(shown: Shown, things: View) -> None:
    with pytest.raises(Usage, match="does not fit the result"):
        shown(things, format="json", query="[].length(n)")
