"""The token endpoint: the grants that azure-identity and az use, checked as Entra does."""

from __future__ import annotations

import json
from typing import Any

from azjit.sandbox.base.ids import new_id
from azjit.sandbox.base.messages import Response, Site, answer
from azjit.sandbox.entra import assertions, device_sign_in, tokens
from azjit.sandbox.entra.call import EntraCall, Refusal
from azjit.sandbox.entra.keys import encoded
from azjit.sandbox.world.people import Person

_PARTNER_CENTER = "https://api.partner.microsoft.com"
_REFRESH_SECONDS = 90 * 86_400
_DEVICE = ("device_code", "urn:ietf:params:oauth:grant-type:device_code")


def token(call: EntraCall) -> Response:
    """Sign in, by whichever grant the form names."""
    _ = call.tenant  # an unknown tenant is refused before the credentials
    person, scope, nonce = _signed_in(call)
    audience = _audience(scope, call.request.site)
    more = _more(call, person)
    body: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": scope,
        "expires_in": tokens.LIFETIME_SECONDS,
        "ext_expires_in": tokens.LIFETIME_SECONDS,
        "access_token": tokens.issue(
            call.world,
            person,
            audience=audience,
            site=call.request.site,
            at=call.at,
            more=more,
        ),
    }
    asked = scope.split()
    if "openid" in asked:
        body |= _who(call, person, nonce)
    if "offline_access" in asked:
        body["refresh_token"] = _refresh_token(call, person)
    return answer(200, body, {"Cache-Control": "no-store", "Pragma": "no-cache"})


def _signed_in(call: EntraCall) -> tuple[Person, str, str | None]:
    """Give who signs in, for which scope, and the nonce of a browser's sign-in."""
    grant, scope = call["grant_type"], call["scope"]
    if grant == "client_credentials":
        return _client(call), scope, None
    if grant == "password":
        return _by_password(call), scope, None
    if grant == "refresh_token":
        return _renewed(call), scope, None
    if grant in _DEVICE:
        done = _redeemed(call, "device_code")
        return done.person, done.scope, None
    if grant == "authorization_code":
        done = _redeemed(call, "code")
        done.check(call.form)
        return done.person, scope or done.scope, done.kept.get("nonce")
    raise Refusal("unsupported_grant_type", 70003, f"The grant type '{grant}' is not supported.")


def _redeemed(call: EntraCall, field: str) -> device_sign_in.CodeSignIn:
    return device_sign_in.redeem(call.world, call[field], call["client_id"], call.at)


def _client(call: EntraCall) -> Person:
    """Give the service principal of a secret, a certificate or a federated credential."""
    client = call["client_id"].lower()
    # An alias is accepted too: in a rehearsal one names people, not GUIDs.
    directory = call.world.directory
    person = directory.application(client) or directory.by_sign_in_name(client)
    if person is None or person.app_id is None or call.tenant not in (None, person.tenant_id):
        text = f"Application with identifier '{client}' was not found in the directory."
        raise Refusal("unauthorized_client", 700016, text)
    if call["client_assertion"]:
        assertions.check(call.world, person, call["client_assertion"], call.at)
    elif call["client_secret"] != person.secret:
        text = f"Invalid client secret provided for app '{client}'."
        raise Refusal("invalid_client", 7000215, text, status=401)
    return person


def _by_password(call: EntraCall) -> Person:
    name = call["username"].lower()
    person = call.world.directory.by_sign_in_name(name)
    if person is None or person.kind != "user" or call.tenant not in (None, person.tenant_id):
        text = f"The user account {name} does not exist in the directory."
        raise Refusal("invalid_grant", 50034, text)
    if call["password"] != person.secret:
        text = "Error validating credentials due to invalid username or password."
        raise Refusal("invalid_grant", 50126, text)
    return person


def _renewed(call: EntraCall) -> Person:
    claims = tokens.read(call.world, call["refresh_token"]) or {}
    person = call.world.directory.person(str(claims.get("oid")))
    is_good = claims.get("typ") == "refresh" and claims.get("client") == call["client_id"]
    if person is None or not is_good:
        raise Refusal("invalid_grant", 9002313, "The refresh token is malformed or not valid.")
    if claims["exp"] <= call.at.timestamp():
        raise Refusal("invalid_grant", 700082, "The refresh token has expired.")
    if call.tenant not in (None, person.tenant_id):
        text = f"User account '{person.upn}' does not exist in tenant '{call.tenant}'."
        raise Refusal("invalid_grant", 50020, text)
    return person


def _audience(scope: str, site: Site) -> str:
    """Give the resource that the scope names."""
    scopes = [each for each in scope.split() if "://" in each]
    if not scopes:
        raise Refusal("invalid_request", 90014, "The request must contain the parameter 'scope'.")
    resource = scopes[0].removesuffix("/.default").removesuffix("/user_impersonation")
    named = (*tokens.MANAGEMENT, tokens.GRAPH, _PARTNER_CENTER, site.arm)
    if resource.rstrip("/") not in (*named, *tokens.own_audiences(site)):
        text = f"The resource principal named {resource} was not found in the tenant."
        raise Refusal("invalid_resource", 500011, text)
    return resource


def _more(call: EntraCall, person: Person) -> dict[str, Any]:
    """Give the claims that the form adds to a token: its client, and what a challenge asked for."""
    found: dict[str, Any] = {}
    if person.app_id is None and call["client_id"]:
        found["appid"] = call["client_id"]
    try:
        wanted = json.loads(call["claims"] or "{}")["access_token"]
    except (ValueError, KeyError, TypeError):
        return found
    if "cp1" in wanted.get("xms_cc", {}).get("values", []):
        found["xms_cc"] = ["cp1"]
    if "nbf" in wanted:
        found["xms_nbf"] = str(wanted["nbf"].get("value"))
    if "acrs" in wanted:
        found["acrs"] = [wanted["acrs"].get("value")]
    return found


def _refresh_token(call: EntraCall, person: Person) -> str:
    claims = {
        "typ": "refresh",
        "oid": person.object_id,
        "client": call["client_id"],
        "exp": int(call.at.timestamp()) + _REFRESH_SECONDS,
        "uti": new_id(),
    }
    return tokens.sign(call.world, claims)


def _who(call: EntraCall, person: Person, nonce: str | None) -> dict[str, str]:
    """Give what OpenID Connect adds to the answer."""
    claims = {
        "aud": call["client_id"] or tokens.AZURE_CLI,
        "iss": f"{call.request.site.login}/{person.tenant_id}/v2.0",
        **tokens.validity(call.at),
        "name": person.name,
        "oid": person.object_id,
        "preferred_username": person.upn,
        "sub": person.object_id,
        "tid": person.tenant_id,
        "ver": "2.0",
        **({"nonce": nonce} if nonce is not None else {}),
    }
    info = json.dumps({"uid": person.object_id, "utid": person.tenant_id}).encode()
    id_token = tokens.signed(call.world, claims, call.request.site)
    return {"id_token": id_token, "client_info": encoded(info)}
