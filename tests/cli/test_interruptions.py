"""A command that is interrupted names what it sent, shows what it knows, and ends at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from azjit.errors import Interrupted
from azjit.sandbox.core import Response
from behind import Act, Proceed, Wire
from harness import Cli, Result

pytestmark = pytest.mark.usefixtures("watched")

MACHINES = ("--role", "Virtual Machine Contributor", "--reason", "INC-1", "--ticket", "1@Snow")
OFFER = ("--product", "fabrikam-orders", "--instance", "standard-draft")
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


def cut(number: int = signal.SIGINT, *, acts: bool = True) -> Act:
    """Interrupt the command while Azure has the call."""

    def act(proceed: Proceed) -> Response:
        if acts:
            proceed()
        raise KeyboardInterrupt if number == signal.SIGINT else Interrupted(number)

    return act


def told(done: Result) -> list[str]:
    """The lines of what was sent."""
    lead = "azjit: interrupted: "
    return [x.removeprefix(lead) for x in done.err.splitlines() if x.startswith(lead)]


def argv_of(cli: Cli, what: str) -> tuple[str, ...]:
    if what == "cancel":
        return "publisher", "cancel", cli.file()
    if what == "revoke":
        cli.approve(name := cli.file())
        return "consumer", "revoke", name, "--reason", "done"
    if what in {"approve", "deny"}:
        return "consumer", what, cli.file(), "--reason", "agreed"
    return {
        "request": ("publisher", "request", "orders", "--role", "Contributor"),
        "activate": ("publisher", "request", "orders", "--pim", *MACHINES),
        "configure": ("consumer", "configure", "orders", "--max-duration", "4h"),
        "refresh": ("publisher", "refresh-permissions", "shop-eu/shop", "--as", "bob"),
        "offer": ("publisher", "offer", "enable-jit", *OFFER, "--yes"),
    }[what]


WRITES = {
    "approve": ("POST", "/updateAccess", "the approval of "),
    "deny": ("POST", "/updateAccess", "the denial of "),
    "revoke": ("POST", "/updateAccess", "the revocation of the access of "),
    "request": ("PUT", "/jitRequests/", "request "),
    "activate": ("PUT", "/roleAssignmentScheduleRequests/", "activation "),
    "cancel": ("DELETE", "/jitRequests/", "the deletion of request "),
    "configure": ("PATCH", "/applications/", "the change of the settings of orders"),
    "refresh": ("POST", "/refreshPermissions", "the refresh of the permissions of shop"),
    "offer": ("PUT", "/packageConfigurations", "enable-jit of "),
}


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_each_write_that_was_sent_is_named(
    cli: Cli, wire: Wire, *, what: str, number: int, code: int
) -> None:
    method, part, words = WRITES[what]
    argv = argv_of(cli, what)
    wire.on(method, part, cut(number), times=1)

    done = cli(*argv)

    assert (done.code, done.out) == (code, ""), done.err
    (line,) = told(done)
    assert line.startswith(words)
    assert " was sent, but no read shows it yet; check: azjit " in line


@pytest.mark.parametrize(
    ("what", "look"),
    [
        ("configure", "azjit consumer show contoso-apps/orders"),
        ("refresh", "azjit publisher check shop-eu/shop"),
        ("offer", "azjit publisher offer show --product fabrikam-orders --instance INSTANCE"),
    ],
)
def test_where_to_look_is_named_so_that_it_is_the_only_one(
    cli: Cli, wire: Wire, what: str, look: str
) -> None:
    method, part, _ = WRITES[what]
    argv = argv_of(cli, what)
    wire.on(method, part, cut(), times=1)

    (line,) = told(cli(*argv))

    assert line.endswith(f"check: {look}")


@pytest.mark.parametrize("what", ["approve", "revoke", "request", "cancel", "configure"])
def test_what_was_not_sent_is_not_named(cli: Cli, wire: Wire, what: str) -> None:
    argv = argv_of(cli, what)
    wire.on("GET", "/", cut(), times=1)

    done = cli(*argv)

    assert (done.code, done.out, told(done)) == (130, "", [])
    assert done.err.endswith("\nazjit: interrupted\n")


def test_what_is_interrupted_between_its_intent_and_its_call_is_settled(
    cli: Cli, wire: Wire
) -> None:
    name = cli.file()
    wire.on("GET", f"/jitRequests/{name}", lambda go: go(), times=1)
    wire.on("GET", f"/jitRequests/{name}", cut(), times=1)

    done = cli("consumer", "approve", name, "--reason", "agreed")

    assert (done.code, told(done), wire.decisions) == (130, [], [])
    last = cli.receipts()[-1]
    assert (last["outcome"], last["detail"]) == ("failed", "interrupted before it was sent")


def test_an_interruption_of_the_reads_after_a_call_names_it(cli: Cli) -> None:
    cli.world.set_switch("orders", "confirm-delay-seconds", "60")
    name = cli.file()

    def interrupt() -> None:
        raise KeyboardInterrupt

    cli.clock.while_sleeping = interrupt

    done = cli("consumer", "approve", name, "--reason", "agreed")

    assert done.code == 130
    assert f"the approval of {name} was sent, but no read shows it yet" in told(done)[0]


def test_a_line_stays_one_line_at_a_narrow_terminal(cli: Cli, wire: Wire) -> None:
    wire.on("POST", "/updateAccess", cut(), times=1)
    argv = ("consumer", "approve", cli.file(), "--reason", "agreed", "--yes")

    done = cli(*argv, tty=True, width=40)

    assert told(done)[0].endswith("check: azjit consumer history")


def test_what_a_read_has_shown_is_not_called_unseen(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = cli.file()

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("azjit.store.receipts.Receipts._write_outcome", interrupt)

    done = cli("consumer", "approve", name, "--reason", "agreed")

    assert done.code == 130
    assert f"the approval of {name} was sent and a read shows: approved" in told(done)[0]


def test_a_batch_shows_the_rows_that_are_known(cli: Cli, wire: Wire) -> None:
    names = [cli.file("orders", "--start", f"+{at}h", "--duration", "30m") for at in (1, 2, 3)]
    decided: list[str] = []
    turns = count(1)

    def last(proceed: Proceed) -> Response:
        turn, answer = next(turns), proceed()
        if turn == len(names):
            until = time.monotonic() + 20
            while len(decided) < 2 and time.monotonic() < until:
                decided[:] = [e["id"] for e in cli.receipts()[2 * len(names) :] if _is_done(e)]
                time.sleep(0.01)
            raise KeyboardInterrupt
        return answer

    wire.on("POST", "/updateAccess", last)

    done = cli("consumer", "approve", *names, "--reason", "agreed", "-o", "json")

    assert done.code == 130
    assert [row["result"] for row in done.json] == ["approved", "approved"]
    (line,) = told(done)
    (other,) = set(names) - {row["request"]["name"] for row in done.json}
    assert f"the approval of {other} was sent" in line


def _is_done(entry: Any) -> bool:
    return entry["kind"] == "outcome" and entry["outcome"] == "confirmed"


def test_a_filed_request_is_shown_when_the_wait_for_it_is_interrupted(cli: Cli) -> None:
    def interrupt() -> None:
        raise Interrupted(signal.SIGTERM)

    cli.clock.while_sleeping = interrupt

    done = cli("publisher", "request", "orders", "--role", "Contributor", "--wait", "-o", "json")

    assert (done.code, done.json["state"], told(done)) == (143, "pending", [])
    assert done.json["name"] in {each["name"] for each in cli.world.describe()["requests"]}


def test_rows_that_nobody_reads_change_nothing_about_the_end(cli: Cli, wire: Wire) -> None:
    del wire

    def interrupt() -> None:
        raise Interrupted(signal.SIGHUP)

    cli.clock.while_sleeping = interrupt
    argv = ("publisher", "request", "orders", "--role", "Contributor", "--wait", "-o", "table")

    assert cli(*argv, environ={"AZJIT_QUERY": "[0"}).code == 2
    assert cli(*argv).code == 129


def test_real_signals_end_a_batch_that_waits_for_azure(cli: Cli) -> None:
    """One process for each signal, whose calls Azure answers after a minute."""
    running = []
    for at, (number, _) in enumerate(SIGNALS):
        names = [
            cli.file("orders", "--start", _in_days(2 * at + each), "--duration", "30m")
            for each in (1, 2)
        ]
        for _ in names:
            cli.world.add_fault({"kind": "slow", "match": "POST updateAccess", "seconds": 60})
        # The requests wait since the day of the test's clock, and the process has a real one.
        accept = ["--accept", "far-start,stale"]
        argv = ["consumer", "approve", *names, "--reason", "agreed", "--yes", *accept]
        process = _process(cli, *argv)
        until = time.monotonic() + 60
        while cli.world.faults() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(number)
        running.append((process, names))

    for (process, names), (_, code) in zip(running, SIGNALS, strict=True):
        _, err = process.communicate(timeout=30)

        assert process.returncode == code, err
        for name in names:
            assert f"the approval of {name} was sent, but no read shows it yet" in err


def _in_days(days: int) -> str:
    """A start that is ahead by the processes' own clock, too, which no test holds still."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT10:00Z}"


def _process(cli: Cli, *argv: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "azjit", *argv],
        env={**os.environ, "AZJIT_SANDBOX": "1", "AZJIT_STATE_DIR": str(cli.state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
