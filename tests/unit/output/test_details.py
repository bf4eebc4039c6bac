"""A single item on a terminal: lines, sections, nested rows."""

from __future__ import annotations

from collections.abc import Callable

from azjit.output.fields import Column
from azjit.output.view import Line, Section, View
from views import thing

Shown = Callable[..., str]

AT_80 = """\
Application  contoso-db
Id           /subscriptions/0f8fad5b-d9cb-469f-a165-708677289501/resourceGroups/production/providers/Microsoft.Solutions/applications/contoso-db
Note         the quick brown fox jumps over the lazy dog and comes back for more
             of the same
Ticket       -

Settings
  Enabled      yes
  Longest      8 h

Approvers
  Name   Kind
  Alice  person
  山田   group

Access now
  nobody
"""  # noqa: E501 - an id stays whole: the terminal folds it, and it can be copied


def test_sections_at_80_columns(shown: Shown, application: View) -> None:
    assert shown(application) == AT_80


def test_without_sections_the_columns_are_the_lines(shown: Shown, application: View) -> None:
    assert shown(application._replace(details=None)) == "Name     contoso-db\nLongest  8 h\n"


def test_without_columns_the_keys_are_the_lines(shown: Shown) -> None:
    view = thing("thing", (), [{"a": ["x", "y"], "b": {"c": 1}, "d": None}])

    assert shown(view) == 'a  x, y\nb  {"c":1}\nd  -\n'


def test_labels_and_titles_have_a_style(shown: Shown) -> None:
    section = Section("Part", lines=(Line("State", "denied", "state"),))
    view = thing("thing", (), [{}], details=lambda *_: [section])

    assert shown(view, color=True) == (
        "\x1b[1mPart\x1b[0m\n  \x1b[2mState\x1b[0m  \x1b[31mdenied\x1b[0m\n"
    )


def test_section_with_neither_lines_nor_rows_is_none(shown: Shown) -> None:
    view = thing("thing", (), [{}], details=lambda *_: [Section("Rows")])

    assert shown(view) == "Rows\n  none\n"


def test_sparse_line_that_is_empty_is_not_shown(shown: Shown) -> None:
    columns = (Column("a", "A", sparse=True), Column("b", "B"), Column("c", "C", sparse=True))

    assert shown(thing("thing", columns, [{"a": None, "b": None, "c": 1}])) == "B  -\nC  1\n"


def test_hostile_text_is_shown_not_obeyed(shown: Shown) -> None:
    lines = (Line("Name", "[red]x\x1b[2J\ny"),)
    rows = Section("List", columns=(Column("it", "It"),), rows=[{"it": "\u202eevil"}])
    view = thing("thing", (), [{}], details=lambda *_: [Section(lines=lines), rows])

    assert shown(view) == "Name  [red]x␛[2J␊y\n\nList\n  It\n  <U+202E>evil\n"


def test_very_narrow_terminal_still_shows_all(shown: Shown, application: View) -> None:
    text = shown(application, width=12)

    assert "contoso-db" in text.replace("\n", "").replace(" ", "")
