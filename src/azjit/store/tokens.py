"""Keeps access tokens between commands, readable by their owner only.

On Linux in memory, in $XDG_RUNTIME_DIR; on macOS and Windows in the system's store. What these
stores cannot do is an OSError with the reason.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from azjit.store.disk import make_private_directory

_FOLDER = "azjit"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_MAX_BYTES = 100_000
_MAX_AGE_SECONDS = 3600
_MOUNTS = Path("/proc/self/mountinfo")


class Unusable(OSError):
    """Why a store, or a file in it, is not used."""


class _Protected(Protocol):
    """A text that the system protects."""

    def load(self) -> str: ...
    def save(self, content: str) -> None: ...


def store_for(environ: Mapping[str, str], state: Path) -> MemoryStore | SystemStore:
    """Give the store of this system.

    Raises:
        Unusable: it has none.
    """
    if sys.platform in {"darwin", "win32"}:
        return SystemStore(state / "tokens", _protected)
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if not sys.platform.startswith("linux"):
        raise Unusable("this system has no store for tokens")
    if not runtime.startswith("/"):
        raise Unusable("XDG_RUNTIME_DIR is not set")
    if not Path(runtime).exists():
        raise Unusable(f"{runtime} does not exist")
    return MemoryStore(runtime)


class MemoryStore:
    """Private files in a folder of the user that is in memory."""

    def __init__(self, runtime: str) -> None:
        # With a slash or a dot at its end, a link would be followed.
        self._runtime = str(Path(runtime))
        self.place = str(Path(runtime, _FOLDER))

    def check(self) -> None:
        """Refuse folders that are not private, or not in memory."""
        with suppress(FileNotFoundError), self._opened():
            pass

    def read(self, name: str) -> str | None:
        """Read a private file."""
        try:
            with self._opened() as folder:
                return self._text(folder, name)
        except FileNotFoundError:
            return None

    def write(self, name: str, text: str) -> None:
        """Write a file beside the old one, and put it in its place."""
        with self._opened(make=True) as folder:
            temporary = f"{name}.{os.getpid()}-{os.urandom(4).hex()}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with _opened(temporary, flags, folder) as handle:
                try:
                    with open(handle, "w", encoding="utf-8", closefd=False) as file:
                        file.write(text)
                    _remove_old(folder, os.fstat(handle).st_mtime)
                    os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
                except OSError:
                    os.unlink(temporary, dir_fd=folder)
                    raise

    def drop(self, name: str) -> None:
        """Remove a file."""
        with suppress(FileNotFoundError), self._opened() as folder:
            os.unlink(name, dir_fd=folder)

    def clear(self) -> int:
        """Remove all files of the folder; azjit makes no folders there."""
        cleared = 0
        with suppress(FileNotFoundError), self._opened() as folder:
            for name in os.listdir(folder):  # noqa: PTH208 - by its handle
                with suppress(FileNotFoundError, IsADirectoryError):
                    os.unlink(name, dir_fd=folder)
                    cleared += 1
        return cleared

    @contextmanager
    def _opened(self, *, make: bool = False) -> Iterator[int]:
        with _opened(self._runtime, os.O_RDONLY | os.O_DIRECTORY) as runtime:
            device = _check(runtime, self._runtime, _PRIVATE_FOLDER)
            if not is_in_memory(device):
                raise Unusable(f"{self._runtime} is not in memory")
            if make:
                with suppress(FileExistsError):
                    os.mkdir(_FOLDER, _PRIVATE_FOLDER, dir_fd=runtime)
            with _opened(_FOLDER, os.O_RDONLY | os.O_DIRECTORY, runtime) as folder:
                if _check(folder, self.place, _PRIVATE_FOLDER) != device:
                    raise Unusable(f"{self.place} is on another file system")
                yield folder

    def _text(self, folder: int, name: str) -> str:
        # Without O_NONBLOCK, opening a named pipe would wait for its writer.
        with _opened(name, os.O_RDONLY | os.O_NONBLOCK, folder) as handle:
            _check(handle, f"{self.place}/{name}", _PRIVATE_FILE)
            try:
                return os.read(handle, _MAX_BYTES).decode()
            except UnicodeDecodeError as error:
                raise Unusable(f"{self.place}/{name} is not text") from error


class SystemStore:
    """Texts that the system protects: the Keychain on macOS, encrypted files on Windows.

    Each has a file in `folder`, on macOS an empty one.
    """

    def __init__(self, folder: Path, protected: Callable[[str, str], _Protected]) -> None:
        self._folder = folder
        self._protected = protected
        self.place = "the Keychain" if sys.platform == "darwin" else str(folder)

    def check(self) -> None:
        """Accept what the system protects."""

    def read(self, name: str) -> str | None:
        """Read a text, if its file is there."""
        path = self._folder / name
        if not path.exists():
            return None
        try:
            return self._protected(str(path), name).load() or None
        except (ImportError, ValueError) as error:
            raise Unusable(f"{self.place} cannot be read") from error

    def write(self, name: str, text: str) -> None:
        """Write a text: its file is made beside the old one, and put in its place."""
        make_private_directory(self._folder)
        temporary = self._folder / f"{name}.{os.getpid()}-{os.urandom(4).hex()}"
        try:
            self._protected(str(temporary), name).save(text)
            temporary.replace(self._folder / name)
        except ImportError as error:
            raise Unusable(f"{self.place} cannot be written") from error
        finally:
            temporary.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Remove a text; of the Keychain an empty one stays, since msal-extensions removes none."""
        path = self._folder / name
        if path.exists():
            self._protected(str(path), name).save("")
            path.unlink(missing_ok=True)

    def clear(self) -> int:
        """Remove all texts."""
        names = [each.name for each in self._folder.glob("*") if each.is_file()]
        for name in names:
            self.drop(name)
        return len(names)


def _protected(location: str, name: str) -> _Protected:
    # It has no types, and loads msal.
    import msal_extensions  # type: ignore[import-untyped] # noqa: PLC0415

    kind = "FilePersistenceWithDataProtection"
    arguments: tuple[str, ...] = (location,)
    if sys.platform == "darwin":
        kind, arguments = "KeychainPersistence", (location, "azjit", name)
    made: _Protected = getattr(msal_extensions, kind)(*arguments)
    return made


def is_in_memory(device: int) -> bool:
    """Tell whether a device is a tmpfs."""
    number = f"{os.major(device)}:{os.minor(device)}"
    with _MOUNTS.open(encoding="utf-8", errors="replace") as mounts:
        for line in mounts:
            mount, _, kind = line.partition(" - ")
            if mount.split()[2] == number:
                return kind.split()[0] == "tmpfs"
    return False


@contextmanager
def _opened(name: str, flags: int, folder: int | None = None) -> Iterator[int]:
    """Open a file or folder itself, never what a link points to."""
    try:
        handle = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, _PRIVATE_FILE, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unusable(f"{name} is a link, or cannot be opened ({error.strerror})") from error
    try:
        yield handle
    finally:
        os.close(handle)


def _check(handle: int, path: str, mode: int) -> int:
    """Check owner, mode and kind of an open file or folder, and give its device."""
    told = os.fstat(handle)
    is_folder = mode == _PRIVATE_FOLDER
    if told.st_uid != os.geteuid():
        raise Unusable(f"{path} belongs to another user")
    if stat.S_IMODE(told.st_mode) != mode:
        raise Unusable(f"{path} has mode {stat.S_IMODE(told.st_mode):04o}, not {mode:04o}")
    # It has no name at all where another command has just replaced it.
    if not is_folder and (not stat.S_ISREG(told.st_mode) or told.st_nlink > 1):
        raise Unusable(f"{path} is not a regular file with one name")
    return told.st_dev


def _remove_old(folder: int, now: float) -> None:
    """Remove files that no command uses any more, such as those of a killed one."""
    for name in os.listdir(folder):
        with suppress(FileNotFoundError, IsADirectoryError):
            told = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if now - told.st_mtime > _MAX_AGE_SECONDS:
                os.unlink(name, dir_fd=folder)
