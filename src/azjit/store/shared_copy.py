"""A copy of a machine's receipts in a folder that several machines share.

Each state directory has a folder of its own there, so that no machine writes where another does.
The rights in the folder are those that it gives: its readers are meant to read the receipts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from azjit.store import disk
from azjit.store.chain import decode_entry

LINES, HEAD = "receipts.jsonl", "receipts.head"
_LOCK_SECONDS = 10.0
_COMPARED = 1 << 16  # bytes: the last of them hold a line, whose hash covers all before it
_PART = 1 << 20


class Differs(Exception):
    """The copy is no beginning of the receipts."""


def copy_name(directory: Path, machine: str) -> str | None:
    """Give the name of the folder for the receipts in a state directory; None without receipts."""
    try:
        with (directory / LINES).open("rb") as file:
            first = decode_entry(file.readline())
    except FileNotFoundError:
        return None
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", machine).strip("-.") or "machine"
    return None if first is None else f"{plain[:60]}-{first.hash[:8]}"


def copy_receipts(directory: Path, shared: Path, machine: str) -> None:
    """Add to a copy what it lacks.

    Raises:
        OSError: the shared folder cannot be written; it is never created.
        Differs: the copy has other lines than the receipts; it is left as it is.
        disk.Busy: another azjit is writing the receipts.
    """
    name = copy_name(directory, machine)
    if name is None:
        return
    own, copy = directory / LINES, shared / name / LINES
    (shared / name).mkdir(exist_ok=True)
    with disk.locked(directory / "receipts.lock", seconds=_LOCK_SECONDS):
        have = disk.size_of(copy)
        if _end(own, have) != _end(copy, have):
            raise Differs(str(shared / name))
        with copy.open("ab", buffering=0) as file:
            for part in _parts(own, have):
                file.write(part)
            os.fsync(file.fileno())
        made = shared / name / f"{HEAD}.tmp"
        made.write_bytes((directory / HEAD).read_bytes())
        made.replace(shared / name / HEAD)


def _end(path: Path, size: int) -> bytes:
    """Give the last bytes of the first `size` bytes."""
    if not size:
        return b""
    with path.open("rb") as file:
        file.seek(max(0, size - _COMPARED))
        return file.read(min(size, _COMPARED))


def _parts(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while part := file.read(_PART):
            yield part
