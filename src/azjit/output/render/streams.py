"""Writes to streams that may lack characters, be closed, or be full."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import TextIO, cast

from azjit.errors import Failed

# Ours alone, one cell each, so that tables stay in line.
_ASCII = str.maketrans({"…": "~", "─": "-", "●": "o", "·": "-", "█": "#", "▒": "+"})


def speaks_unicode(stream: TextIO) -> bool:
    """Tell whether the stream can carry any character; one without an encoding is memory."""
    encoding = getattr(stream, "encoding", None)
    return encoding is None or codecs.lookup(encoding).name.startswith("utf")


def writer(stream: TextIO, *, drawn: bool = False) -> Callable[[str], object]:
    r"""Give the stream's write; characters it can't carry become \x escapes.

    `drawn` is for screens: our ellipsis and lines turn into ASCII where they must.
    """
    if speaks_unicode(stream):
        return stream.write

    def write(text: str) -> object:
        if drawn:
            text = text.translate(_ASCII)
        encoding = stream.encoding
        return stream.write(text.encode(encoding, "backslashreplace").decode(encoding))

    return write


def for_scripts(stream: TextIO) -> None:
    """Let a file or pipe carry UTF-8 with bare line feeds, as on every other system."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and not stream.isatty():
        reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def leads_nowhere(stream: TextIO) -> bool:
    """Tell whether nobody can read what is written: the stream is closed, or the null device."""
    import os  # noqa: PLC0415 - only where a result is shown
    from pathlib import Path  # noqa: PLC0415 - as above

    try:
        told, null = os.fstat(stream.fileno()), Path(os.devnull).stat()
    except (OSError, ValueError):
        return False
    return (told.st_mode, told.st_rdev) == (null.st_mode, null.st_rdev)


def make_private(stream: TextIO) -> None:
    """Let only its owner read a file, if the stream leads to one that is new and the caller's."""
    import os  # noqa: PLC0415 - only where a result is shown
    import stat  # noqa: PLC0415 - as above
    import sys  # noqa: PLC0415 - as above

    if sys.platform == "win32":
        return
    try:
        handle = stream.fileno()
        told = os.fstat(handle)
    except (OSError, ValueError):
        return
    if stat.S_ISREG(told.st_mode) and told.st_size == 0 and told.st_uid == os.geteuid():
        os.fchmod(handle, 0o600)


class ReaderGone(Exception):
    """The reader of stdout has closed the pipe."""


class Unwritten(Failed):
    """The result could not be written: the disk is full, for example."""


def outlet(stream: TextIO, clean: Callable[[str], str] = str) -> TextIO:
    """Give stdout as a stream whose failures have their own error classes.

    All text goes through `clean`.
    """
    if isinstance(stream, _Outlet):
        return stream
    return cast("TextIO", _Outlet(cleaned(stream, clean)))


def cleaned(stream: TextIO, clean: Callable[[str], str]) -> TextIO:
    """Give a stream all of whose text goes through `clean`."""
    return cast("TextIO", _Cleaned(stream, clean))


def let_go(stream: TextIO) -> None:
    """Discard what is still buffered, so that it causes no error when the process ends."""
    import os  # noqa: PLC0415 - only where writing failed

    try:
        handle = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, handle)
    os.close(nowhere)


class _Cleaned:
    """A stream that changes each text that is written."""

    def __init__(self, stream: TextIO, clean: Callable[[str], str]) -> None:
        self._stream = stream
        self._clean = clean

    def write(self, text: str) -> int:
        return self._stream.write(self._clean(text))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class _Outlet:
    """A stream whose failures are ReaderGone and Unwritten, each time that it is used."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._failure: Exception | None = None

    def write(self, text: str) -> int:
        self._check()
        try:
            return self._stream.write(text)
        except OSError as error:
            raise self._failed(error) from error

    def flush(self) -> None:
        self._check()
        try:
            self._stream.flush()
        except OSError as error:
            raise self._failed(error) from error

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _failed(self, error: OSError) -> Exception:
        let_go(self._stream)
        if isinstance(error, BrokenPipeError):
            self._failure = ReaderGone()
        else:
            why = error.strerror or type(error).__name__
            hint = "check the disk, or whatever stdout leads to"
            self._failure = Unwritten(f"the result could not be written: {why}", hint=hint)
        return self._failure
