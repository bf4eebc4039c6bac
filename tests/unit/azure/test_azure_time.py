from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from azjit.azure.azure_time import AzureTime, read_date
from harness import Clock

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "header",
    [
        "Mon, 02 Mar 2026 09:00:00 GMT",
        "Monday, 02-Mar-26 09:00:00 GMT",
        "Mon Mar  2 09:00:00 2026",
        "Mon, 02 Mar 2026 09:00:00 -0000",
        "Mon, 02 Mar 2026 10:00:00 +0100",
        " Mon, 02 Mar 2026 09:00:00 GMT ",
        "Mon, 02 Mar 2026 09:00:00 GMT, Mon, 02 Mar 2026 09:00:00 GMT",
        "Mon, 02 Mar 2026 09:00:00 GMT, Mon Mar  2 09:00:00 2026",
    ],
)
def test_every_form_of_a_date_is_read(header: str) -> None:
    assert read_date(header) == AT


@pytest.mark.parametrize(
    "header",
    [
        "",
        "now",
        "0",
        ",",
        "Mon, 02 Mar 2026 09:00:00 GMT, Mon, 02 Mar 2026 09:00:01 GMT",
        "Mon, 99 Mar 2026 99:00:00 GMT",
        "Mon, 02 Mar 99999 09:00:00 GMT",
        "Mon, 31 Dec 9999 23:59:59 -2359",
        "Mon, 02 Mar 2026 09:00:00 +999999999999",
        "\ud800",
        "Mon, 02 Mar " + "9" * 5000,
    ],
)
def test_what_is_no_date_is_none(header: str) -> None:
    assert read_date(header) is None


class Told:
    """An AzureTime, and what it hears of an Azure whose clock is ahead."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.said: list[str] = []
        self.time = AzureTime(self.clock.now, self.said.append)

    def hear(
        self, status: int = 200, took: float = 0, age: str | None = None, **ahead: int
    ) -> None:
        asked = self.clock.at
        date = asked + timedelta(**ahead)
        self.clock.at += timedelta(seconds=took)
        headers = {"Date": f"{date:%a, %d %b %Y %H:%M:%S GMT}"} | ({"Age": age} if age else {})
        self.time.hear(status, headers, asked)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.mark.parametrize(
    ("hours", "words"), [(3, "3 h behind Azure's"), (-2, "1 h 59 min 59 s ahead of Azure's")]
)
def test_two_answers_that_agree_show_a_wrong_clock(told: Told, hours: int, words: str) -> None:
    told.hear(hours=hours)
    before = told.time.is_wrong_here
    told.hear(hours=hours)

    assert (before, told.time.is_wrong_here) == (False, True)
    assert abs(told.time.offset - timedelta(hours=hours)) <= timedelta(seconds=1)
    assert told.said == [f"this machine's clock is {words}: azjit uses Azure's time"]


def test_a_wrong_clock_is_told_once(told: Told) -> None:
    for _ in range(5):
        told.hear(hours=3)

    assert len(told.said) == 1


@pytest.mark.parametrize("minutes", [-2, -1, 0, 1, 2])
def test_two_minutes_are_no_wrong_clock(told: Told, minutes: int) -> None:
    for _ in range(3):
        told.hear(minutes=minutes)

    assert not told.time.is_wrong_here
    assert not told.time.wants_another()


def test_a_slow_answer_shows_no_wrong_clock(told: Told) -> None:
    for _ in range(3):
        told.hear(took=600, minutes=5)

    assert not told.time.is_wrong_here


def test_answers_that_differ_show_nothing(told: Told) -> None:
    for hours in (3, 1, -2, 5):
        told.hear(hours=hours)

    assert not told.time.is_wrong_here


def test_a_right_answer_between_shows_nothing(told: Told) -> None:
    for hours in (3, 0, 3, 0):
        told.hear(hours=hours)

    assert not told.time.is_wrong_here


def test_caches_and_errors_tell_nothing(told: Told) -> None:
    told.hear(hours=3)
    for _ in range(3):
        told.hear(hours=3, age="7")
        told.hear(hours=3, status=503)
        told.hear(hours=3, status=302)
    told.time.hear(200, {}, told.clock.at)
    told.time.hear(200, {"Date": "odd"}, told.clock.at)

    assert not told.time.is_wrong_here


def test_one_answer_wants_another_once(told: Told) -> None:
    told.hear(hours=3)

    assert told.time.wants_another()
    assert not told.time.wants_another()


def test_a_clock_that_was_set_right_is_right(told: Told) -> None:
    told.hear(hours=3)
    told.hear(hours=3)
    told.hear()
    told.hear()

    assert not told.time.is_wrong_here
    assert told.time.offset == timedelta(0)


def test_a_sandboxs_clock_is_followed_by_each_answer(told: Told) -> None:
    told.time.follow("Mon, 02 Mar 2026 12:00:00 GMT")
    followed = told.time.offset
    told.hear(hours=1)
    told.time.hear(200, {"Date": "Mon Mar  2 10:00:00 2026, odd"}, told.clock.at)

    assert followed == timedelta(hours=3)
    assert told.time.offset == timedelta(hours=1)
    assert not told.time.is_wrong_here
    assert told.said == []
