"""One thing on a terminal: lines, sections, nested rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from azjit.output.view import Column, Section, View

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

Tags
  one
  two

Access now
  nobody
"""  # noqa: E501 - an id stays whole: the terminal folds it, and it can be copied


def test_sections_at_80_columns(shown: Shown, application: View) -> None:
    assert shown(application) == AT_80


def test_without_sections_the_columns_are_the_lines(shown: Shown, application: View) -> None:
    assert shown(replace(application, sections=())) == "Name     contoso-db\nLongest  8 h\n"


def test_without_columns_the_keys_are_the_lines(shown: Shown) -> None:
    view = View("thing", (), [{"a": ["x", "y"], "b": {"c": 1}, "d": None}], single=True)

    assert shown(view) == 'a  x, y\nb  {"c":1}\nd  -\n'


def test_labels_and_titles_have_a_style(shown: Shown) -> None:
    section = Section("Part", fields=(Column("s", "State", style="state"),))
    view = View("thing", (), [{"s": "denied"}], single=True, sections=(section,))

    assert shown(view, color=True) == (
        "\x1b[1mPart\x1b[0m\n  \x1b[2mState\x1b[0m  \x1b[31mdenied\x1b[0m\n"
    )


def test_nested_rows_without_columns_show_their_keys(shown: Shown) -> None:
    section = Section("Rows", "rows")
    view = View("thing", (), [{"rows": [{"k": "v"}]}], single=True, sections=(section,))

    assert shown(view) == "Rows\n  k\n  v\n"


@pytest.mark.parametrize("item", [{}, {"rows": None}, {"rows": []}, {"rows": {}}])
def test_missing_nested_things_are_none(shown: Shown, item: dict[str, object]) -> None:
    view = View("thing", (), [item], single=True, sections=(Section("Rows", "rows"),))

    assert shown(view) == "Rows\n  none\n"


def test_section_of_a_scalar_is_a_mistake(shown: Shown) -> None:
    view = View("thing", (), [{"rows": 5}], single=True, sections=(Section("Rows", "rows"),))

    with pytest.raises(TypeError, match="section 'rows' shows int, not a list"):
        shown(view)


def test_hostile_text_is_shown_not_obeyed(shown: Shown) -> None:
    item = {"name": "[red]x\x1b[2J\ny", "list": ["\u202eevil"]}
    sections = (Section(fields=(Column("name", "Name"),)), Section("List", "list"))
    view = View("thing", (), [item], single=True, sections=sections)

    assert shown(view) == "Name  [red]x␛[2J␊y\n\nList\n  <U+202E>evil\n"


def test_very_narrow_terminal_still_shows_all(shown: Shown, application: View) -> None:
    text = shown(application, width=12)

    assert "contoso-db" in text.replace("\n", "").replace(" ", "")
