"""The certificates and proxies of the network's transport, on real TLS connections."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import HttpRequest

from azjit.azure import transport as module
from azjit.azure.network import Network
from azjit.azure.transport import NetworkTransport
from azjit.sandbox.core import Sandbox
from azjit.sandbox.transports.server import SandboxServer
from public import _certified, public_azure

PATH = "/metadata/endpoints?api-version=2022-09-01"
MANY = 8


@contextmanager
def trusting(authorities: Path | None) -> Iterator[NetworkTransport]:
    network = Network(time.sleep, lambda _: None, None, str(authorities) if authorities else None)
    with NetworkTransport(network) as transport:
        yield transport


def status(transport: NetworkTransport, url: str) -> int:
    return int(transport.send(HttpRequest("GET", url + PATH)).status_code)


@pytest.fixture
def server(world: Sandbox, certificates: Path) -> Iterator[SandboxServer]:
    with SandboxServer(world, port=0, directory=certificates) as found:
        yield found


def test_many_connections_read_the_trusted_certificates_once(
    server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    make = module.create_urllib3_context
    monkeypatch.setattr(
        module, "create_urllib3_context", lambda **kwargs: made.append(1) or make(**kwargs)
    )

    with trusting(server.ca_file) as transport, ThreadPoolExecutor(MANY) as pool:
        found = list(pool.map(lambda _: status(transport, server.url), range(4 * MANY)))

    assert found == [200] * 4 * MANY
    assert len(made) == 1


@pytest.mark.parametrize("authorities", ["none", "another"])
def test_a_certificate_of_another_authority_is_refused(
    server: SandboxServer, tmp_path: Path, authorities: str, world: Sandbox
) -> None:
    other: Path | None = None
    if authorities == "another":
        with SandboxServer(world, port=0, directory=tmp_path) as another:
            other = another.ca_file

    with (
        trusting(other) as transport,
        pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        status(transport, server.url)


def test_a_certificate_of_another_name_is_refused(world: Sandbox, tmp_path: Path) -> None:
    with (
        _certified(("other.example",)),
        SandboxServer(world, port=0, directory=tmp_path) as server,
        trusting(server.ca_file) as transport,
        pytest.raises(ServiceRequestError, match="Hostname mismatch"),
    ):
        status(transport, server.url)


def test_behind_a_proxy_certificates_are_checked_too(
    world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with public_azure(world, tmp_path) as network:
        monkeypatch.setenv("HTTPS_PROXY", network["HTTPS_PROXY"])
        with trusting(Path(network["REQUESTS_CA_BUNDLE"])) as transport:
            found = [status(transport, "https://management.azure.com") for _ in range(3)]
        with (
            trusting(None) as transport,
            pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            status(transport, "https://management.azure.com")

    assert found == [200] * 3


def test_each_host_has_the_proxy_that_the_variables_give_it(
    server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost")

    with trusting(server.ca_file) as transport:
        direct = [status(transport, server.url) for _ in range(2)]
        with pytest.raises(ServiceRequestError, match="proxy"):
            status(transport, server.url.replace("localhost", "127.0.0.1"))

    assert direct == [200, 200]
