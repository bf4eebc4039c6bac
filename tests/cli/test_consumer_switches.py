"""With each switch of the sandbox, nothing is reported that a read did not show."""

from __future__ import annotations

from typing import Any

import pytest

from behind import Wire
from harness import Cli

WORDS = {"approve": "approved", "deny": "denied"}


def _decide(cli: Cli, verb: str, name: str, *more: str) -> Any:
    return cli("consumer", verb, name, "--reason", "because", "-o", "json", *more)


@pytest.mark.parametrize("verb", ["approve", "deny"])
@pytest.mark.parametrize("conduct", ["ignored", "pim-linked"])
def test_a_decision_that_azure_ignores_is_unconfirmed(cli: Cli, verb: str, conduct: str) -> None:
    cli.world.set_switch("orders", "update-access", conduct)
    name = cli.file("orders")

    done = _decide(cli, verb, name, "--route", "application")

    assert done.code == 9
    (row,) = done.json
    assert row["result"] == "unconfirmed"
    assert row["request"]["state"] == "pending"
    assert done.error == (
        f"request {name} is not {WORDS[verb]}: Azure accepted the call, but a read still shows it"
        " as pending"
    )
    assert "https://portal.azure.com/" in done.err
    outcome = cli.receipts()[-1]
    assert (outcome["outcome"], outcome["state"]) == ("unconfirmed", "pending")


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_a_decision_that_azure_forbids_is_not_allowed(cli: Cli, verb: str) -> None:
    cli.world.set_switch("orders", "update-access", "forbidden")
    name = cli.file("orders")

    done = _decide(cli, verb, name)

    assert done.code == 4
    assert done.json[0]["result"] == "not allowed"
    assert done.json[0]["errorCode"] == "AuthorizationFailed"
    assert cli.receipts()[-1]["outcome"] == "refused"
    assert cli.state_of(name) == "pending"


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_a_decision_that_shows_late_is_waited_for(cli: Cli, verb: str) -> None:
    cli.world.set_switch("orders", "confirm-delay-seconds", "40")
    name = cli.file("orders")

    done = _decide(cli, verb, name)

    assert done.code == 0, done.err
    assert done.json[0]["request"]["state"] == WORDS[verb]


def test_one_that_shows_after_the_wait_is_told_when_asked_again(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "confirm-delay-seconds", "300")
    name = cli.file("orders")

    early = _decide(cli, "approve", name, "--timeout", "10s")
    cli.later(minutes=10)
    late = _decide(cli, "approve", name)

    assert (early.code, late.code) == (9, 0)
    assert late.json[0]["result"] == "already approved"
    assert "by bob@contoso.example" in late.json[0]["message"]
    assert "not confirmed then" in late.json[0]["message"]
    assert len(wire.decisions) == 1


def test_one_that_azure_approves_by_itself_needs_nobody(cli: Cli, wire: Wire) -> None:
    name = cli.file("reports")
    cli.later(seconds=10)

    done = _decide(cli, "approve", name)

    assert done.code == 0
    assert done.json[0]["result"] == "already approved"
    assert wire.decisions == []


def test_one_that_azure_approves_by_itself_cannot_be_denied(cli: Cli) -> None:
    name = cli.file("reports")
    cli.later(seconds=10)

    assert _decide(cli, "deny", name).code == 5


@pytest.mark.parametrize(("takes", "state"), [("yes", "approved"), ("no", "pending")])
def test_a_switch_to_automatic_warns_of_what_waits(cli: Cli, takes: str, state: str) -> None:
    cli.world.set_switch("orders", "automatic-takes-pending", takes)
    name = cli.file("orders")

    done = cli("consumer", "configure", "orders", "--mode", "automatic")
    cli.later(seconds=10)

    assert done.code == 0, done.err
    assert "1 request may wait for a decision" in done.err
    assert cli.state_of(name) == state


def test_settings_that_azure_ignores_are_unconfirmed(cli: Cli) -> None:
    cli.world.set_switch("orders", "policy-patch", "ignored")

    done = cli("consumer", "configure", "orders", "--max-duration", "4h", "-o", "json")

    assert done.code == 9
    assert done.out == ""
    assert "no read confirms the settings" in done.error
    assert "https://portal.azure.com/" in done.err
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_nothing_is_called_done_that_was_not(cli: Cli) -> None:
    for conduct in ("ignored", "forbidden", "pim-linked"):
        cli.world.set_switch("orders", "update-access", conduct)
        name = cli.file("orders", "--new")
        for verb, word in WORDS.items():
            done = cli("consumer", verb, name, "--reason", "because", "--timeout", "5s")
            assert done.out.split("\t")[1] not in {word, f"already {word}"}
            assert done.code in {4, 9}
