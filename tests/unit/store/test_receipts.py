from __future__ import annotations

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, product
from pathlib import Path

import pytest

from azjit.errors import AzjitError, Exit
from azjit.store import chain, disk
from azjit.store.chain import Head
from azjit.store.receipts import Actor, Intent, Outcome, Receipts

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
ALICE = Actor(id="a1", name="alice@fabrikam.example", kind="user", tenant="t1")
INTENT = Intent(
    action="approve",
    target="/subscriptions/s/x",
    actor=ALICE,
    cloud="https://management.azure.com",
    reason="line one\nline two\u2028 \ud800 \U0001f600",
    details={"rows": [{"role": "Contributor"}], "before": None, "hours": 1.5, "odd": {9: 1, 10: 2}},
)


def receipts(directory: Path, prefix: str = "i") -> Receipts:
    numbers = count(1)
    return Receipts(directory, now=lambda: NOW, new_id=lambda: f"{prefix}{next(numbers)}")


def fill(directory: Path, number: int = 3) -> Receipts:
    store = receipts(directory)
    for _ in range(number):
        store.intend(INTENT).conclude(Outcome.CONFIRMED, state="Approved")
    return store


def lines(directory: Path) -> list[bytes]:
    return (directory / "receipts.jsonl").read_bytes().splitlines(keepends=True)


def write(directory: Path, content: list[bytes]) -> None:
    (directory / "receipts.jsonl").write_bytes(b"".join(content))


def dead_writer(directory: Path, code: str = "", *, prefix: str = "dead") -> None:
    """Begin an intent in a process that is killed right after, or where `code` says."""
    program = f"""
        import os, signal
        from datetime import UTC, datetime
        from pathlib import Path
        from azjit.store import disk
        from azjit.store.receipt_files import ReceiptFiles
        from azjit.store.receipts import *
        def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
        store = Receipts(
            Path({str(directory)!r}),
            now=lambda: datetime(2026, 11, 18, tzinfo=UTC),
            new_id=lambda: {prefix!r},
        )
        {code}
        intent = store.intend(Intent("deny", "/x", Actor("a", "b", "c", "d"), "u", "why", {{}}))
        {"if 'concluded' not in " + repr(code) + ": die()"}
        intent.conclude(Outcome.CONFIRMED, state="Denied")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_an_intent_and_its_outcome_are_read_back_in_order(tmp_path: Path) -> None:
    store = receipts(tmp_path / "state")

    opened = store.intend(INTENT)
    opened.conclude(
        Outcome.REFUSED, state="Denied", detail="no", code="C", request_id="r", reconciled=True
    )

    intent, outcome = store.entries()
    assert (intent.sequence, intent.kind, intent.id, intent.at) == (1, "intent", opened.id, NOW)
    assert intent.body["reason"] == INTENT.reason
    assert intent.body["actor"] == {
        "id": "a1",
        "name": "alice@fabrikam.example",
        "kind": "user",
        "tenant": "t1",
    }
    assert intent.body["details"] == {**INTENT.details, "odd": {"9": 1, "10": 2}}
    assert (outcome.sequence, outcome.kind, outcome.id) == (2, "outcome", opened.id)
    assert outcome.previous == intent.hash
    assert outcome.body == {
        "outcome": "refused",
        "state": "Denied",
        "detail": "no",
        "code": "C",
        "request_id": "r",
        "reconciled": True,
    }
    assert store.head() == Head(2, outcome.hash, disk.size_of(tmp_path / "state/receipts.jsonl"))
    assert len(lines(tmp_path / "state")) == 2
    assert list((tmp_path / "state" / "open").iterdir()) == []


def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    store = receipts(tmp_path / "state")

    store.intend(INTENT)

    found = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").rglob("*")}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in found.items() if path.is_file()} == {0o600}


def test_reading_creates_nothing(tmp_path: Path) -> None:
    store = receipts(tmp_path / "state")

    assert list(store.entries()) == []
    assert store.unfinished() == []
    assert store.verify().ok
    assert not (tmp_path / "state").exists()


def test_an_outcome_is_written_once(tmp_path: Path) -> None:
    opened = receipts(tmp_path).intend(INTENT)
    opened.conclude(Outcome.CONFIRMED, state=None)

    with pytest.raises(RuntimeError, match="no longer open"):
        opened.conclude(Outcome.FAILED, state=None)

    assert len(lines(tmp_path)) == 2


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 101])
def test_an_id_that_names_no_file_is_refused(tmp_path: Path, name: str) -> None:
    store = Receipts(tmp_path, now=lambda: NOW, new_id=lambda: name)

    with pytest.raises(ValueError, match="cannot name a receipt"):
        store.intend(INTENT)


@pytest.mark.parametrize("details", [{"x": object()}, {"x": float("nan")}])
def test_details_that_are_no_json_are_refused_before_anything_is_written(
    tmp_path: Path, details: dict[str, object]
) -> None:
    store = receipts(tmp_path)

    with pytest.raises((TypeError, ValueError)):
        store.intend(Intent("deny", "/x", ALICE, "u", None, details))

    assert list(store.entries()) == []
    assert list((tmp_path / "open").iterdir()) == []


def test_threads_and_instances_keep_one_chain(tmp_path: Path) -> None:
    stores = [receipts(tmp_path, "a"), receipts(tmp_path, "b")]

    def work(store: Receipts) -> None:
        for _ in range(5):
            store.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert stores[0].verify() == chain.Verification(ok=True, count=80)


def test_an_intent_begun_in_one_thread_is_concluded_in_another(tmp_path: Path) -> None:
    store = receipts(tmp_path)
    opened = store.intend(INTENT)

    thread = threading.Thread(target=lambda: opened.conclude(Outcome.CONFIRMED, state=None))
    thread.start()
    thread.join()

    assert [entry.kind for entry in store.entries()] == ["intent", "outcome"]
    assert receipts(tmp_path).unfinished() == []


# --- verify


@pytest.mark.parametrize(
    ("name", "bits"), [("receipts.jsonl", (0, 5)), ("receipts.head", range(8))]
)
def test_each_changed_byte_is_found(tmp_path: Path, name: str, bits: Iterable[int]) -> None:
    store = fill(tmp_path, 1)
    whole = (tmp_path / name).read_bytes()

    for place, bit in product(range(len(whole)), bits):
        changed = bytearray(whole)
        changed[place] ^= 1 << bit
        (tmp_path / name).write_bytes(changed)
        assert not is_whole(store), (place, bit)


def is_whole(store: Receipts, against: Head | None = None) -> bool:
    try:
        return store.verify(against).ok
    except AzjitError:  # the version may be that of a newer azjit
        return False


def test_a_copied_head_shows_that_lines_and_head_were_rewritten(tmp_path: Path) -> None:
    store = fill(tmp_path)
    copied = store.head()
    assert copied is not None
    store.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)
    assert store.verify(copied).ok

    for file in tmp_path.glob("receipts.*"):
        file.unlink()
    assert store.verify().ok
    assert store.verify(copied).why == "the copied head knows 6 receipts, and there are 0"
    fill(tmp_path, 4)
    assert store.verify().ok
    found = store.verify(replace(copied, hash=copied.hash[::-1]))
    assert (found.ok, found.broken_line) == (False, 6)
    assert "the receipts were rewritten" in str(found.why)


@pytest.mark.parametrize(
    ("change", "broken", "why"),
    [
        (lambda a: a[:2] + a[3:], 3, "receipts 3 to 3 are missing before it"),
        (lambda a: [a[1], a[0], *a[2:]], 1, "receipts 1 to 1 are missing before it"),
        (lambda a: [*a[:2], a[1], *a[2:]], 3, "it does not follow the line before it"),
        (lambda a: a[:4], 5, "the last 2 of 6 receipts are missing"),
        (lambda _: [], 1, "the last 6 of 6 receipts are missing"),
        (lambda a: [*a[:5], a[5][:-1]], 6, "it is incomplete"),
        (lambda a: [*a[:5], a[5][:20]], 6, "it is incomplete"),
        (lambda a: [*a[:2], b"[]\n", *a[2:]], 3, "it was changed after it was written"),
        (lambda a: [*a[:2], b"[" * 100_000 + b"\n"], 3, "it was changed after it was written"),
    ],
)
def test_tampering_is_named_with_its_line(
    tmp_path: Path, change: object, broken: int, why: str
) -> None:
    store = fill(tmp_path)
    write(tmp_path, change(lines(tmp_path)))  # type: ignore[operator]

    found = store.verify()

    assert (found.ok, found.broken_line, found.torn) == (False, broken, False)
    assert found.why == why


def test_a_rewritten_last_line_does_not_match_the_head(tmp_path: Path) -> None:
    store = fill(tmp_path, 1)
    kept = lines(tmp_path)[0]
    before = chain.head_after(Head(), kept)
    assert before is not None
    forged = chain.encode_entry(
        before, at=NOW, name="i1", kind="outcome", body={"outcome": "refused"}
    )
    write(tmp_path, [kept, forged])

    found = store.verify()

    assert (found.ok, found.why) == (False, "the head was written for another receipt")


def test_lines_added_behind_the_heads_back_are_found_and_never_healed(tmp_path: Path) -> None:
    store = fill(tmp_path, 1)
    head = store.head()
    assert head is not None
    forged = []
    for number in range(2):
        line = chain.encode_entry(head, at=NOW, name=f"f{number}", kind="intent", body={})
        head = chain.head_after(head, line)
        assert head is not None
        forged.append(line)
    write(tmp_path, lines(tmp_path) + forged)

    assert store.verify().why == "the head counts 2 receipts, and there are 4"
    store.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)

    assert (store.verify().ok, store.verify().broken_line) == (False, 5)


@pytest.mark.parametrize("keep", [0, 1, 3])
def test_a_truncation_is_not_healed_by_the_next_receipt(tmp_path: Path, keep: int) -> None:
    store = fill(tmp_path)
    write(tmp_path, lines(tmp_path)[:keep])

    store.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)

    assert (store.verify().ok, store.verify().broken_line) == (False, keep + 1)
    assert len(list(store.entries())) == keep + 2


def test_a_cut_line_is_not_continued(tmp_path: Path) -> None:
    store = fill(tmp_path)
    write(tmp_path, [*lines(tmp_path)[:5], lines(tmp_path)[5][:30]])

    store.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)

    assert (store.verify().ok, store.verify().broken_line) == (False, 6)
    assert len(list(store.entries())) == 7


@pytest.mark.parametrize(
    "head", [b"", b"{", b"[]", b'{"count":1}', b'{"count":-1,"hash":"","size":-5}']
)
def test_an_unreadable_head_is_told_and_stops_nothing(tmp_path: Path, head: bytes) -> None:
    store = fill(tmp_path)
    (tmp_path / "receipts.head").write_bytes(head)

    assert store.verify().why == "the head is unreadable"
    assert store.head() is None
    store.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)
    assert not store.verify().ok


def test_a_missing_head_is_told(tmp_path: Path) -> None:
    store = fill(tmp_path)
    (tmp_path / "receipts.head").unlink()

    assert store.verify().why == "the head is missing, and there are 6"


# --- kill points


def test_a_torn_tail_is_no_tampering_and_is_set_aside(tmp_path: Path) -> None:
    store = fill(tmp_path, 1)
    write(tmp_path, [*lines(tmp_path), b'{"half'])

    assert store.verify() == chain.Verification(ok=True, count=2, torn=True)
    assert len(list(store.entries())) == 2
    store.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)

    assert store.verify() == chain.Verification(ok=True, count=4)
    assert (tmp_path / "receipts.torn").read_bytes() == b'{"half\n'


def test_a_head_one_behind_catches_up(tmp_path: Path) -> None:
    store = fill(tmp_path, 1)
    before = (tmp_path / "receipts.head").read_bytes()
    opened = store.intend(INTENT)
    (tmp_path / "receipts.head").write_bytes(before)

    assert store.verify() == chain.Verification(ok=True, count=3)
    opened.conclude(Outcome.CONFIRMED, state=None)

    assert store.verify() == chain.Verification(ok=True, count=4)


def test_an_intent_of_a_killed_process_is_found_and_concluded_once(tmp_path: Path) -> None:
    dead_writer(tmp_path)
    store, rival = receipts(tmp_path), receipts(tmp_path)

    (found,) = store.unfinished()

    assert (found.id, found.intent.reason) == ("dead", "why")
    assert rival.unfinished() == []
    assert store.unfinished() == []
    found.conclude(Outcome.CONFIRMED, state="Denied", reconciled=True)
    assert rival.unfinished() == []
    assert [entry.id for entry in store.entries()] == ["dead", "dead"]
    assert list((tmp_path / "open").iterdir()) == []


def test_a_released_intent_is_found_again(tmp_path: Path) -> None:
    dead_writer(tmp_path)
    store = receipts(tmp_path)
    (found,) = store.unfinished()

    found.release()
    found.release()

    assert [again.id for again in store.unfinished()] == ["dead"]


def test_an_intent_of_a_living_process_is_not_unfinished(tmp_path: Path) -> None:
    program = f"""
        import sys
        from datetime import UTC, datetime
        from pathlib import Path
        from azjit.store.receipts import *
        now = lambda: datetime(2026, 11, 18, tzinfo=UTC)
        store = Receipts(Path({str(tmp_path)!r}), now=now, new_id=lambda: "alive")
        store.intend(Intent("deny", "/x", Actor("a", "b", "c", "d"), "u", "why", {{}}))
        print("ready", flush=True)
        sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while_alive = receipts(tmp_path).unfinished()
        process.kill()

    assert while_alive == []
    assert [found.id for found in receipts(tmp_path).unfinished()] == ["alive"]


@pytest.mark.parametrize(
    ("where", "found", "count"),
    [
        ("disk.sync_directory = lambda _: (_.name == 'open' and die())", [], 0),
        ("ReceiptFiles.add = die", [], 0),
        ("ReceiptFiles._write_head = die", ["dead"], 1),
        ("store._forget = die  # concluded", [], 2),
    ],
)
def test_each_kill_point_is_told_apart(
    tmp_path: Path, where: str, found: list[str], count: int
) -> None:
    (tmp_path / "open").mkdir()
    dead_writer(tmp_path, where)

    store = receipts(tmp_path)

    assert [one.id for one in store.unfinished()] == found
    assert store.verify() == chain.Verification(ok=True, count=count)
    if not found:
        assert list((tmp_path / "open").iterdir()) == []


def test_a_half_written_marker_means_nothing_was_sent(tmp_path: Path) -> None:
    store = fill(tmp_path, 1)
    (tmp_path / "open" / "half.json").write_bytes(b'{"off')

    assert store.unfinished() == []
    assert list((tmp_path / "open").iterdir()) == []


@pytest.mark.parametrize(
    "marker",
    [
        "[]",
        "[" * 100_000,
        *(
            f'{{"offset": {at}, "line": "x"}}'
            for at in ("1e400", "-1e400", "NaN", "1e300", "1" * 400)
        ),
    ],
    ids=lambda marker: marker[:20],
)
def test_a_spoiled_marker_does_not_lose_its_intent(tmp_path: Path, marker: str) -> None:
    dead_writer(tmp_path)
    (tmp_path / "open" / "dead.json").write_text(marker)

    assert [one.id for one in receipts(tmp_path).unfinished()] == ["dead"]


def test_an_intent_whose_line_was_taken_away_is_still_found(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    dead_writer(tmp_path)
    write(tmp_path, lines(tmp_path)[:1])
    store = receipts(tmp_path)

    (found,) = store.unfinished()

    assert found.intent.reason == "why"
    found.conclude(Outcome.UNCONFIRMED, state=None)
    assert not store.verify().ok


def test_a_spoiled_marker_among_broken_receipts_is_kept(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    write(tmp_path, lines(tmp_path)[:1])
    (tmp_path / "open" / "odd.json").write_bytes(b"[]")

    assert receipts(tmp_path).unfinished() == []
    assert (tmp_path / "open" / "odd.json").exists()


# --- failures


def failing(error: int, *, after: int = 0) -> object:
    calls = count()

    def fsync(_handle: int) -> None:
        if next(calls) >= after:
            raise OSError(error, os.strerror(error))

    return fsync


def test_a_full_disk_means_nothing_was_sent(tmp_path: Path) -> None:
    store = fill(tmp_path, 1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = disk.size_of(tmp_path / "receipts.jsonl")
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, limits[1]))
    try:
        with pytest.raises(AzjitError, match="nothing was sent") as error:
            store.intend(Intent("deny", "/x", ALICE, "u", None, {}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)

    assert error.value.exit == Exit.FAILED
    assert error.value.hint
    assert receipts(tmp_path).unfinished() == []
    assert store.verify() == chain.Verification(ok=True, count=2)


@pytest.mark.parametrize("after", range(5))
def test_a_failing_disk_never_breaks_the_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    store = fill(tmp_path, 1)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(5, after=after))
        with pytest.raises(AzjitError, match="nothing was sent"):
            store.intend(INTENT)

    later = receipts(tmp_path, "later")
    for found in later.unfinished():
        found.conclude(Outcome.FAILED, state=None, reconciled=True)
    later.intend(INTENT).conclude(Outcome.CONFIRMED, state=None)
    assert later.verify().ok
    assert later.unfinished() == []


def test_an_outcome_that_cannot_be_written_leaves_the_intent_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = receipts(tmp_path)
    opened = store.intend(INTENT)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(28))
        with pytest.raises(AzjitError, match="could not be written") as error:
            opened.conclude(Outcome.CONFIRMED, state=None)

    assert "nothing was sent" not in error.value.message
    assert [found.id for found in store.unfinished()] == [opened.id]


def test_a_place_that_is_no_folder_is_a_clear_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = receipts(tmp_path / "file" / "state")

    with pytest.raises(AzjitError, match="nothing was sent: not a directory"):
        store.intend(INTENT)


def test_receipts_that_cannot_be_read_are_a_clear_failure(tmp_path: Path) -> None:
    (tmp_path / "receipts.jsonl").mkdir()
    (tmp_path / "open").write_text("")
    (tmp_path / "receipts.head").mkdir()
    store = receipts(tmp_path)

    for read in (lambda: list(store.entries()), store.head, store.verify):
        with pytest.raises(AzjitError, match="could not be read"):
            read()


def test_waiting_for_another_process_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead_writer(tmp_path)
    monkeypatch.setattr("azjit.store.receipts.LOCK_SECONDS", 0.05)
    store = receipts(tmp_path)
    with disk.locked(tmp_path / "receipts.lock", seconds=1):
        with pytest.raises(AzjitError, match="another azjit has locked them"):
            store.intend(INTENT)
        with pytest.raises(AzjitError, match="could not be searched"):
            store.unfinished()
        assert store.verify().ok


def test_an_id_that_is_open_already_is_refused(tmp_path: Path) -> None:
    store = Receipts(tmp_path, now=lambda: NOW, new_id=lambda: "same")
    store.intend(INTENT)

    with pytest.raises(AzjitError, match="nothing was sent"):
        store.intend(INTENT)

    assert store.verify().count == 1


def test_the_lines_are_plain_json(tmp_path: Path) -> None:
    fill(tmp_path, 1)

    first = json.loads(lines(tmp_path)[0])

    assert first["action"] == "approve"
    assert first["at"] == "2026-11-18T12:00:00.000000Z"
    assert first["previous"] == "0" * 64


def test_changes_are_kept_current_while_others_write(tmp_path: Path) -> None:
    store, other = fill(tmp_path, 1), receipts(tmp_path, "other")
    assert [each.outcome for each in store.changes()] == [Outcome.CONFIRMED]

    opened = other.intend(INTENT._replace(target="/subscriptions/s/Y"))

    assert [each.outcome for each in store.changes_of("/subscriptions/S/y")] == [None]
    opened.conclude(Outcome.REFUSED, state=None)
    assert [each.outcome for each in store.changes_of("/subscriptions/s/y")] == [Outcome.REFUSED]
    assert store.changes_of("/subscriptions/s/z") == []
    assert store.changes() == receipts(tmp_path).changes()


def test_changes_read_only_the_lines_that_were_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = fill(tmp_path)
    store.changes()
    receipts(tmp_path, "more").intend(INTENT).conclude(Outcome.CONFIRMED, state=None)
    read: list[bytes] = []
    decode = chain.decode_entry
    monkeypatch.setattr(chain, "decode_entry", lambda line: read.append(line) or decode(line))

    assert len(store.changes()) == 4
    assert read == lines(tmp_path)[-2:]
    assert len(store.changes()) == 4
    assert len(read) == 2


@pytest.mark.parametrize("way", ["cut", "replaced", "edited", "edited and longer", "gone"])
def test_changes_follow_a_file_that_was_not_only_appended_to(tmp_path: Path, way: str) -> None:
    store = fill(tmp_path)
    assert len(store.changes()) == 3
    file, known = tmp_path / "receipts.jsonl", lines(tmp_path)
    edited = [*known[:-1], known[-1].replace(b"confirmed", b"confirmeD")]
    if way == "gone":
        file.unlink()
    elif way == "replaced":
        file.rename(tmp_path / "old")
        write(tmp_path, known)
    else:
        write(tmp_path, {"cut": known[:2], "edited": edited}.get(way, [*edited, known[1]]))
        os.utime(file, ns=(1, 1))

    found = [each.outcome for each in store.changes()]

    sure, unknown = Outcome.CONFIRMED, None
    wanted = {"cut": [sure], "replaced": [sure] * 3, "gone": []}
    assert found == wanted.get(way, [sure, sure, unknown])
    assert store.changes() == receipts(tmp_path).changes()


def test_changes_take_no_line_before_it_is_complete(tmp_path: Path) -> None:
    store = fill(tmp_path)
    file, known = tmp_path / "receipts.jsonl", lines(tmp_path)
    write(tmp_path, [*known[:-1], known[-1][:40]])
    assert store.changes()[-1].outcome is None

    with file.open("ab") as end:
        end.write(known[-1][40:])

    assert store.changes()[-1].outcome is Outcome.CONFIRMED


def test_the_marker_and_the_line_are_on_disk_before_an_intent_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = fill(tmp_path)
    flushed: list[str] = []

    def noting(name: str) -> None:
        flush = getattr(disk, name)

        def noted(path: Path, *content: bytes) -> None:
            flushed.append(path.name)
            flush(path, *content)

        monkeypatch.setattr(disk, name, noted)

    for name in ("sync_file", "sync_directory", "append"):
        noting(name)

    opened = store.intend(INTENT)

    assert flushed[:3] == [f"{opened.id}.json", "open", "receipts.jsonl"]
    opened.release()


def test_an_intent_whose_marker_cannot_be_flushed_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = fill(tmp_path)
    before = lines(tmp_path)

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "sync_file", full)
    with pytest.raises(AzjitError, match="nothing was sent"):
        store.intend(INTENT)

    assert lines(tmp_path) == before
    assert list((tmp_path / "open").glob("*.json")) == []
    assert store.unfinished() == []


def test_a_kill_between_marker_and_line_leaves_nothing_to_settle(tmp_path: Path) -> None:
    store = fill(tmp_path)
    before = lines(tmp_path)

    dead_writer(tmp_path, "disk.sync_file = die", prefix="marked")

    assert lines(tmp_path) == before
    assert list((tmp_path / "open").glob("marked*.json"))
    assert store.unfinished() == []
    assert list((tmp_path / "open").glob("marked*.json")) == []
