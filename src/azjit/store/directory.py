"""A cache of a tenant's directory, kept for a day; it may be deleted at any time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from azjit.domain.times import parse_instant
from azjit.store import disk
from azjit.store.formats import DIRECTORY

LIFE = timedelta(days=1)
# An outage ends sooner than a right is granted.
OUTAGE_LIFE = timedelta(minutes=10)
LOCK_SECONDS = 2.0
LIMIT = 20_000
_NOBODY, _INSIDE, _OUTSIDE, _SHUT = "", "in", "out", "shut"

# A text, and the instant at which it expires.
Item = tuple[str, str]


class DirectoryCache:
    """Names and memberships of one tenant's directory, and whether the directory refused."""

    def __init__(self, directory: Path, tenant: str, *, now: Callable[[], datetime]) -> None:
        self._directory = directory
        self._file = directory / "directory.json"
        self._tenant = tenant.lower()
        self._now = now
        self._loaded: dict[str, Item] | None = None
        self._changes: dict[str, Item] = {}

    def has(self, principal: str) -> bool:
        """Tell whether a principal was looked up, found or not."""
        return self._get(f"name/{principal}") is not None

    def name(self, principal: str) -> str | None:
        """Give a principal's name; None if it is not known, or not in this directory."""
        return self._get(f"name/{principal}") or None

    def remember_names(self, names: Mapping[str, str | None]) -> None:
        """Keep names by object ids; None for a principal that is not in this directory."""
        self._put({f"name/{key}": name or _NOBODY for key, name in names.items()})

    def is_in(self, principal: str, group: str) -> bool | None:
        """Tell whether a principal is in a group; None if that is not known."""
        known = self._get(f"member/{principal}/{group}")
        return None if known is None else known == _INSIDE

    def remember_groups(self, principal: str, asked: Iterable[str], inside: set[str]) -> None:
        """Keep which of the looked-up groups a principal is in."""
        told = {each: _INSIDE if each in inside else _OUTSIDE for each in asked}
        self._put({f"member/{principal}/{group}": word for group, word in told.items()})

    def has_refused(self, caller: str) -> bool:
        """Tell whether the directory recently refused a caller, or was not reached."""
        return self._get(f"shut/{caller}") is not None

    def remember_refusal(self, caller: str, life: timedelta) -> None:
        """Keep that the directory is not to be read again for a while."""
        self._put({f"shut/{caller}": _SHUT}, life)

    def save(self) -> None:
        """Write new entries; a failure here never fails the command."""
        if not self._changes:
            return
        with suppress(OSError, ValueError, disk.Busy):
            disk.make_private_directory(self._directory)
            with disk.locked(self._directory / "directory.lock", seconds=LOCK_SECONDS):
                items = self._lasting({**self._read(), **self._changes})
                content = json.dumps({"version": DIRECTORY, "items": items}, separators=(",", ":"))
                disk.replace(self._file, content.encode(), durable=False)
        self._changes = {}

    def _get(self, key: str) -> str | None:
        if self._loaded is None:
            self._loaded = self._read()
        item = self._loaded.get(f"{self._tenant}/{key.lower()}")
        return item[0] if item is not None and self._is_fresh(item) else None

    def _put(self, told: Mapping[str, str], life: timedelta = LIFE) -> None:
        until = (self._now().astimezone(UTC) + life).isoformat()
        items = {f"{self._tenant}/{key.lower()}": (text, until) for key, text in told.items()}
        if self._loaded is None:
            self._loaded = self._read()
        self._loaded |= items
        self._changes |= items

    def _is_fresh(self, item: Item) -> bool:
        until = parse_instant(item[1])
        # A clock that was set back extends no entry.
        return until is not None and timedelta(0) < until - self._now() <= LIFE

    def _lasting(self, items: dict[str, Item]) -> dict[str, Item]:
        fresh = {key: item for key, item in items.items() if self._is_fresh(item)}
        newest = sorted(fresh, key=lambda key: fresh[key][1], reverse=True)[:LIMIT]
        return {key: fresh[key] for key in newest}

    def _read(self) -> dict[str, Item]:
        try:
            loaded = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(loaded, dict) or loaded.get("version") != DIRECTORY:
            return {}
        items = loaded.get("items")
        if not isinstance(items, dict):
            return {}
        return {key: (item[0], item[1]) for key, item in items.items() if _is_sound(item)}


def _is_sound(item: object) -> bool:
    match item:
        case [str(), str()]:
            return True
    return False
