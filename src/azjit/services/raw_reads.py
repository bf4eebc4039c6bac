"""Reads any path of Resource Manager, for what no command shows."""

from __future__ import annotations

import re

from azjit.context import Context
from azjit.errors import Usage

# One leading slash, and nothing that a client may read as another host, a fragment or a way up.
_PATH = re.compile(r"/(?![/\\])[^\s\\#\x00-\x1f\x7f]*")
_UP = re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE)


class RawReads:
    """GETs of Resource Manager, through the same checks as every other call."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def read(self, path: str) -> object:
        """Give the JSON of a path.

        Raises:
            Usage: it is no path of Resource Manager.
        """
        if _PATH.fullmatch(path) is None or _UP.search(path.partition("?")[0]):
            raise Usage(
                f"{path!r} is no path of Resource Manager",
                hint="use /subscriptions?api-version=2022-12-01, for example",
            )
        return self._context.arm.get(path, f"read {path.partition('?')[0]}")
