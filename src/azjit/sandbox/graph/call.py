"""One authenticated call to Microsoft Graph, and its refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import new_id
from azjit.sandbox.base.messages import Problem, Request, Response, answer
from azjit.sandbox.base.routing import HttpRoute
from azjit.sandbox.entra.tokens import TokenCaller
from azjit.sandbox.world.world import World

HOST = "graph.microsoft.com"
_CLIENT = "client-request-id"


class GraphProblem(Problem):
    """A refusal of any kind in Graph's form, with its inner error."""

    def __init__(self, problem: Problem, request: Request, world: World) -> None:
        code = "InvalidAuthenticationToken" if problem.status == 401 else problem.code  # noqa: PLR2004
        request_id = new_id()
        headers = problem.headers | {"request-id": request_id}
        super().__init__(problem.status, code, str(problem), headers)
        self._inner = {
            "date": stamp(world.now)[:19],
            "request-id": request_id,
            _CLIENT: request.headers.get(_CLIENT) or request_id,
        }

    def response(self) -> Response:
        """The answer that carries it."""
        error = {"code": self.code, "message": str(self), "innerError": self._inner}
        return answer(self.status, {"error": error}, self.headers)


@dataclass(frozen=True, slots=True)
class GraphCall:
    """A request of an authenticated caller; `params` come from the path."""

    request: Request
    params: Mapping[str, str]
    world: World
    caller: TokenCaller

    def __getitem__(self, name: str) -> str:
        """A part of the path."""
        return self.params[name]

    @property
    def base(self) -> str:
        """The address of this Graph, with its version."""
        site = self.request.site
        return f"{site.arm if site.is_local else f'https://{HOST}'}/v1.0"

    @property
    def is_eventual(self) -> bool:
        """Whether the caller accepts eventual consistency, which advanced queries need."""
        return self.request.headers.get("consistencylevel", "").lower() == "eventual"

    def json(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise bad("Unable to read JSON request payload.") from error
        if not isinstance(body, dict):
            raise bad("Unable to read JSON request payload.")
        return body


Handler = Callable[[GraphCall], Response]


@dataclass(frozen=True)
class GraphRoute(HttpRoute):
    """A route of Graph; open ones need no permission to read the directory."""

    handler: Handler
    is_open: bool = False


def with_headers(response: Response, request: Request) -> Response:
    """The answer with the headers that Graph gives every answer."""
    headers = {"Cache-Control": "no-cache", "request-id": new_id(), **response.headers}
    headers[_CLIENT] = request.headers.get(_CLIENT) or headers["request-id"]
    return Response(response.status, headers, response.body)


def bad(message: str, code: str = "Request_BadRequest") -> Problem:
    """A 400."""
    return Problem(400, code, message)


def missing(name: str) -> Problem:
    """A 404 for an object that is not there."""
    text = (
        f"Resource '{name}' does not exist or one of its queried reference-property objects are"
        " not present."
    )
    return Problem(404, "Request_ResourceNotFound", text)
