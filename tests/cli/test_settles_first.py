"""A command that changes something first settles the receipts of killed commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from azjit.cli.app import command_tree
from azjit.cli.runtime import Runtime
from behind import Wire
from harness import Cli

SERVICES = Path(__file__).parents[2] / "src/azjit/services"
NAME = "33333333-3333-4333-8333-333333333333"
WHY = ("--reason", "agreed")
PIM = ("--pim", "--ticket", "7@ServiceNow", *WHY)
CHANGES = [
    ("publisher", "request", "orders", "--role", "Contributor"),
    ("publisher", "request", "orders", "--role", "Virtual Machine Contributor", *PIM),
    ("publisher", "extend", NAME, "--by", "1h"),
    ("publisher", "run", "orders", "--role", "Contributor", "--for", "1h", "--", "true"),
    ("publisher", "cancel", NAME),
    ("publisher", "refresh-permissions", "shop-eu/shop", "--as", "bob"),
    ("publisher", "offer", "enable-jit"),
    ("publisher", "offer", "disable-jit"),
    ("consumer", "approve", NAME, *WHY),
    ("consumer", "deny", NAME, *WHY),
    ("consumer", "revoke", NAME, *WHY),
    ("consumer", "configure", "orders", "--max-duration", "4h"),
    ("consumer", "stop", "orders", *WHY),
]
DRAFT = ("--product", "fabrikam-orders", "--instance", "standard-draft")
# They change files of this machine only.
OFFLINE = {"publisher package add-jit", "completion install"}


def words(argv: tuple[str, ...]) -> str:
    return " ".join(argv[: 3 if argv[1] == "offer" else 2])


def changing(command: object, path: tuple[str, ...] = ()) -> set[str]:
    """The commands with a --dry-run."""
    if hasattr(command, "commands"):
        parts = (changing(each, (*path, name)) for name, each in command.commands.items())
        return set().union(*parts)
    flags = {flag for each in command.params for flag in each.opts}  # type: ignore[attr-defined]
    return {" ".join(path)} if "--dry-run" in flags else set()


def test_every_command_that_changes_azure_is_tried_here() -> None:
    assert changing(command_tree()) - OFFLINE == {words(argv) for argv in CHANGES}


@pytest.mark.parametrize("argv", CHANGES, ids=words)
def test_a_command_that_settles_nothing_sends_nothing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    if NAME in argv or "stop" in argv:
        cli.file("orders", "--name", NAME)
    if {"revoke", "extend"} & {*argv}:
        cli.approve(NAME)
    if "disable-jit" in argv:
        cli("publisher", "offer", "enable-jit", *DRAFT)
    before = cli.receipts()
    wire = Wire(monkeypatch, everywhere=True)
    monkeypatch.setattr(Runtime, "begin", lambda rt, **_: rt.context.enter())

    done = cli(*argv, *(DRAFT if "offer" in argv else ()))

    assert "a change is recorded before settle_receipts" in done.err
    # PIM checks an activation by POST, which changes nothing.
    assert [sent for sent in wire.writes if not sent.path.endswith("/validate")] == []
    assert cli.receipts() == before


def test_whatever_sends_a_change_records_it() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in SERVICES.rglob("*.py")}
    sending = {
        name
        for name, text in texts.items()
        if name != "sending.py" and re.search(r"\.send\(|send_if_undone\(|FreshRead\(", text)
    }

    assert sending
    assert {name for name in sending if "record(" not in texts[name]} == set()
