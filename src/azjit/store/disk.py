"""Private files that survive a kill: locks, flushed writes and atomic replacement."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import NamedTuple, Protocol, TextIO

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
_POLL_SECONDS = 0.005


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
    """Create a directory, and those above it, for the owner only; existing ones are not changed.

    The mode does not depend on the umask.
    """
    if directory.is_dir():
        return
    if not directory.parent.exists():
        make_private_directory(directory.parent)
    with suppress(FileExistsError):  # another azjit was first
        directory.mkdir(mode=PRIVATE_FOLDER)
        directory.chmod(PRIVATE_FOLDER)
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
    with open(path, "ab", buffering=0, opener=open_private) as file:
        _write_all(file.fileno(), content)
        os.fsync(file.fileno())


def write_new(path: Path, content: bytes | Iterator[bytes], *, durable: bool = True) -> None:
    """Write a whole file, perhaps in parts."""
    with open(path, "wb", buffering=0, opener=open_private) as file:
        for part in [content] if isinstance(content, bytes) else content:
            _write_all(file.fileno(), part)
        if durable:
            os.fsync(file.fileno())


def replace(path: Path, content: bytes | Iterator[bytes], *, durable: bool = True) -> None:
    """Replace a file atomically.

    The caller holds the lock of `path`: the temporary file has a fixed name, so that a kill leaves
    at most one behind.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    write_new(temporary, content, durable=durable)
    temporary.replace(path)
    if durable:
        sync_directory(path.parent)


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Give a stream whose text becomes the file once all of it is on disk, for its owner only.

    Raises:
        OSError: it could not be written, or is no regular file: a device, or a link.
    """
    import tempfile  # noqa: PLC0415 - 2 ms that only a file somebody asked for needs

    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(PRIVATE_FILE)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def cut(path: Path, size: int) -> None:
    """Shorten a file, and flush it to disk."""
    with path.open("r+b", buffering=0) as file:
        file.truncate(size)
        os.fsync(file.fileno())


def stamp_of(path: Path) -> FileStamp | None:
    """Give the stamp of a file, which changes with its content; None if there is no file."""
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


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def open_private(path: Path | str, flags: int) -> int:
    """Open a file, never what a link leads to; only its owner can read it, whatever the umask."""
    if sys.platform == "win32":
        return os.open(path, flags, PRIVATE_FILE)
    handle = os.open(path, flags | os.O_NOFOLLOW, PRIVATE_FILE)
    if os.fstat(handle).st_mode & 0o777 != PRIVATE_FILE:
        os.fchmod(handle, PRIVATE_FILE)
    return handle


def make_private_file(path: Path) -> None:
    """Make a file unless it is there; only its owner can read it.

    One that is there is not opened: to close it would drop the locks that SQLite has on it in this
    process, and another process would take the database for its own.

    Source: https://www.sqlite.org/howtocorrupt.html#posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
    """
    try:
        os.close(open_private(path, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None
        if os.name != "nt" and stat.S_IMODE(mode) != PRIVATE_FILE:
            path.chmod(PRIVATE_FILE)


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
    if sys.platform == "win32":
        # An import of 10 ms.
        from filelock import FileLock, Timeout  # noqa: PLC0415

        # thread_local=False: an intent may be begun in one thread and concluded in another.
        lock = FileLock(path, mode=PRIVATE_FILE, thread_local=False)
        try:
            lock.acquire(timeout=seconds, poll_interval=_POLL_SECONDS)
        except Timeout as error:
            raise Busy(str(path)) from error
        return lock
    turn, waited = Event(), 0.0
    while True:
        held = _FileLock.of(path)
        if held is not None:
            return held
        if waited >= seconds:
            raise Busy(str(path))
        turn.wait(_POLL_SECONDS)
        waited += _POLL_SECONDS


class _FileLock:
    """An advisory lock of flock(2), which is what filelock takes outside Windows, too."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def of(cls, path: Path) -> _FileLock | None:
        """Take the lock of a file; None if it is held."""
        import fcntl  # noqa: PLC0415 - not on Windows

        while True:
            descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Who held it may have deleted the file: then this lock is no longer the path's.
                if os.fstat(descriptor).st_nlink:
                    return cls(descriptor)
            except BlockingIOError:
                os.close(descriptor)
                return None
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def release(self) -> None:
        """Release the lock; a second call does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
