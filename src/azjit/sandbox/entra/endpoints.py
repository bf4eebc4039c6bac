"""Entra ID: its routes, and the documents by which clients discover it."""

from __future__ import annotations

from datetime import datetime

from azjit.sandbox.base.messages import Problem, Request, Response, answer
from azjit.sandbox.base.routing import find
from azjit.sandbox.entra import device_sign_in, identities, keys, token_endpoint
from azjit.sandbox.entra.call import EntraCall, EntraRoute, Refusal
from azjit.sandbox.world.world import World


def serves(path: str) -> bool:
    """Whether a path is one of these routes."""
    return any(route.match(path) is not None for route in ROUTES)


def respond(request: Request, world: World, real_now: datetime) -> Response:
    """Answer one of Entra's routes; 405 for a method that it does not take."""
    found = find(ROUTES, request.method, request.path)
    if found is None:
        text = f"{request.path} does not take {request.method}"
        raise Problem(405, "MethodNotAllowed", text)
    route, params = found
    try:
        return route.handler(EntraCall(request, params, world, real_now))
    except Refusal as refusal:
        return refusal.response(real_now)


def _openid(call: EntraCall) -> Response:
    login = call.request.site.login
    base = f"{login}/{call.params['tenant']}"
    algorithm = "RS256" if call.request.site.is_local else "HS256"
    found = {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "issuer": f"{login}/{call.tenant or '{tenantid}'}/v2.0",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [algorithm],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": _host(call),
    }
    return answer(200, found)


def _instance(call: EntraCall) -> Response:
    host = _host(call)
    discovery = f"{call.request.site.login}/common/v2.0/.well-known/openid-configuration"
    known = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
    found = {"tenant_discovery_endpoint": discovery, "api-version": "1.1", "metadata": [known]}
    return answer(200, found)


def _realm(call: EntraCall) -> Response:
    found = {
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": call.params["user"].rpartition("@")[2],
        "cloud_instance_name": _host(call),
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }
    return answer(200, found)


def _keys(call: EntraCall) -> Response:
    return answer(200, keys.key_set(call.world))


def _host(call: EntraCall) -> str:
    return call.request.site.login.split("//", 1)[1]


ROUTES = (
    EntraRoute("POST", "/{tenant}/oauth2/v2.0/token", token_endpoint.token),
    EntraRoute("POST", "/{tenant}/oauth2/v2.0/devicecode", device_sign_in.start),
    EntraRoute("GET", "/{tenant}/oauth2/v2.0/authorize", device_sign_in.authorize),
    EntraRoute("GET", "/devicelogin", device_sign_in.page),
    EntraRoute("GET", "/{tenant}/v2.0/.well-known/openid-configuration", _openid),
    EntraRoute("GET", "/{tenant}/discovery/v2.0/keys", _keys),
    EntraRoute("GET", "/common/discovery/instance", _instance),
    EntraRoute("GET", "/organizations/discovery/instance", _instance),
    EntraRoute("GET", "/common/userrealm/{user}", _realm),
    EntraRoute("GET", "/identities/{alias}/msi/token", identities.managed),
    EntraRoute("GET", "/identities/{alias}/oidc/token", identities.github),
    EntraRoute("POST", "/identities/{alias}/oidc/token", identities.pipelines),
)
