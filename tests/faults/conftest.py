from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import responses

from azjit.sandbox.core import Sandbox
from faults.peer import TOKEN, Peer
from harness import Cli, Clock


@pytest.fixture
def azure() -> Iterator[responses.RequestsMock]:
    """What stands in for the network; a planned answer that nobody asks for is a failure."""
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


@pytest.fixture
def peer(azure: responses.RequestsMock) -> Iterator[Peer]:
    peer = Peer(azure)
    yield peer
    peer.close()
    said = "\n".join([*peer.said, *peer.logged])
    assert TOKEN not in said
    assert "Bearer" not in said
    for call in azure.calls:
        parts = urlsplit(call.request.url)
        assert (parts.scheme, parts.hostname) == ("https", "management.azure.com")


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for `az` that is signed in: what it printed for is in the file beside it."""
    script = tmp_path / "bin" / "az"
    script.parent.mkdir()
    answer = f'{{"accessToken": "{TOKEN}", "expires_on": 4102444800}}'
    script.write_text(f"#!/bin/sh\necho \"$@\" >> {script}.log\necho '{answer}'\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return script


@pytest.fixture
def real(tmp_path: Path, clock: Clock, world: Sandbox, az: Path) -> Cli:
    """The command line towards the real cloud, signed in by `az`."""
    del az
    return Cli(tmp_path / "state", clock, world, {"AZJIT_CLOUD": "public"})
