"""Requests and settings of several applications: a row each, and 7 where they end differently."""

from __future__ import annotations

from pathlib import Path

import pytest

from behind import Wire, fails
from harness import Cli

APPS = ("orders", "shop-eu/shop")
ROLE = ("--role", "Contributor")
LIMIT = ("--max-duration", "90m")


def test_a_request_is_filed_of_each_and_what_fails_of_one_ends_no_other(
    cli: Cli, wire: Wire
) -> None:
    named = (*APPS, "nothing", "contoso-apps/orders")

    done = cli("publisher", "request", *named, *ROLE, "-o", "json")
    again = cli("publisher", "request", *APPS, *ROLE, "-o", "json")

    assert [(r["asked"], r["result"], r["exit"]) for r in done.json] == [
        ("orders", "filed", 0),
        ("shop-eu/shop", "filed", 0),
        ("nothing", "not found", 3),
    ]
    assert (done.code, again.code) == (7, 0)
    assert [r["result"] for r in again.json] == ["already there"] * 2
    assert [r["request"]["name"] for r in again.json] == [
        r["request"]["name"] for r in done.json[:2]
    ]
    assert len(wire.writes) == 2
    assert len(cli.receipts()) == 4  # an intent and an outcome each


def test_a_request_that_azure_refuses_is_a_row(cli: Cli, wire: Wire) -> None:
    wire.on("PUT", "/mrg-orders/", fails(403, "AuthorizationFailed"))

    done = cli("publisher", "request", *APPS, *ROLE, tty=True, width=120)

    assert done.code == 7
    rows = {line.split()[0]: line for line in done.out.splitlines()}
    assert "not allowed" in rows["orders"]
    assert "filed" in rows["shop-eu/shop"]
    assert "1 of 2 applications failed" in done.err


def test_a_batch_of_requests_waits_for_all(cli: Cli) -> None:
    def approve() -> None:
        cli.clock.while_sleeping = None
        waiting = cli("consumer", "pending", "orders", "-o", "json").json
        cli.approve(waiting[0]["name"])

    cli.clock.while_sleeping = approve

    done = cli(
        *("publisher", "request", *APPS, *ROLE, "-o", "json"),
        *("--wait", "--wait-for", "approved", "--timeout", "5m"),
    )

    assert done.code == 7
    assert [r["request"]["state"] for r in done.json] == ["approved", "pending"]
    assert [r["exit"] for r in done.json] == [0, 8]


def test_settings_of_each_are_changed_and_read_back(cli: Cli, wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "apps.txt"
    file.write_text("\ufefforders # the first\n\n shop-eu/shop \n# no more\n")
    ask = ("consumer", "configure", "--apps", str(file), "ledger", *LIMIT, "-o", "json")

    dry = cli(*ask, "--dry-run")
    shown = list(wire.writes)
    done, again = cli(*ask), cli(*ask)

    assert [(r["asked"], r["result"], r["exit"]) for r in done.json] == [
        ("ledger", "refused", 5),
        ("orders", "configured", 0),
        ("shop-eu/shop", "configured", 0),
    ]
    assert [r["result"] for r in again.json[1:]] == ["nothing to change"] * 2
    assert [r["result"] for r in dry.json] == ["refused", "planned", "planned"]
    assert [r["change"]["sent"] for r in dry.json[1:]] == [False, False]
    assert dry.json[1]["change"]["planned"]["method"] == "PATCH"
    assert {each.code for each in (dry, done, again)} == {7}
    assert (shown, len(wire.writes)) == ([], 2)


def test_a_no_changes_nothing(cli: Cli, wire: Wire) -> None:
    done = cli("consumer", "configure", *APPS, *LIMIT, tty=True, answer="n\n")

    assert (done.code, wire.writes) == (1, [])
    assert "change the JIT settings of 2 applications? [y/N]" in done.err


def test_a_change_that_a_person_must_confirm_is_refused_and_the_others_are_made(
    cli: Cli, wire: Wire
) -> None:
    wire.on("GET", "/mrg-orders/providers/microsoft.solutions/jitrequests", fails(403, "X"))
    ask = ("consumer", "configure", "orders", "shop-us/shop", "--mode", "automatic")

    done = cli(*ask, "-o", "json")

    assert [(r["asked"], r["result"]) for r in done.json] == [
        ("orders", "refused"),
        ("shop-us/shop", "configured"),
    ]
    assert (done.code, len(wire.writes)) == (7, 1)


def test_applications_come_from_stdin_too(cli: Cli) -> None:
    done = cli("publisher", "request", "--apps", "-", *ROLE, "-o", "json", answer="orders\n")

    assert [r["result"] for r in done.json] == ["filed"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("publisher", "request", *ROLE), "no application is named"),
        (("consumer", "configure", *LIMIT, "--apps", "/none"), "cannot be read"),
        (("publisher", "request", *APPS, *ROLE, "--pim"), "--pim is for one application"),
        (
            (
                "publisher",
                "request",
                *APPS,
                *ROLE,
                "--name",
                "0f8fad5b-d9cb-469f-a165-70867728950e",
            ),
            "--name is for the request of one application",
        ),
    ],
)
def test_what_cannot_be_meant_sends_nothing(
    cli: Cli, wire: Wire, argv: tuple[str, ...], said: str
) -> None:
    done = cli(*argv)

    assert (done.code, wire.writes) == (2, [])
    assert said in done.err
