"""Private files that survive a kill: locks, flushed writes, atomic replacement."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

_OWNER_ONLY = 0o600


class Lock(Protocol):
    """A held lock between processes; the system drops it when the process ends."""

    def release(self) -> None:
        """Let others have it."""


class Busy(Exception):
    """Someone else holds the lock and kept it for too long."""


def make_private_directory(directory: Path) -> None:
    """Create a directory that only its owner can enter; an existing one stays as it is."""
    if directory.is_dir():
        return
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def append(path: Path, content: bytes) -> None:
    """Add to the end of a file, on the disk before it returns."""
    with open(path, "ab", buffering=0, opener=_private) as file:
        _write_all(file.fileno(), content)
        os.fsync(file.fileno())


def write_new(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a whole file in place."""
    with open(path, "wb", buffering=0, opener=_private) as file:
        _write_all(file.fileno(), content)
        if durable:
            os.fsync(file.fileno())


def replace(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Put a whole new file in place of the old one, never half of it.

    The caller holds the lock of `path`: the temporary file has one fixed name, so that a kill
    leaves at most one behind.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    write_new(temporary, content, durable=durable)
    temporary.replace(path)
    if durable:
        sync_directory(path.parent)


def cut(path: Path, size: int) -> None:
    """Shorten a file, on the disk before it returns."""
    with path.open("r+b", buffering=0) as file:
        file.truncate(size)
        os.fsync(file.fileno())


def size_of(path: Path) -> int:
    """Give a file's size; 0 when there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, _OWNER_ONLY)


def try_lock(path: Path) -> Lock | None:
    """Take a lock if nobody holds it, else None.

    Any thread may release it.
    """
    try:
        return _acquire(path, 0)
    except Busy:
        return None


@contextmanager
def locked(path: Path, *, patience: float) -> Iterator[None]:
    """Hold the lock of `path`, waiting at most `patience` seconds for it.

    Raises:
        Busy: somebody kept it for longer.
    """
    lock = _acquire(path, patience)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.release()


def _acquire(path: Path, patience: float) -> Lock:
    # 20 ms of import that only a write needs.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    # thread_local=False: an intent may be begun in one thread and concluded in another.
    lock = FileLock(path, mode=_OWNER_ONLY, thread_local=False)
    try:
        lock.acquire(timeout=patience, poll_interval=0.005)
    except Timeout as error:
        raise Busy(str(path)) from error
    return lock
