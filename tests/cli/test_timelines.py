"""Who had which role when, drawn in the terminal."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from azjit.output.cells import DisplayContext
from azjit.output.results.lanes import _bar, _size, legend
from harness import Cli, unwrapped
from reported import NOW, lane_of

HOUR = timedelta(hours=1)


@pytest.fixture
def busy(cli: Cli) -> Cli:
    """Orders: two of ten hours, approved. Reports: one hour, automatic. Sensors: denied."""
    cli.approve(cli.file("orders", "--duration", "2h"))
    cli.file("reports", "--duration", "1h")
    assert cli("consumer", "deny", cli.file("sensors"), "--reason", "no").code == 0
    cli.later(hours=10)
    return cli


def bars(out: str) -> dict[str, str]:
    """Give the bar of each application."""
    found = {}
    for line in out.splitlines()[1:]:
        bar = re.search("[·█▒]{5,}", line)
        app = re.search(r"[\w-]+/[\w-]+", line)
        if bar and app:
            found[app[0]] = bar[0]
    return found


@pytest.mark.parametrize("side", ["consumer", "publisher"])
def test_each_principal_and_role_has_a_bar(busy: Cli, side: str) -> None:
    done = busy(side, "history", "--timeline", "--since", "10h", tty=True, width=140)

    assert done.code == 0, done.err
    drawn = bars(done.out)
    assert {*drawn} == {"contoso-apps/orders", "contoso-apps/reports"}
    size = len(drawn["contoso-apps/orders"])
    assert drawn["contoso-apps/orders"].count("█") in {size // 5, size // 5 + 1}
    assert drawn["contoso-apps/orders"].startswith("█")
    assert {*drawn["contoso-apps/reports"]} == {"▒", "·"}
    assert "denied" not in done.out
    assert "▒ approved automatically" in done.err


@pytest.mark.parametrize("width", [80, 100, 140, 300])
def test_no_bar_is_cut(busy: Cli, width: int) -> None:
    done = busy("publisher", "history", "--timeline", tty=True, width=width)

    assert {len(bar) for bar in bars(done.out).values()} == {_size(width)}
    assert "no room" not in done.err


def test_access_of_an_earlier_request_is_drawn_where_the_time_begins(busy: Cli) -> None:
    done = busy("consumer", "history", "--timeline", "--since", "9h", tty=True, width=140)

    drawn = bars(done.out)
    assert {*drawn} == {"contoso-apps/orders"}
    assert drawn["contoso-apps/orders"].startswith("█")


def test_without_a_time_the_bars_begin_with_the_first_access(busy: Cli) -> None:
    done = busy("consumer", "history", "orders", "--timeline", tty=True, width=140)

    bar = bars(done.out)["contoso-apps/orders"]
    assert re.fullmatch("█+·+█+·+", bar)


def test_a_revocation_ends_the_bar(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "3h")
    cli.approve(name)
    cli.later(hours=1)
    assert cli("consumer", "revoke", name, "--reason", "done").code == 0
    cli.later(hours=3)

    done = cli("consumer", "history", "--timeline", "--since", "4h", tty=True, width=140)

    bar = bars(done.out)["contoso-apps/orders"]
    assert bar.count("█") in {len(bar) // 4, len(bar) // 4 + 1}


def test_a_filter_selects_what_is_drawn(busy: Cli) -> None:
    done = busy("consumer", "history", "reports", "--timeline", tty=True, width=140)

    assert {*bars(done.out)} == {"contoso-apps/reports"}


def test_without_access_nothing_is_drawn(busy: Cli) -> None:
    done = busy("consumer", "history", "--timeline", "--since", "1h", tty=True)

    assert (done.code, done.out) == (0, "")
    assert "no access in this time" in done.err
    assert "█" not in done.err


def test_a_pipe_gets_the_drawing_too(busy: Cli) -> None:
    done = busy("consumer", "history", "--timeline")

    assert done.code == 0
    assert "█" in done.out


@pytest.mark.parametrize(
    "argv", [("-o", "json"), ("-o", "csv"), ("--query", "[]"), ("--activity",)]
)
def test_a_drawing_is_no_data(cli: Cli, argv: tuple[str, ...]) -> None:
    done = cli("consumer", "history", "--timeline", *argv)

    assert (done.code, done.out) == (2, "")
    assert "--timeline" in done.err


def test_a_format_of_the_environment_keeps_the_drawing(busy: Cli) -> None:
    done = busy("consumer", "history", "--timeline", environ={"AZJIT_OUTPUT": "json"})

    assert done.code == 0
    assert "█" in done.out


@pytest.mark.parametrize(
    ("spans", "drawn"),
    [
        ([(0, 8)], "████████"),
        ([(0, 1), (7, 8)], "█······█"),
        ([(2, 4)], "··██····"),
        ([(2.5, 2.6)], "··█·····"),
        ([(3.9, 4.1)], "···██···"),
        ([(1, 3, True), (2, 4)], "·▒██····"),
        ([(2, 4), (1, 3, True)], "·▒██····"),
    ],
)
def test_a_character_is_filled_if_access_has_a_part_of_it(
    spans: list[tuple[float, ...]], drawn: str
) -> None:
    chart = lane_of(spans, hours=8)

    assert _bar(chart, 8, chart.lanes[0]) == drawn


def test_the_legend_says_how_long_a_character_is_and_from_when_to_when() -> None:
    told = legend(lane_of([(0, 8)], hours=32), DisplayContext(NOW.tzinfo, NOW), 92)

    assert told.startswith("█ approved, for at least a part of 1 h; ")
    assert "Mon 9 Nov 01:00 UTC to Tue 10 Nov 09:00 UTC" in unwrapped(told)
