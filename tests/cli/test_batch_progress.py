"""The progress of a batch: one line on a terminal, with a rate, and gone at the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from azjit.sandbox.core import Response
from azjit.services.deciding import decide
from behind import Proceed, Wire
from harness import Cli, Result

WIDTH = 80


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decide one request after the other, so that the clock of the test is that of each."""
    monkeypatch.setattr(decide, "BATCH_THREADS", 1)


def approved(cli: Cli, count: int, *, tty: bool) -> Result:
    names = [
        cli.file("orders", "--start", f"+{at + 1}h", "--duration", "30m") for at in range(count)
    ]
    return cli("consumer", "approve", *names, "--reason", "agreed", "--yes", tty=tty, width=WIDTH)


def steps(done: Result, doing: str) -> list[str]:
    """What the line said, one after the other."""
    return [part.rstrip() for part in done.err.split("\r") if part.startswith(doing)]


def slow(cli: Cli, wire: Wire, seconds: float) -> None:
    def act(proceed: Proceed) -> Response:
        cli.clock.at += timedelta(seconds=seconds)
        return proceed()

    wire.on("POST", "/updateAccess", act)


def test_a_batch_tells_how_far_it_is(cli: Cli) -> None:
    done = approved(cli, 3, tty=True)

    assert done.code == 0, done.err
    assert steps(done, "looking") == ["looking up the requests"]
    assert steps(done, "reading") == [f"reading requests: {at} of 3" for at in range(4)]
    assert steps(done, "deciding") == [f"deciding requests: {at} of 3" for at in range(4)]


@pytest.mark.parametrize(
    ("seconds", "rate"), [(0.25, "4 per second"), (1, "1 per second"), (12, "5 per minute")]
)
def test_the_rate_is_that_of_the_last_seconds(
    cli: Cli, wire: Wire, seconds: float, rate: str
) -> None:
    slow(cli, wire, seconds)

    done = approved(cli, 6, tty=True)

    assert done.code == 0, done.err
    assert steps(done, "deciding")[-1] == f"deciding requests: 6 of 6, {rate}"


def test_the_line_is_gone_when_the_result_is_shown(cli: Cli, wire: Wire) -> None:
    slow(cli, wire, 1)

    done = approved(cli, 3, tty=True)

    last = done.err.rpartition("deciding requests: 3 of 3")[2].split("\r")
    assert last[1].strip() == ""
    assert all(len(part) < WIDTH for part in done.err.split("\r") if part.startswith("deciding"))


def test_a_pipe_gets_no_progress(cli: Cli) -> None:
    done = approved(cli, 3, tty=False)

    assert done.code == 0
    assert "\r" not in done.err
    assert "deciding requests" not in done.err


def test_one_request_needs_no_count(cli: Cli) -> None:
    done = approved(cli, 1, tty=True)

    assert done.code == 0
    assert "of 1" not in done.err
