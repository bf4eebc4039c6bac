"""Reads and writes the files of a package: no large files, no links, no partial writes."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path

from azjit.errors import Failed, NotFound, Usage

MIB = 1024 * 1024
# A service catalog takes packages of 120 MB, and larger ones from storage of the publisher.
_LARGEST_ZIP = 512 * MIB
LARGEST_FILE = 64 * MIB


def read(path: Path, name: str, most: int = LARGEST_FILE, *, follows: bool = False) -> bytes:
    """Read a whole regular file; `follows` reads what a link points to.

    Raises:
        NotFound: the file does not exist.
        Usage: it is a link, not a regular file, or too large.
    """
    try:
        size = path.stat().st_size if follows and path.is_file() else check_no_link(path, name)
        content = path.read_bytes() if size <= most else b""
    except FileNotFoundError as error:
        raise NotFound(f"{name} does not exist", hint="check the path") from error
    except OSError as error:
        raise Usage(
            f"{name} cannot be read: {_said(error)}", hint="check its permissions"
        ) from error
    if size > most:
        raise Usage(
            f"{name} has {size // MIB} MiB; the limit is {most // MIB} MiB",
            hint="check that it is the right file",
        )
    return content


def largest(path: Path) -> int:
    """Give the limit of the size of a file, by the end of its name."""
    return _LARGEST_ZIP if path.suffix.lower() == ".zip" else LARGEST_FILE


def is_folder(path: Path, name: str) -> bool:
    """Tell whether a path leads to a folder.

    Raises:
        Usage: nobody can look there.
    """
    try:
        return path.is_dir()
    except OSError as error:
        raise Usage(
            f"{name} cannot be read: {_said(error)}", hint="check its permissions"
        ) from error


def check_no_link(path: Path, name: str) -> int:
    """Give the size of a file or folder.

    Raises:
        Usage: it is a symbolic link, or neither a file nor a folder.
        OSError: it cannot be read.
    """
    about = path.lstat()
    mode = about.st_mode
    if stat.S_ISLNK(mode):
        raise Usage(f"{name} is a symbolic link", hint="use the file that it points to")
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise Usage(f"{name} is not a regular file", hint="use a file or a folder")
    return about.st_size


def replace_with_backup(path: Path, old: bytes, new: bytes) -> Path:
    """Replace the content of a file atomically, and give the path of the backup.

    Raises:
        Failed: the file changed since it was read, or could not be written.
    """
    try:
        if read(path, str(path), largest(path)) != old:
            raise Failed(
                f"{path} changed while azjit read it; it is unchanged", hint="run the command again"
            )
        kept = _keep(path, old)
        try:
            _put(path, new, stat.S_IMODE(path.stat().st_mode))
        except OSError:
            kept.unlink()  # the file itself is still the old one
            raise
    except OSError as error:
        raise _not_written(path, error) from error
    return kept


def write_new(path: Path, content: bytes) -> None:
    """Write a new file atomically.

    Raises:
        Usage: the file exists.
        Failed: it could not be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError as error:
        raise Usage(f"{path} exists", hint="use another name, or remove the file") from error
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        _fill(handle, content)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise _not_written(path, error) from error


def write_report(path: Path, content: bytes) -> None:
    """Write a report; replace an earlier one.

    Raises:
        Failed: it could not be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise _not_written(path, error) from error


def _keep(path: Path, content: bytes) -> Path:
    names = (path.with_name(f"{path.name}.bak{number or ''}") for number in count())
    kept = next(name for name in names if not os.path.lexists(name))
    handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    _fill(handle, content)
    kept.chmod(stat.S_IMODE(path.stat().st_mode))
    return kept


def _fill(handle: int, content: bytes) -> None:
    """Write the content of a new file and flush it to disk."""
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put(path: Path, content: bytes, mode: int) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        _fill(handle, content)
        os.chmod(temporary, mode)  # noqa: PTH101 - mkstemp gives a string
        os.replace(temporary, path)  # noqa: PTH105 - the same
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 - the same
        raise


def _not_written(path: Path, error: OSError) -> Failed:
    return Failed(
        f"{path} could not be written: {_said(error)}",
        hint="nothing was changed; check the folder's permissions and free space",
    )


def _said(error: OSError) -> str:
    return str(error.strerror or error).lower()
