"""Finds access tokens on the disk: none may be left outside of the cache that is for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_TOKEN = re.compile(rb"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]")
# The cache, and what tests write themselves: the login of an az, and assertions to sign in with.
_MAY_HAVE_ONE = {"runtime", "az", "bin", "assertion", "tls"}


def tokens_in(folder: Path) -> list[str]:
    """Give the files of a folder that contain a token and may not."""
    return [name for name, content in _files(folder) if _TOKEN.search(content)]


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        within = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or _MAY_HAVE_ONE & {*within.parts}:
            continue
        try:
            yield str(within), path.read_bytes()
        except (FileNotFoundError, PermissionError):
            continue  # of a process that is about to end
