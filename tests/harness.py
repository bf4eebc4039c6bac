"""Runs the real command line in this process, with its own streams, fixed clock and fixed ids."""

from __future__ import annotations

import io
import json
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from azjit.cli.run import run
from azjit.process import Process
from azjit.sandbox.core import Sandbox

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday morning, far from clock changes
PEOPLE = {"publisher": "alice", "consumer": "bob", "doctor": "bob"}
# What asks before it acts, and is refused where nobody can be asked.
ASKING = {
    ("consumer", "approve"),
    ("consumer", "deny"),
    ("consumer", "revoke"),
    ("consumer", "configure"),
    ("consumer", "stop"),
    ("publisher", "cancel"),
    ("publisher", "refresh-permissions"),
    ("publisher", "offer"),
}


T = TypeVar("T")


class Clock:
    """Time that moves only when somebody sleeps."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at
        self.slept: list[float] = []
        self.while_sleeping: Callable[[], None] | None = None
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.at += timedelta(seconds=seconds)
        if self.while_sleeping is not None:
            self.while_sleeping()


class Ids:
    """GUIDs that count up."""

    def __init__(self) -> None:
        self.given = 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        with self._lock:
            self.given += 1
            return str(uuid.UUID(int=(0xA << 124) | self.given, version=4))


class Stream(io.StringIO):
    """A stream that may claim to be a terminal."""

    def __init__(self, text: str = "", *, tty: bool = False) -> None:
        super().__init__(text)
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@dataclass(frozen=True)
class Result:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The first line that begins with `azjit: `, without that."""
        lines = [line for line in self.err.splitlines() if line.startswith("azjit: ")]
        return lines[0].removeprefix("azjit: ") if lines else ""


@dataclass
class Cli:
    """The command line over one world, through one transport."""

    state: Path
    clock: Clock
    world: Sandbox
    transport: Mapping[str, str]
    ids: Ids = field(default_factory=Ids)

    def __call__(
        self,
        *argv: str,
        tty: bool = False,
        width: int = 80,
        answer: str | None = None,
        environ: Mapping[str, str] | None = None,
        listen: Callable[[Stream], None] | None = None,
        out: Stream | None = None,
        sure: bool = True,
        terminal: str = "",
    ) -> Result:
        """Run one command; `tty` makes all three streams a terminal, `answer` is typed at it.

        `terminal` names the one that the command belongs to.

        `listen` is given stderr before anything runs, for a thread that plays a person; `out` is
        a stdout that somebody looks at meanwhile. Without a terminal `--yes` is added where it is
        needed, unless `sure` is False.
        """
        if (
            sure
            and not tty
            and argv[:2] in ASKING
            and not {"--yes", "-y", "show", "check"} & {*argv}
        ):
            argv = (*argv, "--yes")
        out, err = out or Stream(tty=tty), Stream(tty=tty)
        if listen is not None:
            listen(err)
        person = {"AZJIT_AS": PEOPLE.get(argv[0], "alice")} if argv else {}
        process = Process(
            stdin=Stream(answer or "", tty=tty),
            stdout=out,
            stderr=err,
            environ={
                "AZJIT_STATE_DIR": str(self.state),
                "AZJIT_CONFIG_DIR": str(self.config.parent),
                "TZ": "UTC",
                "NO_COLOR": "1",
                **self.transport,
                **person,
                **(environ or {}),
            },
            now=self.clock.now,
            new_id=self.ids,
            sleep=self.clock.sleep,
            width=lambda: width,
            terminal=lambda: terminal,
        )
        code = run(list(argv), process)
        return Result(code, out.getvalue(), err.getvalue())

    # What tests need again and again

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.state.parent / "config" / "config.toml"

    def file(self, app: str = "orders", *more: str, **kwargs: Any) -> str:
        """File a request as the publisher and give its name."""
        asked = self(
            "publisher", "request", app, "--role", "Contributor", "-o", "json", *more, **kwargs
        )
        assert asked.code == 0, asked.err
        return str(asked.json["name"])

    def take_over(self, other: Cli) -> None:
        """Begin where another one has ended."""
        assert self.ids.given == 0, "commands have run already"
        world = shutil.ignore_patterns("world.*")
        shutil.copytree(other.state, self.state, dirs_exist_ok=True, ignore=world)
        if other.config.exists():
            shutil.copytree(other.config.parent, self.config.parent)
        other.world._store._connection.backup(self.world._store._connection)
        self.clock.at, self.ids.given = other.clock.at, other.ids.given

    def approve(self, name: str, *more: str) -> None:
        """Approve a request as the consumer."""
        done = self("consumer", "approve", name, "--reason", "agreed", "--yes", *more)
        assert done.code == 0, done.err

    def state_of(self, name: str) -> str:
        """Give a request's state as a fresh read shows it."""
        return str(self("publisher", "show", name, "-o", "json").json["state"])

    def receipts(self) -> list[dict[str, Any]]:
        """Give the receipts, oldest first."""
        file = self.state / "sandbox" / "receipts.jsonl"
        if not file.exists():
            return []
        return [json.loads(line) for line in file.read_text().splitlines()]

    def later(self, **delta: float) -> None:
        """Let the world's time pass."""
        self.world.move_clock(timedelta(**delta))


class Prepared:
    """Lets tests begin where the same commands end, which run once in a process."""

    def __init__(self, begin: Callable[[str], Cli]) -> None:
        self._begin = begin
        self._done: dict[Callable[[Cli], Any], tuple[Cli, Any]] = {}

    def __call__(self, cli: Cli, commands: Callable[[Cli], T]) -> T:
        """Bring a new command line to the end of the commands, and give what they give."""
        if commands not in self._done:
            first = self._begin(commands.__name__)
            self._done[commands] = first, commands(first)
        first, told = self._done[commands]
        cli.take_over(first)
        return told


@contextmanager
def opened(path: Path, clock: Clock) -> Iterator[Sandbox]:
    """Open a world for a test."""
    world = Sandbox(path, now=clock.now)
    try:
        yield world
    finally:
        world.close()


def unwrapped(text: str) -> str:
    """The text on one line: where a terminal's lines end depends on the length of paths."""
    return " ".join(text.split())
