from __future__ import annotations

import gc
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from azjit.sandbox.core import Sandbox
from azjit.sandbox.transports.server import SandboxServer
from behind import LOGIN
from disk import tokens_in
from harness import Cli, Clock, Prepared, opened
from public import public_azure

# Judges every call that any test makes by Microsoft's contracts, where those are at hand.
pytest_plugins = ("traffic",)


# All that a test sees of the environment that the suite runs in.
KEPT = re.compile(
    "PATH|TZ|LANG|LC_.+|TMPDIR|LD_LIBRARY_PATH|SYSTEMROOT"
    "|(PYTEST|PYTHON|HYPOTHESIS|REQUIRE|AZJIT_KILL).*|CONTRACT_SPECS"
)
LOCAL = {"127.0.0.1", "::1", "localhost", ""}
EMBEDDED = {"AZJIT_SANDBOX": "1"}
PRELOADED = Path(__file__).parent / "preloaded"
SHARED_MEMORY = Path("/dev/shm")
_ROOM_IN_MEMORY = 2**30  # bytes


def pytest_configure(config: pytest.Config) -> None:
    """Keep bytecode and temporary files where they cost least."""
    gc.disable()  # until all tests are known: nothing of them is garbage
    # Without bytecode each worker and each child compiles azjit and the tests once more.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if config.option.basetemp is None and _may_use(SHARED_MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(SHARED_MEMORY))


def _may_use(folder: Path) -> bool:
    """Whether worlds and receipts, which are synced to disk, can be kept in memory instead."""
    if not os.access(folder, os.W_OK):
        return False
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize >= _ROOM_IN_MEMORY and not told.f_flag & os.ST_NOEXEC


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that wait: as the last ones they would leave every core idle."""
    items.sort(key=lambda item: item.get_closest_marker("waits") is None)


def pytest_collection_finish() -> None:
    """Let the garbage collector leave what lives to the end alone, and look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: some tests wait for a clock or another process.

    Each costs 4 CPU s, for its start, the collection of the tests and the first use of what is
    loaded once.
    """
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def _clean_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Nothing of this machine reaches a test: no variable, no ignored signal, no network.

    It gives the variables that are kept away.
    """
    # A shell starts what runs in the background with SIGINT ignored, nohup with SIGHUP.
    for number in {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.MonkeyPatch.context() as patch:
        away = {name: value for name, value in os.environ.items() if not KEPT.fullmatch(name)}
        for name in away:
            patch.delenv(name)
        _stay_on_loopback(patch)
        yield away
    assert tokens_in(tmp_path_factory.getbasetemp()) == []


@pytest.fixture
def watched(_clean_surroundings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let coverage watch the processes that a test starts, where each of them costs 0.2 s more."""
    for name, value in _clean_surroundings.items():
        if name.startswith("COVERAGE_"):
            monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def _home(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home of its own for a test that writes files; for any other none that can be made.

    No file of the test may contain a token when it ends.
    """
    folder: Path | None = None
    if "tmp_path" in request.fixturenames:
        folder = request.getfixturevalue("tmp_path")
    monkeypatch.setenv("HOME", str((folder or Path(os.devnull)) / "home"))
    yield
    assert folder is None or tokens_in(folder) == []


def _stay_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("connect", "connect_ex", "sendto"):
        whole = getattr(socket.socket, name)
        monkeypatch.setattr(socket.socket, name, _guarded(whole))
    look_up = socket.getaddrinfo

    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and name not in LOCAL:
            raise AssertionError(f"a test tried to look up {name}")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", guarded)


def _guarded(call: Any) -> Any:
    def guarded(self: socket.socket, *args: Any) -> Any:
        address = args[-1]  # the last argument of each of them
        if isinstance(address, tuple) and address[0] not in LOCAL:
            raise AssertionError(f"a test tried to leave this machine: {address}")
        return call(self, *args)

    return guarded


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was not tried here, and why: a green run must not pass for more."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = told.removeprefix("Skipped: ")
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        checks = "1 check was" if count == 1 else f"{count} checks were"
        terminalreporter.write_line(f"WARNING: {checks} NOT run: {reason}", yellow=True, bold=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def seeded_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seed") / "world.sqlite"
    with opened(path, Clock()) as sandbox:
        # The world's key takes 90 ms to make, which each served world would pay again.
        sandbox.handle("GET", f"{LOGIN}/common/discovery/v2.0/keys", {}, b"")
    return path


@pytest.fixture
def world(tmp_path: Path, clock: Clock, seeded_world: Path) -> Iterator[Sandbox]:
    with opened(copied(seeded_world, tmp_path / "state"), clock) as sandbox:
        yield sandbox


def copied(world: Path, state: Path) -> Path:
    """Copy a world to where azjit expects it in a state directory."""
    path = state / "sandbox" / "world.sqlite"
    path.parent.mkdir(parents=True)
    shutil.copy(world, path)
    return path


@pytest.fixture
def cli(tmp_path: Path, clock: Clock, world: Sandbox) -> Cli:
    """The command line through the in-process transport."""
    return Cli(tmp_path / "state", clock, world, EMBEDDED)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, seeded_world: Path) -> Iterator[Prepared]:
    """Where tests begin that have the same commands before them."""
    with ExitStack() as worlds:

        def begun(name: str) -> Cli:
            state = tmp_path_factory.mktemp(name) / "state"
            path, clock = copied(seeded_world, state), Clock()
            return Cli(state, clock, worlds.enter_context(opened(path, clock)), EMBEDDED)

        yield Prepared(begun)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def served(
    tmp_path: Path,
    clock: Clock,
    world: Sandbox,
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Cli]:
    """The command line over TLS on loopback, as against any other Azure."""
    with SandboxServer(world, port=0, directory=certificates) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.ca_file))
        trust = {"AZJIT_CLOUD": server.url, "REQUESTS_CA_BUNDLE": str(server.ca_file)}
        yield Cli(tmp_path / "state", clock, world, trust)


@pytest.fixture
def public(
    tmp_path: Path,
    clock: Clock,
    world: Sandbox,
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Cli]:
    """The command line towards the public Azure, with a real sign-in."""
    with public_azure(world, certificates) as network:
        for name, value in network.items():
            monkeypatch.setenv(name, value)
        yield Cli(tmp_path / "state", clock, world, network)


@pytest.fixture(params=["in process", "served"])
def both(request: pytest.FixtureRequest) -> Cli:
    """Each transport in turn."""
    return request.getfixturevalue("cli" if request.param == "in process" else "served")


@pytest.fixture(scope="session")
def preloaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for PATH with an `azjit` that is loaded already.

    Each command is a fork of one process that has loaded azjit, and costs what it does and not
    the 300 ms of the start. What a start does to streams and time is not tried with this one.
    """
    folder = tmp_path_factory.mktemp("preloaded")
    command = folder / "azjit"
    client = [sys.executable, "-IS", PRELOADED / "client.py", folder]
    command.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, client))} "$@"\n')
    command.chmod(0o700)
    with subprocess.Popen(
        [sys.executable, PRELOADED / "server.py", folder],
        stdin=subprocess.PIPE,  # its end ends the server and every fork
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield folder
