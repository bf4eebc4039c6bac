"""What `--dry-run` shows is the call that the same command sends."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from behind import Wire
from harness import Cli

NAME = "33333333-3333-4333-8333-333333333333"
WHY = ("--reason", "agreed")


@pytest.mark.parametrize(
    "argv",
    [
        ("publisher", "request", "orders", "--role", "Contributor", "--name", NAME),
        ("publisher", "cancel", NAME, *WHY),
        ("consumer", "approve", NAME, *WHY),
        ("consumer", "approve", NAME, *WHY, "--route", "pim"),
        ("consumer", "deny", NAME, *WHY),
        ("consumer", "deny", NAME, *WHY, "--route", "pim"),
        ("consumer", "revoke", NAME, *WHY),
        ("consumer", "configure", "orders", "--max-duration", "4h"),
    ],
)
def test_the_planned_call_is_the_one_that_is_sent(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    if "pim" in argv:
        cli.world.set_switch("orders", "update-access", "pim-linked")
    if "request" not in argv:
        cli.file("orders", "--name", NAME)
    if "revoke" in argv:
        cli.approve(NAME)
    wire = Wire(monkeypatch, everywhere=True)

    told = cli(*argv, "--dry-run", "-o", "json").json
    planned = told["planned"] if "configure" in argv else told[0]
    shown = list(wire.writes)
    cli(*argv)

    assert shown == []
    (sent,) = wire.writes
    path = urlsplit(planned["url"]).path
    assert (sent.method, sent.path, sent.body) == (planned["method"], path, planned["body"])
