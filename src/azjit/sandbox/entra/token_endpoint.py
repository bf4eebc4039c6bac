"""The token endpoint: every grant that azure-identity and az send, checked as Entra checks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from azjit.sandbox.base.ids import new_id
from azjit.sandbox.base.messages import Response, Site, answer
from azjit.sandbox.entra import assertions, device_sign_in
from azjit.sandbox.entra.keys import encoded
from azjit.sandbox.entra.refusal import Refusal
from azjit.sandbox.entra.tokens import (
    AZURE_CLI,
    LIFETIME_SECONDS,
    MANAGEMENT,
    issue,
    read,
    sign,
    signed,
)
from azjit.sandbox.world.people import Person
from azjit.sandbox.world.world import World

_GRAPH = "https://graph.microsoft.com"
_PARTNER_CENTER = "https://api.partner.microsoft.com"
_REFRESH_SECONDS = 90 * 86_400
_SHARED = ("common", "organizations")
_DEVICE = ("device_code", "urn:ietf:params:oauth:grant-type:device_code")


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A sign-in that was asked for: the form, and where and when."""

    form: Mapping[str, str]
    world: World
    site: Site
    at: datetime
    tenant: str | None

    def __getitem__(self, name: str) -> str:
        """A field of the form, empty when it is not there."""
        return self.form.get(name, "")


def tenant_named(world: World, named: str) -> str | None:
    """The tenant of an authority's address, by id or domain; none when it is shared.

    Raises:
        Refusal: there is no such tenant.
    """
    if named.lower() in _SHARED:
        return None
    for tenant, _name, domain in world.directory.tenants():
        if named.lower() in (tenant, domain):
            return tenant
    raise Refusal("invalid_request", 90002, f"Tenant '{named}' not found.")


def token(attempt: TokenRequest) -> Response:
    """Sign in, by whichever grant the form names.

    Raises:
        Refusal: the credentials are nobody's, or the scope names no resource.
    """
    person, scope, nonce = _signed_in(attempt)
    audience = _audience(scope, attempt.site.arm)
    more = _more(attempt, person)
    body: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": scope,
        "expires_in": LIFETIME_SECONDS,
        "ext_expires_in": LIFETIME_SECONDS,
        "access_token": issue(
            attempt.world,
            person,
            audience=audience,
            site=attempt.site,
            at=attempt.at,
            more=more,
        ),
    }
    asked = scope.split()
    if "openid" in asked:
        body |= _who(attempt, person, nonce)
    if "offline_access" in asked:
        body["refresh_token"] = _refresh_token(attempt, person)
    return answer(200, body, {"Cache-Control": "no-store", "Pragma": "no-cache"})


def _signed_in(attempt: TokenRequest) -> tuple[Person, str, str | None]:
    """Who signs in, for which scope, and the nonce that a browser's sign-in was asked for with."""
    grant, scope = attempt["grant_type"], attempt["scope"]
    if grant == "client_credentials":
        return _client(attempt), scope, None
    if grant == "password":
        return _by_password(attempt), scope, None
    if grant == "refresh_token":
        return _renewed(attempt), scope, None
    if grant in _DEVICE:
        done = _redeemed(attempt, "device_code")
        return done.person, done.scope, None
    if grant == "authorization_code":
        done = _redeemed(attempt, "code")
        done.check(attempt.form)
        return done.person, scope or done.scope, done.kept.get("nonce")
    raise Refusal("unsupported_grant_type", 70003, f"The grant type '{grant}' is not supported.")


def _redeemed(attempt: TokenRequest, field: str) -> device_sign_in.CodeSignIn:
    return device_sign_in.redeem(attempt.world, attempt[field], attempt["client_id"], attempt.at)


def _client(attempt: TokenRequest) -> Person:
    """The service principal that proves itself by a secret, a certificate or a federation."""
    client = attempt["client_id"].lower()
    # An alias will do as well as an application id: a rehearsal names people, not GUIDs.
    directory = attempt.world.directory
    person = directory.application(client) or directory.by_sign_in_name(client)
    if person is None or person.app_id is None or attempt.tenant not in (None, person.tenant_id):
        text = f"Application with identifier '{client}' was not found in the directory."
        raise Refusal("unauthorized_client", 700016, text)
    if attempt["client_assertion"]:
        assertions.check(attempt.world, person, attempt["client_assertion"], attempt.at)
    elif attempt["client_secret"] != person.secret:
        text = f"Invalid client secret provided for app '{client}'."
        raise Refusal("invalid_client", 7000215, text, status=401)
    return person


def _by_password(attempt: TokenRequest) -> Person:
    name = attempt["username"].lower()
    person = attempt.world.directory.by_sign_in_name(name)
    if person is None or person.kind != "user" or attempt.tenant not in (None, person.tenant_id):
        text = f"The user account {name} does not exist in the directory."
        raise Refusal("invalid_grant", 50034, text)
    if attempt["password"] != person.secret:
        text = "Error validating credentials due to invalid username or password."
        raise Refusal("invalid_grant", 50126, text)
    return person


def _renewed(attempt: TokenRequest) -> Person:
    claims = read(attempt.world, attempt["refresh_token"]) or {}
    person = attempt.world.directory.person(str(claims.get("oid")))
    is_good = claims.get("typ") == "refresh" and claims.get("client") == attempt["client_id"]
    if person is None or not is_good:
        raise Refusal("invalid_grant", 9002313, "The refresh token is malformed or not valid.")
    if claims["exp"] <= attempt.at.timestamp():
        raise Refusal("invalid_grant", 700082, "The refresh token has expired.")
    if attempt.tenant not in (None, person.tenant_id):
        text = f"User account '{person.upn}' does not exist in tenant '{attempt.tenant}'."
        raise Refusal("invalid_grant", 50020, text)
    return person


def _audience(scope: str, arm: str) -> str:
    """The resource that the scope names.

    Raises:
        Refusal: it names none that this directory knows.
    """
    scopes = [each for each in scope.split() if "://" in each]
    if not scopes:
        raise Refusal("invalid_request", 90014, "The request must contain the parameter 'scope'.")
    resource = scopes[0].removesuffix("/.default").removesuffix("/user_impersonation")
    if resource.rstrip("/") not in (*MANAGEMENT, _GRAPH, _PARTNER_CENTER, arm):
        text = f"The resource principal named {resource} was not found in the tenant."
        raise Refusal("invalid_resource", 500011, text)
    return resource


def _more(attempt: TokenRequest, person: Person) -> dict[str, Any]:
    """What the form adds to a token: its client, and the claims that a challenge asked for."""
    found: dict[str, Any] = {}
    if person.app_id is None and attempt["client_id"]:
        found["appid"] = attempt["client_id"]
    try:
        wanted = json.loads(attempt["claims"] or "{}")["access_token"]
    except (ValueError, KeyError, TypeError):
        return found
    if "cp1" in wanted.get("xms_cc", {}).get("values", []):
        found["xms_cc"] = ["cp1"]
    if "nbf" in wanted:
        found["xms_nbf"] = str(wanted["nbf"].get("value"))
    if "acrs" in wanted:
        found["acrs"] = [wanted["acrs"].get("value")]
    return found


def _refresh_token(attempt: TokenRequest, person: Person) -> str:
    claims = {
        "typ": "refresh",
        "oid": person.object_id,
        "client": attempt["client_id"],
        "exp": int(attempt.at.timestamp()) + _REFRESH_SECONDS,
        "uti": new_id(),
    }
    return sign(attempt.world, claims)


def _who(attempt: TokenRequest, person: Person, nonce: str | None) -> dict[str, str]:
    """What OpenID Connect adds to the answer."""
    start = int(attempt.at.timestamp())
    claims = {
        "aud": attempt["client_id"] or AZURE_CLI,
        "iss": f"{attempt.site.login}/{person.tenant_id}/v2.0",
        "iat": start,
        "nbf": start,
        "exp": start + LIFETIME_SECONDS,
        "name": person.name,
        "oid": person.object_id,
        "preferred_username": person.upn,
        "sub": person.object_id,
        "tid": person.tenant_id,
        "ver": "2.0",
        **({"nonce": nonce} if nonce is not None else {}),
    }
    info = json.dumps({"uid": person.object_id, "utid": person.tenant_id}).encode()
    id_token = signed(attempt.world, claims, attempt.site)
    return {"id_token": id_token, "client_info": encoded(info)}
