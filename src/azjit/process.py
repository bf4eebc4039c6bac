"""The process around a command: streams, environment, clock, ids, waiting; tests bring theirs."""

from __future__ import annotations

import shutil
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO


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

    @property
    def may_prompt(self) -> bool:
        """Whether a question would reach a person."""
        return self.stdin.isatty() and self.stderr.isatty()


def real_process() -> Process:
    """Give the process that this is."""
    import os  # noqa: PLC0415 - kept out of import time with the reading of the environment

    return Process(
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
        environ=os.environ,
        now=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid.uuid4()),
        sleep=time.sleep,
        width=lambda: shutil.get_terminal_size().columns,
    )
