"""Which host an address names, and which service of this Azure answers a request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import SplitResult

from azjit.sandbox import partner_center
from azjit.sandbox.arm import metadata
from azjit.sandbox.base.messages import Problem, Request, Response, Site, UnknownHost
from azjit.sandbox.dispatch import arm_gateway, routes
from azjit.sandbox.entra import endpoints
from azjit.sandbox.graph import call as graph
from azjit.sandbox.graph import gateway
from azjit.sandbox.world.world import World

_ARM_HOST, _LOGIN_HOST = "management.azure.com", "login.microsoftonline.com"
_PUBLIC = Site(f"https://{_ARM_HOST}", f"https://{_LOGIN_HOST}", is_local=False)
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class Service(NamedTuple):
    """A service: its function, whether that may write, and its common headers."""

    respond: Callable[[Request, World, datetime], Response]
    writes: bool = False
    is_arm: bool = False
    with_headers: Callable[[Response, Request], Response] = arm_gateway.with_headers


def service_for(request: Request, host: str) -> Service:
    """Give the service for a request to a host; the last one refuses what no other answers."""
    path, is_local = request.path, request.site.is_local
    if endpoints.serves(path) and (is_local or host == _LOGIN_HOST):
        return Service(endpoints.respond, writes=True, with_headers=lambda response, _: response)
    found = routes.find(request.method, path)
    if found is not None and (is_local or host == _ARM_HOST):
        route, params = found
        respond = partial(arm_gateway.respond, route, params)
        return Service(respond, writes=route.writes, is_arm=True)
    if path.lower() == metadata.PATH and request.method == "GET":
        return Service(lambda request, _world, _now: metadata.respond(request))
    if partner_center.serves(path):
        return Service(partner_center.respond, writes=True)
    if gateway.serves(path):
        return Service(gateway.respond, writes=True, with_headers=graph.with_headers)
    return Service(_refuse)


def site_of(parts: SplitResult) -> Site:
    """Give the addresses under which an address reached this world.

    Raises:
        UnknownHost: it names a host that this world does not have.
    """
    host = (parts.hostname or "").lower()
    if host in (_ARM_HOST, _LOGIN_HOST, graph.HOST, partner_center.HOST):
        return _PUBLIC
    if host in _LOCAL_HOSTS:
        base = f"{parts.scheme}://{parts.netloc.lower()}"
        return Site(base, base, is_local=True)
    raise UnknownHost(f"the sandbox has no host {host!r}")


def _refuse(request: Request, _world: World, _real_now: datetime) -> Response:
    text = f"the sandbox has no route {request.method} {request.path}"
    raise Problem(501, "NotImplemented", text)
