"""An in-process transport for azure-core: it calls the sandbox without a socket.

It fails with the errors of azure-core's own transport. requests, which that one loads, would take a
fifth of the time of a command.
"""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Self

from azure.core.exceptions import (
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.core.utils import case_insensitive_dict

from azjit.sandbox.core import Response, Sandbox, UnknownHost

_READ_SECONDS = 60


class AzureCoreTransport(HttpTransport[HttpRequest, HttpResponse]):
    """Makes every host the sandbox."""

    def __init__(
        self,
        sandbox: Sandbox,
        sleep: Callable[[float], None] = time.sleep,  # noqa: TID251 a slow answer takes time
    ) -> None:
        self._sandbox = sandbox
        self._sleep = sleep

    def send(self, request: HttpRequest, **options: Any) -> HttpResponse:
        """Let the sandbox answer.

        Raises:
            azure.core.exceptions.ServiceRequestError: the world has no such host.
            azure.core.exceptions.ServiceResponseError: a fault broke the connection, or delayed
                the answer beyond `read_timeout`, which is in seconds.
            azure.core.exceptions.IncompleteReadError: a fault cut the answer.
        """
        body = request.content or b""
        try:
            answer = self._sandbox.handle(
                request.method,
                request.url,
                dict(request.headers),
                body.encode() if isinstance(body, str) else body,
            )
        except UnknownHost as error:
            raise ServiceRequestError(str(error), error=error) from error
        self._apply_fault(answer, options.get("read_timeout", _READ_SECONDS))
        return _Answer(request, answer)

    def _apply_fault(self, answer: Response, patience: float) -> None:
        """Delay the answer or break the connection, as a fault asks."""
        if answer.delay > patience:
            self._sleep(patience)
            late = TimeoutError(f"Read timed out. (read timeout={patience})")
            raise ServiceResponseTimeoutError(str(late), error=late)
        if answer.delay:
            self._sleep(answer.delay)
        if answer.wire == "reset":
            broken = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
            raise ServiceResponseError(f"Connection aborted: {broken}", error=broken)
        if answer.wire == "truncated":
            got = len(answer.body) // 2
            rest = len(answer.body) - got
            raise IncompleteReadError(f"IncompleteRead({got} bytes read, {rest} more expected)")

    def sleep(self, duration: float) -> None:
        """Wait."""
        self._sleep(duration)

    def open(self) -> None:
        """Open nothing: the sandbox is not the client's."""

    def close(self) -> None:
        """Close nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class _Answer(HttpResponse):
    """An answer that is whole when it comes, in UTF-8 as the sandbox writes."""

    is_closed = True
    is_stream_consumed = True
    encoding = "utf-8"
    reason = ""

    def __init__(self, request: HttpRequest, answer: Response) -> None:
        self._request = request
        self._answer = answer
        self._headers: MutableMapping[str, str] = case_insensitive_dict(answer.headers)

    @property
    def request(self) -> HttpRequest:
        return self._request

    @property
    def status_code(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> MutableMapping[str, str]:
        return self._headers

    @property
    def content_type(self) -> str | None:
        return self._headers.get("Content-Type")

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def content(self) -> bytes:
        return self._answer.body

    def read(self) -> bytes:
        return self.content

    def text(self, encoding: str | None = None) -> str:
        return self.content.decode(encoding or "utf-8-sig")

    def json(self) -> Any:
        return json.loads(self.text())

    def raise_for_status(self) -> None:
        if self.status_code >= 400:  # noqa: PLR2004
            raise HttpResponseError(response=self)

    def iter_raw(self, **_: Any) -> Iterator[bytes]:
        yield self.content

    def iter_bytes(self, **_: Any) -> Iterator[bytes]:
        yield self.content

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass
