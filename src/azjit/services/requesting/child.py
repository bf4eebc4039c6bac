"""Runs a command as a child process: its exit code comes back, and signals pass through."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

NOT_EXECUTABLE, MISSING = 126, 127
"""What a shell exits with where a command cannot be run, or does not exist."""
_SIGNALED = 128
_FROM_KEYS = ("SIGINT", "SIGQUIT")
_PASSED = (*_FROM_KEYS, "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_GRACE_SECONDS = 10.0


def why_not(program: str, environ: Mapping[str, str]) -> tuple[int, str] | None:
    """Tell why a program cannot be run, and the exit code for it; None if it can."""
    if shutil.which(program, path=environ.get("PATH")) is not None:
        return None
    if os.path.dirname(program) and Path(program).exists():  # noqa: PTH120 - `./x` has one, too
        return NOT_EXECUTABLE, f"{program} is not executable"
    return MISSING, f"{program} was not found"


class Child:
    """A running command.

    At a terminal it shares azjit's process group, so that it can read there, and Ctrl-C reaches it
    from the terminal. Elsewhere it has a group of its own, and azjit passes each signal on, so that
    none reaches it twice.
    """

    def __init__(self, *, at_terminal: bool) -> None:
        self._shares = os.name == "nt" or (at_terminal and _is_foreground())
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    @contextmanager
    def started(self, words: Sequence[str], environ: Mapping[str, str]) -> Iterator[None]:
        """Start the command, and pass signals on to it until the block ends.

        Raises:
            OSError: it cannot be started.
        """
        with self._passing():
            group: dict[str, Any] = {} if self._shares else {"process_group": 0}
            self._process = subprocess.Popen(list(words), env=dict(environ), **group)  # noqa: S603 - the caller's own command, without a shell
            for number in self._early:
                self._pass_on(number, None)
            yield

    def wait(self, seconds: float) -> int | None:
        """Wait for its end, and give its exit code as a shell does; None if it still runs."""
        assert self._process is not None
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        return code if code >= 0 else _SIGNALED - code

    def kill(self) -> None:
        """Ask it to end, and end it if it has not after some seconds."""
        assert self._process is not None
        self._process.terminate()
        if self.wait(_GRACE_SECONDS) is None:
            self._process.kill()

    @contextmanager
    def _passing(self) -> Iterator[None]:
        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            numbers = [getattr(signal, name) for name in _PASSED if hasattr(signal, name)]
            heeded = [each for each in numbers if signal.getsignal(each) is not signal.SIG_IGN]
            before = {each: signal.signal(each, self._pass_on) for each in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        if self._process is None:
            self._early.append(number)
            return
        is_from_keys = signal.Signals(number).name in _FROM_KEYS
        with suppress(OSError):  # it may have ended
            if not is_from_keys:
                self._process.send_signal(number)
            elif not self._shares:
                os.killpg(self._process.pid, number)  # as a terminal does


class Beside:
    """A line of a shell that runs beside a command; its output goes to stderr."""

    def __init__(self, line: str, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S602 - the caller's own line, as in `sh -c`
            line, shell=True, env=dict(environ), stdin=subprocess.DEVNULL, stdout=2
        )

    def let_end(self) -> None:
        """Wait some seconds for its end; it may go on."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_SECONDS)


def _is_foreground() -> bool:
    """Tell whether this process belongs to the foreground group of its terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
