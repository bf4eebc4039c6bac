"""The process around a command: streams, environment, clock, ids, waiting; tests bring theirs."""

from __future__ import annotations

import shutil
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TextIO, cast


@dataclass(frozen=True, slots=True)
class Process:
    """Everything a command touches outside itself, but for disk and network."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    sleep: Callable[[float], None]
    width: Callable[[], int]
    called: str = "azjit"
    """As what it was called, which may be a path."""

    @property
    def may_prompt(self) -> bool:
        """Whether a question would reach a person."""
        return self.stdin.isatty() and self.stderr.isatty()


class Notes(Protocol):
    """What is said beside a result, on stderr."""

    def say(self, text: str) -> None:
        """Say something that everybody must hear."""

    def aside(self, text: str) -> None:
        """Say something that helps a person; nothing is said to a script."""

    def warn(self, text: str) -> None:
        """Say a warning."""

    def sandbox(self) -> None:
        """Say, once, that all of this is a sandbox."""

    def progress(self, text: str) -> None:
        """Show what is being waited for, on one line that changes."""

    def wait(self, text: str) -> None:
        """Say why nothing happens for a while."""

    def clear(self) -> None:
        """Remove the line of progress, before a row is written to the same screen."""


def real_process() -> Process:
    """Give the process that this is."""
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
    )
