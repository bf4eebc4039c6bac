"""A grant as one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from azjit.output.fields import Style
from azjit.output.timeline import Timeline, spell

START = datetime(2026, 3, 2, 14, tzinfo=UTC)
END = START + timedelta(hours=2)


@pytest.mark.parametrize(
    ("minutes", "text", "style"),
    [
        (-20, "● 14:00 ────────────── 16:00  starts in 20 min", "quiet"),
        (0, "14:00 ●───────────── 16:00  2 h left", "good"),
        (55, "14:00 ──────●─────── 16:00  1 h 5 min left", "good"),
        (110, "14:00 ────────────●─ 16:00  10 min left", "wait"),
        (119.9, "14:00 ─────────────● 16:00  under a minute left", "wait"),
        (120, "14:00 ────────────── 16:00 ●  ended under a minute ago", "quiet"),
        (300, "14:00 ────────────── 16:00 ●  ended 3 h ago", "quiet"),
    ],
)
def test_timeline(minutes: float, text: str, style: Style) -> None:
    timeline = Timeline(START, END, START + timedelta(minutes=minutes))

    assert timeline.text(UTC) == text
    assert timeline.style() == style


def test_other_days_are_dated_in_the_zone() -> None:
    timeline = Timeline(START, START + timedelta(hours=12), START + timedelta(hours=1))

    text = timeline.text(timezone(timedelta(hours=1)))

    assert text == "15:00 ─●──────────── 2026-03-03 03:00  11 h left"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(hours=1, minutes=5, seconds=9), "1 h 5 min"),
        (timedelta(days=2, hours=3, minutes=4), "2 d 3 h"),
        (timedelta(days=2, minutes=4), "2 d 4 min"),
    ],
)
def test_spell(span: timedelta, text: str) -> None:
    assert spell(span) == text
