"""As whom azjit acts, read from the token that it sends."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from azjit.azure.clouds import Cloud
from azjit.azure.transport_errors import sign_in_failure
from azjit.azure.wire.values import read_json
from azjit.domain.access import Caller
from azjit.domain.ids import PrincipalId, is_guid
from azjit.errors import NotSignedIn

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def caller_from(credential: TokenCredential, cloud: Cloud) -> Caller:
    """Get the token that calls will carry and read whose it is.

    Raises:
        NotSignedIn: no sign-in works; the message is the credential's own.
        Unavailable: the sign-in host was not reached.
    """
    from azure.core.exceptions import AzureError

    try:
        token = credential.get_token(cloud.scope, enable_cae=True)
    except AzureError as error:
        raise sign_in_failure("not signed in", cloud.login, error) from error
    return caller_of(token.token)


def caller_of(token: str) -> Caller:
    """Read the principal of a token, without verifying the token, which Azure does.

    Raises:
        NotSignedIn: it is no token of a principal.
    """
    claims = claims_of(token)
    oid, tenant = claims.get("oid"), claims.get("tid")
    if not isinstance(oid, str) or not is_guid(oid) or not isinstance(tenant, str):
        raise NotSignedIn("the access token contains no principal", hint="sign in again: az login")
    user = claims.get("upn") or claims.get("unique_name") or claims.get("preferred_username")
    app = claims.get("app_displayname") or claims.get("appid")
    is_app = claims.get("idtyp") == "app" or not user
    groups = claims.get("groups")
    return Caller(
        id=PrincipalId(oid),
        name=str((app if is_app else user) or oid),
        kind="service principal" if is_app else "user",
        tenant=tenant,
        groups=frozenset(str(g).lower() for g in groups) if isinstance(groups, list) else None,
        issued=_instant(claims, "iat"),
        expires=_instant(claims, "exp"),
    )


def _instant(claims: Mapping[str, Any], name: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(claims[name], UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def claims_of(token: str) -> Mapping[str, Any]:
    """Read the claims of a token; none if it is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return {}
    padded = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        claims = read_json(base64.urlsafe_b64decode(padded).decode())
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
