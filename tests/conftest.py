from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from azjit.sandbox.core import Sandbox
from azjit.sandbox.transports.server import SandboxServer
from harness import Cli, Clock, opened

# Judges every call that any test makes by Microsoft's contracts, where those are at hand.
pytest_plugins = ("traffic",)


# What azjit, its libraries or a CI runner would read from the machine that the tests run on.
PREFIXES = (
    *("AZURE_", "AZJIT_", "XDG_", "IDENTITY_", "MSI_"),
    *("ACTIONS_", "GITHUB_", "SYSTEM_", "TF_BUILD"),
)
NAMES = {
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("TZ", "NO_COLOR", "FORCE_COLOR"),
}
LOCAL = {"127.0.0.1", "::1", "localhost", ""}


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine reaches a test: variables, home, network."""
    for name in list(os.environ):
        if name.startswith(PREFIXES) or name in NAMES or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    _stay_on_loopback(monkeypatch)


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
