"""The changes in the receipts, read once and then kept current from the lines that are added."""

from __future__ import annotations

from threading import Lock

from azjit.store import chain, disk
from azjit.store.chain import ReceiptEntry
from azjit.store.disk import FileStamp
from azjit.store.intents import Intent, Outcome, RecordedChange
from azjit.store.receipt_files import ReceiptFiles


class RecordedChanges:
    """Every intent with its outcome.

    Lines are only appended, by this process and by others. So only what follows the last line that
    was read is read again. If the file was replaced, cut or changed in place, all of it is.
    """

    def __init__(self, files: ReceiptFiles) -> None:
        self._files = files
        self._lock = Lock()
        self._found: dict[str, RecordedChange] = {}
        self._by_target: dict[str, list[str]] = {}
        self._last_line = b""
        self._size = 0
        self._seen: FileStamp | None = None

    def current(self) -> list[RecordedChange]:
        """Give all changes, oldest first.

        Raises:
            OSError: the receipts may not be read.
        """
        with self._lock:
            self._refresh()
            return list(self._found.values())

    def of(self, target: str) -> list[RecordedChange]:
        """Give the changes of one resource, oldest first."""
        with self._lock:
            self._refresh()
            return [self._found[name] for name in self._by_target.get(target.lower(), ())]

    def _refresh(self) -> None:
        seen = disk.stamp_of(self._files.lines_file)
        if seen != self._seen:
            self._read(seen)
            self._seen = seen

    def _read(self, seen: FileStamp | None) -> None:
        if not self._has_only_grown(seen):
            self._found, self._by_target, self._last_line, self._size = {}, {}, b"", 0
        for line in self._files.lines(self._size):
            if not line.endswith(b"\n"):
                return
            self._size += len(line)
            self._last_line = line
            entry = chain.decode_entry(line)
            if entry is not None:
                self._add(entry)

    def _has_only_grown(self, seen: FileStamp | None) -> bool:
        before = self._seen
        if before is None or seen is None or not seen.is_grown_from(before):
            return False
        line = next(self._files.lines(self._size - len(self._last_line)), b"")
        return line == self._last_line

    def _add(self, entry: ReceiptEntry) -> None:
        if entry.kind == "intent":
            intent = Intent.read(entry.body)
            self._found[entry.id] = RecordedChange(intent, entry.at)
            self._by_target.setdefault(intent.target.lower(), []).append(entry.id)
        elif entry.id in self._found:
            outcome = Outcome.read(entry.body.get("outcome"))
            self._found[entry.id] = self._found[entry.id]._replace(
                outcome=outcome,
                ended=entry.at,
                is_reconciled=entry.body.get("reconciled") is True,
            )
