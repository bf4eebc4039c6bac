"""Private files that survive a kill: locks, flushed writes and atomic replacement."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Protocol

_OWNER_ONLY = 0o600


class Lock(Protocol):
    """A held lock between processes; the system drops it when the process ends."""

    def release(self) -> None:
        """Release the lock."""


class Busy(Exception):
    """Another process held the lock for too long."""


class FileStamp(NamedTuple):
    """The place, the size and the time of a file."""

    device: int
    inode: int
    size: int
    time: int

    def is_grown_from(self, before: FileStamp) -> bool:
        """Tell whether this is the same file, and larger."""
        is_same = (self.device, self.inode) == (before.device, before.inode)
        return is_same and self.size > before.size


def make_private_directory(directory: Path) -> None:
    """Create a directory for its owner only; an existing one is not changed."""
    if directory.is_dir():
        return
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    """Flush the entries of a directory to disk, if the system can."""
    if os.name == "nt":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Flush a file to disk."""
    with path.open("r+b", buffering=0) as file:
        os.fsync(file.fileno())


def append(path: Path, content: bytes) -> None:
    """Append to a file, and flush it to disk."""
    with open(path, "ab", buffering=0, opener=_private) as file:
        _write_all(file.fileno(), content)
        os.fsync(file.fileno())


def write_new(path: Path, content: bytes | bytearray, *, durable: bool = True) -> None:
    """Write a whole file."""
    with open(path, "wb", buffering=0, opener=_private) as file:
        _write_all(file.fileno(), content)
        if durable:
            os.fsync(file.fileno())


def replace(path: Path, content: bytes | bytearray, *, durable: bool = True) -> None:
    """Replace a file atomically.

    The caller holds the lock of `path`: the temporary file has a fixed name, so that a kill leaves
    at most one behind.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    write_new(temporary, content, durable=durable)
    temporary.replace(path)
    if durable:
        sync_directory(path.parent)


def cut(path: Path, size: int) -> None:
    """Shorten a file, and flush it to disk."""
    with path.open("r+b", buffering=0) as file:
        file.truncate(size)
        os.fsync(file.fileno())


def stamp_of(path: Path) -> FileStamp | None:
    """Give what changes with a file's content; None if there is no file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return FileStamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def size_of(path: Path) -> int:
    """Give a file's size; 0 if it does not exist."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _write_all(handle: int, content: bytes | bytearray) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, _OWNER_ONLY)


def try_lock(path: Path) -> Lock | None:
    """Take a lock; None if it is held.

    Any thread may release it.
    """
    try:
        return _acquire(path, 0)
    except Busy:
        return None


@contextmanager
def locked(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold the lock of `path`, after a wait of at most `seconds`.

    Raises:
        Busy: it was held for longer.
    """
    lock = _acquire(path, seconds)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.release()


def _acquire(path: Path, seconds: float) -> Lock:
    # An import of 20 ms that only a write needs.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    # thread_local=False: an intent may be begun in one thread and concluded in another.
    lock = FileLock(path, mode=_OWNER_ONLY, thread_local=False)
    try:
        lock.acquire(timeout=seconds, poll_interval=0.005)
    except Timeout as error:
        raise Busy(str(path)) from error
    return lock
