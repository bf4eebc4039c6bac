"""Client assertions: a service principal signs in by a certificate or a federated credential."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from azjit.sandbox.base.messages import Site
from azjit.sandbox.entra import keys
from azjit.sandbox.entra.call import Refusal
from azjit.sandbox.entra.tokens import read, signed, validity
from azjit.sandbox.world.people import Person
from azjit.sandbox.world.world import World

EXCHANGE = "api://AzureADTokenExchange"


def check(world: World, person: Person, assertion: str, at: datetime) -> None:
    """Check a client assertion against the service principal's certificates and federation."""
    try:
        head, claims = keys.opened(assertion)
    except ValueError as error:
        raise _refused(50027, "JWT token is invalid or malformed.") from error
    # The world's own assertions name a certificate too, so the signature decides, not the header.
    is_ours = read(world, assertion) is not None
    if not is_ours and ("x5t" in head or "x5t#S256" in head):
        thumbprint = str(head.get("x5t") or head.get("x5t#S256"))
        _check_certificate(world, person, thumbprint, assertion)
        is_theirs = str(claims.get("sub")).lower() == person.app_id
    else:
        if not is_ours:
            raise _refused(700211, "No matching federated identity record found for the issuer.")
        is_theirs = (claims.get("sub"), claims.get("aud")) == (subject(person), EXCHANGE)
    if not is_theirs:
        text = (
            "No matching federated identity record found for presented assertion subject"
            f" '{claims.get('sub')}'."
        )
        raise _refused(700213, text)
    if not _is_timely(claims, at):
        raise _refused(700024, "Client assertion is not within its valid time range.")


def issue(world: World, person: Person, site: Site, at: datetime, audience: str) -> str:
    """Issue an assertion for a service principal, as a pipeline gets it."""
    claims = {
        "iss": f"{site.login}/identities",
        "sub": subject(person),
        "aud": audience,
        **validity(at),
    }
    return signed(world, claims, site)


def subject(person: Person) -> str:
    """Give the subject of a service principal's federated credential."""
    return f"sandbox:{person.alias}"


def _check_certificate(world: World, person: Person, thumbprint: str, assertion: str) -> None:
    row = world.connection.execute(
        "SELECT modulus FROM certificates WHERE thumbprint = ? AND oid = ?",
        (thumbprint.rstrip("="), person.object_id),  # msal pads it, others do not
    ).fetchone()
    if row is None or not keys.is_signed_with(assertion, int(row[0], 16)):
        text = "Client assertion failed signature validation: the certificate is not known."
        raise _refused(700027, text)


def _is_timely(claims: dict[str, Any], at: datetime) -> bool:
    try:
        return float(claims.get("nbf", 0)) - 300 <= at.timestamp() < float(claims["exp"])
    except (KeyError, TypeError, ValueError):
        return False


def _refused(code: int, text: str) -> Refusal:
    return Refusal("invalid_client", code, text, status=401)
