"""Receipts: every change is recorded before it is sent, and its outcome afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock

from azjit.errors import AzjitError
from azjit.store import chain, disk
from azjit.store.chain import Head, ReceiptEntry, Verification
from azjit.store.formats import RECEIPTS
from azjit.store.intents import Actor, Intent, OpenIntent, Outcome, RecordedChange, Unfinished
from azjit.store.place import has_open_intents, open_intents_in
from azjit.store.receipt_files import ReceiptFiles
from azjit.store.recorded_changes import RecordedChanges
from azjit.store.shared_writes import SharedWrites, WaitingLine

__all__ = [
    "Actor",
    "Head",
    "Intent",
    "OpenIntent",
    "Outcome",
    "ReceiptEntry",
    "Receipts",
    "RecordedChange",
    "Unfinished",
    "Verification",
]

LOCK_SECONDS = 30.0
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Receipts:
    """The receipts in one directory, for several threads and processes."""

    def __init__(
        self,
        directory: Path,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        clean: Callable[[str], str] = str,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.directory = directory
        self._open_directory = open_intents_in(directory)
        self._files = ReceiptFiles(directory, warn)
        self._changes = RecordedChanges(self._files)
        self._now = now
        self._new_id = new_id
        self._clean = clean  # takes secrets out of what Azure answered
        self._threads = Lock()
        self._writes = SharedWrites(self._files, self._locked)
        # Kept here, because a lock without a reference is released.
        self._held: dict[str, OpenIntent] = {}

    def intend(self, intent: Intent) -> OpenIntent:
        """Record a change before it is sent; it is on disk when this returns.

        Raises:
            AzjitError: it could not be recorded, so it must not be sent.
        """
        name = self._new_id()
        if _FILE_NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} cannot name a receipt")
        try:
            disk.make_private_directory(self.directory)
            disk.make_private_directory(self._open_directory)
            with self._locked():
                opened = self._mark(name, intent.body())
            return self._begin(opened, intent.body())
        except (OSError, disk.Busy) as error:
            raise AzjitError(
                f"the receipts in {self.directory} could not be written, so nothing was sent: "
                f"{_reason(error)}",
                hint="free disk space, fix the permissions, or use another --state-dir",
            ) from error

    def _mark(self, name: str, body: Mapping[str, object]) -> OpenIntent:
        """Take the lock of an intent and write its marker, which is not on disk yet."""
        offset = disk.size_of(self._files.lines_file)
        line = self._line(Head(), name=name, kind="intent", body=body)
        if (lock := disk.try_lock(self._lock_file(name))) is None:
            raise disk.Busy(f"the intent {name} is open already")
        opened = OpenIntent(name, lock, self._write_outcome)
        try:
            # The line says what was intended, if the receipts lose theirs.
            marker = {"version": RECEIPTS, "offset": offset, "line": line.decode("ascii")}
            disk.write_new(self._marker(name), json.dumps(marker).encode(), durable=False)
        except BaseException:
            self._unmark(opened)
            raise
        self._held[name] = opened
        return opened

    def _begin(self, opened: OpenIntent, body: Mapping[str, object]) -> OpenIntent:
        waiting = WaitingLine(partial(self._line, name=opened.id, kind="intent", body=body))
        try:
            # The marker first: after a kill, only an intent with a marker is found. Threads flush
            # theirs side by side, which the disk does in one step.
            disk.sync_file(self._marker(opened.id))
            disk.sync_directory(self._open_directory)
            self._writes.write(waiting)
        except BaseException:
            self._held.pop(opened.id, None)
            if waiting.is_written:
                opened.close()
            else:
                self._unmark(opened)
            raise
        return opened

    def _line(self, head: Head, *, name: str, kind: str, body: Mapping[str, object]) -> bytes:
        return chain.encode_entry(head, at=self._now(), name=name, kind=kind, body=body)

    def _unmark(self, opened: OpenIntent) -> None:
        self._marker(opened.id).unlink(missing_ok=True)
        opened.close()

    def _write_outcome(self, intent: OpenIntent, body: Mapping[str, object]) -> None:
        if not intent.is_open:
            raise RuntimeError(f"intent {intent.id} is no longer open")
        body = {k: self._clean(v) if isinstance(v, str) else v for k, v in body.items()}
        line = partial(self._line, name=intent.id, kind="outcome", body=body)
        try:
            self._writes.write(WaitingLine(line, partial(self._forget, intent)))
        except (OSError, disk.Busy) as error:
            intent.release()
            self._held.pop(intent.id, None)
            raise AzjitError(
                f"the outcome of {intent.id} ({body['outcome']}) could not be written to the "
                f"receipts in {self.directory}: {_reason(error)}",
                hint="the change itself was sent; the next run will read it back and record it",
            ) from error

    def entries(self) -> Iterator[ReceiptEntry]:
        """Give the readable entries, oldest first; `verify` reports unreadable lines."""
        with self._reading():
            for line in self._files.lines():
                entry = chain.decode_entry(line) if line.endswith(b"\n") else None
                if entry is not None:
                    yield entry

    def changes(self) -> list[RecordedChange]:
        """Give every intent with its outcome, oldest first."""
        with self._reading():
            return self._changes.current()

    def changes_of(self, target: str) -> list[RecordedChange]:
        """Give every intent for a resource with its outcome, oldest first."""
        with self._reading():
            return self._changes.of(target)

    def head(self) -> Head | None:
        """Give the head, to be kept elsewhere; None if it is unreadable."""
        with self._reading():
            return self._files.head()

    def verify(self, against: Head | None = None) -> Verification:
        """Check every line against the one before it, and the last against the head.

        `against` is a copy of an earlier head, which must be on the same chain.
        """
        if not self.directory.is_dir():
            return chain.verify((), Head(), against)
        try:
            with self._locked():
                return self._check(against)
        except (OSError, disk.Busy):
            # Files that may only be read have no writer to wait for.
            with self._reading():
                return self._check(against)

    def _check(self, against: Head | None = None) -> Verification:
        head = self._files.head()
        found = chain.verify(self._files.lines(), head or Head(), against)
        if head is None:
            return Verification(ok=False, count=found.count, why="the head is unreadable")
        if found.ok and not self._files.is_head_as_written():
            return Verification(ok=False, count=found.count, why="the head was changed")
        return found

    def under_way(self) -> set[str]:
        """Give the ids of the changes whose processes still run."""
        found = set()
        with self._reading():
            for file in self._open_directory.glob("*.lock"):
                if (lock := disk.try_lock(file)) is None:
                    found.add(file.stem)
                else:
                    lock.release()
        return found | set(self._held)

    def unfinished(self) -> list[Unfinished]:
        """Give the intents whose processes have ended; each is given to one caller only."""
        try:
            if not has_open_intents(self.directory):
                return []
            with self._locked():
                return list(self._abandoned())
        except (OSError, disk.Busy) as error:
            raise AzjitError(
                f"the receipts in {self.directory} could not be searched for unfinished changes: "
                f"{_reason(error)}",
                hint="fix the permissions, or wait for the other azjit to end",
            ) from error

    def _abandoned(self) -> Iterator[Unfinished]:
        self._held = {name: intent for name, intent in self._held.items() if intent.is_open}
        self._files.repair()
        for file in sorted(self._open_directory.iterdir()):
            if file.suffix == ".lock" and not self._marker(file.stem).exists():
                file.unlink(missing_ok=True)
            if file.suffix != ".json" or file.stem in self._held:
                continue
            lock = disk.try_lock(self._lock_file(file.stem))
            if lock is not None and (found := self._abandoned_intent(file.stem, lock)) is not None:
                self._held[file.stem] = found
                yield found

    def _abandoned_intent(self, name: str, lock: disk.Lock) -> Unfinished | None:
        offset, line = self._read_marker(name)
        intent, is_concluded = self._trace(name, offset)
        if intent is None and not self._check().ok:
            # Lines are missing, perhaps this one: it is read again rather than lost.
            intent = chain.decode_entry(line)
        elif intent is None:
            is_concluded = True  # Killed before the line: nothing was sent.
        if intent is not None and not is_concluded:
            return Unfinished(intent, lock, self._write_outcome)
        if is_concluded:
            self._forget(OpenIntent(name, lock, self._write_outcome))
        else:
            lock.release()
        return None

    def _read_marker(self, name: str) -> tuple[int, bytes]:
        try:
            marker = json.loads(self._marker(name).read_bytes())
            offset, size = float(marker["offset"]), disk.size_of(self._files.lines_file)
            return int(max(0, min(offset, size))), str(marker["line"]).encode()
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return 0, b""

    def _trace(self, name: str, offset: int) -> tuple[ReceiptEntry | None, bool]:
        """Find the last intent of that name, and whether its outcome follows."""
        intent, is_concluded = None, False
        for line in self._files.lines(offset):
            entry = chain.decode_entry(line) if name.encode() in line else None
            if entry is not None and entry.id == name:
                is_concluded = entry.kind == "outcome"
                intent = intent if is_concluded else entry
        if intent is None and offset > 0:
            return self._trace(name, 0)
        return intent, is_concluded

    def _forget(self, intent: OpenIntent) -> None:
        # The marker first: a lock without a marker is ignored.
        self._marker(intent.id).unlink(missing_ok=True)
        self._held.pop(intent.id, None)
        intent.close()
        with suppress(OSError):
            self._lock_file(intent.id).unlink(missing_ok=True)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise AzjitError(
                f"the receipts in {self.directory} could not be read: {_reason(error)}",
                hint="fix the permissions, or use another --state-dir",
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # Threads wait for each other first, since the file lock can only be polled.
        with self._threads, disk.locked(self.directory / "receipts.lock", seconds=LOCK_SECONDS):
            yield

    def _marker(self, name: str) -> Path:
        return self._open_directory / f"{name}.json"

    def _lock_file(self, name: str) -> Path:
        return self._open_directory / f"{name}.lock"


def _reason(error: Exception) -> str:
    if isinstance(error, disk.Busy):
        return "another azjit has locked them"
    return str(getattr(error, "strerror", None) or error).lower()
