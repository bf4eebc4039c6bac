"""The front door: whose host an address names, and which part of this Azure answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import SplitResult

from azjit.sandbox import partner_center
from azjit.sandbox.arm import metadata
from azjit.sandbox.arm.route import ArmRoute
from azjit.sandbox.base.messages import Problem, Request, Response, Site, UnknownHost
from azjit.sandbox.dispatch import arm_gateway
from azjit.sandbox.entra import endpoints
from azjit.sandbox.graph import call as graph
from azjit.sandbox.graph import gateway
from azjit.sandbox.world.world import World

ARM_HOST, LOGIN_HOST = "management.azure.com", "login.microsoftonline.com"
_PUBLIC = Site(f"https://{ARM_HOST}", f"https://{LOGIN_HOST}", is_local=False)
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def act(
    request: Request,
    route: tuple[ArmRoute, dict[str, str]] | None,
    world: World,
    real_now: datetime,
) -> Response:
    """The answer of whichever part of this Azure the request is for.

    Raises:
        Problem: the refusal, in ARM's form.
    """
    if route is not None:
        return arm_gateway.respond(request, *route, world, real_now)
    if endpoints.serves(request.path):
        return endpoints.respond(request, world, real_now)
    if request.path.lower() == metadata.PATH and request.method == "GET":
        return metadata.respond(request)
    if partner_center.serves(request.path):
        return partner_center.respond(request, world, real_now)
    if is_graph(request):
        return gateway.respond(request, world, real_now)
    raise _unknown(request)


@contextmanager
def rolled_back_on_problem(connection: sqlite3.Connection) -> Iterator[None]:
    """Take back what a call has changed when it is refused."""
    connection.execute("SAVEPOINT act")
    try:
        yield
    except Problem:
        connection.execute("ROLLBACK TO act")
        raise


def site_of(parts: SplitResult) -> Site:
    """The addresses under which an address reached this world.

    Raises:
        UnknownHost: it names a host that this world does not have.
    """
    host = (parts.hostname or "").lower()
    if host in (ARM_HOST, LOGIN_HOST, graph.HOST, partner_center.HOST):
        return _PUBLIC
    if host in _LOCAL_HOSTS:
        base = f"{parts.scheme}://{parts.netloc.lower()}"
        return Site(base, base, is_local=True)
    raise UnknownHost(f"the sandbox has no host {host!r}")


def is_graph(request: Request) -> bool:
    """Whether a request is for Microsoft Graph."""
    return gateway.serves(request.path) and not partner_center.serves(request.path)


def _unknown(request: Request) -> Problem:
    text = f"the sandbox has no route {request.method} {request.path}"
    return Problem(501, "NotImplemented", text)
