"""Writes the receipts of several threads together, with one flush for all that wait."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Lock

from azjit.store import disk
from azjit.store.chain import Head
from azjit.store.receipt_files import ReceiptFiles


class WaitingLine:
    """A line that a thread waits for; `then` runs under the lock once the line is on disk."""

    def __init__(
        self, line: Callable[[Head], bytes], then: Callable[[], None] = lambda: None
    ) -> None:
        self.line = line
        self.then = then
        self.is_written = False  # perhaps not on disk
        self.is_over = False
        self.error: BaseException | None = None


class SharedWrites:
    """Adds lines to the receipts; the first thread that can writes those of all that wait."""

    def __init__(
        self, files: ReceiptFiles, locked: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._files = files
        self._locked = locked
        self._turn = Lock()
        self._guard = Lock()
        self._queue: list[WaitingLine] = []

    def write(self, mine: WaitingLine) -> None:
        """Write a line; it is on disk when this returns.

        Raises:
            OSError, Busy: it could not be written.
        """
        with self._guard:
            self._queue.append(mine)
        with self._turn:
            if not mine.is_over:
                self._write_all()
        if mine.error is not None:
            raise mine.error

    def _write_all(self) -> None:
        group: list[WaitingLine] = []
        try:
            with self._locked():
                group = self._taken()
                self._add(group)
        except BaseException as error:  # noqa: BLE001 - each thread that waits raises it
            group = group or self._taken()
            for each in group:
                each.error = error
        for each in group:
            each.is_over = True

    def _taken(self) -> list[WaitingLine]:
        with self._guard:
            taken, self._queue = self._queue, []
        return taken

    def _add(self, group: list[WaitingLine]) -> None:
        head = self._files.repair()
        try:
            self._files.add(head, [each.line for each in group])
        finally:
            is_written = disk.size_of(self._files.lines_file) != head.size
            for each in group:
                each.is_written = is_written
        for each in group:
            try:
                each.then()
            except OSError as error:
                each.error = error
