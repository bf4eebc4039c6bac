"""A cache of names, which saves calls to Azure; it may be deleted at any time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import NamedTuple, TypeVar

from azjit.domain.times import parse_instant
from azjit.store import disk
from azjit.store.disk import FileStamp
from azjit.store.formats import NAMES

Item = dict[str, str]
Shelves = dict[str, dict[str, Item]]

LOCK_SECONDS = 2.0
# An entry that is younger than this is not written again.
REWRITE_AFTER = timedelta(days=1)
# A custom role can be renamed at any time.
ROLE_LIFE = timedelta(days=1)
# The most entries of each shelf; the most recently seen are kept.
LIMITS = {
    "applications": 2000,
    "requests": 5000,
    "roles": 2000,
    "principals": 5000,
}
# The entries that are written to the file in one step.
_AT_ONCE = 200


class KnownApplication(NamedTuple):
    """An application that was seen; `seen` is set when it is read back."""

    id: str
    name: str
    group: str
    managed_group: str
    seen: datetime | None = None


class KnownRequest(NamedTuple):
    """A request that was seen; `seen` is set when it is read back."""

    id: str
    name: str
    application: str
    seen: datetime | None = None


_Known = TypeVar("_Known", KnownApplication, KnownRequest)


class KnownNames:
    """The cache in one directory: loaded on first use; its failures raise no errors."""

    def __init__(self, directory: Path, *, now: Callable[[], datetime]) -> None:
        self._directory = directory
        self._file = directory / "names.json"
        self._now = now
        self._threads = RLock()
        self._loaded: Shelves | None = None
        self._loaded_from: FileStamp | None = None
        self._changes: Shelves = {}
        self._batches = 0

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Write once, at the end of the block."""
        with self._threads:
            self._batches += 1
        try:
            yield
        finally:
            with self._threads:
                self._batches -= 1
                self._save()

    def remember_applications(self, applications: Iterable[KnownApplication]) -> None:
        """Keep applications."""
        self._remember("applications", {one.id: _texts(one) for one in applications})

    def applications(self) -> list[KnownApplication]:
        """Give all applications, by name."""
        return self._known("applications", KnownApplication)

    def remember_requests(self, requests: Iterable[KnownRequest]) -> None:
        """Keep requests."""
        self._remember("requests", {one.id: _texts(one) for one in requests})

    def requests_by_prefix(self, *prefixes: str) -> list[KnownRequest]:
        """Give the requests whose name begins with one of the prefixes, by name."""
        beginnings = tuple(each.lower() for each in prefixes)
        known = self._known("requests", KnownRequest)
        return [one for one in known if one.name.lower().startswith(beginnings)]

    def remember_roles(self, place: str, names: Mapping[str, str]) -> None:
        """Keep role names by their GUIDs in a place: the cloud and tenant, or also the scope."""
        self._remember_names("roles", place, names)

    def role_name(self, guid: str, *places: str) -> str | None:
        """Give the name that a role had in the last day, in the first place that knows it."""
        roles, now = self._shelf("roles"), self._now()
        for item in (roles.get(_key(place, guid), {}) for place in places):
            seen = _seen(item)
            if seen is not None and timedelta(0) <= now - seen < ROLE_LIFE:
                return item.get("name")
        return None

    def remember_principals(self, place: str, names: Mapping[str, str]) -> None:
        """Keep display names by object ids in a place: the cloud."""
        self._remember_names("principals", place, names)

    def principal_name(self, principal: str, place: str) -> str | None:
        """Give the display name of a principal."""
        return self._shelf("principals").get(_key(place, principal), {}).get("name")

    def _known(self, shelf: str, kind: type[_Known]) -> list[_Known]:
        keys = kind._fields[:-1]
        found = [kind._make(_row(item, keys)) for item in self._items(shelf, *keys)]
        return sorted(found, key=lambda one: (one.name.lower(), one.id.lower()))

    def _remember_names(self, shelf: str, place: str, names: Mapping[str, str]) -> None:
        self._remember(shelf, {_key(place, one): {"id": one, "name": names[one]} for one in names})

    def _items(self, shelf: str, *keys: str) -> list[Item]:
        # A copy, because another thread may add items meanwhile.
        items = list(self._shelf(shelf).values())
        return [item for item in items if all(key in item for key in keys)]

    def _shelf(self, name: str) -> dict[str, Item]:
        with self._threads:
            if self._loaded is None:
                self._loaded = self._read()
            return self._loaded.setdefault(name, {})

    def _remember(self, shelf: str, items: Mapping[str, Item]) -> None:
        now = self._now().astimezone(UTC)
        seen = now.isoformat()
        with self._threads:
            known = self._shelf(shelf)
            for key, item in items.items():
                if _is_fresh(known.get(key.lower()), item, now):
                    continue
                changed = self._changes.setdefault(shelf, {})
                # One copy in both: a long listing fills the shelf.
                name, new = key.lower(), {**item, "seen": seen}
                for kept in (known, changed):
                    kept.pop(name, None)
                    kept[name] = new
            for kept in (known, self._changes.get(shelf, {})):
                _drop_first(kept, LIMITS[shelf])
            self._save()

    def _save(self) -> None:
        if self._batches or not self._changes:
            return
        # A failure here never fails the command.
        with suppress(OSError, ValueError, disk.Busy):
            disk.make_private_directory(self._directory)
            with disk.locked(self._directory / "names.lock", seconds=LOCK_SECONDS):
                shelves = self._current()
                for shelf, items in self._changes.items():
                    merged = {**shelves.get(shelf, {}), **items}
                    shelves[shelf] = _last_seen(merged, LIMITS[shelf])
                disk.replace(self._file, _content(shelves), durable=False)
        self._changes = {}

    def _current(self) -> Shelves:
        """Give what is in the file: as it was loaded, unless another command changed it since."""
        is_same = disk.stamp_of(self._file) == self._loaded_from
        return self._loaded if self._loaded is not None and is_same else self._read()

    def _read(self) -> Shelves:
        try:
            self._loaded_from = disk.stamp_of(self._file)
            loaded = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(loaded, dict) or loaded.get("version") != NAMES:
            return {}
        return {shelf: _sound(loaded.get(shelf)) for shelf in LIMITS}


def _key(place: str, told: str) -> str:
    return f"{place}|{told}".lower()


def _row(item: Item, keys: Iterable[str]) -> list[str | datetime | None]:
    return [*(item[key] for key in keys), _seen(item)]


def _texts(known: KnownApplication | KnownRequest) -> Item:
    return {key: value for key, value in known._asdict().items() if isinstance(value, str)}


def _sound(shelf: object) -> dict[str, Item]:
    """Give the valid items of a shelf; invalid ones are ignored."""
    if not isinstance(shelf, dict):
        return {}
    return {
        key: {name: text for name, text in item.items() if isinstance(text, str)}
        for key, item in shelf.items()
        if isinstance(item, dict)
    }


def _is_fresh(known: Item | None, item: Item, now: datetime) -> bool:
    seen = None if known is None else _seen(known)
    if known is None or seen is None or not timedelta(0) <= now - seen < REWRITE_AFTER:
        return False
    return {**known, "seen": ""} == {**item, "seen": ""}


def _content(shelves: Shelves) -> Iterator[bytes]:
    """Give the file in parts, which keeps memory low."""
    text = json.JSONEncoder(separators=(",", ":")).encode
    yield f'{{"version":{NAMES}'.encode()
    for shelf, items in shelves.items():
        yield f",{text(shelf)}:{{".encode()
        left, separator = iter(items.items()), ""
        while part := dict(islice(left, _AT_ONCE)):
            yield f"{separator}{text(part)[1:-1]}".encode()
            separator = ","
        yield b"}"
    yield b"}"


def _drop_first(items: dict[str, Item], limit: int) -> None:
    for key in list(islice(items, max(0, len(items) - limit))):
        del items[key]


def _last_seen(items: dict[str, Item], limit: int) -> dict[str, Item]:
    if len(items) <= limit:
        return items
    by_age = sorted(items, key=lambda key: items[key].get("seen", ""), reverse=True)
    return {key: items[key] for key in by_age[:limit]}


def _seen(item: Item) -> datetime | None:
    return parse_instant(item.get("seen"))
