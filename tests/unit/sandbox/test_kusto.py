"""The query language: what it accepts, its results, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.kusto.query import Query, parse
from azjit.sandbox.kusto.tokens import InvalidQuery

COLUMNS = ["id", "name", "type", "properties"]
TABLES = {"resources": COLUMNS, "containers": ["name", "type", "owner"]}
OTHERS = [
    {"name": "one", "type": "g", "owner": "ada"},
    {"name": "one", "type": "g", "owner": "bob"},
    {"name": "Two", "type": "x/jits", "owner": "cy"},
]
ROWS = [
    {"id": "/1", "name": "one", "type": "x/apps", "properties": {"s": "Pending", "n": 1}},
    {"id": "/2", "name": "Two", "type": "x/jits", "properties": {"s": "Denied", "l": ["a"]}},
    {"id": "/3", "name": "three", "type": "x/jits", "properties": {"s": "Pending", "n": 10}},
]


def run(query: str) -> list[dict[str, Any]]:
    return parsed(f"resources {query}").run(ROWS)


def parsed(query: str) -> Query:
    return parse(query, TABLES, lambda table, _: OTHERS if table == "containers" else ROWS)


def ids(query: str) -> str:
    return "".join(row["id"] for row in run(query))


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("type == 'x/jits'", "/2/3"),
        ("type == 'X/JITS'", ""),
        ("type =~ 'X/JITS'", "/2/3"),
        ("type != 'x/jits'", "/1"),
        ("type !~ 'X/JITS'", "/1"),
        ("type in~ ('X/JITS', 'y')", "/2/3"),
        ("type in ('X/JITS')", ""),
        ("properties.s !in~ ('denied')", "/1/3"),
        ("properties.s !in ('denied')", "/1/2/3"),
        ("name contains 'TWO'", "/2"),
        ("name !contains 'o'", "/3"),
        ("name startswith 't'", "/2/3"),
        ("name endswith 'e'", "/1/3"),
        ("id has '3'", "/3"),
        ("properties.n > 1", "/3"),
        ("properties.n <= 1", "/1"),
        ("isnotempty(properties.n)", "/1/3"),
        ("isnull(properties['n'])", "/2"),
        ("properties.l[0] == 'a'", "/2"),
        ("array_length(properties.l) == 1", "/2"),
        ("not(type == 'x/apps') and properties.s == 'Pending'", "/3"),
        ("name == 'one' or (name == 'Two' and type == 'x/jits')", "/1/2"),
        ('tostring(properties.s) == "Denied" // a comment', "/2"),
        ("tolower(name) == 'two'", "/2"),
    ],
)
def test_conditions(condition: str, found: str) -> None:
    assert ids(f"| where {condition}") == found


def test_columns_are_projected_extended_and_taken_away() -> None:
    assert run("| project id, state = tostring(properties.s), properties.n | take 1") == [
        {"id": "/1", "state": "Pending", "properties_n": 1}
    ]
    assert run("| extend up = toupper(name) | project-away properties, type | limit 1") == [
        {"id": "/1", "name": "one", "up": "ONE"}
    ]


def test_rows_are_sorted_descending_unless_said() -> None:
    assert ids("| order by id") == "/3/2/1"
    assert ids("| sort by type asc, id desc") == "/1/3/2"
    assert ids("| order by properties.n asc") == "/2/1/3"


def test_rows_are_counted() -> None:
    assert run("| where type == 'x/jits' | count") == [{"Count": 2}]
    assert run("| summarize count()") == [{"count_": 3}]
    assert run("| summarize n = count() by tostring(properties.s)") == [
        {"properties_s": "Pending", "n": 2},
        {"properties_s": "Denied", "n": 1},
    ]
    assert run("| distinct type") == [{"type": "x/apps"}, {"type": "x/jits"}]


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("| where type =~ 'A/B' and name == 'x'", {"a/b"}),
        ("| where type in~ ('A/B', 'c/d')", {"a/b", "c/d"}),
        ("| where type == 'a/b' or type == 'c/d'", {"a/b", "c/d"}),
        ("| where type == 'a/b' or name == 'x'", None),
        ("| where type !in~ ('a/b')", None),
        ("| extend type = name | where type == 'a/b'", None),
    ],
)
def test_types_outside_which_nothing_is_found(query: str, types: set[str] | None) -> None:
    assert parsed(f"resources {query}").types == types


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("nothing", "the table is not supported"),
        ("resources | mv-expand properties", "the operator is not supported"),
        ("resources | join kind=fullouter (containers) on name", "the kind is not supported"),
        ("resources | join (containers) on owner", "there is no such column"),
        ("resources | join (containers) on id", "the joined table has no column id"),
        ("resources | join (containers) on $left.x == $right.name", "a column of"),
        ("resources | join (containers on name", "')' is expected"),
        ("resources | where other == 1", "there is no such column at 'other'"),
        ("resources | where md5(id) == 'x'", "the function is not supported"),
        ("resources | where id ==", "a value is expected"),
        ("resources | where id in (name)", "only literals"),
        ("resources | project-away other", "there is no such column"),
        ("resources | take many", "a whole number is expected"),
        ("resources | summarize max(id)", "'=' is expected"),
        ("resources | summarize n = max(id)", "only count()"),
        ("resources where", "'|' is expected"),
        ("resources | where id == 'x", "the character is not understood"),
        ("resources | where id !endswith 'x'", "the operator is not supported"),
        ("resources | where id ! 'x'", "an operator is expected"),
        ("resources |", "a name is expected"),
        ("resources | where properties[*] == 1", "not understood"),
        ("resources | where properties[id] == 1", "a key or an index is expected"),
    ],
)
def test_what_is_not_understood_is_refused(query: str, reason: str) -> None:
    with pytest.raises(
        InvalidQuery, match=reason.replace("(", r"\(").replace(")", r"\)").replace("|", r"\|")
    ):
        parsed(query)


def test_refusal_says_where() -> None:
    with pytest.raises(InvalidQuery) as refused:
        parsed("resources\n| where other == 1")

    assert (refused.value.line, refused.value.column, refused.value.token) == (2, 8, "other")


@pytest.mark.parametrize(
    ("join", "found"),
    [
        ("join kind=inner (containers) on name", ["/1 ada", "/1 bob", "/2 cy"]),
        ("join kind=leftouter (containers) on name", ["/1 ada", "/1 bob", "/2 cy", "/3 "]),
        ("join (containers | project owner, type) on type", ["/2 cy"]),
        ("join kind=inner (containers | project owner, t=type) on $left.type == $right.t", 2),
        ("join kind=inner (containers) on $right.type == $left.type, name", ["/2 cy"]),
        ("join kind=inner (containers | where owner == 'bob') on name | where name1 == 'one'", 1),
    ],
)
def test_tables_are_joined(join: str, found: Any) -> None:
    rows = run(f"| {join}")

    told = [f"{row['id']} {row['owner'] or ''}" for row in rows]
    assert found in (told, len(told))


def test_a_column_that_both_tables_have_is_numbered() -> None:
    (row, *_) = run("| join kind=inner (containers) on name | project name, name1, type, type1")

    assert row == {"name": "one", "name1": "one", "type": "x/apps", "type1": "g"}
