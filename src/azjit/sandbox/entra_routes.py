"""The routes beyond managed applications: Resource Graph, the activity log, and PIM."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from azjit.sandbox.activity import listing
from azjit.sandbox.arm.call import Call
from azjit.sandbox.base.messages import Response
from azjit.sandbox.pim import routes as pim
from azjit.sandbox.resource_graph import query

# Method, pattern, family, action, handler, kind, whether it writes, confidence: as `routes.Route`.
Row = tuple[str, str, str, str, Callable[[Call], Response], str, bool, str]

ENTRA_VERSIONS: Mapping[str, tuple[str, ...]] = {
    "resource-graph": ("2021-03-01", "2022-10-01"),
    "activity": ("2015-04-01",),
    **pim.VERSIONS,
}
ENTRA_ROUTES: tuple[Row, ...] = (
    (
        "POST",
        "/providers/Microsoft.ResourceGraph/resources",
        "resource-graph",
        "",
        query.resources,
        "",
        True,  # the quota is counted
        "H",
    ),
    (
        "GET",
        "/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values",
        "activity",
        "Microsoft.Insights/eventtypes/values/Read",
        listing.listed,
        "",
        False,
        "H",
    ),
    *pim.ROUTES,
)
