"""Access tokens of this world: valid in real time, and checked as ARM checks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from azjit.sandbox.base.ids import new_id
from azjit.sandbox.base.messages import Problem, Request, Site
from azjit.sandbox.entra import keys
from azjit.sandbox.world.people import Person
from azjit.sandbox.world.world import World

LIFETIME_SECONDS = 3600
GRAPH = "https://graph.microsoft.com"
MANAGEMENT = ("https://management.azure.com", "https://management.core.windows.net")
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
# The names of this machine, as addresses write them.
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_AHEAD_SECONDS = 300
_SECRET = "signing-key"
_NEEDED = {"aud", "iss", "exp", "nbf", "tid", "oid", "appid"}


def own_audiences(site: Site) -> tuple[str, ...]:
    """Give the addresses of a served world, each of which is an audience; none of the embedded."""
    if not site.is_local:
        return ()
    parts = urlsplit(site.arm)
    port = f":{parts.port}" if parts.port else ""
    return tuple(f"{parts.scheme}://{name}{port}" for name in _LOCAL_HOSTS)


class TokenCaller:
    """The principal that a token was issued to."""

    def __init__(self, person: Person, app_id: str, groups: list[str]) -> None:
        self.person = person
        self.label = person.label
        self.tenant = person.tenant_id
        self.oid = person.object_id
        self.app_id = app_id
        self.principals = [person.object_id, *groups]


def issue(
    world: World,
    person: Person,
    *,
    audience: str,
    site: Site,
    at: datetime,
    more: Mapping[str, Any] | None = None,
) -> str:
    """Issue a token for a person, valid for an hour of real time."""
    is_user = person.kind == "user"
    claims: dict[str, Any] = {
        "aud": audience,
        "iss": f"{site.login}/{person.tenant_id}/",
        **validity(at),
        "tid": person.tenant_id,
        "oid": person.object_id,
        "sub": person.object_id,
        "appid": person.app_id or AZURE_CLI,
        "idtyp": "user" if is_user else "app",
        **_groups(world, person),
        "uti": new_id(),
        "ver": "1.0",
    }
    if is_user:
        claims |= {"upn": person.upn, "unique_name": person.upn, "name": person.name}
    return signed(world, claims | dict(more or {}), site)


def validity(at: datetime) -> dict[str, int]:
    """Give the claims of a token that is valid for an hour."""
    start = int(at.timestamp())
    return {"iat": start, "nbf": start, "exp": start + LIFETIME_SECONDS}


def _groups(world: World, person: Person) -> dict[str, Any]:
    """Give the claims for a person's groups, or the one that says that they are too many."""
    if world.switch("token-groups") == "listed":
        return {"groups": world.directory.groups_of(person.object_id)}
    home = f"{GRAPH}/v1.0/{person.tenant_id}/users/{person.object_id}"
    source = {"endpoint": f"{home}/getMemberObjects"}
    return {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": source}}


def signed(world: World, claims: dict[str, Any], site: Site) -> str:
    """Sign claims; others can check the token where the world is served."""
    if site.is_local:
        return keys.sign_rs256(world, claims)
    return sign(world, claims)


def sign(world: World, claims: dict[str, Any]) -> str:
    """Sign claims as a token that only the world itself can check."""
    return keys.sign_hs256(claims, world.meta(_SECRET))


def read(world: World, token: str) -> dict[str, Any] | None:
    """Give the claims of a token that this world signed, or none."""
    try:
        head, claims = keys.opened(token)
    except ValueError:
        return None
    if head.get("alg") == "HS256":
        is_ours = keys.is_hs256(token, world.meta(_SECRET))
    else:
        is_ours = head.get("alg") == "RS256" and keys.is_rs256(world, token)
    return claims if is_ours else None


def caller_of(
    world: World, request: Request, *, at: datetime, tenant: str, audiences: Sequence[str] = ()
) -> TokenCaller:
    """Give the caller of a request by its token; the challenge of a 401 names `tenant`.

    The default audience is ARM.
    """
    site = request.site
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        text = "Authentication failed. The 'Authorization' header is missing."
        raise unauthorized(site, tenant, "AuthenticationFailed", text)
    claims = read(world, token.strip())
    if claims is None or not claims.keys() >= _NEEDED:
        text = "The access token is invalid."
        raise unauthorized(site, tenant, "InvalidAuthenticationToken", text)
    _check_times(claims, site, tenant, at)
    _check_audience(
        claims, site, tenant, audiences or (*MANAGEMENT, site.arm, *own_audiences(site))
    )
    person = world.directory.person(str(claims["oid"]))
    if person is None or claims["tid"] != person.tenant_id:
        raise wrong_issuer(site, str(claims["iss"]), tenant)
    groups = world.directory.groups_of(person.object_id)
    return TokenCaller(person, str(claims["appid"]), groups)


def expired(site: Site, tenant: str, ended: datetime, at: datetime) -> Problem:
    """Give the 401 for an expired token."""
    text = (
        f"The access token expiry UTC time '{_plain(ended)}' is earlier than current UTC time"
        f" '{_plain(at)}'."
    )
    return unauthorized(site, tenant, "ExpiredAuthenticationToken", text)


def wrong_issuer(site: Site, issuer: str, tenant: str) -> Problem:
    """Give the 401 for a token of another tenant than the subscription's."""
    right = f"{site.login}/{tenant}/"
    text = (
        f"The access token is from the wrong issuer '{issuer}'. It must match the tenant"
        f" '{right}' associated with this subscription. Please use the authority (URL)"
        f" '{right.rstrip('/')}' to get the token."
    )
    return unauthorized(site, tenant, "InvalidAuthenticationTokenTenant", text)


def unauthorized(
    site: Site, tenant: str, code: str, message: str, error: str = "invalid_token", more: str = ""
) -> Problem:
    """Give a 401 with its challenge."""
    challenge = (
        f'Bearer authorization_uri="{site.login}/{tenant}", error="{error}",'
        f' error_description="{message}"{more}'
    )
    return Problem(401, code, message, {"WWW-Authenticate": challenge})


def _check_times(claims: Mapping[str, Any], site: Site, tenant: str, at: datetime) -> None:
    if claims["exp"] <= at.timestamp():
        raise expired(site, tenant, datetime.fromtimestamp(claims["exp"], UTC), at)
    if claims["nbf"] > at.timestamp() + _AHEAD_SECONDS:
        text = "The access token is not valid yet."
        raise unauthorized(site, tenant, "InvalidAuthenticationToken", text)


def _check_audience(
    claims: Mapping[str, Any], site: Site, tenant: str, allowed: Sequence[str]
) -> None:
    if str(claims["aud"]).rstrip("/") not in allowed:
        known = ",".join(f"'{each}','{each}/'" for each in allowed)
        text = (
            "The access token has been obtained for wrong audience or resource"
            f" '{claims['aud']}'. It should exactly match with one of the allowed audiences"
            f" {known}."
        )
        raise unauthorized(site, tenant, "InvalidAuthenticationTokenAudience", text)


def _plain(at: datetime) -> str:
    """Give an instant as ARM's errors write it."""
    utc = at.astimezone(UTC)
    hour = utc.hour % 12 or 12
    half = "PM" if utc.hour >= 12 else "AM"  # noqa: PLR2004 noon
    return f"{utc.month}/{utc.day}/{utc.year} {hour}:{utc:%M:%S} {half}"
