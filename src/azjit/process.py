"""The process of a command: streams, environment, clock, ids, waiting, and notes on stderr."""

from __future__ import annotations

import shutil
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, Protocol, TextIO, cast


class Process(NamedTuple):
    """All that a command uses outside itself, except disk and network; tests replace it."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    sleep: Callable[[float], None]
    width: Callable[[], int]
    called: str = "azjit"
    """The name of the program as called; it may be a path."""
    terminal: Callable[[], str] = lambda: ""
    """Names the terminal that the process belongs to, while it is open; empty without one."""
    hide: Callable[[str | None], None] = lambda _: None
    """Takes a secret out of all that the command says from now on."""
    clean: Callable[[str], str] = str
    """Gives a text without the secrets."""

    @property
    def may_prompt(self) -> bool:
        """Whether a person can answer a question."""
        return self.stdin.isatty() and self.stderr.isatty()


class Notes(Protocol):
    """Messages beside the result, on stderr."""

    def say(self, text: str) -> None:
        """Write a note for people and scripts."""

    def must_say(self, text: str) -> None:
        """Write what was asked for, or what the command waits for, also if it is quiet."""

    def aside(self, text: str) -> None:
        """Write a note for a person; a script gets none."""

    def warn(self, text: str) -> None:
        """Write a warning for people and scripts."""

    def sandbox(self) -> None:
        """Write, once, that this is a sandbox."""

    def progress(self, text: str) -> None:
        """Show progress on one line that the next text replaces."""

    def wait(self, text: str) -> None:
        """Write why the command waits."""

    def clear(self) -> None:
        """Remove the progress line."""


def real_process() -> Process:
    """Give the running process."""
    import os  # noqa: PLC0415 - kept out of import time with the reading of the environment

    def given(stream: TextIO | None, mode: str) -> TextIO:
        # Python has None for what the caller closed, as `>&-` does. Opened first and in order,
        # the null device takes that very number, before a socket or the receipts could.
        return stream if stream is not None else cast("TextIO", open(os.devnull, mode))  # noqa: PTH123 - open as long as the process

    return Process(
        stdin=given(sys.stdin, "r"),
        stdout=given(sys.stdout, "w"),
        stderr=given(sys.stderr, "w"),
        environ=os.environ,
        now=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid.uuid4()),
        sleep=time.sleep,
        width=lambda: shutil.get_terminal_size().columns,
        called=sys.argv[0],
        terminal=_terminal,
    )


def _terminal() -> str:
    """Name the session of the terminal, which all commands of one shell share."""
    import os  # noqa: PLC0415 - as above

    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only here

        console = ctypes.windll.kernel32.GetConsoleWindow()
        return f"console-{console}" if console else ""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return ""
    return f"session-{os.getsid(0)}"
