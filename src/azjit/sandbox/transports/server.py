"""The sandbox as an HTTPS server, on loopback only."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from azjit.sandbox.base.clock import system_now
from azjit.sandbox.base.messages import Problem, Response
from azjit.sandbox.core import Sandbox, UnknownHost
from azjit.sandbox.transports import certificates

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_IDLE_SECONDS = 60
_LARGEST_BODY = 4 * 1024 * 1024  # ARM's own limit


class SandboxServer:
    """Serves a world at `url` until it is stopped; clients trust `ca_file`."""

    def __init__(
        self, sandbox: Sandbox, port: int = 0, *, directory: Path, host: str = "127.0.0.1"
    ) -> None:
        """Listen on a port, any free one when it is 0; certificates are kept in the directory.

        Raises:
            ValueError: the host is not loopback.
            OSError: the port is taken.
        """
        if host not in _LOOPBACK:
            raise ValueError(f"the sandbox listens on loopback only, not on {host}")
        self.ca_file, chain = certificates.ensure(directory, system_now())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        self._server = _Server((host, port), sandbox, context)
        bound = str(self._server.server_address[0])
        if not ipaddress.ip_address(bound).is_loopback:
            self._server.server_close()
            raise ValueError(f"the sandbox listens on loopback only, and {host} is {bound}")
        self._thread: threading.Thread | None = None
        self._is_serving = False

    @property
    def url(self) -> str:
        """The address of ARM and Entra in this world."""
        return f"https://localhost:{self._server.server_address[1]}"

    def start(self) -> None:
        """Serve in a thread."""
        self._is_serving = True
        self._thread = threading.Thread(target=self.serve_forever, name="sandbox", daemon=True)
        self._thread.start()

    def serve_forever(self) -> None:
        """Serve here until `stop` is called from elsewhere."""
        self._is_serving = True
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Stop serving and free the port."""
        if self._is_serving:
            self._server.shutdown()
            self._is_serving = False
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox, context: ssl.SSLContext) -> None:
        self.sandbox = sandbox
        self._context = context
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # The inherited method asks the resolver for the host's full name, which may take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def get_request(self) -> tuple[socket.socket, Any]:
        """Give a connection; its handshake runs in a thread, where a slow one blocks nobody."""
        plain, address = self.socket.accept()
        plain.settimeout(_IDLE_SECONDS)
        wrapped = self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        with self._guard:
            self._open.add(wrapped)
        return wrapped, address

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the port and every connection that is still open."""
        super().server_close()
        with self._guard:
            left, self._open = self._open, set()
        for connection in left:
            connection.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that has disconnected; show any other error."""
        import sys  # noqa: PLC0415 only a failure needs it

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Unbuffered writes with Nagle's algorithm meet delayed acknowledgements: 22 answers a second.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def handle_one_request(self) -> None:
        """Handle one request; close the connection when it is malformed."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        answer = self._answer()
        if answer.delay:
            time.sleep(answer.delay)  # noqa: TID251 a fault that is meant to take time
        if answer.wire == "reset":
            self._reset()
            return
        self._send(answer)
        self.wfile.flush()

    def _reset(self) -> None:
        """Break the connection so that the client sees a reset, not an end."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        os.close(self.connection.detach())

    def log_message(self, *_: Any) -> None:
        """Log nothing: stdout and stderr belong to the command that serves."""

    def _answer(self) -> Response:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            self.close_connection = True
            return Problem(411, "LengthRequired", "the Content-Length is required").response()
        if int(length) > _LARGEST_BODY:
            self.close_connection = True
            return Problem(413, "RequestTooLarge", "the request content is too large").response()
        body = self.rfile.read(int(length))
        url = f"https://{self.headers.get('Host', 'localhost')}{self.path}"
        try:
            return self.server.sandbox.handle(self.command, url, dict(self.headers.items()), body)
        except UnknownHost as error:
            # Only loopback names are served, so that DNS rebinding gets nothing.
            return Problem(421, "MisdirectedRequest", str(error)).response()

    def _send(self, answer: Response) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        is_cut = answer.wire == "truncated"
        self.close_connection = self.close_connection or is_cut
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            body = answer.body
            self.wfile.write(body[: len(body) // 2] if is_cut else body)
