"""Entra ID: the routes by which clients discover it, sign in and renew, and its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from azjit.sandbox.base.messages import Problem, Request, Response, answer
from azjit.sandbox.base.routing import HttpRoute, find
from azjit.sandbox.entra import device_sign_in, identities, keys, token_endpoint
from azjit.sandbox.entra.refusal import Refusal
from azjit.sandbox.world.world import World

_Handler = Callable[[Request, World, datetime, Mapping[str, str]], Response]


@dataclass(frozen=True)
class EntraRoute(HttpRoute):
    """A route of Entra ID."""

    handler: _Handler


def serves(path: str) -> bool:
    """Whether a path is one of these routes."""
    return any(route.match(path) is not None for route in ROUTES)


def respond(request: Request, world: World, real_now: datetime) -> Response:
    """Answer one of Entra's routes.

    Raises:
        Problem: 405, the route does not take the method.
    """
    found = find(ROUTES, request.method, request.path)
    if found is None:
        text = f"{request.path} does not take {request.method}"
        raise Problem(405, "MethodNotAllowed", text)
    route, params = found
    try:
        return route.handler(request, world, real_now, params)
    except Refusal as refusal:
        return refusal.response(real_now)


def _token(
    request: Request, world: World, real_now: datetime, params: Mapping[str, str]
) -> Response:
    tenant = token_endpoint.tenant_named(world, params["tenant"])
    form = dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    return token_endpoint.token(
        token_endpoint.TokenRequest(form, world, request.site, real_now, tenant)
    )


def _openid(
    request: Request, world: World, _real_now: datetime, params: Mapping[str, str]
) -> Response:
    tenant = token_endpoint.tenant_named(world, params["tenant"])
    login = request.site.login
    base = f"{login}/{params['tenant']}"
    algorithm = "RS256" if request.site.is_local else "HS256"
    found: dict[str, Any] = {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "issuer": f"{login}/{tenant or '{tenantid}'}/v2.0",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [algorithm],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": login.split("//", 1)[1],
    }
    return answer(200, found)


def _instance(
    request: Request, _world: World, _real_now: datetime, _params: Mapping[str, str]
) -> Response:
    host = request.site.login.split("//", 1)[1]
    discovery = f"{request.site.login}/common/v2.0/.well-known/openid-configuration"
    known = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
    found = {"tenant_discovery_endpoint": discovery, "api-version": "1.1", "metadata": [known]}
    return answer(200, found)


def _realm(
    request: Request, _world: World, _real_now: datetime, params: Mapping[str, str]
) -> Response:
    host = request.site.login.split("//", 1)[1]
    domain = params["user"].rpartition("@")[2]
    found = {
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": domain,
        "cloud_instance_name": host,
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }
    return answer(200, found)


def _keys(
    _request: Request, world: World, _real_now: datetime, _params: Mapping[str, str]
) -> Response:
    return answer(200, keys.key_set(world))


ROUTES = (
    EntraRoute("POST", "/{tenant}/oauth2/v2.0/token", _token),
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
