"""The zone of local times: honoured, or refused where a time depends on it."""

from __future__ import annotations

import zoneinfo

import pytest

from harness import Cli

LOCAL = ("publisher", "request", "orders", "--role", "Contributor", "--start", "2026-07-15T22:00")
START = ("--dry-run", "-o", "json", "--query", "[0].body.properties.jitSchedulingPolicy.startTime")


def test_rules_in_tz_are_honoured(cli: Cli) -> None:
    asked = cli(*LOCAL, *START, environ={"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"})

    assert asked.json == "2026-07-15T20:00:00Z"
    assert "start: Wed 15 Jul 22:00 CEST (20:00 UTC)" in asked.err


@pytest.mark.parametrize("zone", ["Europe/Belrin", "CEST", '"Europe/Berlin"'])
def test_a_zone_that_cannot_be_used_refuses_a_local_time(cli: Cli, zone: str) -> None:
    asked = cli(*LOCAL, environ={"TZ": zone})
    since = cli("consumer", "history", "--since", "yesterday", environ={"TZ": zone})

    assert (asked.code, asked.out, cli.receipts()) == (2, "", [])
    assert asked.error == f"TZ is {zone!r}, which is no time zone here: a local time cannot be read"
    assert "next: use --timezone" in asked.err
    assert (since.code, since.out) == (2, "")


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_zone_that_cannot_be_used_is_warned_of_elsewhere(cli: Cli, form: str) -> None:
    shown = cli("consumer", "history", "--since", "7d", "-o", form, environ={"TZ": "CEST"})
    named = cli(*LOCAL, *START, "--timezone", "Europe/Berlin", environ={"TZ": "CEST"})

    assert shown.code == 0
    warning = "warning: TZ is 'CEST', which is no time zone here: times are shown in UTC\n"
    assert shown.err.count(warning) == 1
    assert named.json == "2026-07-15T20:00:00Z"
    assert "no time zone here" not in named.err


def test_a_machine_without_a_database_has_the_packages(cli: Cli) -> None:
    pytest.importorskip("tzdata")
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache(only_keys=["Europe/Andorra"])
    try:
        asked = cli(*LOCAL, *START, "--timezone", "Europe/Andorra")
    finally:
        zoneinfo.reset_tzpath()

    assert asked.json == "2026-07-15T20:00:00Z"
