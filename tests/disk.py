"""Finds access tokens on the disk: none may be left outside of the cache that is for them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

# A token begins with `ey` and this. J is rare, and the search for a single letter is quick.
_TOKEN = re.compile(rb"J[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]")
# The cache, and what tests write themselves: the login of an az, and assertions to sign in with.
_MAY_HAVE_ONE = {"runtime", "az", "bin", "assertion", "tls"}


def tokens_in(folder: Path) -> list[str]:
    """Give the files of a folder that contain a token and may not."""
    files = _files(str(folder))
    return [os.path.relpath(file, folder) for file, held in files if _has_token(held)]


def _has_token(content: bytes) -> bool:
    at = content.find(b"J")
    while at >= 0 and not _TOKEN.match(content, at):
        at = content.find(b"J", at + 1)
    return at >= 0


def _files(folder: str) -> Iterator[tuple[str, bytes]]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, PermissionError):
        return
    for entry in entries:
        if entry.name in _MAY_HAVE_ONE:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path)
        elif entry.is_file(follow_symlinks=False):
            try:
                with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123 - twice as quick
                    yield entry.path, file.read()
            except (FileNotFoundError, PermissionError):
                continue  # of a process that is about to end
