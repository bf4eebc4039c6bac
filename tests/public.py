"""Hosts of any name on loopback, for real sign-ins: a proxy leads azjit to them.

The public Azure is a sandbox there, and nothing says so. A hostile cloud answers what it likes.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from azjit.sandbox.core import Response, Sandbox
from azjit.sandbox.transports import certificate_builder, certificates
from azjit.sandbox.transports.server import SandboxServer

_HOSTS = (
    "localhost",
    "management.azure.com",
    "login.microsoftonline.com",
    "graph.microsoft.com",
    "api.partner.microsoft.com",
)


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Connect)
        self.target = port
        self.asked: list[str] = []


class _Connect(BaseHTTPRequestHandler):
    # Each side waits for the other's answer: without this, 40 ms for an acknowledgement as well.
    disable_nagle_algorithm = True
    server: _Proxy

    def do_CONNECT(self) -> None:
        self.server.asked.append(self.path)
        self.send_response_only(200)
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.server.target)) as there:
            there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ways = {self.connection: there, there: self.connection}
            while True:
                for side in select.select(list(ways), [], [])[0]:
                    sent = side.recv(65536)
                    if not sent:
                        return
                    ways[side].sendall(sent)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def public_azure(world: Sandbox, directory: Path) -> Iterator[dict[str, str]]:
    """Give the variables that lead to the public Azure, until the block ends."""
    with _certified(_HOSTS):
        server = SandboxServer(world, port=0, directory=directory / "public")
    with server, _served(_Proxy(int(server.url.rpartition(":")[2]))) as proxy:
        yield proxy | {"REQUESTS_CA_BUNDLE": str(server.ca_file)}


@dataclass
class Asked:
    """A call that reached a hostile cloud."""

    line: str
    headers: Mapping[str, str]
    body: str

    def __contains__(self, text: str) -> bool:
        return text in f"{self.line} {dict(self.headers)} {self.body}"


class Hostile:
    """A cloud of somebody else's, of any name: what it says of itself, and what it was asked."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[Asked] = []
        self.port = 0

    def says(self, arm: str, **sign_in: Any) -> None:
        """Describe itself as the cloud at an address."""
        told = {"loginEndpoint": arm, "audiences": [arm], **sign_in}
        self.metadata = {"name": "Hostile", "resourceManager": arm, "authentication": told}

    def signs_in_at(self, login: str) -> None:
        """Say that its tokens come from a host."""
        names = ("token_endpoint", "authorization_endpoint", "issuer")
        self.answers["openid-configuration"] = (200, {name: f"{login}/{name}" for name in names})

    def answer(self, path: str) -> tuple[int, Any]:
        """Answer a call."""
        if path.startswith("/metadata/endpoints"):
            return 200, self.metadata
        found = [answer for part, answer in self.answers.items() if part in path]
        return found[0] if found else (404, {"error": {"code": "NotFound", "message": "none"}})


class _HostileServer(ThreadingHTTPServer):
    daemon_threads = True
    cloud: Hostile


class _HostileHandler(BaseHTTPRequestHandler):
    server: _HostileServer

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        line = f"{self.command} {self.headers.get('Host')}{self.path}"
        self.server.cloud.asked.append(Asked(line, dict(self.headers.items()), body))
        status, told = self.server.cloud.answer(self.path)
        content = json.dumps(told).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def hostile_cloud(directory: Path, *names: str) -> Iterator[tuple[Hostile, dict[str, str]]]:
    """Give a hostile cloud of these names, and the variables that lead there."""
    with _certified(("localhost", *names)):
        ca, chain = certificates.ensure(directory, datetime.now(UTC))
    server = _HostileServer(("127.0.0.1", 0), _HostileHandler)
    server.cloud = Hostile()
    server.cloud.port = server.server_address[1]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with _served(server), _served(_Proxy(server.cloud.port)) as proxy:
        told = {**proxy, "NO_PROXY": "localhost,127.0.0.1", "REQUESTS_CA_BUNDLE": str(ca)}
        yield server.cloud, told


@contextmanager
def _certified(names: tuple[str, ...]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certificate_builder, "_NAMES", names)
        yield


@contextmanager
def _served(server: ThreadingHTTPServer) -> Iterator[dict[str, str]]:
    with server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield {"HTTPS_PROXY": f"http://127.0.0.1:{server.server_address[1]}"}
        finally:
            server.shutdown()
            thread.join()


class Headers:
    """Sees the headers of every call to a world."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[str, Mapping[str, str]]] = []
        original = Sandbox.handle

        def handle(
            world: Sandbox, method: str, url: str, headers: Mapping[str, str], body: bytes
        ) -> Response:
            self.seen.append((f"{method} {url}", {k.lower(): v for k, v in headers.items()}))
            return original(world, method, url, headers, body)

        patch.setattr(Sandbox, "handle", handle)
