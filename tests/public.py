"""The public Azure on loopback: a proxy that leads Microsoft's names to a sandbox over TLS.

Nothing says there that it is a sandbox: azjit signs in and sends as it does to the real Azure.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from azjit.sandbox.core import Response, Sandbox
from azjit.sandbox.transports import certificate_builder
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
    server: _Proxy

    def do_CONNECT(self) -> None:
        self.server.asked.append(self.path)
        self.send_response_only(200)
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.server.target)) as there:
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
    """Give the variables that lead to it, until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certificate_builder, "_NAMES", _HOSTS)
        server = SandboxServer(world, port=0, directory=directory / "public")
    with server, _Proxy(int(server.url.rpartition(":")[2])) as proxy:
        thread = Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            address = f"http://127.0.0.1:{proxy.server_address[1]}"
            yield {"HTTPS_PROXY": address, "REQUESTS_CA_BUNDLE": str(server.ca_file)}
        finally:
            proxy.shutdown()
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
