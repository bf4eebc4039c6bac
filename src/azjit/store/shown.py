"""The digests of the requests that were shown, by the terminal that showed them.

A decision compares it with what the request is then. Each terminal has its own file, so that what
another one shows replaces nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from azjit.errors import AzjitError, Failed
from azjit.store import disk
from azjit.store.formats import SHOWN

LIMIT = 5000
LOCK_SECONDS = 2.0
_KEPT = timedelta(days=30)
_DIGEST = re.compile("[0-9a-f]{64}")


class ShownRequests:
    """The digests of the requests that one terminal showed; without a terminal, of all others."""

    def __init__(self, directory: Path, terminal: str) -> None:
        self._directory = directory / "shown"
        self._file = self._directory / f"{terminal or 'none'}.json"
        self._loaded: dict[str, str] | None = None

    def digest_of(self, request: str) -> str | None:
        """Give the digest of a request when it was last shown; None if it was not.

        Raises:
            Failed: the file cannot be read.
        """
        if self._loaded is None:
            self._loaded = self._read()
        return self._loaded.get(request.lower())

    def remember(self, digests: Mapping[str, str]) -> None:
        """Keep the digests of requests that were shown, by their ids.

        Raises:
            Failed: they cannot be kept, or those of earlier requests were lost.
        """
        lost: AzjitError | None = None
        try:
            disk.make_private_directory(self._directory)
            with disk.locked(self._file.with_suffix(".lock"), seconds=LOCK_SECONDS):
                try:
                    known = self._read()
                except _Damaged as error:
                    known, lost = {}, error
                for request, digest in digests.items():
                    known.pop(request.lower(), None)
                    known[request.lower()] = digest
                known = dict(list(known.items())[-LIMIT:])
                content = json.dumps({"version": SHOWN, "shown": known}, separators=(",", ":"))
                if not self._file.exists():
                    self._drop_old()
                disk.replace(self._file, content.encode(), durable=False)
        except (OSError, disk.Busy) as error:
            raise Failed(_reason(error)) from error
        self._loaded = known
        if lost is not None:
            raise lost

    def _read(self) -> dict[str, str]:
        try:
            loaded = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Failed(f"{self._file} cannot be read: {_reason(error)}") from error
        except (ValueError, RecursionError) as error:
            raise _Damaged(f"{self._file} is damaged") from error
        match loaded:
            case {"version": int(version), "shown": dict(shown)} if version == SHOWN:
                return {key: text for key, text in shown.items() if _is_digest(text)}
        raise _Damaged(f"{self._file} is damaged")

    def _drop_old(self) -> None:
        """Drop the files of terminals that are long gone."""
        now = self._directory.stat().st_mtime  # the lock was just made in it
        for file in self._directory.iterdir():
            with suppress(OSError):
                if now - file.stat().st_mtime > _KEPT.total_seconds():
                    file.unlink()


def _is_digest(text: object) -> bool:
    # A version before wrote 16 digits, of which another request could have the same.
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


class _Damaged(Failed):
    """The content of the file is not what azjit writes."""


def _reason(error: Exception) -> str:
    if isinstance(error, disk.Busy):
        return "another azjit has locked it"
    return str(getattr(error, "strerror", None) or error).lower()
