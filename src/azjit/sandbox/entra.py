"""Entra ID: sign-in by secret or password, and the documents that clients discover it with."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from azjit.sandbox.cast import PEOPLE, TENANTS, Person
from azjit.sandbox.clock import stamp
from azjit.sandbox.ids import fresh
from azjit.sandbox.messages import Request, Response, answer
from azjit.sandbox.tokens import AZURE_CLI, LIFETIME_SECONDS, MANAGEMENT, issue, sign
from azjit.sandbox.world import World

_TOKEN = re.compile(r"/([^/]+)/oauth2/v2\.0/token", re.IGNORECASE)
_OPENID = re.compile(r"/([^/]+)/v2\.0/\.well-known/openid-configuration", re.IGNORECASE)
_INSTANCE = re.compile(r"/(?:common|organizations)/discovery/instance", re.IGNORECASE)
_REALM = re.compile(r"/common/userrealm/([^/]+)", re.IGNORECASE)
_SHARED = ("common", "organizations")
_GRAPH = "https://graph.microsoft.com"


class Refusal(Exception):
    """A refusal in Entra's form."""

    def __init__(self, error: str, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.error, self.code, self.status = error, code, status

    def response(self, at: datetime) -> Response:
        """The answer that carries it."""
        trace, correlation = fresh(), fresh()
        body = {
            "error": self.error,
            "error_description": f"AADSTS{self.code}: {self} Trace ID: {trace}"
            f" Correlation ID: {correlation} Timestamp: {stamp(at)}",
            "error_codes": [self.code],
            "timestamp": stamp(at),
            "trace_id": trace,
            "correlation_id": correlation,
        }
        return answer(self.status, body)


def serves(path: str) -> bool:
    """Whether a path is one of these routes."""
    return any(regex.fullmatch(path) for regex in (_TOKEN, _OPENID, _INSTANCE, _REALM))


def respond(request: Request, world: World, real_now: datetime) -> Response:
    """Answer one of Entra's routes."""
    try:
        return _respond(request, world, real_now)
    except Refusal as refusal:
        return refusal.response(real_now)


def _respond(request: Request, world: World, real_now: datetime) -> Response:
    if match := _TOKEN.fullmatch(request.path):
        return _token(request, _tenant(match[1]), world, real_now)
    if match := _OPENID.fullmatch(request.path):
        return answer(200, _openid(request.site.login, match[1], _tenant(match[1])))
    if _INSTANCE.fullmatch(request.path):
        return answer(200, _instance(request))
    return answer(200, {"ver": "1.0", "account_type": "Managed", "cloud_instance_name": ""})


def _token(request: Request, tenant: str | None, world: World, real_now: datetime) -> Response:
    form = dict(parse_qsl(request.body.decode(errors="replace")))
    people = [p for p in PEOPLE if tenant is None or p.tenant_id == tenant]
    person = _person(form, people)
    key = world.meta("signing-key")
    app_id = form.get("client_id") or AZURE_CLI
    audience = _audience(form, request.site.arm)
    token = issue(person, key=key, audience=audience, site=request.site, at=real_now, app_id=app_id)
    body: dict[str, Any] = {
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
        "ext_expires_in": LIFETIME_SECONDS,
        "access_token": token,
    }
    if "openid" in form.get("scope", "").split():
        body |= _who(person, request.site.login, app_id, key, real_now)
    return answer(200, body, {"Cache-Control": "no-store", "Pragma": "no-cache"})


def _person(form: dict[str, str], people: list[Person]) -> Person:
    """Who signs in.

    Raises:
        Refusal: the credentials are nobody's.
    """
    grant = form.get("grant_type", "")
    if grant == "client_credentials":
        client = form.get("client_id", "").lower()
        found = [p for p in people if p.app_id == client]
        if not found:
            text = f"The application '{client}' was not found in the directory."
            raise Refusal("unauthorized_client", 700016, text)
        if form.get("client_secret") != found[0].secret:
            text = f"The client secret given for the application '{client}' is not valid."
            raise Refusal("invalid_client", 7000215, text, status=401)
        return found[0]
    if grant == "password":
        name = form.get("username", "").lower()
        found = [p for p in people if p.kind == "user" and name in (p.upn, p.alias)]
        if not found:
            text = f"The user account '{name}' does not exist in the directory."
            raise Refusal("invalid_grant", 50034, text)
        if form.get("password") != found[0].secret:
            raise Refusal("invalid_grant", 50126, "The user name or password is not valid.")
        return found[0]
    raise Refusal("unsupported_grant_type", 70003, f"The grant type '{grant}' is not supported.")


def _audience(form: dict[str, str], arm: str) -> str:
    """The resource that the scope names.

    Raises:
        Refusal: it names none that this directory knows.
    """
    scopes = [s for s in form.get("scope", "").split() if "://" in s]
    if not scopes:
        raise Refusal("invalid_request", 90014, "The request must contain the parameter 'scope'.")
    resource = scopes[0].removesuffix("/.default").removesuffix("/user_impersonation")
    if resource.rstrip("/") not in (*MANAGEMENT, _GRAPH, arm):
        text = f"The resource principal named '{resource}' was not found in the tenant."
        raise Refusal("invalid_resource", 500011, text)
    return resource


def _tenant(named: str) -> str | None:
    """The tenant of an authority's address, by id or domain; none when it is shared.

    Raises:
        Refusal: there is no such tenant.
    """
    if named.lower() in _SHARED:
        return None
    for tenant, _name, domain in TENANTS:
        if named.lower() in (tenant, domain):
            return tenant
    raise Refusal("invalid_request", 90002, f"The tenant '{named}' was not found.")


def _who(person: Person, login: str, app_id: str, key: str, at: datetime) -> dict[str, str]:
    """What OpenID Connect adds to the answer."""
    start = int(at.timestamp())
    claims = {
        "aud": app_id,
        "iss": f"{login}/{person.tenant_id}/v2.0",
        "iat": start,
        "nbf": start,
        "exp": start + LIFETIME_SECONDS,
        "name": person.name,
        "oid": person.object_id,
        "preferred_username": person.upn,
        "sub": person.object_id,
        "tid": person.tenant_id,
        "ver": "2.0",
    }
    info = json.dumps({"uid": person.object_id, "utid": person.tenant_id}).encode()
    client_info = base64.urlsafe_b64encode(info).rstrip(b"=").decode()
    return {"id_token": sign(claims, key), "client_info": client_info}


def _openid(login: str, named: str, tenant: str | None) -> dict[str, Any]:
    base = f"{login}/{named}"
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "issuer": f"{login}/{tenant or '{tenantid}'}/v2.0",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["HS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "tenant_region_scope": "EU",
    }


def _instance(request: Request) -> dict[str, Any]:
    host = request.site.login.split("//", 1)[1]
    return {
        "tenant_discovery_endpoint": (
            f"{request.site.login}/common/v2.0/.well-known/openid-configuration"
        ),
        "api-version": "1.1",
        "metadata": [
            {"preferred_network": host, "preferred_cache": host, "aliases": [host]},
        ],
    }
