"""A fault has the same effect through both transports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import (
    IncompleteReadError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.transport import HttpTransport, RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse

from azjit.sandbox.core import InjectedFault, Sandbox
from azjit.sandbox.transports.azure_core import AzureCoreTransport
from azjit.sandbox.transports.server import SandboxServer

METADATA = "/metadata/endpoints?api-version=2022-09-01"
Client = Callable[..., HttpResponse]


@pytest.fixture
def slept() -> list[timedelta]:
    """How long the transport in process waited."""
    return []


@pytest.fixture(params=["in process", "served"])
def client(
    request: pytest.FixtureRequest, sandbox: Sandbox, slept: list[timedelta]
) -> Iterator[Client]:
    """GET of a path through each transport in turn."""
    transport: HttpTransport[Any, Any]
    if request.param == "served":
        server: SandboxServer = request.getfixturevalue("server")
        base = server.url
        transport = RequestsTransport(connection_verify=str(server.ca_file), use_env_settings=False)
    else:
        base = "https://management.azure.com"
        transport = AzureCoreTransport(
            sandbox, lambda seconds: slept.append(timedelta(seconds=seconds))
        )
    with transport:
        yield lambda **more: transport.send(HttpRequest("GET", f"{base}{METADATA}"), **more)


def _fault(sandbox: Sandbox, kind: str, **more: Any) -> None:
    sandbox.add_fault(InjectedFault(kind, match="metadata", **more))


@pytest.mark.parametrize("kind", ["reset-before", "reset-after"])
def test_reset_is_a_response_error(client: Client, sandbox: Sandbox, kind: str) -> None:
    client()
    _fault(sandbox, kind)

    with pytest.raises(ServiceResponseError, match=r"reset by peer|aborted"):
        client()
    assert client().status_code == 200


def test_truncated_answer_is_noticed(client: Client, sandbox: Sandbox) -> None:
    _fault(sandbox, "truncated")

    with pytest.raises(IncompleteReadError, match="IncompleteRead"):
        client()
    assert client().status_code == 200


def test_slow_answer_outlasts_the_patience(client: Client, sandbox: Sandbox) -> None:
    client()
    _fault(sandbox, "slow", seconds=0.4)

    with pytest.raises(ServiceResponseTimeoutError, match="Read timed out"):
        client(read_timeout=0.1)


def test_slow_answer_arrives(
    client: Client, sandbox: Sandbox, slept: list[timedelta], request: pytest.FixtureRequest
) -> None:
    _fault(sandbox, "slow", seconds=0.1)

    assert client().status_code == 200
    in_process = "in process" in request.node.callspec.id
    assert slept == ([timedelta(seconds=0.1)] if in_process else [])


def test_page_is_a_page(client: Client, sandbox: Sandbox) -> None:
    _fault(sandbox, "html", status=503)

    answer = client()

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html")
