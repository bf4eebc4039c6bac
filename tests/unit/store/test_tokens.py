"""Stores of tokens: private files in memory, and what the system protects."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

import msal_extensions
import pytest

from azjit.store import tokens
from azjit.store.tokens import MemoryStore, SystemStore, Unusable, store_for


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    monkeypatch.setattr(tokens, "is_in_memory", lambda _: True)
    tmp_path.chmod(0o700)
    return MemoryStore(str(tmp_path))


def test_a_text_is_read_replaced_and_dropped(store: MemoryStore, tmp_path: Path) -> None:
    assert store.read("a") is None
    store.check()
    store.write("a", "one")
    store.write("a", "two")

    assert store.read("a") == "two"
    assert names(tmp_path / "azjit") == ["a"]
    store.drop("a")
    store.drop("a")
    assert store.read("a") is None


def test_clear_removes_everything_and_counts_it(store: MemoryStore) -> None:
    assert store.clear() == 0
    store.write("a", "one")
    store.write("b", "two")

    assert store.clear() == 2
    assert store.read("a") is None


def test_two_writers_never_leave_a_part(store: MemoryStore, tmp_path: Path) -> None:
    texts = {letter * 50_000 for letter in "abcd"}
    seen: set[str | None] = set()

    def write(text: str) -> None:
        for _ in range(20):
            store.write("a", text)
            seen.add(store.read("a"))

    writers = [threading.Thread(target=write, args=(text,)) for text in texts]
    for each in writers:
        each.start()
    for each in writers:
        each.join()

    assert seen <= texts
    assert names(tmp_path / "azjit") == ["a"]


def test_what_a_killed_command_left_is_removed(store: MemoryStore, tmp_path: Path) -> None:
    store.write("a", "one")
    left = tmp_path / "azjit" / "b.1-2"
    left.write_text("half")
    os.utime(left, (0, 0))

    store.write("a", "two")

    assert names(tmp_path / "azjit") == ["a"]


def test_an_old_folder_among_the_files_stops_nothing(store: MemoryStore, tmp_path: Path) -> None:
    store.write("a", "one")
    for name in ("0", "z"):
        (tmp_path / "azjit" / name).mkdir()
        os.utime(tmp_path / "azjit" / name, (0, 0))

    store.write("b", "two")

    assert (store.read("b"), store.clear()) == ("two", 2)
    assert sorted(names(tmp_path / "azjit")) == ["0", "z"]


def test_a_write_that_fails_leaves_nothing(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "replace", full)

    with pytest.raises(OSError, match="no space"):
        store.write("a", "one")

    assert names(tmp_path / "azjit") == []


def test_a_pipe_or_a_folder_in_the_place_of_a_file_is_refused(
    store: MemoryStore, tmp_path: Path
) -> None:
    store.write("a", "one")
    os.mkfifo(tmp_path / "azjit" / "pipe", 0o600)
    (tmp_path / "azjit" / "folder").mkdir(mode=0o600)

    for name in ("pipe", "folder"):
        with pytest.raises(Unusable, match="is not a regular file with one name"):
            store.read(name)


def test_a_file_in_the_place_of_the_folder_is_refused(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "azjit").write_text("")

    with pytest.raises(Unusable, match="is a link, or cannot be opened"):
        store.check()


def test_a_folder_of_another_file_system_is_refused(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("a", "one")
    devices = iter([1, 2])
    monkeypatch.setattr(tokens, "_check", lambda *_: next(devices))

    with pytest.raises(Unusable, match="is on another file system"):
        store.read("a")


@pytest.mark.parametrize("kind", ["tmpfs", "ext4"])
def test_the_kind_of_a_file_system_is_told_by_its_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 0:5 / /proc rw shared:2 - proc proc rw\n"
        f"36 25 0:42 / /run/user/1000 rw,nosuid shared:7 - {kind} {kind} rw\n"
    )
    monkeypatch.setattr(tokens, "_MOUNTS", mounts)

    assert tokens.is_in_memory(os.makedev(0, 42)) is (kind == "tmpfs")
    assert tokens.is_in_memory(os.makedev(0, 43)) is False


# Which store a system has


@pytest.mark.parametrize("value", ["", "run/user"])
def test_linux_without_a_runtime_folder_has_none(tmp_path: Path, value: str) -> None:
    with pytest.raises(Unusable, match="XDG_RUNTIME_DIR is not set"):
        store_for({"XDG_RUNTIME_DIR": value}, tmp_path)


def test_another_system_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "freebsd14")

    with pytest.raises(Unusable, match="this system has no store for tokens"):
        store_for({"XDG_RUNTIME_DIR": "/run"}, tmp_path)


@pytest.mark.parametrize(
    ("platform", "name", "place"),
    [
        ("darwin", "KeychainPersistence", "the Keychain"),
        ("win32", "FilePersistenceWithDataProtection", None),
    ],
)
def test_other_systems_protect_texts_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, name: str, place: str | None
) -> None:
    made: list[tuple[str, ...]] = []

    def make(location: str, *more: str) -> InFiles:
        made.append(more)
        return InFiles(location)

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(msal_extensions, name, make)
    store = store_for({}, tmp_path)

    store.check()
    store.write("a", "one")

    assert store.place == (place or str(tmp_path / "tokens"))
    assert store.read("a") == "one"
    assert names(tmp_path / "tokens") == ["a"]
    assert set(made) == ({("azjit", "a")} if platform == "darwin" else {()})


class InFiles:
    """Protects nothing: writes files."""

    def __init__(self, location: str, _: str = "") -> None:
        self._file = Path(location)

    def load(self) -> str:
        return self._file.read_text()

    def save(self, content: str) -> None:
        self._file.write_text(content)


def test_a_protected_text_is_dropped_and_cleared(tmp_path: Path) -> None:
    store = SystemStore(tmp_path / "tokens", InFiles)
    store.drop("a")
    assert store.clear() == 0
    store.write("a", "one")
    store.write("b", "two")

    store.drop("a")

    assert store.read("a") is None
    assert store.clear() == 1
    assert names(tmp_path / "tokens") == []


def test_a_system_without_its_library_has_no_store(tmp_path: Path) -> None:
    def missing(_: str, __: str) -> InFiles:
        raise ImportError

    (tmp_path / "a").write_text("")
    store = SystemStore(tmp_path, missing)

    with pytest.raises(Unusable, match="cannot be read"):
        store.read("a")
    with pytest.raises(Unusable, match="cannot be written"):
        store.write("a", "one")
