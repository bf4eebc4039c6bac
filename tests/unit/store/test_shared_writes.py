"""Threads whose receipts are written together, and kills in the middle of such a group."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from azjit.errors import AzjitError
from azjit.store import chain, disk
from azjit.store.receipts import Actor, Intent, OpenIntent, Outcome, Receipts

INTENT = Intent("approve", "/x", Actor("a", "b", "c", "d"), "u", "why", {})
MANY = 6


def receipts(directory: Path) -> Receipts:
    numbers = count(1)
    return Receipts(
        directory,
        now=lambda: datetime(2026, 11, 18, 12, 0, tzinfo=UTC),
        new_id=lambda: f"i{next(numbers)}",
    )


def lines_of(directory: Path) -> list[bytes]:
    return (directory / "receipts.jsonl").read_bytes().splitlines(keepends=True)


def together(store: Receipts, work: Callable[[int], object]) -> list[object]:
    """Run work in threads, whose receipts wait until all of them do; give what each raised."""

    def one(number: int) -> object:
        try:
            return work(number)
        except AzjitError as error:
            return error

    with ThreadPoolExecutor(MANY) as pool:
        with store._writes._turn:
            begun = [pool.submit(one, number) for number in range(MANY)]
            while len(store._writes._queue) < MANY:
                time.sleep(0.001)
        return [each.result() for each in begun]


def test_receipts_that_wait_share_a_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = receipts(tmp_path)
    flushed: list[int] = []
    append = disk.append

    def noted(path: Path, content: bytes) -> None:
        append(path, content)
        flushed.append(content.count(b"\n"))

    monkeypatch.setattr(disk, "append", noted)
    opened = together(store, lambda _: store.intend(INTENT))
    together(store, lambda number: conclude(opened[number]))

    assert flushed == [MANY, MANY]
    assert store.verify() == chain.Verification(ok=True, count=2 * MANY)
    assert {each.outcome for each in store.changes()} == {Outcome.CONFIRMED}
    assert list((tmp_path / "open").iterdir()) == []


def conclude(opened: object) -> None:
    assert isinstance(opened, OpenIntent)
    opened.conclude(Outcome.CONFIRMED, state="Approved")


@pytest.mark.parametrize("failing", ["append", "replace"])
def test_a_group_that_cannot_be_written_is_told_to_each_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    store = receipts(tmp_path)
    store.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk, failing, full)
        errors = together(store, lambda _: store.intend(INTENT))

    assert [type(each) for each in errors] == [AzjitError] * MANY
    assert all("nothing was sent" in str(each) for each in errors)
    assert receipts(tmp_path).unfinished() == []
    store.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)
    assert store.verify() == chain.Verification(ok=True, count=4)


def killed_group(directory: Path, where: str) -> None:
    """Begin intents together in a process that is killed where `where` says."""
    program = f"""
        import os, signal, sys
        from pathlib import Path
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_shared_writes import INTENT, disk, receipts, together
        from azjit.store.receipt_files import ReceiptFiles
        def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
        store = receipts(Path({str(directory)!r}))
        store.intend(INTENT)
        {where}
        together(store, lambda _: store.intend(INTENT))
        die()
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert done.returncode == -signal.SIGKILL


DIE_AT_HEAD = "ReceiptFiles._write_head = lambda *a: w(*a) if a[1].coming else die()"
WHERE = {
    "before the head says what comes": ("disk.replace = die", 1),
    "before the lines": ("disk.append = die", 1),
    "between the lines and the head": (
        f"w = ReceiptFiles._write_head; {DIE_AT_HEAD}",
        1 + MANY,
    ),
    "after the head": ("", 1 + MANY),
}


@pytest.mark.parametrize("where", WHERE)
def test_a_kill_in_a_group_leaves_what_can_be_settled(tmp_path: Path, where: str) -> None:
    code, written = WHERE[where]
    killed_group(tmp_path, code)
    store = receipts(tmp_path)

    assert store.verify() == chain.Verification(ok=True, count=written)
    found = store.unfinished()
    for each in found:
        each.conclude(Outcome.UNCONFIRMED, state=None, reconciled=True)

    assert len(found) == written
    assert store.verify() == chain.Verification(ok=True, count=2 * written)
    assert list((tmp_path / "open").iterdir()) == []


@pytest.mark.parametrize("whole", range(MANY + 1))
@pytest.mark.parametrize("torn", [b"", b'{"half'])
def test_a_part_of_a_group_is_a_kill_and_no_tampering(
    tmp_path: Path, whole: int, torn: bytes
) -> None:
    store = receipts(tmp_path)
    store.intend(INTENT)
    announced = announce(store)
    lines = lines_of(tmp_path)
    (tmp_path / "receipts.jsonl").write_bytes(b"".join(lines[: 1 + whole]) + torn)
    (tmp_path / "receipts.head").write_bytes(announced)

    assert store.verify() == chain.Verification(ok=True, count=1 + whole, torn=bool(torn))
    store.intend(INTENT)

    assert store.verify() == chain.Verification(ok=True, count=2 + whole)


def announce(store: Receipts) -> bytes:
    """Write a group, and give the head that said that it comes."""
    heads: list[bytes] = []
    replace = disk.replace

    def noted(path: Path, content: bytes) -> None:
        heads.append(content)
        replace(path, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "replace", noted)
        together(store, lambda _: store.intend(INTENT))
    return heads[0]


def test_more_lines_than_the_head_said_are_found_and_never_healed(tmp_path: Path) -> None:
    store = receipts(tmp_path)
    store.intend(INTENT)
    announced = announce(store)
    store.intend(INTENT)
    (tmp_path / "receipts.head").write_bytes(announced)

    assert store.verify().why == f"the head counts 1 receipts, and there are {MANY + 2}"
    store.intend(INTENT)

    assert (store.verify().ok, store.verify().broken_line) == (False, MANY + 3)


def test_a_head_without_a_group_is_as_before(tmp_path: Path) -> None:
    store = receipts(tmp_path)
    announce(store)

    head = store.head()

    assert head is not None
    assert (head.count, head.coming) == (MANY, 0)
    assert b"coming" not in (tmp_path / "receipts.head").read_bytes()
