"""A route of Azure Resource Manager, as each service declares its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.base.ids import group_id, solutions_id, subscription_id
from azjit.sandbox.base.messages import Problem, Request, Response
from azjit.sandbox.base.routing import HttpRoute

Handler = Callable[[ArmCall], Response]


def required_version(request: Request) -> str:
    """Give the api-version of a request, which must have one."""
    version = request.query.get("api-version", "").lower()
    if not version:
        text = "The api-version query parameter (?api-version=) is required for all requests."
        raise Problem(400, "MissingApiVersionParameter", text)
    return version


@dataclass(frozen=True)
class ArmRoute(HttpRoute):
    """A route with its api-versions, its handler, and the action that the caller needs.

    No version listed means that any is accepted; no action means that the handler decides who may
    call. `confidence` says how well Azure's side is known: [H], [M], [L] or [U].
    """

    versions: tuple[str, ...]
    handler: Handler
    action: str = ""
    writes: bool = False
    confidence: str = "H"

    def scope(self, params: Mapping[str, str]) -> str:
        """Give the scope on which the caller needs the action."""
        if "scope" in params:
            return params["scope"] or "/"
        if "name" in params:
            kind = self.action.split("/")[1]
            return solutions_id(params["subscription"], params["group"], kind, params["name"])
        if "group" in params:
            return group_id(params["subscription"], params["group"])
        return subscription_id(params["subscription"]) if "subscription" in params else "/"
