"""A command that writes says first when the receipts are not as azjit left them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import Cli

APPROVE = ("consumer", "approve", "338a9a54", "--reason", "x", "-o", "json")
DENY = ("consumer", "deny")


def _cut(lines: Path, _: Path) -> None:
    lines.write_bytes(lines.read_bytes()[:-20])


def _emptied(lines: Path, _: Path) -> None:
    lines.write_bytes(b"")


def _removed(lines: Path, _: Path) -> None:
    lines.unlink()


def _last_dropped(lines: Path, _: Path) -> None:
    lines.write_bytes(b"".join(lines.read_bytes().splitlines(keepends=True)[:-1]))


def _edited(lines: Path, _: Path) -> None:
    lines.write_bytes(lines.read_bytes().replace(b'"confirmed"', b'"refused!!"'))


def _appended(lines: Path, _: Path) -> None:
    lines.write_bytes(lines.read_bytes() * 2)


def _scribbled(lines: Path, _: Path) -> None:
    lines.write_bytes(lines.read_bytes() + b"something else\n")


def _head_garbled(_: Path, head: Path) -> None:
    head.write_bytes(b"?")


def _head_removed(_: Path, head: Path) -> None:
    head.unlink()


def _head_of_others(_: Path, head: Path) -> None:
    head.write_text(json.dumps({**json.loads(head.read_text()), "hash": "0" * 64}))


def _head_back(_: Path, head: Path) -> None:
    head.write_text(json.dumps({"count": 0, "hash": "0" * 64, "size": 0}))


CHANGES = {
    _cut: "20 bytes are missing at their end",
    _emptied: "bytes are missing at their end",
    _removed: "bytes are missing at their end",
    _last_dropped: "bytes are missing at their end",
    _edited: "their last line is not the one that their head names",
    _appended: "they have lines that their head does not count",
    _scribbled: "they have lines that their head does not count",
    _head_garbled: "their head cannot be read",
    _head_removed: "they have lines that their head does not count",
    _head_of_others: "their last line is not the one that their head names",
    _head_back: "they have lines that their head does not count",
}


@pytest.mark.parametrize(
    ("change", "why"), CHANGES.items(), ids=[change.__name__ for change in CHANGES]
)
def test_a_write_says_that_the_receipts_were_changed(
    cli: Cli, change: Callable[[Path, Path], None], why: str
) -> None:
    assert cli(*APPROVE).code == 0
    name = cli.file("orders")
    folder = cli.state / "sandbox"
    change(folder / "receipts.jsonl", folder / "receipts.head")

    done = cli(*DENY, name, "--reason", "x", "-o", "json")
    again = cli(*DENY, cli.file("orders"), "--reason", "x", "-o", "json")

    assert (done.code, again.code) == (0, 0), done.err
    warning = f"warning: the receipts in {folder} were changed by something other than azjit: "
    assert done.err.count(warning) == 1
    assert why in done.err
    assert warning not in again.err


def test_receipts_as_azjit_left_them_need_no_word(cli: Cli) -> None:
    assert cli(*APPROVE).code == 0
    names = [cli.file("orders"), cli.file("reports")]

    done = cli(*DENY, *names, "--reason", "x", "-o", "json")

    assert done.code == 0, done.err
    assert "receipts" not in done.err
