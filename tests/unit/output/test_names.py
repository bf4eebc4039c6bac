"""Names in a table are short, and still those of one thing each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from azjit.domain.ids import ApplicationId
from azjit.output.cells import DisplayContext
from azjit.output.fields import Column, Fit
from azjit.output.names import LONG, SHORT, WHOLE, customers, told_apart, unique_names
from azjit.output.render.fitting import UNBOUNDED, fitted

GUID = "338a9a54-872d-5f1a-965a-c46f21c219fc"
LIKE = "338a9a54-872d-5f1a-965a-000000000000"
NEAR = "338a9a54-ffff-5f1a-965a-c46f21c219fc"
OTHER = "19a5fea8-ffc3-5341-a8f8-eb3e83e56b89"
NOW = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)  # the day before the clocks change in Zurich


def names_of(names: list[str], least: int = SHORT) -> list[object]:
    cell = unique_names(str)(names, Fit(least, None))
    assert cell is not None
    return [cell(name) for name in names]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([GUID, OTHER], [GUID[:8], OTHER[:8]]),
        ([GUID, NEAR, OTHER], [GUID[:13], NEAR[:13], OTHER[:8]]),
        ([GUID, LIKE, NEAR], [GUID, LIKE, NEAR[:13]]),
        ([GUID.upper(), NEAR], [GUID[:13].upper(), NEAR[:13]]),
        ([GUID, GUID], [GUID[:8], GUID[:8]]),
        # What could pass for the beginning of a GUID is marked, and widens it.
        ([GUID, GUID[:8]], [GUID[:13], f"(no GUID) {GUID[:8]}"]),
        (["nightly", OTHER], ["nightly", OTHER[:8]]),
    ],
)
def test_a_name_is_so_long_that_no_other_begins_so(names: list[str], shown: list[str]) -> None:
    assert names_of(names) == shown


def test_a_long_list_has_longer_names_and_a_pipe_whole_ones() -> None:
    assert names_of([GUID, OTHER], LONG) == [GUID[:13], OTHER[:13]]
    assert names_of([GUID, OTHER], WHOLE) == [GUID, OTHER]


def app(subscription: str, group: str, name: str) -> ApplicationId:
    place = f"/subscriptions/{subscription}/resourceGroups/{group}"
    return ApplicationId(f"{place}/providers/Microsoft.Solutions/applications/{name}")


ONE, TWO = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
NAMES = {ONE: "Contoso"}
DISPLAY = DisplayContext(ZoneInfo("Europe/Zurich"), NOW, NAMES.get)


def apps_of(apps: list[ApplicationId], least: int = SHORT) -> list[object]:
    cell = told_apart(lambda each: each, lambda each: each.name)(apps, Fit(least, DISPLAY))
    assert cell is not None
    return [cell(each) for each in apps]


def test_an_application_has_its_group_where_its_name_is_not_unique() -> None:
    apps = [app(ONE, "eu", "shop"), app(ONE, "us", "Shop"), app(ONE, "eu", "orders")]

    assert apps_of(apps) == ["eu/shop", "us/Shop", "orders"]
    assert apps_of([apps[0], apps[0]]) == ["shop", "shop"]
    assert apps_of(apps[2:], LONG) == ["eu/orders"]


def test_where_the_group_is_not_unique_the_customer_is_added() -> None:
    apps = [app(ONE, "eu", "shop"), app(TWO, "EU", "shop"), app(TWO, "us", "shop")]

    assert apps_of(apps) == ["eu/shop (Contoso)", "EU/shop (22222222)", "us/shop"]


def test_customers_are_shown_where_there_are_several() -> None:
    apps = [app(ONE, "eu", "shop"), app(TWO, "eu", "shop")]
    among = customers(lambda each: each)

    cell = among(apps, Fit(SHORT, DISPLAY))

    assert cell is not None
    assert [cell(each) for each in apps] == ["Contoso", "22222222"]
    assert among(apps[:1], Fit(SHORT, DISPLAY)) is None


class Row(NamedTuple):
    at: datetime | None


def test_the_title_of_times_has_the_zone_of_these_times() -> None:
    column = Column[Row]("at", "Start", cell=lambda row: row.at, cut="never")

    def title(*times: datetime | None, display: DisplayContext = DISPLAY) -> str:
        (shown,) = fitted((column,), [Row(each) for each in times], display, 80)
        return shown.title

    assert title(NOW) == "Start CET"
    assert title(NOW, None, NOW.replace(month=4)) == "Start CET/CEST"
    assert title(None) == "Start"
    assert title(datetime.max.replace(tzinfo=UTC)) == "Start UTC"
    chatham = DISPLAY._replace(zone=ZoneInfo("Pacific/Chatham"))
    assert title(NOW, display=chatham) == "Start UTC+1345"


def test_where_nothing_is_cut_a_shortened_id_is_whole() -> None:
    column = Column[str]("id", "Id", cell=lambda _: "short", export=str, shortens=True)

    (there,) = fitted((column,), [GUID], None, UNBOUNDED)
    (here,) = fitted((column,), [GUID], None, 80)

    assert (there.cell, here.cell) != (None, None)
    assert there.cell is not None and there.cell(GUID) == GUID  # noqa: PT018 - one thing
    assert here.cell is not None and here.cell(GUID) == "short"  # noqa: PT018 - one thing
