"""An in-process transport for httpx: it calls the core without a socket."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from azjit.sandbox.core import Response, Sandbox, UnknownHost

if TYPE_CHECKING:
    import httpx


class HttpxTransport:
    """A transport for an `httpx.AsyncClient`; no subclass, because httpx costs 100 ms to import."""

    def __init__(
        self,
        sandbox: Sandbox,
        sleep: Callable[[float], None] = time.sleep,  # noqa: TID251 a slow answer takes time
    ) -> None:
        self._sandbox = sandbox
        self._sleep = sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Let the sandbox answer.

        Raises:
            httpx.TransportError: the world has no such host, or a fault broke the connection.
        """
        import httpx  # noqa: PLC0415 only a call needs it

        headers, body = dict(request.headers), await request.aread()
        try:
            answer = self._sandbox.handle(request.method, str(request.url), headers, body)
        except UnknownHost as error:
            raise httpx.ConnectError(str(error), request=request) from error
        self._apply_fault(request, answer)
        sent = list(answer.headers.items())
        return httpx.Response(answer.status, headers=sent, content=answer.body, request=request)

    async def aclose(self) -> None:
        """Close nothing: the sandbox is not the client's."""

    def _apply_fault(self, request: httpx.Request, answer: Response) -> None:
        import httpx  # noqa: PLC0415 as above

        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and answer.delay > patience:
            self._sleep(patience)
            raise httpx.ReadTimeout("", request=request)
        if answer.delay:
            self._sleep(answer.delay)
        if answer.wire == "reset":
            raise httpx.ReadError("Connection reset by peer", request=request)
        if answer.wire == "truncated":
            text = "peer closed connection without sending complete message body"
            raise httpx.RemoteProtocolError(text, request=request)
