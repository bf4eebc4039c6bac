"""The gateway of Graph: authentication, permission to read the directory, and the quota."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from azjit.sandbox.base.messages import Problem, Request, Response
from azjit.sandbox.base.routing import find
from azjit.sandbox.entra.tokens import caller_of, own_audiences
from azjit.sandbox.graph.call import HOST, GraphCall, GraphProblem
from azjit.sandbox.graph.objects import ROUTES
from azjit.sandbox.world.quota import spend
from azjit.sandbox.world.world import World

AUDIENCES = (f"https://{HOST}", "00000003-0000-0000-c000-000000000000")
_VERSION = re.compile(r"/(?:v1\.0|beta)(?:/.*)?", re.IGNORECASE)
_WINDOW = timedelta(seconds=10)


def serves(path: str) -> bool:
    """Whether a path is one of Graph's, whatever the version."""
    return _VERSION.fullmatch(path) is not None


def respond(request: Request, world: World, real_now: datetime) -> Response:
    """Authenticate, authorize, and answer.

    Assumes:
        [M] without permissions in the directory only /me answers
    """
    try:
        return _respond(request, world, real_now)
    except Problem as problem:
        raise GraphProblem(problem, request, world) from problem


def _respond(request: Request, world: World, real_now: datetime) -> Response:
    allowed = (*AUDIENCES, *own_audiences(request.site))  # /metadata/endpoints names its own
    caller = caller_of(world, request, at=real_now, tenant="common", audiences=allowed)
    quota = spend(world, f"graph/{caller.oid}", int(world.switch("graph-quota")), _WINDOW)
    if quota.remaining < 0:
        wait = max(1, -int(-quota.resets_after.total_seconds() // 1))
        text = "Too many requests."
        raise Problem(429, "TooManyRequests", text, {"Retry-After": str(wait)})
    found = find(ROUTES, request.method, request.path)
    if found is None:
        text = f"the sandbox has no route {request.method} {request.path}"
        raise Problem(501, "NotImplemented", text)
    route, params = found
    if not route.is_open and world.switch("graph") == "forbidden":
        text = "Insufficient privileges to complete the operation."
        raise Problem(403, "Authorization_RequestDenied", text)
    return route.handler(GraphCall(request, params, world, caller))
