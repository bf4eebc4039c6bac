"""The endpoints of workloads: a managed identity's tokens, and a pipeline's assertions."""

from __future__ import annotations

from azjit.sandbox.base.messages import Response, answer
from azjit.sandbox.entra import assertions
from azjit.sandbox.entra.call import EntraCall, Refusal
from azjit.sandbox.entra.tokens import GRAPH, LIFETIME_SECONDS, MANAGEMENT, issue
from azjit.sandbox.world.people import Person


def managed(call: EntraCall) -> Response:
    """GET of a managed identity's token, as App Service gives it: IDENTITY_ENDPOINT."""
    person = _service_principal(call, call.request.headers.get("x-identity-header"))
    resource = call.request.query.get("resource", "")
    if resource.rstrip("/") not in (*MANAGEMENT, GRAPH, call.request.site.arm):
        text = f"The resource principal named {resource} was not found in the tenant."
        raise Refusal("invalid_resource", 500011, text)
    token = issue(call.world, person, audience=resource, site=call.request.site, at=call.at)
    body = {
        "access_token": token,
        "expires_on": str(int(call.at.timestamp()) + LIFETIME_SECONDS),
        "resource": resource,
        "token_type": "Bearer",
        "client_id": person.app_id,
    }
    return answer(200, body)


def github(call: EntraCall) -> Response:
    """GET of an assertion, as GitHub Actions gives it: ACTIONS_ID_TOKEN_REQUEST_URL."""
    return answer(200, {"value": _assertion(call)})


def pipelines(call: EntraCall) -> Response:
    """POST for an assertion, as Azure Pipelines gives it: SYSTEM_OIDCREQUESTURI."""
    return answer(200, {"oidcToken": _assertion(call)})


def _assertion(call: EntraCall) -> str:
    secret = call.request.headers.get("authorization", "").partition(" ")[2]
    person = _service_principal(call, secret)
    audience = call.request.query.get("audience") or assertions.EXCHANGE
    return assertions.issue(call.world, person, call.request.site, call.at, audience)


def _service_principal(call: EntraCall, secret: str | None) -> Person:
    """Give the service principal of the path, if the caller knows its secret."""
    alias = call.params["alias"]
    person = call.world.directory.by_sign_in_name(alias)
    if person is None or person.app_id is None:
        raise Refusal("invalid_request", 700016, f"{alias} is no service principal here.")
    if secret != person.secret:
        raise Refusal("invalid_client", 7000215, "The request's secret is not valid.", status=401)
    return person
