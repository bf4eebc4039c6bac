"""The sandbox for a `requests` session, as Microsoft's own clients and msal use one."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Mapping
from io import BytesIO

from requests import ConnectionError as RequestsConnectionError
from requests import PreparedRequest, ReadTimeout
from requests import Response as RequestsResponse
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from azjit.sandbox.core import Response, Sandbox, UnknownHost

_Timeout = float | tuple[float, float] | tuple[float, None] | None
_Certificate = bytes | str | tuple[bytes | str, bytes | str] | None


class SandboxAdapter(HTTPAdapter):
    """Mounted on a `requests.Session` for `https://`, it makes every host the sandbox."""

    def __init__(
        self,
        sandbox: Sandbox,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__()
        self._sandbox = sandbox
        self._sleep = sleep

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 the same
        timeout: _Timeout = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 the same
        cert: _Certificate = None,
        proxies: Mapping[str, str] | None = None,
    ) -> RequestsResponse:
        """Let the sandbox answer.

        Raises:
            requests.ConnectionError: the world has no such host, or a fault broke the connection.
            requests.ReadTimeout: a fault delayed the answer beyond the timeout.
        """
        del stream, verify, cert, proxies
        headers = {name: _text(value) for name, value in request.headers.items()}
        try:
            answer = self._sandbox.handle(
                request.method or "GET", request.url or "", headers, _bytes(request.body)
            )
        except UnknownHost as error:
            raise RequestsConnectionError(str(error), request=request) from error
        self._apply_fault(request, answer, timeout)
        length = len(answer.body)
        raw = HTTPResponse(
            body=BytesIO(answer.body[: length // 2 if answer.wire == "truncated" else length]),
            headers={**answer.headers, "Content-Length": str(length)},
            status=answer.status,
            preload_content=False,
        )
        return self.build_response(request, raw)

    def _apply_fault(self, request: PreparedRequest, answer: Response, timeout: _Timeout) -> None:
        """Delay the answer or break the connection, as a fault asks."""
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        if patience is not None and answer.delay > patience:
            self._sleep(patience)
            raise ReadTimeout(f"Read timed out. (read timeout={patience})", request=request)
        if answer.delay:
            self._sleep(answer.delay)
        if answer.wire == "reset":
            broken = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
            raise RequestsConnectionError(
                ProtocolError("Connection aborted.", broken), request=request
            )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: object) -> bytes:
    """The body of a prepared request: text, bytes, a file, or pieces."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    read = getattr(body, "read", None)
    if read is not None:
        return _bytes(read())
    return b"".join(_bytes(piece) for piece in body)  # type: ignore[attr-defined] # an iterable
