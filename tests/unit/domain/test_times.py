from __future__ import annotations

import sys
import types
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azjit.domain import zones
from azjit.domain.durations import human_duration, iso_duration, parse_duration, parse_iso_duration
from azjit.domain.times import When, age, parse_instant, parse_since, parse_when, say_when
from azjit.domain.zones import NoZone, local_zone
from azjit.errors import Usage
from patience import patient

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
# A Wednesday, 13:00 in Berlin.
NOON = datetime(2026, 11, 18, 12, 0, 0, 250_000, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def when(text: str, now: datetime = NOON, zone: ZoneInfo = BERLIN) -> When:
    return parse_when(text, now=now, zone=zone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+30m", "2026-11-18T12:30:00"),
        ("+1h30m", "2026-11-18T13:30:00"),
        ("+PT2H", "2026-11-18T14:00:00"),
        ("+ 2 h", "2026-11-18T14:00:00"),
        ("22:00", "2026-11-18T21:00:00"),
        ("13:00:30", "2026-11-18T12:00:30"),
        ("9:15", "2026-11-19T08:15:00"),
        ("12:54", "2026-11-19T11:54:00"),
        ("sun 02:00", "2026-11-22T01:00:00"),
        ("SUNDAY  02:00", "2026-11-22T01:00:00"),
        ("wed 22:00", "2026-11-18T21:00:00"),
        ("wed 02:00", "2026-11-25T01:00:00"),
        ("thurs 02:00", "2026-11-19T01:00:00"),
        ("today 22:00", "2026-11-18T21:00:00"),
        ("tomorrow 02:00", "2026-11-19T01:00:00"),
        ("2026-12-01T22:00", "2026-12-01T21:00:00"),
        ("2026-12-01 22:00", "2026-12-01T21:00:00"),
        ("2026-12-01t22:00:05.9z", "2026-12-01T22:00:05"),
        ("2026-12-01T22:00+01:00", "2026-12-01T21:00:00"),
        ("2026-12-01T22:00 -0530", "2026-12-02T03:30:00"),
    ],
)
def test_a_start_is_read(text: str, expected: str) -> None:
    assert when(text) == When(utc(expected), is_now=False, warning=None)


@pytest.mark.parametrize("text", ["now", " NOW ", "13:00", "12:56", "2026-11-18T11:55:00Z"])
def test_a_start_up_to_five_minutes_past_is_now(text: str) -> None:
    assert when(text) == When(utc("2026-11-18T12:00:00"), is_now=True)


@pytest.mark.parametrize(
    "text", ["2026-11-18T11:54:59Z", "2026-11-18 12:54", "today 02:00", "1999-01-01T00:00"]
)
def test_an_earlier_start_is_refused(text: str) -> None:
    with pytest.raises(Usage, match="has passed"):
        when(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "soon", "25:00", "22:60", "22", "sun", "tomorrow", "someday 10:00", "+", "+5"),
        *("2026-12-01", "2026-02-30T10:00", "2026-12-01T24:00", "0000-01-01T00:00", "+-2h"),
        *("2026-12-01T10:00+25:00", "2026-12-01T10:00+01:75", "9999-12-31T23:59-14:00"),
        *(
            "0001-01-01T00:00+14:00",
            "2037-01-01T00:00",
            "+366d",
            "+1e9h",
            "\u0662\u0662:\u0660\u0660",
            "22:00\x00",
        ),
        *(
            "2026-12-01T22:00Z" + "0" * 9000,
            "\uff11\uff12:00",
            "9999-12-31T23:59",
            "0001-01-01T00:00",
        ),
    ],
)
def test_a_malformed_start_is_a_usage_error_with_a_hint(text: str) -> None:
    with pytest.raises(Usage) as error:
        when(text)

    assert error.value.hint


def test_a_date_alone_is_told_to_add_a_time() -> None:
    with pytest.raises(Usage, match="no time of day") as error:
        when("2026-12-01")

    assert error.value.hint == "add one: 2026-12-01T22:00"


@pytest.mark.parametrize(
    ("zone", "text", "hint"),
    [
        (BERLIN, "2027-03-28T02:30", "the next time that does is 03:00 (01:00 UTC)"),
        (NEW_YORK, "2027-03-14 02:00", "the next time that does is 03:00 (07:00 UTC)"),
        (LORD_HOWE, "2027-10-03T02:15", "the next time that does is 02:30 (15:30 UTC)"),
    ],
)
def test_a_skipped_local_time_is_refused(zone: ZoneInfo, text: str, hint: str) -> None:
    with pytest.raises(Usage, match=f"in {zone.key} does not exist") as error:
        when(text, zone=zone)

    assert error.value.hint == hint


@pytest.mark.parametrize(
    ("zone", "text", "hint"),
    [
        (BERLIN, "2027-10-31T02:30", "use 2027-10-31T00:30Z or 2027-10-31T01:30Z"),
        (NEW_YORK, "2027-11-07T01:00", "use 2027-11-07T05:00Z or 2027-11-07T06:00Z"),
        (LORD_HOWE, "2027-04-04T01:45", "use 2027-04-03T14:45Z or 2027-04-03T15:15Z"),
    ],
)
def test_a_repeated_local_time_is_refused(zone: ZoneInfo, text: str, hint: str) -> None:
    with pytest.raises(Usage, match="happens twice") as error:
        when(text, zone=zone)

    assert error.value.hint == hint


def test_a_repeated_time_with_an_offset_is_read() -> None:
    found = when("2027-10-31T02:30+02:00")

    assert found == When(utc("2027-10-31T00:30:00"), is_now=False)


def test_the_next_clock_time_in_todays_gap_is_refused_before_it_and_tomorrows_after_it() -> None:
    with pytest.raises(Usage, match="does not exist"):
        when("02:30", now=utc("2027-03-28T00:30:00"))

    assert when("02:30", now=utc("2027-03-28T04:00:00")).at == utc("2027-03-29T00:30:00")


def test_the_next_clock_time_that_repeats_is_refused_until_both_are_over() -> None:
    with pytest.raises(Usage, match="happens twice"):
        when("02:30", now=utc("2027-10-31T01:10:00"))

    assert when("02:30", now=utc("2027-10-31T02:00:00")).at == utc("2027-11-01T01:30:00")


@pytest.mark.parametrize(
    ("zone", "text", "warning"),
    [
        (
            BERLIN,
            "2027-03-28T03:00",
            "the clocks in Europe/Berlin go forward at Sun 28 Mar 2027 03:00 CEST (01:00 UTC)",
        ),
        (
            BERLIN,
            "2027-10-30T12:00",
            "the clocks in Europe/Berlin go back at Sun 31 Oct 2027 02:00 CET (01:00 UTC)",
        ),
        (
            LORD_HOWE,
            "2027-04-04T12:00",
            (
                "the clocks in Australia/Lord_Howe go back at Sun 4 Apr 2027 01:30 UTC+1030 "
                "(Sat 3 Apr 2027 15:00 UTC)"
            ),
        ),
        (BERLIN, "2027-03-28T03:00+02:00", None),
        (BERLIN, "2027-03-26T12:00", None),
    ],
)
def test_a_local_time_near_a_clock_change_is_warned_of(
    zone: ZoneInfo, text: str, warning: str | None
) -> None:
    assert when(text, zone=zone).warning == warning


@patient
@given(st.datetimes(datetime(2026, 11, 19), datetime(2036, 1, 1)))  # noqa: DTZ001 - local time
@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE])
def test_a_local_time_is_read_as_what_the_clock_shows_or_refused(
    zone: ZoneInfo, local: datetime
) -> None:
    local = local.replace(second=0, microsecond=0)
    readings = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    try:
        at = when(f"{local:%Y-%m-%d %H:%M}", zone=zone).at
    except Usage:
        assert len(readings) == 2
    else:
        assert readings == {at}
        assert at.astimezone(zone).replace(tzinfo=None) == local


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12h", "2026-11-18T00:00:00"),
        ("7d", "2026-11-11T12:00:00"),
        ("P1W", "2026-11-11T12:00:00"),
        ("2w", "2026-11-04T12:00:00"),
        ("today", "2026-11-17T23:00:00"),
        ("yesterday", "2026-11-16T23:00:00"),
        ("2026-11-01", "2026-10-31T23:00:00"),
        ("2026-11-01T10:00", "2026-11-01T09:00:00"),
        ("2026-11-01T10:00Z", "2026-11-01T10:00:00"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00"),
    ],
)
def test_since_is_read(text: str, expected: str) -> None:
    found = parse_since(text, now=NOON.replace(microsecond=0), zone=BERLIN)

    assert found == utc(expected)


def test_since_a_day_without_a_midnight_begins_with_its_first_instant() -> None:
    found = parse_since("2018-11-04", now=NOON, zone=ZoneInfo("America/Sao_Paulo"))

    assert found == utc("2018-11-04T03:00:00")


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2027-01-01", "now", "9999999d", "2026-13-01", "1y", "7", "0001-01-01"]
)
def test_an_unreadable_since_is_refused(text: str) -> None:
    zone = timezone(timedelta(hours=14))
    with pytest.raises(Usage):
        parse_since(text, now=NOON, zone=zone)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("2h", 7200), ("90m", 5400), ("1h30m", 5400), ("1h 30m", 5400), ("1 h 30 min", 5400)),
        *(("45s", 45), ("1d", 86400), ("PT2H", 7200), ("pt1h30m", 5400), ("P1D", 86400)),
        *(("P1W", 604800), ("1w", 604800), ("1.5h", 5400), ("PT0.5H", 1800), ("365d", 31536000)),
        *(("P1DT2H", 93600), ("8H", 28800), (" 2h ", 7200), ("60s", 60)),
    ],
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(("", "empty"), ("0h", "zero"), ("PT0S", "zero"), ("-2h", "negative")),
        *(("-PT2H", "negative"), ("P1M", "exact length"), ("P1Y", "exact length")),
        *(("1y", "exact length"), ("2 months", "exact length"), ("P1Y2M3DT4H", "exact length")),
        *(("30", "no unit"), ("0.5s", "whole seconds"), ("PT1.5S", "whole seconds")),
        *(("366d", "longer"), ("PT99999999999999H", "longer"), ("9999999999999999999999h", "malf")),
        *(
            ("\u0663h", "malformed"),
            ("\uff12h", "malformed"),
            ("P", "malformed"),
            ("PT", "malformed"),
        ),
        *(("P1DT", "malformed"), ("m30", "malformed"), ("2h\x00", "malformed"), ("2hh", "malf")),
        *(("30m1h", "malformed"), ("1e3h", "malformed"), ("+2h", "malformed"), ("h", "malformed")),
        *(("9" * 5000, "malformed"), ("\ud800", "malformed"), ("08:00:00", "malformed")),
    ],
)
def test_what_is_no_duration_is_refused_with_a_hint(text: str, said: str) -> None:
    with pytest.raises(Usage, match=said) as error:
        parse_duration(text)

    assert error.value.hint


def test_a_bare_number_is_asked_for_its_unit() -> None:
    with pytest.raises(Usage) as error:
        parse_duration("30")

    assert error.value.hint == "30h or 30m?"


lengths = st.integers(1, 365 * 86400).map(lambda seconds: timedelta(seconds=seconds))


@patient
@given(lengths)
def test_a_duration_survives_its_three_spellings(length: timedelta) -> None:
    assert parse_duration(iso_duration(length)) == length
    assert parse_duration(human_duration(length)) == length
    assert parse_iso_duration(iso_duration(length)) == length


anything = st.one_of(
    st.text(),
    st.text(alphabet="0123456789:.,+-PTZWDHMSptwdhms /"),
    st.from_regex(r"[+-]?[pP]?[0-9.]*[ywdhms]?[tT]?[0-9.]*[hms]?", fullmatch=True),
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:?[0-9]{2})?",
        fullmatch=True,
    ),
    st.from_regex(r"(sun |today |tomorrow )?[0-9]{1,2}:[0-9]{2}", fullmatch=True),
)


@patient
@given(anything, st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, UTC]))
def test_no_text_raises_anything_but_usage(text: str, zone: ZoneInfo) -> None:
    for read in (
        lambda: when(text, zone=zone),
        lambda: parse_since(text, now=NOON, zone=zone),
        lambda: parse_duration(text),
    ):
        with suppress(Usage):
            read()


@patient
@given(anything)
def test_the_wire_readers_never_raise(text: str) -> None:
    length, instant = parse_iso_duration(text), parse_instant(text)

    assert length is None or length >= timedelta(0)
    assert instant is None or instant.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT8H", timedelta(hours=8)),
        ("PT0S", timedelta(0)),
        ("P1DT1.5S", timedelta(days=1, seconds=1.5)),
        ("08:00:00", timedelta(hours=8)),
        ("1.02:03:04.5000000", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        *((text, None) for text in ("24:00:00", "08:60:00", "-PT8H", "-08:00:00", "P1M", "P1Y")),
        *((text, None) for text in ("", "8h", "PT", "P", "PT1.0000001S", "P999999999999999D")),
        *((value, None) for value in (None, 28800, [], "PT" + "9" * 70 + "H", "PT\u0663H")),
    ],
)
def test_a_wire_duration_is_read_or_none(text: object, expected: timedelta | None) -> None:
    assert parse_iso_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-04-22T05:48:30.6661804Z", datetime(2021, 4, 22, 5, 48, 30, 666_180, tzinfo=UTC)),
        ("2021-04-22t05:48:30z", utc("2021-04-22T05:48:30")),
        ("2021-04-22T05:48:30+02:00", utc("2021-04-22T03:48:30")),
        ("2021-04-22T05:48:30-0230", utc("2021-04-22T08:18:30")),
        ("2021-04-22T05:48:30.5", datetime(2021, 4, 22, 5, 48, 30, 500_000, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", utc("0001-01-01T00:00:00")),
        *((value, None) for value in ("", "x", "2021-04-22", "2021-02-30T00:00:00Z", None, 5, {})),
        *((value, None) for value in ("0001-01-01T00:00:00+01:00", "2021-04-22T05:48:60Z")),
        *((value, None) for value in ("2021-04-22T05:48:30+99:00", "2021-04-22T05:48:30+01:60")),
        ("2" * 100, None),
    ],
)
def test_a_wire_instant_is_read_or_none(text: object, expected: datetime | None) -> None:
    assert parse_instant(text) == expected


@pytest.mark.parametrize(
    ("seconds", "iso", "human"),
    [
        (5400, "PT1H30M", "1 h 30 min"),
        (28800, "PT8H", "8 h"),
        (183600, "PT51H", "2 d 3 h"),
        (45, "PT45S", "45 s"),
        (3605, "PT1H5S", "1 h 5 s"),
        (0.9, "PT0S", "0 s"),
    ],
)
def test_durations_are_written(seconds: float, iso: str, human: str) -> None:
    length = timedelta(seconds=seconds)

    assert (iso_duration(length), human_duration(length)) == (iso, human)


def test_a_negative_length_is_never_written() -> None:
    with pytest.raises(ValueError, match="negative"):
        iso_duration(timedelta(seconds=-1))


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        ("2026-11-22T21:00:00", BERLIN, "Sun 22 Nov 22:00 CET (21:00 UTC)"),
        ("2026-11-22T23:30:00", BERLIN, "Mon 23 Nov 00:30 CET (Sun 22 Nov 23:30 UTC)"),
        ("2027-01-05T21:00:00", BERLIN, "Tue 5 Jan 2027 22:00 CET (21:00 UTC)"),
        ("2026-12-31T23:30:00", BERLIN, "Fri 1 Jan 2027 00:30 CET (Thu 31 Dec 23:30 UTC)"),
        ("2026-11-22T21:00:00", UTC, "Sun 22 Nov 21:00 UTC"),
        ("2026-11-22T21:00:00", ZoneInfo("Etc/UTC"), "Sun 22 Nov 21:00 UTC"),
        (
            "2026-11-22T21:00:00",
            ZoneInfo("America/Sao_Paulo"),
            "Sun 22 Nov 18:00 UTC-03 (21:00 UTC)",
        ),
        ("9999-12-31T23:59:59", BERLIN, "Fri 31 Dec 9999 23:59 UTC"),
    ],
)
def test_an_instant_is_said_in_local_time_and_utc(at: str, zone: ZoneInfo, said: str) -> None:
    assert say_when(utc(at), zone, now=NOON) == said


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(minutes=-5), "5 min ago"),
        (timedelta(hours=2), "in 2 h"),
        (timedelta(hours=1, minutes=59, seconds=59), "in 1 h 59 min"),
        (timedelta(days=-3, hours=-4, minutes=-5), "3 d 4 h ago"),
        (timedelta(seconds=45), "in 45 s"),
        (timedelta(0), "now"),
    ],
)
def test_an_age_is_said(ahead: timedelta, said: str) -> None:
    assert age(NOON, NOON + ahead) == said


@pytest.mark.parametrize(
    ("name", "environ", "expected"),
    [
        ("Europe/Berlin", {"TZ": "Asia/Tokyo"}, BERLIN),
        ("europe/berlin", {}, BERLIN),
        ("utc", {}, UTC),
        (None, {"TZ": ":America/New_York"}, NEW_YORK),
        (None, {"TZ": "/usr/share/zoneinfo/America/New_York"}, NEW_YORK),
        (None, {"TZ": "posix/America/New_York"}, NEW_YORK),
        (None, {"TZ": ":right/America/New_York"}, NEW_YORK),
        (None, {"TZ": ""}, UTC),
        (None, {"TZ": ":"}, UTC),
    ],
)
def test_the_zone_is_the_named_one_else_tz(
    name: str | None, environ: dict[str, str], expected: object
) -> None:
    assert local_zone(name, environ) == expected


@pytest.mark.parametrize(
    ("rules", "winter", "summer"),
    [
        ("CET-1CEST,M3.5.0,M10.5.0/3", "22:00 CET (21:00 UTC)", "22:00 CEST (20:00 UTC)"),
        ("UTC+1", "22:00 UTC-01:00 (23:00 UTC)", "22:00 UTC-01:00 (23:00 UTC)"),
        ("<+0530>-5:30", "22:00 UTC+0530 (16:30 UTC)", "22:00 UTC+0530 (16:30 UTC)"),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", "22:00 NZDT (09:00 UTC)", "22:00 NZST (10:00 UTC)"),
        ("AAA0BBB,J60,J300", "22:00 AAA (22:00 UTC)", "22:00 BBB (21:00 UTC)"),
    ],
)
def test_rules_in_tz_are_a_zone(rules: str, winter: str, summer: str) -> None:
    zone = local_zone(None, {"TZ": rules})

    for text, said in (("2027-01-15T22:00", winter), ("2027-07-15T22:00", summer)):
        at = parse_when(text, now=NOON, zone=zone).at
        assert say_when(at, zone, now=NOON).endswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "Europe/Belrin",
        '"Europe/Berlin"',
        "CEST",
        "CET-1CEST",
        "Foo1Bar",
        "ABC99",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1\nCEST",
        "/etc",
        "/nonexistent",
        "\x00",
        "Europe",
        "größe-1",
    ],
)
def test_a_tz_that_cannot_be_used_refuses_local_times_only(text: str) -> None:
    zone = local_zone(None, {"TZ": text})

    assert isinstance(zone, NoZone)
    for local in ("22:00", "sun 02:00", "2027-01-15T22:00"):
        with pytest.raises(Usage, match="which is no time zone here: a local time cannot be read"):
            parse_when(local, now=NOON, zone=zone)
    for day in ("yesterday", "2026-11-01", "2026-11-01T22:00"):
        with pytest.raises(Usage, match="a local time cannot be read"):
            parse_since(day, now=NOON, zone=zone)
    assert parse_when("+30m", now=NOON, zone=zone).at
    assert parse_when("2027-01-15T22:00Z", now=NOON, zone=zone).at
    assert parse_since("7d", now=NOON, zone=zone)
    assert parse_since("2026-11-01T22:00+01:00", now=NOON, zone=zone)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /etc/localtime")
@pytest.mark.parametrize("content", [b"", b"TZif", b"TZif2" + bytes(10), None])
def test_a_machine_whose_zone_is_broken_refuses_local_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    file = tmp_path / "localtime"
    monkeypatch.setattr(zones, "_LOCALTIME", str(file))
    if content is None:
        file.symlink_to(file)
    else:
        file.write_bytes(content)

    zone = local_zone(None, {})

    assert isinstance(zone, NoZone)
    assert zone.was_set
    with pytest.raises(Usage, match="cannot be used: a local time cannot be read"):
        parse_when("22:00", now=NOON, zone=zone)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /etc/localtime")
def test_the_name_behind_a_link_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "localtime"
    file.symlink_to("/gone/zoneinfo/Europe/Berlin")
    monkeypatch.setattr(zones, "_LOCALTIME", str(file))

    assert local_zone(None, {}) == BERLIN


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /etc/localtime")
def test_a_machine_without_a_zone_refuses_local_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "_LOCALTIME", "/nonexistent/localtime")

    zone = local_zone(None, {})

    assert isinstance(zone, NoZone)
    assert not zone.was_set
    with pytest.raises(Usage, match="this machine has no time zone"):
        parse_when("22:00", now=NOON, zone=zone)


@pytest.mark.parametrize("told", ["Europe/Berlin", "Odd", None])
def test_windows_tells_its_zone_by_name(monkeypatch: pytest.MonkeyPatch, told: str | None) -> None:
    def name() -> str:
        if told is None:
            raise LookupError("no such key")
        return told

    tzlocal = types.ModuleType("tzlocal")
    tzlocal.get_localzone_name = name  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tzlocal", tzlocal)
    monkeypatch.setattr(zones.sys, "platform", "win32")

    zone = local_zone(None, {})

    assert zone == BERLIN if told == "Europe/Berlin" else isinstance(zone, NoZone)


def test_a_machine_without_a_database_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("zoneinfo.available_timezones", set)

    with pytest.raises(Usage, match="this machine has no database of them") as error:
        local_zone("Europe/Berln", {})

    assert "tzdata" in str(error.value.hint)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("berlin", "did you mean Europe/Berlin?"),
        ("new york", "did you mean America/New_York?"),
        *(
            (odd, "use a name such as Europe/Berlin or UTC")
            for odd in ("../etc/passwd", "\x00", "")
        ),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(Usage, match="no time zone named") as error:
        local_zone(name, {})

    assert error.value.hint == hint


@pytest.mark.parametrize("name", ["Europe", "/etc/passwd"])
def test_a_folder_or_path_is_no_zone(name: str) -> None:
    with pytest.raises(Usage):
        local_zone(name, {})


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-29T23:59:59Z",
        "2026-11-29T23:59:59.1Z",
        "2026-11-29T23:59:59.1234567Z",
        "2026-11-29T23:59:59.123456789012Z",
        "2024-02-29T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-29T24:00:00Z",
        "2026-11-29T23:60:00Z",
        "2026-11-29T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2026-11-29T23:59:59.Z",
        "2026-11-29T23:59Z",
        "٢٠٢٦-11-29T23:59:59Z",
        "2026-W48-7T23:59:59Z",
    ],
)
def test_an_instant_as_azure_writes_it_is_read_like_any_other(text: str) -> None:
    assert parse_instant(text) == parse_instant(text.lower())
