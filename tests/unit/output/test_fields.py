"""Typed fields: the JSON of each value, and what the formats compute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from azjit.domain.access import Proof
from azjit.domain.ids import PrincipalId, RequestId
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, Schedule
from azjit.output.fields import Column, Field, Many, Maybe, Result, Shape, encode
from azjit.output.results.requests import REQUEST
from azjit.output.view import View

Shown = Callable[..., str]


class Grant(NamedTuple):
    """What the fields below are of."""

    role: str
    start: datetime | None = None
    length: timedelta | None = None
    holder: Grant | None = None


def _unasked(_: Grant) -> str:
    raise AssertionError("no format asked for this field")


HOLDER = Shape[Grant]("Holder", "", Field("role", str, lambda g: g.role))
GRANT = Shape[Grant](
    "Grant",
    "",
    Field("role", str, lambda g: g.role),
    Field("start", datetime | None, lambda g: g.start),
    Field("length", timedelta | None, lambda g: g.length),
    Field("seconds", int | None, lambda g: g.length),
    Field("holder", Maybe(HOLDER), lambda g: g.holder),
    Field("costly", str, _unasked),
)
AT = datetime(2026, 3, 2, 9, 0, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "there"),
    [
        (str, Proof.REQUEST, "request state"),
        (str, PrincipalId("A-B"), "A-B"),
        (datetime, AT, "2026-03-02T09:00:00Z"),
        (datetime | None, "tomorrow", "tomorrow"),
        (timedelta, timedelta(minutes=90), "PT1H30M"),
        (int, timedelta(minutes=90), 5400),
        (int | None, None, None),
        (list[str], ("a", "b"), ["a", "b"]),
        (Many(str), None, []),
        (Maybe(Many(str)), None, None),
        (dict, {"a": (1, True)}, {"a": [1, True]}),
    ],
)
def test_a_value_is_encoded_by_its_type(kind: Any, value: object, there: object) -> None:
    assert encode(kind, value) == there


@pytest.mark.parametrize(
    ("length", "text", "seconds"),
    [(timedelta(minutes=90), "PT1H30M", 5400), (timedelta(0), "PT0S", 0), (None, "P1M", None)],
)
def test_a_request_has_its_length_in_seconds_if_that_can_be_read(
    length: timedelta | None, text: str, seconds: int | None
) -> None:
    group = "/subscriptions/1/resourceGroups/g/providers/Microsoft.Solutions"
    schedule = Schedule("once", AT, length, duration_text=text)
    request = JitRequest(RequestId(f"{group}/jitRequests/r"), None, "", (), schedule)

    there = REQUEST.encode(RequestReport(request, AT))

    assert (there["duration"], there["durationSeconds"]) == (text, seconds)


def test_a_format_computes_only_the_fields_that_it_shows(shown: Shown) -> None:
    picked = GRANT.columns(Column("role", "Role"), Column("seconds", "Seconds"))
    result = Result("grants", Many(GRANT), "")
    view = View(result, picked, [Grant("Reader", length=timedelta(hours=1))])

    assert shown(view, format="csv") == "role,seconds\r\nReader,3600\r\n"
    assert shown(view, format="tsv") == "Reader\t3600\n"


def test_a_column_reaches_into_what_is_nested() -> None:
    (column,) = GRANT.columns(Column("holder.role", "Holder"))

    assert column.value(Grant("a", holder=Grant("b"))) == "b"
    assert column.value(Grant("a")) is None


@pytest.mark.parametrize("key", ["rolle", "holder.rolle", "rolle.role"])
def test_a_column_of_no_field_is_refused(key: str) -> None:
    with pytest.raises(KeyError, match="rolle"):
        GRANT.columns(Column(key, "Role"))
