"""Without a terminal, nothing is changed without `--yes`."""

from __future__ import annotations

from typing import Any

import pytest

from behind import Wire
from harness import Cli

pytestmark = pytest.mark.everywhere

REFUSAL = "this needs a confirmation, and there is no terminal; nothing was sent"
OFFER = ("--product", "fabrikam-orders", "--instance", "standard-draft")
COMMANDS = [
    ("consumer", "approve", "REQUEST", "--reason", "agreed"),
    ("consumer", "deny", "REQUEST", "--reason", "no"),
    ("consumer", "configure", "orders", "--max-duration", "4h"),
    ("publisher", "cancel", "REQUEST"),
    ("publisher", "refresh-permissions", "shop-eu/shop", "--as", "bob"),
    ("publisher", "offer", "enable-jit", *OFFER),
]


@pytest.fixture
def run(cli: Cli, wire: Wire) -> Any:
    """Run a command on a request that waits; give its end and what was written to Azure."""
    name = cli.file()

    def run(argv: tuple[str, ...], **kwargs: Any) -> Any:
        before = len(wire.writes), len(cli.receipts())
        done = cli(*(name if word == "REQUEST" else word for word in argv), **kwargs)
        return done, (len(wire.writes), len(cli.receipts())) == before

    return run


@pytest.mark.parametrize("argv", COMMANDS, ids=lambda argv: " ".join(argv[:2]))
def test_a_change_that_nobody_agreed_to_is_refused(run: Any, argv: tuple[str, ...]) -> None:
    done, is_untouched = run(argv, sure=False)

    assert (done.code, done.error) == (2, REFUSAL), done.err
    assert "next: add --yes" in done.err
    assert done.out == ""
    assert is_untouched


@pytest.mark.parametrize("argv", COMMANDS, ids=lambda argv: " ".join(argv[:2]))
def test_what_is_only_shown_needs_no_yes(run: Any, argv: tuple[str, ...]) -> None:
    done, is_untouched = run((*argv, "--dry-run"), sure=False)

    assert done.code == 0, done.err
    assert is_untouched


def test_a_revocation_that_nobody_agreed_to_is_refused(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    cli.approve(name)
    before = len(wire.writes)

    done = cli("consumer", "revoke", name, "--reason", "over", sure=False)

    assert (done.code, done.error) == (2, REFUSAL)
    assert len(wire.writes) == before


def test_what_is_decided_already_needs_no_yes(cli: Cli) -> None:
    name = cli.file()
    cli.approve(name)

    done = cli("consumer", "approve", name, "--reason", "again", sure=False)

    assert done.code == 0, done.err


def test_a_terminal_whose_errors_go_elsewhere_cannot_be_asked(cli: Cli) -> None:
    name = cli.file()

    done = cli("consumer", "approve", name, "--reason", "agreed", answer="y\n", sure=False)

    assert (done.code, done.error) == (2, REFUSAL)
    assert cli.state_of(name) == "pending"


@pytest.mark.parametrize("verdict", ["approve", "deny"])
def test_a_person_sees_the_request_before_the_reason_is_asked(cli: Cli, verdict: str) -> None:
    name = cli.file()

    done = cli("consumer", verdict, name, tty=True, answer="seen by me\ny\n")

    assert done.code == 0, done.err
    at = [done.err.index(text) for text in ("Filed", "reason: ", "[y/N]")]
    assert at == sorted(at)
    assert "seen by me" in [receipt.get("reason") for receipt in cli.receipts()]


def test_a_reason_typed_later_reaches_pim(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "update-access", "pim-linked")
    name = cli.file("orders")

    done = cli("consumer", "approve", name, tty=True, answer="seen by me\ny\n")

    assert done.code == 0, done.err
    (review,) = [each.body for each in wire.writes if "/stages/" in each.path]
    assert review["properties"]["justification"] == "seen by me"


def test_an_empty_reason_at_the_terminal_sends_nothing(cli: Cli) -> None:
    name = cli.file()

    done = cli("consumer", "approve", name, tty=True, answer="\ny\n")

    assert done.code == 2
    assert "azjit: the reason is empty" in done.err
    assert cli.state_of(name) == "pending"


def test_a_dry_run_needs_no_reason(cli: Cli) -> None:
    name = cli.file()

    done = cli("consumer", "approve", name, "--dry-run", "-o", "json")

    assert done.code == 0, done.err
    assert done.json[0]["url"].split("?")[0].endswith("/updateAccess")


def test_a_decision_without_a_reason_is_refused_where_nobody_is_asked(cli: Cli) -> None:
    name = cli.file()

    done = cli("consumer", "approve", name)

    assert (done.code, done.error) == (2, "a decision needs a reason")
