"""The two files of the receipts: the lines, which are only appended, and the head."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from azjit.store import disk
from azjit.store.chain import Head, decode_entry, head_after
from azjit.store.formats import RECEIPTS, check_format

_USUAL_LINES = 1 << 14  # bytes


class ReceiptFiles:
    """Reads and extends the chain on disk; a writer holds the lock of the receipts.

    Before it extends a chain that was changed by others, it says so with `warn`.
    """

    def __init__(self, directory: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        self._directory = directory
        self._warn = warn
        self._has_said = False
        self.lines_file = directory / "receipts.jsonl"
        self._head_file = directory / "receipts.head"
        self._torn_file = directory / "receipts.torn"

    def head(self) -> Head | None:
        """Give the head; an empty one if there is no file, None if it is unreadable."""
        check_format(self._head_file)
        try:
            return _read_head(self._head_file.read_bytes())
        except FileNotFoundError:
            return Head()

    def is_head_as_written(self) -> bool:
        """Tell whether each byte of the head is one that azjit wrote."""
        try:
            written = self._head_file.read_bytes()
        except FileNotFoundError:
            return True
        head = _read_head(written)
        # The heads of the first versions of azjit have no version.
        return head is not None and written in {
            _head_bytes({"version": RECEIPTS}, head),
            _head_bytes({}, head),
        }

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
        it said were coming, or one. Any other difference is not of a kill: it is said, the next
        line follows the head, and `verify` reports the break.
        """
        told, size = self.head(), disk.size_of(self.lines_file)
        head = told or Head()
        if told is None:
            self._say("their head cannot be read")
        elif size < head.size:
            self._say(f"{head.size - size} bytes are missing at their end")
        elif head.count and not self._ends_in(head):
            self._say("their last line is not the one that their head names")
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
            self._say("they have lines that their head does not count")
            return replace(head, size=head.size + sum(map(len, lines)))
        # Before the next line, so that the head is never further behind than it said.
        self._write_head(following)
        return following

    def _ends_in(self, head: Head) -> bool:
        """Tell whether the line before the end that a head names is the line that it names."""
        entry = decode_entry(self._line_before(head.size))
        return entry is not None and (entry.sequence, entry.hash) == (head.count, head.hash)

    def _line_before(self, end: int) -> bytes:
        length = _USUAL_LINES
        with self.lines_file.open("rb") as file:
            while True:
                start = file.seek(max(0, end - length))
                *before, last = file.read(end - start).splitlines(keepends=True) or [b""]
                if before or start == 0:
                    return last
                length *= 2

    def _say(self, why: str) -> None:
        if self._has_said:
            return
        self._has_said = True
        self._warn(
            f"the receipts in {self._directory} were changed by something other than azjit: {why};"
            " keep a copy of them, and find out who changed them"
        )

    def _end_last_line(self, head: Head) -> Head:
        """End a line that was cut, so that the next one does not continue it."""
        if head.size == 0 or next(self.lines(head.size - 1)) == b"\n":
            return head
        disk.append(self.lines_file, b"\n")
        return replace(head, size=head.size + 1)

    def _write_head(self, head: Head) -> None:
        disk.replace(self._head_file, _head_bytes({"version": RECEIPTS}, head))


def _read_head(written: bytes) -> Head | None:
    try:
        loaded = json.loads(written)
        numbers = [int(loaded[key]) for key in ("count", "size")]
        head = Head(numbers[0], str(loaded["hash"]), numbers[1], int(loaded.get("coming", 0)))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return head if min(head.count, head.size) >= 0 else None


def _head_bytes(before: Mapping[str, object], head: Head) -> bytes:
    told = {**before, "count": head.count, "hash": head.hash, "size": head.size}
    if head.coming:
        told["coming"] = head.coming
    return json.dumps(told).encode() + b"\n"
