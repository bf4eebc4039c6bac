"""Real shells, each with its own terminal, and a replacement for azjit that records its call."""

from __future__ import annotations

import fcntl
import os
import re
import select
import shutil
import stat
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from azjit.complete.installation import script_of
from azjit.store.names import KnownApplication, KnownNames, KnownRequest

PATIENCE = 30.0
QUIET = 0.7
# A file of this name would mean that something from the cache was run.
PWNED = "PWNED"
# What each shell is told before a test types: a prompt to wait for, and no conveniences.
READY = {
    "bash": "bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; PS1='REA''DY> '",
    "zsh": "unsetopt zle_bracketed_paste prompt_cr prompt_sp; unset zle_bracketed_paste;"
    " LISTMAX=0; PS1='REA''DY> '",
    "fish": "function fish_prompt; printf '%s> ' READY; end; function fish_greeting; end;"
    " set -g fish_autosuggestion_enabled 0",
}
START = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i"),
}
LOAD = {
    "bash": "source {script}",
    # The dump saves the next zsh the search of a thousand functions.
    "zsh": "fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -d {folder}/dump",
    "fish": "source {script}",
}
NAMES = {"bash": "azjit", "zsh": "_azjit", "fish": "azjit.fish"}

# The shell's terminal becomes the one that rules its session, which fish insists on.
AT_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
# Answers a TAB as azjit does, and writes the words of any other call, each with a NUL behind it.
STAND_IN = """\
#!/bin/sh
[ "$1" = __complete ] && exec "$PYTHON" -m azjit "$@"
printf '%s\\0' "$@" >"$SEEN.new"
mv "$SEEN.new" "$SEEN"
"""


@dataclass
class Shell:
    """A shell at its terminal."""

    name: str
    place: Path
    environ: dict[str, str]
    _process: subprocess.Popen[bytes] = field(init=False)
    _terminal: int = field(init=False)
    _said: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self._terminal, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self._process = subprocess.Popen(
            (sys.executable, "-ISc", AT_TERMINAL, *START[self.name]),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=self.place,
            env=self.environ,
            start_new_session=True,
        )
        os.close(theirs)
        self.type(READY[self.name] + "\n")
        self.hear("READY> ")

    def learn(self, scripts: Path) -> None:
        """Load the script of a folder."""
        self.do(LOAD[self.name].format(script=scripts / NAMES[self.name], folder=scripts))

    def do(self, line: str) -> None:
        """Run a line of the shell's own."""
        self.type(f"{line}\n")
        self.hear("READY> ")

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def hear(self, wanted: str) -> str:
        """Give what the terminal shows up to a text; the rest waits for the next call."""
        until = time.monotonic() + PATIENCE
        while wanted not in self._said:
            if time.monotonic() > until:
                raise AssertionError(f"{self.name} never showed {wanted!r}, but {self._said!r}")
            self._listen(0.2)
        said, _, self._said = self._said.partition(wanted)
        return said + wanted

    def run(self, keys: str) -> list[str]:
        """Type keys and Enter, and give the arguments that azjit was called with.

        A shell that completes reads no keys meanwhile: Enter cannot overtake a TAB.
        """
        seen = Path(self.environ["SEEN"])
        seen.unlink(missing_ok=True)
        self.type(f"{keys}\r")
        until = time.monotonic() + PATIENCE
        while not seen.exists():
            assert time.monotonic() < until, f"{self.name} never ran azjit: {self._said!r}"
            self._listen(0.05)
        self.hear("READY> ")
        return seen.read_text(encoding="utf-8").split("\0")[:-1]

    def settle(self) -> str:
        """Wait until the terminal has been quiet for a while, and give what it showed."""
        while self._listen(QUIET):
            pass
        said, self._said = self._said, ""
        return said

    def _listen(self, seconds: float) -> bool:
        if not select.select([self._terminal], [], [], seconds)[0]:
            return False
        self._said = plain(self._said + os.read(self._terminal, 65536).decode(errors="replace"))
        return True

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    @property
    def was_tricked(self) -> bool:
        return any(self.place.rglob(PWNED))


def plain(text: str) -> str:
    """Give terminal output without what moves and colours."""
    return re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])", "", text)


def absent(name: str) -> None:
    """Skip for what is not installed, and fail where it must be."""
    if os.environ.get("REQUIRE_SHELLS"):
        pytest.fail(f"{name} is not installed, and REQUIRE_SHELLS is set")
    pytest.skip(f"{name} is not installed: apt-get install -y zsh fish bash-completion")


@pytest.fixture
def remember(tmp_path: Path) -> Callable[..., None]:
    """Put names into the cache, as commands do."""

    def put(*apps: str, sandbox: bool = False, roles: tuple[str, ...] = ()) -> None:
        place = tmp_path / "state" / ("sandbox" if sandbox else "")
        names = KnownNames(place, now=lambda: datetime(2026, 3, 2, tzinfo=UTC))
        names.remember_applications(
            KnownApplication(f"/subscriptions/{number}/{name}", name, "group", "mrg")
            for number, name in enumerate(apps)
        )
        names.remember_roles("here", {f"guid-{number}": role for number, role in enumerate(roles)})

    return put


@pytest.fixture
def remember_requests(tmp_path: Path) -> Callable[..., None]:
    def put(requests: dict[str, str]) -> None:
        names = KnownNames(tmp_path / "state", now=lambda: datetime(2026, 3, 2, tzinfo=UTC))
        names.remember_requests(
            KnownRequest(f"/x/{name}", name, f"/applications/{app}")
            for name, app in requests.items()
        )

    return put


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script of each shell, as it is generated."""
    folder = tmp_path_factory.mktemp("scripts")
    for name, file in NAMES.items():
        (folder / file).write_text(script_of(name))
    return folder


@pytest.fixture
def shell(bare_shell: Shell, scripts: Path) -> Shell:
    """Each shell in turn, completing azjit."""
    bare_shell.learn(scripts)
    return bare_shell


@pytest.fixture(params=list(START))
def bare_shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    """Each shell in turn, knowing nothing; where CI requires all, a missing one is a failure."""
    name = str(request.param)
    if shutil.which(name) is None:
        absent(name)
    stand_in = tmp_path / "bin" / "azjit"
    stand_in.parent.mkdir()
    stand_in.write_text(STAND_IN)
    stand_in.chmod(stand_in.stat().st_mode | stat.S_IXUSR)
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    made = Shell(
        name,
        tmp_path,
        {
            "PATH": f"{stand_in.parent}:{os.environ['PATH']}",
            "PYTHON": sys.executable,
            "SEEN": str(tmp_path / "seen.json"),
            "HOME": str(home),
            "TERM": "xterm",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "INPUTRC": "/dev/null",
            "HISTFILE": "/dev/null",
            "AZJIT_STATE_DIR": str(tmp_path / "state"),
            "AZJIT_CONFIG_DIR": str(tmp_path / "config"),
        },
    )
    yield made
    made.close()
