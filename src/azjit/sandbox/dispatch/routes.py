"""All routes of Azure Resource Manager that this world answers, service by service."""

from __future__ import annotations

from azjit.sandbox.activity import listing as activity
from azjit.sandbox.arm.route import ArmRoute
from azjit.sandbox.authorization import routes as authorization
from azjit.sandbox.base import routing
from azjit.sandbox.pim import routes as pim
from azjit.sandbox.resource_graph import query as resource_graph
from azjit.sandbox.resources import routes as resources
from azjit.sandbox.solutions import routes as solutions

ROUTES: tuple[ArmRoute, ...] = (
    *solutions.ROUTES,
    *resources.ROUTES,
    *authorization.ROUTES,
    *resource_graph.ROUTES,
    *activity.ROUTES,
    *pim.ROUTES,
)


def find(method: str, path: str) -> tuple[ArmRoute, dict[str, str]] | None:
    """Give the route that a call takes, with the named parts of its path."""
    return routing.find(ROUTES, method, path)
