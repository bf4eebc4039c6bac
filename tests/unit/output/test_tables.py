"""Lists on a terminal: golden screens at 80 and 140 columns, narrow ones, long ones."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest

from azjit.output.fields import Column
from azjit.output.render import screen
from azjit.output.render.layout import place
from azjit.output.render.notes import StderrNotes
from azjit.output.render.show import Target, show
from azjit.output.render.text import cells
from azjit.output.view import View
from views import listing

Shown = Callable[..., str]

AT_80 = """\
Request             State      Application  Roles     Start  Min  Reason
0f8fad5b-d9c…89501  pending    contoso-db   Contrib…  14:00  120  patch the
                                                                  warehouse
                                                                  before the
                                                                  audit of
                                                                  Tuesday
0f8fad5b-d9c…89502  approved   日本語アプ…  Contrib…  14:00   45  monthly patch
0f8fad5b-d9c…89503  timed out  contoso-db   Reader,…  14:00  120
"""

AT_140 = """\
Request                               State      Application   Roles                Start  Min  Reason                              By
0f8fad5b-d9cb-469f-a165-708677289501  pending    contoso-db    Contributor          14:00  120  patch the warehouse before the      alice@f…
                                                                                                audit of Tuesday
0f8fad5b-d9cb-469f-a165-708677289502  approved   日本語アプリ  Contributor          14:00   45  monthly patch                       alice@f…
0f8fad5b-d9cb-469f-a165-708677289503  timed out  contoso-db    Reader, Contributor  14:00  120                                      alice@f…
"""  # noqa: E501 - the screen as it is


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_screen_of_80_columns(shown: Shown, requests: View) -> None:
    assert shown(requests, width=80) == AT_80


def test_screen_of_140_columns_has_more_columns(shown: Shown, requests: View) -> None:
    assert shown(requests, width=140) == AT_140


@pytest.mark.parametrize("width", [10, 20, 40, 60, 80, 100, 119, 120, 140])
@pytest.mark.parametrize("count", [3, 301])
def test_no_line_is_wider_than_the_terminal(
    shown: Shown, requests: View, width: int, count: int
) -> None:
    items = (list(requests.items) * 101)[:count]

    text = shown(requests._replace(items=items), width=width)

    assert max(map(cells, lines(text))) <= width


def test_least_important_column_goes_first(shown: Shown) -> None:
    columns = (Column("a", "A" * 10, priority=2), Column("b", "B" * 10, priority=1))

    assert shown(listing("things", columns, [{"a": "x", "b": "y"}]), width=15) == "AAAAAAAAAA\nx\n"


@pytest.mark.parametrize("count", [2, 301])
def test_columns_without_room_are_named(
    shown: Shown, notes: StderrNotes, stderr: io.StringIO, count: int
) -> None:
    columns = (
        Column("a", "A" * 10, priority=2),
        Column("b", "B" * 10),
        Column("c", "C", wide_only=True),
        Column("empty", "Empty", wide_only=True),
    )
    view = listing("things", columns, [{"a": "x", "b": "y", "c": 1}] * count)

    shown(view, width=15, notes=notes)
    shown(view, width=140, notes=notes)

    told = " ".join(stderr.getvalue().split())
    assert told == f"no room at 15 columns for: {'B' * 10}, C; -o json has it all"


@pytest.mark.parametrize("count", [1, 301])
def test_what_may_go_below_leaves_the_row_when_others_need_the_room(
    shown: Shown, count: int
) -> None:
    columns = (
        Column("a", "A", cut="never"),
        Column("b", "Why", sparse=True, below=True, cut="wrap"),
    )
    item = {"a": "x" * 12, "b": "word " * 100}
    view = listing("things", columns, [item] * count)

    title, row, *below = lines(shown(view, width=30))[:4]

    assert (title, row) == ("A", "x" * 12)
    assert below == ["    Why: word word word word", "    word word word word word …"]
    assert lines(shown(view, width=140))[0].split() == ["A", "Why"]


def test_cut_id_keeps_the_prefix_that_finds_it(shown: Shown, requests: View) -> None:
    rows = lines(shown(requests, width=60))

    assert rows[1].startswith("0f8fad5b")


def test_wide_characters_keep_columns_in_line(shown: Shown) -> None:
    columns = (Column("a", "A"), Column("b", "B"))
    view = listing("things", columns, [{"a": "日本", "b": "x"}, {"a": "👍e\u0301", "b": "y"}])

    assert shown(view) == "A     B\n日本  x\n👍e\u0301   y\n"


def test_numbers_end_in_line(shown: Shown) -> None:
    view = listing("things", (Column("n", "N", align="right"),), [{"n": 5}, {"n": 120}])

    assert shown(view) == "  N\n  5\n120\n"


def test_markup_in_data_is_text(shown: Shown) -> None:
    view = listing("things", (), [{"[red]key": "[bold]x[/bold] :smile: [link=http://x]"}])

    assert shown(view) == "[red]key\n[bold]x[/bold] :smile: [link=http://x]\n"


def test_states_are_words_with_a_colour(shown: Shown, requests: View) -> None:
    text = shown(requests, color=True)

    assert "\x1b[33mpending" in text
    assert "\x1b[32mapproved" in text
    assert "\x1b[2mtimed out" in text
    assert "\x1b[1mRequest" in text


def test_style_may_depend_on_the_item(shown: Shown) -> None:
    columns = (Column("n", "N", style=lambda item: "bad" if item["n"] else "good"),)

    text = shown(listing("things", columns, [{"n": 0}, {"n": 1}]), color=True)

    assert text == "\x1b[1mN\x1b[0m\n\x1b[32m0\x1b[0m\n\x1b[31m1\x1b[0m\n"


def test_without_colour_there_are_no_escapes(shown: Shown, requests: View) -> None:
    assert "\x1b" not in shown(requests)


def test_no_line_ends_in_spaces(shown: Shown, requests: View) -> None:
    for color in (True, False):
        text = shown(requests, color=color).replace("\x1b[0m", "")
        assert [line.rstrip() for line in lines(text)] == lines(text)


def test_booleans_are_words_for_people(shown: Shown) -> None:
    view = listing("things", (Column("b", "B"),), [{"b": True}, {"b": False}])

    assert shown(view) == "B\nyes\nno\n"


@pytest.mark.parametrize("color", [True, False])
def test_301_rows_are_plain_columns(
    shown: Shown,
    item: Callable[..., dict[str, object]],
    monkeypatch: pytest.MonkeyPatch,
    color: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    monkeypatch.setattr(screen.Screen, "table", None)
    columns = (
        Column("name", "Request", cut="middle"),
        Column("state", "State", style="state"),
        Column("minutes", "Min", align="right"),
        Column("reason", "Reason", cut="wrap"),
    )
    items = [item(number, reason="word " * 30) for number in range(301)]

    text = shown(listing("requests", columns, items), color=color)

    state = "\x1b[33mpending\x1b[0m" if color else "pending"
    assert len(lines(text)) == 302
    assert lines(text)[1] == (
        f"0f8fad5b-d9cb-469f-a1…8677289500  {state}  120  word word word word word word w…"
    )


def test_long_list_streams_after_its_first_rows() -> None:
    stdout = io.StringIO()
    seen_at_500 = 0

    def items() -> Iterator[dict[str, object]]:
        nonlocal seen_at_500
        for number in range(600):
            if number == 500:
                seen_at_500 = stdout.getvalue().count("\n")
            yield {"n": number}

    view = listing("things", (Column("n", "N"), Column("m", "M")), items())
    show(view, Target(stdout, is_terminal=True, width=80, color=False))

    assert seen_at_500 == 501


def test_long_list_without_titles_has_no_header(shown: Shown) -> None:
    view = listing("things", (Column("a", ""), Column("b", "")), [{"a": 1, "b": 2}] * 301)

    assert lines(shown(view)) == ["1  2"] * 301


def test_drawn_characters_fall_back_to_ascii() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")
    view = listing("things", (Column("a", "A", cut="middle"), Column("b", "B")), [{"a": "x" * 40}])

    show(view, Target(stream, is_terminal=True, width=20, color=False))

    stream.seek(0)
    assert stream.read() == "A                  B\nxxxxxxxxxxx~xxxxx\n"


def test_what_is_never_cut_stays_whole_also_where_a_later_row_is_wider() -> None:
    columns = (Column("name", "Name"), Column("at", "At", cut="never", priority=1))
    rows = [{"name": "a", "at": "14:00"}] * 400 + [{"name": "a", "at": "19 Nov 17:04"}]
    out = io.StringIO()

    show(listing("x", columns, iter(rows)), Target(out, is_terminal=True, width=80, color=False))

    assert out.getvalue().splitlines()[-1] == "a     19 Nov 17:04"


def test_a_column_for_exports_is_on_no_screen() -> None:
    columns = (Column("a", "A"), Column("b", "B", on_screen=False))

    placed = place(columns, [{"a": "1", "b": "2"}], 200)

    assert [each.column.key for each in placed] == ["a"]
