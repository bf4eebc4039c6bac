"""One call to Entra ID, its routes and its refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qsl

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import new_id
from azjit.sandbox.base.messages import Request, Response, answer
from azjit.sandbox.base.routing import HttpRoute
from azjit.sandbox.world.world import World

_SHARED = ("common", "organizations")


class Refusal(Exception):
    """Why Entra refuses: OAuth's error, the number after AADSTS, and a text; handlers raise it."""

    def __init__(self, error: str, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.error, self.code, self.status = error, code, status

    def response(self, at: datetime) -> Response:
        """Give the answer that carries it."""
        trace, correlation = new_id(), new_id()
        body = {
            "error": self.error,
            "error_description": f"AADSTS{self.code}: {self} Trace ID: {trace}"
            f" Correlation ID: {correlation} Timestamp: {stamp(at)}",
            "error_codes": [self.code],
            "timestamp": stamp(at),
            "trace_id": trace,
            "correlation_id": correlation,
        }
        return answer(self.status, body)


@dataclass(frozen=True)
class EntraCall:
    """A call at an instant of real time; `params` come from the path."""

    request: Request
    params: Mapping[str, str]
    world: World
    at: datetime

    def __getitem__(self, name: str) -> str:
        """Give a field of the form, empty when it is missing."""
        return self.form.get(name, "")

    @cached_property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        body = self.request.body.decode(errors="replace")
        return dict(parse_qsl(body, keep_blank_values=True))

    @cached_property
    def tenant(self) -> str | None:
        """The tenant of the path, by id or domain; none when the authority is shared."""
        named = self.params["tenant"]
        if named.lower() in _SHARED:
            return None
        for tenant, _name, domain in self.world.directory.tenants():
            if named.lower() in (tenant, domain):
                return tenant
        raise Refusal("invalid_request", 90002, f"Tenant '{named}' not found.")


@dataclass(frozen=True)
class EntraRoute(HttpRoute):
    """A route of Entra ID."""

    handler: Callable[[EntraCall], Response]
