"""Graph's front door: its routes, who is asking, what they may read, and how often."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from azjit.sandbox.base.messages import Problem, Request, Response
from azjit.sandbox.entra.tokens import caller_of
from azjit.sandbox.graph import objects
from azjit.sandbox.graph.calls import HOST, GraphCall, GraphProblem, as_graph
from azjit.sandbox.graph.objects import Handler
from azjit.sandbox.world.quota import spend
from azjit.sandbox.world.world import World

AUDIENCES = (f"https://{HOST}", "00000003-0000-0000-c000-000000000000")
_VERSION = re.compile(r"/(?:v1\.0|beta)(?:/.*)?", re.IGNORECASE)
_WINDOW = timedelta(seconds=10)


@dataclass(frozen=True)
class Route:
    """A route of Graph; open ones need no permission to read the directory."""

    method: str
    pattern: str
    handler: Handler
    is_open: bool = False

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, in any casing, with the names of its parts."""
        text = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/']+)", re.escape(f"/v1.0{self.pattern}"))
        return re.compile(text, re.IGNORECASE)


def _of_kind(plural: str, kind: str) -> tuple[Route, ...]:
    place = f"/{plural}/{{id}}"
    return (
        Route("GET", f"/{plural}", objects.listed(plural)),
        Route("GET", place, objects.got(plural)),
        Route("GET", f"{place}/transitiveMemberOf", objects.transitive_member_of(kind)),
        Route(
            "GET",
            f"{place}/transitiveMemberOf/microsoft.graph.group",
            objects.transitive_member_of(kind),
        ),
        Route("POST", f"{place}/checkMemberGroups", objects.check_member_groups(kind)),
        Route("POST", f"{place}/getMemberGroups", objects.get_member_groups(kind)),
    )


ROUTES: tuple[Route, ...] = (
    Route("GET", "/me", objects.me, is_open=True),
    Route("GET", "/me/transitiveMemberOf", objects.transitive_member_of(None)),
    Route(
        "GET",
        "/me/transitiveMemberOf/microsoft.graph.group",
        objects.transitive_member_of(None),
    ),
    Route("POST", "/me/checkMemberGroups", objects.check_member_groups(None, is_me=True)),
    Route("POST", "/me/getMemberGroups", objects.get_member_groups(None, is_me=True)),
    Route("GET", "/users(userPrincipalName='{id}')", objects.got("users")),
    Route("GET", "/servicePrincipals(appId='{app}')", objects.application_principal),
    *_of_kind("users", "user"),
    *_of_kind("groups", "group"),
    *_of_kind("servicePrincipals", "servicePrincipal"),
    Route("GET", "/groups/{id}/members", objects.members),
    Route("GET", "/groups/{id}/transitiveMembers", objects.transitive_members),
    Route("POST", "/directoryObjects/getByIds", objects.get_by_ids),
    Route("GET", "/directoryObjects/{id}", objects.directory_object),
    Route("POST", "/directoryObjects/{id}/checkMemberGroups", objects.check_member_groups(None)),
    Route("POST", "/directoryObjects/{id}/getMemberGroups", objects.get_member_groups(None)),
    Route("GET", "/subscribedSkus", objects.subscribed_skus),
)


def serves(path: str) -> bool:
    """Whether a path is one of Graph's, whatever the version."""
    return _VERSION.fullmatch(path) is not None


def respond(request: Request, world: World, real_now: datetime) -> Response:
    """Authenticate, authorize, and answer.

    Raises:
        GraphProblem: the refusal, in Graph's form.
    """
    try:
        return _respond(request, world, real_now)
    except Problem as problem:
        raise as_graph(problem, request, world) from problem


def _respond(request: Request, world: World, real_now: datetime) -> Response:
    caller = caller_of(
        world,
        request.headers.get("authorization", ""),
        site=request.site,
        at=real_now,
        tenant="common",
        audiences=AUDIENCES,
    )
    quota = spend(world, f"graph/{caller.oid}", int(world.switch("graph-quota")), _WINDOW)
    if quota.remaining < 0:
        wait = max(1, -int(-quota.resets_after.total_seconds() // 1))
        text = "Too many requests."
        raise GraphProblem(429, "TooManyRequests", text, {"Retry-After": str(wait)})
    for route in ROUTES:
        match = route.regex.fullmatch(request.path)
        if match is not None and route.method == request.method:
            if not route.is_open and world.switch("graph") == "forbidden":
                text = "Insufficient privileges to complete the operation."
                raise GraphProblem(403, "Authorization_RequestDenied", text)
            return route.handler(GraphCall(request, match.groupdict(), world, caller))
    text = f"the sandbox has no route {request.method} {request.path}"
    raise GraphProblem(501, "NotImplemented", text)
