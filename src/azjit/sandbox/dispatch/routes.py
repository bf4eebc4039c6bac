"""The routes of Azure Resource Manager that this world answers, service by service.

A service is loaded by the first call to it: all of them together cost each start 15 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from azjit.sandbox.arm.route import ArmRoute
from azjit.sandbox.base import routing
from azjit.sandbox.resources import routes as resources
from azjit.sandbox.solutions import routes as solutions

Routes = tuple[ArmRoute, ...]


def _resource_graph() -> Routes:
    from azjit.sandbox.resource_graph import query

    return query.ROUTES


def _activity() -> Routes:
    from azjit.sandbox.activity import listing

    return listing.ROUTES


def _authorization() -> Routes:
    from azjit.sandbox.authorization import routes as authorization
    from azjit.sandbox.pim import routes as pim

    return (*authorization.ROUTES, *pim.ROUTES)


# By the provider that is in every path of these routes.
_PROVIDERS: Mapping[str, Callable[[], Routes]] = {
    "/microsoft.authorization/": _authorization,
    "/microsoft.resourcegraph/": _resource_graph,
    "/microsoft.insights/": _activity,
}


def every() -> Routes:
    """Give the routes of all services."""
    more = [route for routes in _PROVIDERS.values() for route in routes()]
    return (*solutions.ROUTES, *resources.ROUTES, *more)


def find(method: str, path: str) -> tuple[ArmRoute, dict[str, str]] | None:
    """Give the route that a call takes, with the named parts of its path."""
    named = path.lower()
    services = [routes() for provider, routes in _PROVIDERS.items() if provider in named]
    candidates = (solutions.ROUTES, resources.ROUTES, *services)
    return routing.find((route for routes in candidates for route in routes), method, path)
