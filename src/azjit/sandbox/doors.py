"""The in-process door: a requests adapter over the sandbox's core, without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from requests import ConnectionError as RequestsConnectionError
from requests import PreparedRequest
from requests import Response as RequestsResponse
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from azjit.sandbox.core import Sandbox, UnknownHost

_Timeout = float | tuple[float, float] | tuple[float, None] | None
_Certificate = bytes | str | tuple[bytes | str, bytes | str] | None


class RequestsDoor(HTTPAdapter):
    """Mount it on a `requests.Session` for `https://`: the whole internet is then the sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 the same
        timeout: _Timeout = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 the same
        cert: _Certificate = None,
        proxies: Mapping[str, str] | None = None,
    ) -> RequestsResponse:
        """Answer from the world.

        Raises:
            requests.ConnectionError: the world has no such host.
        """
        del stream, timeout, verify, cert, proxies
        headers = {name: _text(value) for name, value in request.headers.items()}
        try:
            answer = self._sandbox.handle(
                request.method or "GET", request.url or "", headers, _bytes(request.body)
            )
        except UnknownHost as error:
            raise RequestsConnectionError(str(error), request=request) from error
        raw = HTTPResponse(
            body=BytesIO(answer.body),
            headers={**answer.headers, "Content-Length": str(len(answer.body))},
            status=answer.status,
            preload_content=False,
        )
        return self.build_response(request, raw)


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
