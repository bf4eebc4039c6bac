from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from azjit.sandbox.core import Sandbox
from azjit.sandbox.server import SandboxServer
from harness import Cli, Clock, opened

# Judges every call that any test makes by Microsoft's contracts, where those are at hand.
pytest_plugins = ("traffic",)


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine reaches a test: variables, home, network."""
    for name in list(os.environ):
        if name.startswith(("AZURE_", "AZJIT_", "XDG_")) or name in {"REQUESTS_CA_BUNDLE", "TZ"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    _stay_on_loopback(monkeypatch)


def _stay_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> object:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to leave this machine: {address}")
        return connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def seeded_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seed") / "world.sqlite"
    with opened(path, Clock()):
        pass
    return path


@pytest.fixture
def world(tmp_path: Path, clock: Clock, seeded_world: Path) -> Iterator[Sandbox]:
    path = tmp_path / "state" / "sandbox" / "world.sqlite"
    path.parent.mkdir(parents=True)
    shutil.copy(seeded_world, path)
    with opened(path, clock) as sandbox:
        yield sandbox


@pytest.fixture
def cli(tmp_path: Path, clock: Clock, world: Sandbox) -> Cli:
    """The command line through the in-process door."""
    return Cli(tmp_path / "state", clock, world, {"AZJIT_SANDBOX": "1"})


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


@pytest.fixture(params=["in process", "served"])
def both(request: pytest.FixtureRequest) -> Cli:
    """Each door in turn."""
    return request.getfixturevalue("cli" if request.param == "in process" else "served")
