"""Access tokens of this world: signed by it, valid in real time, checked as ARM checks them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from azjit.sandbox.cast import CONTOSO, FABRIKAM, GROUPS, PEOPLE, Person
from azjit.sandbox.ids import fresh
from azjit.sandbox.messages import Problem, Site

LIFETIME_SECONDS = 3600
MANAGEMENT = ("https://management.azure.com", "https://management.core.windows.net")
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
_BY_OBJECT_ID = {person.object_id: person for person in PEOPLE}


class Caller:
    """Whom a token speaks for."""

    def __init__(self, person: Person, app_id: str) -> None:
        self.person = person
        self.tenant = person.tenant_id
        self.oid = person.object_id
        self.app_id = app_id
        groups = [g.object_id for g in GROUPS if person.object_id in g.members]
        self.principals = [person.object_id, *groups]

    @property
    def shown(self) -> str:
        """What systemData and error texts call the caller."""
        return self.person.app_id or self.person.upn


def issue(
    person: Person, *, key: str, audience: str, site: Site, at: datetime, app_id: str | None = None
) -> str:
    """A token for a person, good for an hour of real time."""
    start = int(at.timestamp())
    is_user = person.kind == "user"
    claims: dict[str, Any] = {
        "aud": audience,
        "iss": f"{site.login}/{person.tenant_id}/",
        "iat": start,
        "nbf": start,
        "exp": start + LIFETIME_SECONDS,
        "tid": person.tenant_id,
        "oid": person.object_id,
        "sub": person.object_id,
        "appid": person.app_id or app_id or AZURE_CLI,
        "idtyp": "user" if is_user else "app",
        "groups": [g.object_id for g in GROUPS if person.object_id in g.members],
        "uti": fresh(),
        "ver": "1.0",
    }
    if is_user:
        claims |= {"upn": person.upn, "unique_name": person.upn, "name": person.name}
    return sign(claims, key)


def sign(claims: dict[str, Any], key: str) -> str:
    """Claims as a signed JSON Web Token."""
    head = _encode(json.dumps({"typ": "JWT", "alg": "HS256"}).encode())
    body = _encode(json.dumps(claims).encode())
    return f"{head}.{body}.{_encode(_mac(f'{head}.{body}', key))}"


def caller_of(authorization: str, *, key: str, site: Site, at: datetime, tenant: str) -> Caller:
    """Whom the Authorization header speaks for; `tenant` is where to sign in instead.

    Raises:
        Problem: 401, in ARM's words, with the challenge that says where to sign in.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized(site, tenant, "AuthenticationFailed", "the access token is missing")
    claims = _claims(token.strip(), key)
    if claims is None:
        raise unauthorized(site, tenant, "InvalidAuthenticationToken", "the token is invalid")
    if claims["exp"] <= at.timestamp():
        raise unauthorized(site, tenant, "ExpiredAuthenticationToken", "the token has expired")
    if claims["nbf"] > at.timestamp() + 300:
        raise unauthorized(site, tenant, "InvalidAuthenticationToken", "the token is not valid yet")
    if str(claims["aud"]).rstrip("/") not in (*MANAGEMENT, site.arm):
        text = f"the token is for the audience '{claims['aud']}', not for this service"
        raise unauthorized(site, tenant, "InvalidAuthenticationToken", text)
    person = _BY_OBJECT_ID.get(str(claims["oid"]))
    if person is None or claims["tid"] not in (FABRIKAM, CONTOSO):
        text = f"the token's issuer '{claims['iss']}' is not one of this subscription's"
        raise unauthorized(site, tenant, "InvalidAuthenticationTokenTenant", text)
    return Caller(person, str(claims["appid"]))


def unauthorized(site: Site, tenant: str, code: str, message: str) -> Problem:
    """A 401 with the challenge."""
    challenge = (
        f'Bearer authorization_uri="{site.login}/{tenant}", error="invalid_token",'
        f' error_description="{message}"'
    )
    return Problem(401, code, message, {"WWW-Authenticate": challenge})


def _claims(token: str, key: str) -> dict[str, Any] | None:
    """The claims of a token that this world signed, or none."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 header, claims, signature
        return None
    try:
        signature = base64.urlsafe_b64decode(parts[2] + "==")
        if not hmac.compare_digest(signature, _mac(f"{parts[0]}.{parts[1]}", key)):
            return None
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except (binascii.Error, ValueError):
        return None
    return claims


def _mac(text: str, key: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
