"""What all formats share: selection, limits, streaming, empty results, a closed pipe."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import pytest

from azjit.errors import Usage
from azjit.output.fields import Column
from azjit.output.render.notes import StderrNotes
from azjit.output.render.show import FORMATS, Target, show
from azjit.output.view import View
from views import listing

Shown = Callable[..., str]
NAME = (Column("name", "Name"),)


class Feed:
    """Items, with a count of how many were taken."""

    def __init__(self, count: int = 1000) -> None:
        self.taken = 0
        self._count = count

    def __iter__(self) -> Iterator[dict[str, object]]:
        for number in range(self._count):
            self.taken += 1
            yield {"name": f"n{number}"}


class Closed(io.StringIO):
    """A pipe whose reader left after so many lines."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._lines = lines

    def flush(self) -> None:
        if self.getvalue().count("\n") >= self._lines:
            raise BrokenPipeError


def test_terminal_gets_a_table_when_no_format_is_asked(shown: Shown, requests: View) -> None:
    assert shown(requests).startswith("Request")


def test_pipe_gets_tsv_when_no_format_is_asked(shown: Shown, requests: View) -> None:
    assert shown(requests, is_terminal=False) == shown(requests, format="tsv")


def test_unknown_format_is_usage_and_takes_nothing(shown: Shown) -> None:
    feed = Feed()

    with pytest.raises(Usage) as caught:
        shown(listing("things", NAME, feed), format="xml")

    assert caught.value.hint == "one of: table, json, jsonl, yaml, csv, tsv, none"
    assert feed.taken == 0


@pytest.mark.parametrize("form", FORMATS)
def test_limit_takes_no_more_than_it_shows(shown: Shown, form: str) -> None:
    feed = Feed()

    shown(listing("things", NAME, feed), format=form, limit=3)

    assert feed.taken == 3


@pytest.mark.parametrize("form", ["jsonl", "csv", "tsv"])
def test_streaming_formats_write_each_item_before_the_next_is_taken(form: str) -> None:
    feed = Feed()

    with pytest.raises(BrokenPipeError):
        show(listing("things", NAME, feed), Target(Closed(3), False, 80, False, form))  # noqa: FBT003

    assert feed.taken <= 3


@pytest.mark.parametrize("form", ["jsonl", "csv", "tsv"])
def test_a_listing_ends_when_its_reader_has_gone(form: str) -> None:
    ended = []

    def items() -> Iterator[dict[str, object]]:
        try:
            yield from Feed()
        finally:
            ended.append(True)

    listed = items()  # kept here, as a traceback may keep it
    with pytest.raises(BrokenPipeError):
        show(listing("things", NAME, listed), Target(Closed(3), False, 80, False, form))  # noqa: FBT003

    assert ended == [True]


@pytest.mark.parametrize("form", FORMATS)
def test_closed_pipe_reaches_the_caller(requests: View, form: str) -> None:
    with pytest.raises(BrokenPipeError):
        show(requests, Target(Closed(0), True, 80, False, form))  # noqa: FBT003


def test_failing_listing_fails_even_when_nothing_is_shown(shown: Shown) -> None:
    def items() -> Iterator[dict[str, object]]:
        yield {"name": "a"}
        raise Usage("broken")

    with pytest.raises(Usage, match="broken"):
        shown(listing("things", NAME, items()), format="none")


def test_array_is_not_begun_when_the_listing_fails() -> None:
    def items() -> Iterator[dict[str, object]]:
        yield {"name": "a"}
        raise Usage("broken")

    stdout = io.StringIO()

    with pytest.raises(Usage, match="broken"):
        show(listing("things", NAME, items()), Target(stdout, False, 80, False, "json"))  # noqa: FBT003

    assert stdout.getvalue() == ""


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("table", ""),
        ("json", "[]\n"),
        ("jsonl", ""),
        ("yaml", "[]\n"),
        ("csv", "name\r\n"),
        ("tsv", ""),
        ("none", ""),
    ],
)
def test_nothing_to_show(shown: Shown, form: str, text: str) -> None:
    assert shown(listing("things", NAME, []), format=form) == text


def test_emptiness_is_told_on_a_terminal(
    shown: Shown, notes: StderrNotes, stderr: io.StringIO
) -> None:
    shown(listing("things", NAME, [], empty="no things; make one"), notes=notes)

    assert stderr.getvalue() == "no things; make one\n"


@pytest.mark.parametrize("changes", [{"is_terminal": False}, {"format": "json"}])
def test_emptiness_is_not_told_to_scripts(
    shown: Shown, notes: StderrNotes, stderr: io.StringIO, changes: dict[str, object]
) -> None:
    shown(listing("things", NAME, [], empty="no things"), notes=notes, **changes)

    assert stderr.getvalue() == ""


def test_progress_line_is_gone_before_the_result(
    shown: Shown, requests: View, notes: StderrNotes, stderr: io.StringIO
) -> None:
    notes.progress("listing")

    shown(requests, notes=notes, width=140)

    assert stderr.getvalue() == "\rlisting\r       \r"


def test_columns_come_from_the_items_when_none_are_declared(shown: Shown) -> None:
    view = listing("things", (), [{"a": 1}, {"b": "x"}])

    assert shown(view, format="csv") == "a,b\r\n1,\r\n,x\r\n"


def test_single_ignores_the_limit(shown: Shown, application: View) -> None:
    assert json.loads(shown(application, format="json", limit=0))["name"] == "contoso-db"


def test_single_is_an_object_in_every_format(shown: Shown, application: View) -> None:
    view = application._replace(items=[{"name": "a", "settings": {"longest": "8 h"}}])

    assert shown(view, format="json").startswith('{\n  "name": "a"')
    assert shown(view, format="jsonl") == '{"name":"a","settings":{"longest":"8 h"}}\n'
    assert shown(view, format="yaml") == "name: a\nsettings:\n  longest: 8 h\n"
    assert shown(view, format="tsv") == "a\t8 h\n"
    assert shown(view, format="csv") == "name,settings.longest\r\na,8 h\r\n"


def test_prose_folds_between_words_under_its_own_start(shown: Shown) -> None:
    told = "  why: " + " ".join(["word"] * 20) + "\n  next: azjit " + "x " * 50
    view = listing("things", NAME, [{"name": "a"}], prose=lambda _: told)

    first, second, *_, command = shown(view, format="table", width=60).splitlines()

    assert (len(first) <= 60, len(second) <= 60) == (True, True)
    assert first.startswith("  why: word")
    assert second.startswith("      word")
    assert command == told.splitlines()[1]


def test_prose_that_is_verbatim_is_never_folded(shown: Shown) -> None:
    told = " ".join(["word"] * 30)
    view = listing("things", NAME, [{"name": "a"}], prose=lambda _: told, verbatim=True)

    assert shown(view, format="table", width=60) == told + "\n"
