"""Clears the caches of earlier commands: access tokens and names, never receipts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from azjit.context import Context
from azjit.errors import Failed

_FILES = ("names.json", "directory.json")


class ClearedCache(NamedTuple):
    """A cache, its place, and how many files or tokens were dropped."""

    cache: str
    place: str | None
    dropped: int


class Caches:
    """The caches of this machine."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def clear(self) -> list[ClearedCache]:
        """Clear the tokens, and the names of Azure and of the sandbox.

        Raises:
            Failed: a cache cannot be cleared.
        """
        try:
            names = [*self._names()]
            return [self._tokens(), *names]
        except OSError as error:
            raise Failed(f"a cache was not dropped: {error}", hint="remove it by hand") from error

    def _tokens(self) -> ClearedCache:
        try:
            store = self._context.open_token_store()
        except OSError:
            return ClearedCache("tokens", None, 0)
        return ClearedCache("tokens", store.place, store.clear())

    def _names(self) -> Iterator[ClearedCache]:
        state = self._context.state_directory
        for folder in (state, state / "sandbox"):
            there = [path for name in _FILES if (path := folder / name).exists()]
            for path in there:
                path.unlink(missing_ok=True)
            yield ClearedCache("names", str(folder), len(there))
