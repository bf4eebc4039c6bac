"""A fault has the same effect through both transports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from requests.exceptions import ChunkedEncodingError, ReadTimeout

from azjit.sandbox.core import InjectedFault, Sandbox
from azjit.sandbox.transports.in_process import RequestsTransport
from azjit.sandbox.transports.server import SandboxServer

METADATA = "/metadata/endpoints?api-version=2022-09-01"
Client = Callable[..., requests.Response]


@pytest.fixture(params=["in process", "served"])
def client(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Client]:
    """GET of a path through each transport in turn."""
    with requests.Session() as session:
        if request.param == "served":
            server: SandboxServer = request.getfixturevalue("server")
            base, session.verify = server.url, str(server.ca_file)
        else:
            base = "https://management.azure.com"
            session.mount("https://", RequestsTransport(sandbox))
        session.trust_env = False
        yield lambda **more: session.get(f"{base}{METADATA}", **{"timeout": 10, **more})


def _fault(sandbox: Sandbox, kind: str, **more: Any) -> None:
    sandbox.add_fault(InjectedFault(kind, match="metadata", **more))


@pytest.mark.parametrize("kind", ["reset-before", "reset-after"])
def test_reset_is_a_connection_error(client: Client, sandbox: Sandbox, kind: str) -> None:
    client()
    _fault(sandbox, kind)

    with pytest.raises(requests.ConnectionError, match=r"reset by peer|aborted"):
        client()
    assert client().status_code == 200


def test_truncated_answer_is_noticed(client: Client, sandbox: Sandbox) -> None:
    _fault(sandbox, "truncated")

    with pytest.raises(ChunkedEncodingError, match="IncompleteRead"):
        client()
    assert client().status_code == 200


def test_slow_answer_outlasts_the_patience(client: Client, sandbox: Sandbox) -> None:
    client()
    _fault(sandbox, "slow", seconds=0.4)

    with pytest.raises(ReadTimeout):
        client(timeout=0.1)


def test_slow_answer_arrives(client: Client, sandbox: Sandbox) -> None:
    _fault(sandbox, "slow", seconds=0.1)

    assert client().elapsed.total_seconds() >= 0.1


def test_page_is_a_page(client: Client, sandbox: Sandbox) -> None:
    _fault(sandbox, "html", status=503)

    answer = client()

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html")
