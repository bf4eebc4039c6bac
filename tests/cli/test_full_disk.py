"""What a read has shown is told, although the disk then takes no outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from azjit.store.chain import Head
from azjit.store.shared_writes import SharedWrites, WaitingLine
from behind import Proceed, Wire, fails
from harness import Cli

Fill = Callable[[], None]


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function that fills the disk: from then on no outcome can be written."""
    write = SharedWrites.write

    def refuse(writes: SharedWrites, mine: WaitingLine) -> None:
        line = mine.line(Head())
        if b'"kind":"outcome"' in line:
            raise OSError(28, "No space left on device")
        write(writes, mine)

    return lambda: monkeypatch.setattr(SharedWrites, "write", refuse)


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_a_decision_that_a_read_shows_is_told(cli: Cli, fill: Fill, verb: str) -> None:
    name = cli.file()
    fill()

    done = cli("consumer", verb, name, "--reason", "agreed", "-o", "json")

    (row,) = done.json
    word = {"approve": "approved", "deny": "denied"}[verb]
    assert (row["result"], row["exit"], row["request"]["state"]) == (word, 0, word)
    assert "(confirmed) could not be written" in row["message"]
    assert done.code == 1
    assert done.err.count("(confirmed) could not be written") == 1


def test_each_of_a_batch_is_told(cli: Cli, fill: Fill) -> None:
    names = [cli.file("orders", "--start", f"+{at}h", "--duration", "30m") for at in (1, 2)]
    fill()

    done = cli("consumer", "approve", *names, "--reason", "agreed", "-o", "json")

    assert [row["result"] for row in done.json] == ["approved", "approved"]
    assert done.code == 1
    assert done.err.count("(confirmed) could not be written") == 2


@pytest.mark.parametrize(
    ("argv", "key", "shown"),
    [
        (("publisher", "request", "orders", "--role", "Contributor"), "state", "pending"),
        (("consumer", "configure", "orders", "--max-duration", "4h"), "changed", True),
    ],
)
def test_what_another_write_came_to_is_told(
    cli: Cli, fill: Fill, argv: tuple[str, ...], key: str, shown: object
) -> None:
    fill()

    done = cli(*argv, "-o", "json")

    assert (done.code, done.json[key]) == (1, shown)
    assert "could not be written" in done.error


def test_a_cancellation_that_a_read_shows_is_told(cli: Cli, fill: Fill) -> None:
    name = cli.file()
    fill()

    gone = cli("publisher", "cancel", name, "-o", "json")

    (row,) = gone.json
    assert (gone.code, row["result"], row["exit"]) == (1, "withdrawn", 0)
    assert "could not be written" in row["message"]


def test_a_refusal_is_told_as_it_was(cli: Cli, fill: Fill, wire: Wire) -> None:
    name = cli.file()
    fill()
    wire.on("POST", "/updateAccess", fails(403, "AuthorizationFailed"))

    done = cli("consumer", "approve", name, "--reason", "agreed", "-o", "json")

    (row,) = done.json
    assert (done.code, row["result"], row["errorCode"]) == (4, "not allowed", "AuthorizationFailed")
    assert "could not be written" in done.err


def test_what_cannot_be_settled_stops_no_reading(cli: Cli, fill: Fill, wire: Wire) -> None:
    name = cli.file()
    wire.on("POST", "/updateAccess", _interrupts, times=1)
    assert cli("consumer", "approve", name, "--reason", "agreed").code == 130
    fill()

    listed = cli("consumer", "history", "-o", "json")

    assert listed.code == 0
    assert name in {each["name"] for each in listed.json}
    assert "could not be written" in listed.err


def _interrupts(proceed: Proceed) -> Any:
    proceed()
    raise KeyboardInterrupt
