"""A sandbox for the contract tests, in process and behind a real TLS server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from azjit.sandbox.core import Person, Sandbox
from azjit.sandbox.transports.server import SandboxServer
from behind import LOGIN
from contract import openapi
from requests_adapter import SandboxAdapter


@pytest.fixture(scope="session")
def seeded_today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of today: the clients that are tried here look at the real clock."""
    path = tmp_path_factory.mktemp("today") / "world.db"
    sandbox = Sandbox(path)
    sandbox.handle("GET", f"{LOGIN}/common/discovery/v2.0/keys", {}, b"")  # makes the world's key
    sandbox.close()
    return path


@pytest.fixture
def sandbox(tmp_path: Path, seeded_today: Path) -> Iterator[Sandbox]:
    shutil.copy(seeded_today, tmp_path / "world.db")
    sandbox = Sandbox(tmp_path / "world.db")
    yield sandbox
    sandbox.close()


@pytest.fixture
def people(sandbox: Sandbox) -> dict[str, Person]:
    return {person.alias: person for person in sandbox.people()}


@pytest.fixture
def server(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxServer]:
    # A certificate bundle in the environment would win over the one that a client is given.
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    for proxy in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(proxy, raising=False)
    with SandboxServer(sandbox, directory=tmp_path / "tls") as server:
        yield server


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("https://", SandboxAdapter(sandbox))
        yield session


@pytest.fixture
def specs() -> None:
    if openapi.present():
        return
    if os.environ.get("REQUIRE_SPECS"):
        pytest.fail(openapi.ABSENT)
    pytest.skip(openapi.ABSENT)
