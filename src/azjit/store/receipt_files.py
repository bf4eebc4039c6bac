"""The two files of the receipts: the lines, which are only appended, and the head."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from azjit.store import disk
from azjit.store.chain import Head, head_after


class ReceiptFiles:
    """Reads and extends the chain on disk; a writer holds the lock of the receipts."""

    def __init__(self, directory: Path) -> None:
        self.lines_file = directory / "receipts.jsonl"
        self._head_file = directory / "receipts.head"
        self._torn_file = directory / "receipts.torn"

    def head(self) -> Head | None:
        """Give the head; an empty one if there is no file, None if it is unreadable."""
        try:
            loaded = json.loads(self._head_file.read_bytes())
            numbers = [int(loaded[key]) for key in ("count", "size")]
            head = Head(numbers[0], str(loaded["hash"]), numbers[1], int(loaded.get("coming", 0)))
        except FileNotFoundError:
            return Head()
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return head if min(head.count, head.size) >= 0 else None

    def lines(self, offset: int = 0) -> Iterator[bytes]:
        """Give the lines from an offset on, with newlines; an incomplete last line has none."""
        try:
            with self.lines_file.open("rb") as file:
                file.seek(offset)
                yield from file
        except FileNotFoundError:
            return

    def repair(self) -> Head:
        """Repair what a kill left, and give the head that the next line follows.

        An incomplete line is moved to another file, and the head takes up the complete lines that
        it said were coming, or one. Any other difference is not of a kill: the next line follows
        the head, and `verify` reports the break.
        """
        head, size = self.head() or Head(), disk.size_of(self.lines_file)
        if size > head.size:
            head = self._advance_head(head)
        elif size < head.size:
            head = replace(head, size=size)
        return self._end_last_line(head)

    def add(self, head: Head, makers: Sequence[Callable[[Head], bytes]]) -> None:
        """Write lines after `head`, with one flush, then the new head; each is made for its own.

        Raises:
            OSError: they could not be written; no incomplete line is left.
        """
        lines: list[bytes] = []
        following = head
        for make in makers:
            lines.append(make(following))
            after = head_after(following, lines[-1])
            if after is None:
                raise ValueError("a receipt does not follow the head that it was made for")
            following = after
        if len(lines) > 1:
            # First, so that a kill between lines and head is told from lines that others added.
            self._write_head(replace(head, coming=len(lines)))
        try:
            disk.append(self.lines_file, b"".join(lines))
        except OSError:
            with suppress(OSError):
                disk.cut(self.lines_file, head.size)
            raise
        self._write_head(following)

    def _advance_head(self, head: Head) -> Head:
        lines = list(self.lines(head.size))
        if not lines[-1].endswith(b"\n"):
            torn = lines.pop()
            disk.append(self._torn_file, torn + b"\n")
            disk.cut(self.lines_file, head.size + sum(map(len, lines)))
        following: Head | None = head
        for line in lines:
            following = head_after(following, line) if following is not None else None
        if following is None or len(lines) > head.most_ahead:
            return replace(head, size=head.size + sum(map(len, lines)))
        # Before the next line, so that the head is never further behind than it said.
        self._write_head(following)
        return following

    def _end_last_line(self, head: Head) -> Head:
        """End a line that was cut, so that the next one does not continue it."""
        if head.size == 0 or next(self.lines(head.size - 1)) == b"\n":
            return head
        disk.append(self.lines_file, b"\n")
        return replace(head, size=head.size + 1)

    def _write_head(self, head: Head) -> None:
        told: dict[str, object] = {"count": head.count, "hash": head.hash, "size": head.size}
        if head.coming:
            told["coming"] = head.coming
        disk.replace(self._head_file, json.dumps(told).encode() + b"\n")
