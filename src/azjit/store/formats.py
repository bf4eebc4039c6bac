"""The format of each file in the state directory, which an older azjit must be able to refuse.

Each file contains `version`: the caches, the head and the markers at their beginning, the receipts
in each line. A file without one is of the first format.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

RECEIPTS: Final = 1
NAMES: Final = 1
DIRECTORY: Final = 1
SHOWN: Final = 1

_LINES = "receipts.jsonl"
_KNOWN = {
    _LINES: RECEIPTS,
    "receipts.head": RECEIPTS,
    "names.json": NAMES,
    "directory.json": DIRECTORY,
}
# The formats of the files of a folder, one for each intent or terminal.
_FOLDERS = {"open": RECEIPTS, "shown": SHOWN}
_VERSION = re.compile(rb'"version"\s*:\s*(\d{1,9})\b')
_BEGINNING, _END = 4096, 1 << 20  # bytes


class NewerFile(OSError):
    """A file of a format that only a newer azjit knows."""

    def __init__(self, path: Path) -> None:
        super().__init__(0, "it was written by a newer azjit", str(path))


def check_format(path: Path) -> None:
    """Refuse a file of a newer format; any other file is accepted.

    Raises:
        NewerFile: only a newer azjit knows its format.
        OSError: it cannot be read.
    """
    known = _KNOWN.get(path.name)
    if known is None and path.suffix == ".json":
        known = _FOLDERS.get(path.parent.name)
    if known is None:
        return
    try:
        version = _version_of_lines(path) if path.name == _LINES else _version_of(path)
    except FileNotFoundError:
        return
    if version > known:
        raise NewerFile(path)


def _version_of(path: Path) -> int:
    with path.open("rb") as file:
        found = _VERSION.search(file.read(_BEGINNING))
    return int(found[1]) if found is not None else 1


def _version_of_lines(path: Path) -> int:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _END))
        lines = [line for line in file if line.endswith(b"\n")]
    try:
        version = json.loads(lines[-1])["version"]
    except (IndexError, ValueError, KeyError, TypeError, RecursionError):
        return 1
    return version if isinstance(version, int) else 1
