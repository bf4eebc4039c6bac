"""The state directory: azjit's own, private, and written by no newer azjit."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from azjit.errors import Usage
from azjit.store.disk import PRIVATE_FILE, PRIVATE_FOLDER
from azjit.store.formats import NewerFile, check_format

_OWN = re.compile(r"(receipts|names|directory)\..+|open|shown|sandbox|tokens")


def open_intents_in(directory: Path) -> Path:
    """Give the folder of the changes without an outcome, in a folder of receipts."""
    return directory / "open"


def has_open_intents(directory: Path) -> bool:
    """Tell whether a folder of receipts may have changes without an outcome."""
    folder = open_intents_in(directory)
    return folder.is_dir() and any(folder.iterdir())


def has_receipts(directory: Path) -> bool:
    """Tell whether a folder may have receipts."""
    try:
        return (directory / "receipts.jsonl").exists()
    except OSError:
        return True  # who reads them tells what is wrong


def take_place(directory: Path) -> None:
    """Make a state directory, and what azjit keeps there, readable and writable by its owner only.

    A directory that does not exist is accepted: the first write makes it. Other people's files in
    it are left alone.

    Raises:
        Usage: it cannot be azjit's own, or a newer azjit wrote there; nothing was changed.
    """
    try:
        _check_above(directory)
        _check(directory, is_place=True)
        kept = list(_kept(directory))
        for path in kept:
            with suppress(FileNotFoundError):  # another azjit has just replaced it
                _check(path)
                check_format(path)
        _check_own(directory, kept)
        for path in (directory, *kept):
            _make_private(path)
    except FileNotFoundError:
        return
    except OSError as error:
        is_newer = isinstance(error, NewerFile)
        raise Usage(
            f"the state directory {directory} is not used: {error.filename or directory}:"
            f" {error.strerror or error}",
            hint=f"{'use that azjit, or ' if is_newer else ''}give azjit a directory of its own:"
            " --state-dir DIR",
        ) from error


def try_place(directory: Path) -> None:
    """Write a file without a name where a state directory is, or would be made.

    Raises:
        OSError: nothing can be written there.
    """
    from tempfile import TemporaryFile  # noqa: PLC0415 - only the doctor tries it

    there = next((each for each in (directory, *directory.parents) if each.exists()), directory)
    try:
        with TemporaryFile(dir=there) as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(there)) from error


def _kept(directory: Path | str, *, is_own: bool = False) -> Iterator[Path]:
    """Give the files and folders that azjit keeps in a directory, which may be its own."""
    with suppress(FileNotFoundError), os.scandir(directory) as entries:
        for entry in entries:
            if is_own or _OWN.fullmatch(entry.name):
                yield Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    yield from _kept(entry.path, is_own=True)


def _check(path: Path, *, is_place: bool = False) -> None:
    """Refuse a directory or file that another user may have made.

    Raises:
        OSError: with the reason.
    """
    told = path.lstat()
    is_folder = stat.S_ISDIR(told.st_mode)
    why = ""
    if stat.S_ISLNK(told.st_mode):
        why = "it is a link"
    elif is_place and not is_folder:
        why = "it is not a directory"
    elif os.name == "nt":
        return
    elif told.st_uid != os.getuid():
        why = "it belongs to another user"
    elif is_folder and told.st_mode & stat.S_IWOTH:
        why = "every user can write there; chmod 700 ends that"
    elif not is_folder and not stat.S_ISREG(told.st_mode):
        why = "it is not a regular file"
    elif not is_folder and told.st_nlink > 1:
        why = "it has a second name, a hard link"
    if why:
        raise OSError(0, why, str(path))


def _check_above(directory: Path) -> None:
    """Refuse a place that another user may exchange for another one, as sshd does for its keys.

    Raises:
        OSError: with the reason.
    """
    for above in () if os.name == "nt" else (*directory.resolve().parents, *directory.parents):
        with suppress(FileNotFoundError):  # the first write makes it private
            mode = above.stat().st_mode
            if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
                why = "every user can exchange what is there; chmod o-w or chmod +t ends that"
                raise OSError(0, why, str(above))


def _check_own(directory: Path, kept: list[Path]) -> None:
    """Refuse to shut others out of a directory that is not azjit's, such as a home or `/etc`."""
    is_open = _mode(directory) != PRIVATE_FOLDER and os.name != "nt"
    if is_open and not kept and any(directory.iterdir()):
        raise OSError(0, "it holds other files, and other users may read it", str(directory))


def _make_private(path: Path) -> None:
    with suppress(FileNotFoundError):
        wanted = PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE
        if os.name != "nt" and _mode(path) != wanted:
            path.chmod(wanted)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)
