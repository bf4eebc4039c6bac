"""Requests and responses of the sandbox, independent of the transport."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

JSON_TYPE = "application/json; charset=utf-8"


class UnknownHost(LookupError):
    """The address names a host that this world does not have."""


class Response(NamedTuple):
    """An answer: status, headers and body; the rest comes from an injected fault.

    `wire` is what the transport does to it: `reset` or `truncated`; `delay` is in real seconds.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    fault: str = ""
    wire: str = ""
    delay: float = 0.0


class Site(NamedTuple):
    """The addresses under which the caller reached this world; links in answers use them."""

    arm: str
    login: str
    is_local: bool


class Request(NamedTuple):
    """A request, its path unquoted, its header names lower-cased."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    site: Site


class Problem(Exception):
    """A refusal in ARM's form; handlers, and what they call, raise it anywhere."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer that carries it."""
        body = {"error": {"code": self.code, "message": str(self)}}
        return answer(self.status, body, self.headers)


class Page(NamedTuple):
    """One page of a listing and where the next one starts."""

    items: list[Any]
    next_token: str | None = None


def answer(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; no body at all when there is none."""
    out = dict(headers or {})
    if body is None:
        return Response(status, out, b"")
    out["Content-Type"] = JSON_TYPE
    return Response(status, out, json.dumps(body, ensure_ascii=False).encode())
