"""Several requests in one call: one row each, in order, and one exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from azjit import context
from azjit.sandbox.core import Response
from azjit.services.deciding import decide
from behind import Proceed, Wire, fails
from harness import Cli

# Real Ctrl-C while all threads wait for two hours; without an end to that it runs out of time.
WAITING = """
import faulthandler, os, signal, sys, threading, time
from pathlib import Path
from harness import Cli, Clock, opened

faulthandler.dump_traceback_later(50, exit=True)  # where it hangs, if it does
state, *names = sys.argv[1:]
signal.signal(signal.SIGINT, signal.default_int_handler)
clock = Clock()

once = threading.Lock()

def interrupt_once():
    # Four threads sleep: none of them may be the one that sees exactly 60.
    time.sleep(0.01)
    if len(clock.slept) >= 60 and once.acquire(blocking=False):
        os.kill(os.getpid(), signal.SIGINT)
    clock.at = min(clock.at, BEGUN)

with opened(Path(state) / "sandbox" / "world.sqlite", clock) as world:
    BEGUN = clock.now()
    clock.while_sleeping = interrupt_once
    cli = Cli(Path(state), clock, world, {"AZJIT_SANDBOX": "1"})
    wait = ("--reason", "agreed", "--timeout", "2h")
    print(cli("consumer", "approve", *names, *wait).code)
"""
UNKNOWN = "deadbeef-0000-4000-8000-000000000000"


def _approve(cli: Cli, *names: str, **kwargs: Any) -> Any:
    return cli("consumer", "approve", *names, "--reason", "agreed", "-o", "json", **kwargs)


def _filed(cli: Cli, count: int) -> list[str]:
    return [
        cli.file("orders", "--start", f"+{at + 1}h", "--duration", "30m") for at in range(count)
    ]


def test_all_are_approved_in_the_order_they_were_named(both: Cli) -> None:
    names = _filed(both, 3)[::-1]

    done = _approve(both, *names)

    assert done.code == 0, done.err
    assert [row["asked"] for row in done.json] == names
    assert {row["result"] for row in done.json} == {"approved"}


def test_mixed_results_are_partly_done(both: Cli) -> None:
    first, last = _filed(both, 2)

    done = _approve(both, first, UNKNOWN, last)

    assert done.code == 7
    assert [row["exit"] for row in done.json] == [0, 3, 0]
    assert "1 of 3 requests failed" in done.err


def test_twenty_at_once_keep_their_order_and_their_receipts(cli: Cli) -> None:
    names = _filed(cli, 20)

    done = _approve(cli, *names)

    assert done.code == 0, done.err
    assert [row["asked"] for row in done.json] == names
    entries = [entry for entry in cli.receipts() if entry["kind"] == "outcome"]
    assert len([e for e in entries if e["state"] == "approved"]) == 20


@pytest.mark.parametrize(("alias", "code"), [("rita", 4), ("alice", 5)])
def test_what_fails_alike_gives_that_code(cli: Cli, alias: str, code: int) -> None:
    names = _filed(cli, 3)

    done = _approve(cli, *names, "--as", alias, "--accept", "not-an-approver")

    assert done.code == code
    assert "3 of 3 requests failed" in done.err


def test_failures_of_two_kinds_are_partly_done(cli: Cli) -> None:
    (name,) = _filed(cli, 1)
    cli("consumer", "deny", name, "--reason", "no")

    assert _approve(cli, name, UNKNOWN).code == 7


def test_each_failure_has_its_line(cli: Cli) -> None:
    names = _filed(cli, 2)
    for name in names:
        cli("consumer", "deny", name, "--reason", "no")

    done = _approve(cli, *names)

    lines = [line for line in done.err.splitlines() if line.startswith("azjit: ")]
    assert lines[:2] == [f"azjit: cannot approve request {name}: it is denied" for name in names]


def test_the_same_request_named_in_every_way_is_decided_once(cli: Cli, wire: Wire) -> None:
    (name,) = _filed(cli, 1)
    told = cli("publisher", "show", name, "-o", "json").json["id"]

    done = _approve(cli, name, told, name[:9], name.upper(), name)

    assert done.code == 0, done.err
    assert [row["asked"] for row in done.json] == [name]
    assert len(wire.decisions) == 1


def test_the_same_unknown_request_twice_is_one_row(cli: Cli) -> None:
    done = _approve(cli, UNKNOWN, UNKNOWN.upper())

    assert done.code == 3
    assert len(done.json) == 1


def test_one_answer_is_for_all_of_them(cli: Cli, wire: Wire) -> None:
    names = _filed(cli, 3)

    done = cli("consumer", "approve", *names, "--reason", "agreed", tty=True, answer="n\n")

    assert done.code == 1
    question = "approve 3 requests: Contributor for 1 application, longest 30 min? [y/N]"
    assert question in done.err
    assert done.err.count("a0000000-0000-4000-8000-") == 3
    assert wire.decisions == []


def test_six_requests_and_the_question_fit_on_a_small_terminal(cli: Cli) -> None:
    names = [f"{at}{at}4068d0-2105-4fe8-99dd-cf7a93cc2303" for at in range(1, 7)]
    for at, name in enumerate(names):
        when = ("--name", name, "--start", f"+{26 if at == 3 else at + 1}h", "--duration", "30m")
        cli.file("orders", "--reason", "rebuild the index after the failed upgrade", *when)

    done = cli("consumer", "approve", *names, "--reason", "x", tty=True, width=80, answer="n\n")

    last = done.err[: done.err.index("[y/N]")].splitlines()[-24:]
    rows = [line for line in last if line[:8] in {name[:8] for name in names}]
    assert len(rows) == 6
    assert [line[-9:] for line in last if "far-start" in line] == ["far-start"]
    assert sum(line.startswith("    Reason, claimed") for line in last) == 6
    assert "1 with warnings?" in " ".join(last)


def test_where_nobody_is_asked_a_request_is_one_line(cli: Cli) -> None:
    names = [cli.file("orders", "--start", f"+{hours}h") for hours in (2, 30)]

    done = _approve(cli, *names, *("--accept", "far-start"))

    rows = [line for line in done.err.splitlines() if line.startswith("a0000000")]
    assert (done.code, len(rows)) == (0, 2)
    assert "Until" not in done.err
    assert rows[1].endswith("warning: far-start")


def test_what_cannot_be_decided_is_not_asked_about(cli: Cli) -> None:
    (name,) = _filed(cli, 1)

    done = cli("consumer", "approve", UNKNOWN, name, "--reason", "agreed", tty=True, answer="y\n")

    assert "approve this request? [y/N]" in done.err
    assert done.code == 7


def test_one_that_is_throttled_hinders_no_other(cli: Cli, wire: Wire) -> None:
    names = _filed(cli, 4)
    wire.on("POST", "/updateAccess", fails(429, "TooManyRequests"), times=1)

    done = _approve(cli, *names)

    assert done.code == 7
    assert sorted(row["exit"] for row in done.json) == [0, 0, 0, 6]
    assert len(wire.decisions) == 4


def test_the_rest_of_a_batch_waits_for_as_long_as_azure_asks(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "BATCH_THREADS", 2)
    names = _filed(cli, 8)
    begun = cli.clock.now()
    refused = fails(429, "TooManyRequests", {"Retry-After": "7"})

    def act(proceed: Proceed) -> Response:
        is_over = cli.clock.now() - begun >= timedelta(seconds=7)
        return proceed() if is_over else refused(proceed)

    wire.on("POST", "/updateAccess", act)

    done = _approve(cli, *names)

    codes = sorted(row["exit"] for row in done.json)
    assert codes.count(0) >= 6  # all but those that were under way
    assert len(wire.decisions) == 8


@pytest.mark.parametrize(
    ("status", "code", "seconds"), [(429, "TooManyRequests", "3600"), (409, "Conflict", "7")]
)
def test_no_batch_waits_where_azure_asks_for_an_hour_or_refuses_one_call_only(
    cli: Cli, wire: Wire, status: int, code: str, seconds: str
) -> None:
    names = _filed(cli, 3)
    wire.on("POST", "/updateAccess", fails(status, code, {"Retry-After": seconds}))
    begun = cli.clock.now()

    _approve(cli, *names)

    assert len(wire.decisions) == 3
    assert cli.clock.now() - begun < timedelta(seconds=7)


def test_a_dry_run_lists_every_call(cli: Cli, wire: Wire) -> None:
    names = _filed(cli, 3)

    done = _approve(cli, *names, "--dry-run")

    assert done.code == 0
    assert [call["body"]["metadata"]["originRequestId"] for call in done.json] == names
    assert wire.decisions == []


def test_rows_of_a_batch_are_lines_in_a_pipe_and_a_table_on_a_terminal(cli: Cli) -> None:
    names = _filed(cli, 2)

    piped = cli("consumer", "deny", *names, "--reason", "no")
    shown = cli("consumer", "deny", *names, "--reason", "no", "--yes", tty=True, width=140)

    assert [line.split("\t")[1] for line in piped.out.splitlines()] == ["denied", "denied"]
    assert shown.out.count("already denied") == 2
    assert shown.out.splitlines()[0].startswith("Request")


def test_ctrl_c_in_the_middle_ends_all_and_leaves_what_is_open_to_be_read(
    cli: Cli, wire: Wire
) -> None:
    names = _filed(cli, 12)
    wire.on("POST", "/updateAccess", _interrupts, times=1)

    done = _approve(cli, *names)

    assert done.code == 130
    entries = cli.receipts()
    intents = [entry["id"] for entry in entries if entry.get("action") == "approve"]
    outcomes = [entry["id"] for entry in entries if entry["kind"] == "outcome"]
    (left,) = set(intents) - set(outcomes)
    again = cli("consumer", "pending")
    assert "was interrupted" in again.err
    assert left in [entry["id"] for entry in cli.receipts() if entry["kind"] == "outcome"]


def test_after_ctrl_c_no_call_that_waits_for_its_turn_is_sent(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = _filed(cli, 3)

    class Stopped(Event):
        def is_set(self) -> bool:
            return True

    monkeypatch.setattr(context, "Event", Stopped)
    done = _approve(cli, *names)

    assert done.code == 130
    assert wire.decisions == []
    assert [entry for entry in cli.receipts() if entry.get("action") == "approve"] == []


def test_ctrl_c_ends_the_waiting_of_the_others_too(cli: Cli) -> None:
    cli.world.set_switch("orders", "update-access", "ignored")
    names = _filed(cli, 4)
    here = Path(__file__).parents[1]
    found = [str(here), *(path for path in sys.path if path)]

    done = subprocess.run(
        [sys.executable, "-c", WAITING, str(cli.state), *names],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(found)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stdout == "130\n", done.stderr


def _interrupts(proceed: Proceed) -> Response:
    proceed()
    raise KeyboardInterrupt
