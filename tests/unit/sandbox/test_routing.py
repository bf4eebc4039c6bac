"""A route's shortcut decides as its pattern does."""

from __future__ import annotations

import re

from azjit.sandbox.base.routing import HttpRoute, find
from azjit.sandbox.dispatch import routes as arm
from azjit.sandbox.entra.endpoints import ROUTES as ENTRA
from azjit.sandbox.graph.gateway import ROUTES as GRAPH

SCOPES = ("", "/subscriptions/one", "/subscriptions/one/resourceGroups/two/providers/A.B/c/d")


def paths(route: HttpRoute) -> set[str]:
    """Paths that fit a route, and near ones that do not."""
    filled = [
        re.sub(r"\{\w+\}", "Val-1", route.pattern.replace("{scope}", scope)) for scope in SCOPES
    ]
    near = [near for path in filled for near in (f"{path}/x", path[:-1], path.rpartition("/")[0])]
    return {*filled, *near, *(path.upper() for path in filled), *(path.lower() for path in filled)}


def test_a_path_that_the_shortcut_drops_does_not_fit_the_pattern() -> None:
    routes: list[HttpRoute] = [*arm.every(), *ENTRA, *GRAPH]
    patterns = [(route, route._regex) for route in routes]
    every = set().union(*map(paths, routes))

    wrong = [
        (path, route.pattern)
        for path in every
        for route, pattern in patterns
        if (pattern.fullmatch(path) is None) != (route.match(path) is None)
    ]

    assert len(every) > 500
    assert wrong == []


def test_a_path_finds_its_route_among_the_services_that_it_names() -> None:
    every = arm.every()

    found = {
        (route.method, path): (arm.find(route.method, path), find(every, route.method, path))
        for route in every
        for path in paths(route)
    }

    assert len(found) > 500
    assert {call: two for call, two in found.items() if two[0] != two[1]} == {}
