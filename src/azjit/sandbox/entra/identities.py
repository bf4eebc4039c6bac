"""What a workload finds around it: a managed identity, and the assertions of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from azjit.sandbox.base.messages import Request, Response, answer
from azjit.sandbox.entra import assertions
from azjit.sandbox.entra.refusal import Refusal
from azjit.sandbox.entra.tokens import LIFETIME_SECONDS, MANAGEMENT, issue
from azjit.sandbox.world.people import Person
from azjit.sandbox.world.world import World

_GRAPH = "https://graph.microsoft.com"


def managed(
    request: Request, world: World, real_now: datetime, params: Mapping[str, str]
) -> Response:
    """GET of a managed identity's token, as App Service gives it: IDENTITY_ENDPOINT."""
    person = _service(world, params["alias"])
    _require(request.headers.get("x-identity-header"), person)
    resource = request.query.get("resource", "")
    if resource.rstrip("/") not in (*MANAGEMENT, _GRAPH, request.site.arm):
        text = f"The resource principal named {resource} was not found in the tenant."
        raise Refusal("invalid_resource", 500011, text)
    token = issue(world, person, audience=resource, site=request.site, at=real_now)
    ends = int(real_now.timestamp()) + LIFETIME_SECONDS
    body = {
        "access_token": token,
        "expires_on": str(ends),
        "resource": resource,
        "token_type": "Bearer",
        "client_id": person.app_id,
    }
    return answer(200, body)


def github(
    request: Request, world: World, real_now: datetime, params: Mapping[str, str]
) -> Response:
    """GET of an assertion, as GitHub Actions gives it: ACTIONS_ID_TOKEN_REQUEST_URL."""
    return answer(200, {"value": _assertion(request, world, real_now, params)})


def pipelines(
    request: Request, world: World, real_now: datetime, params: Mapping[str, str]
) -> Response:
    """POST for an assertion, as Azure Pipelines gives it: SYSTEM_OIDCREQUESTURI."""
    return answer(200, {"oidcToken": _assertion(request, world, real_now, params)})


def _assertion(
    request: Request, world: World, real_now: datetime, params: Mapping[str, str]
) -> str:
    person = _service(world, params["alias"])
    _require(request.headers.get("authorization", "").partition(" ")[2], person)
    audience = request.query.get("audience") or assertions.EXCHANGE
    return assertions.issue(world, person, request.site, real_now, audience)


def _service(world: World, alias: str) -> Person:
    person = world.directory.by_sign_in_name(alias)
    if person is None or person.app_id is None:
        raise Refusal("invalid_request", 700016, f"{alias} is no service principal here.")
    return person


def _require(told: str | None, person: Person) -> None:
    if told != person.secret:
        raise Refusal("invalid_client", 7000215, "The request's secret is not valid.", status=401)
