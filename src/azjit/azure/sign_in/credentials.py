"""Tokens: asked for once per process, the sandbox's own, and whose a token is."""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from azjit.azure.clouds import Cloud
from azjit.azure.redaction import first_line
from azjit.domain.access import Caller
from azjit.domain.ids import PrincipalId, is_guid
from azjit.errors import AzjitError, NotSignedIn, Unavailable

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

SANDBOX_PASSWORD = "sandbox"  # noqa: S105 - the one password of every sandbox person
_RENEW_BEFORE_SECONDS = 300


class OncePerProcess:
    """A credential that remembers tokens until five minutes before their end.

    `tenant` is the one that tokens are asked of where a call names none; None leaves it to the
    sign-in. It changes only when Azure points to another tenant.
    """

    def __init__(
        self, inner: TokenCredential, now: Callable[[], datetime], tenant: str | None
    ) -> None:
        self._inner = inner
        self._now = now
        self.tenant = tenant
        self._lock = threading.Lock()
        self._tokens: dict[tuple[Any, ...], AccessToken] = {}

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **kwargs: Any,
    ) -> AccessToken:
        """Give a token for the scopes; a claims challenge always asks anew.

        A token that is still good is given where a new one cannot be had.

        Raises:
            NotSignedIn: a file that the sign-in needs cannot be read.
        """
        from azure.core.exceptions import AzureError

        key = (scopes, tenant_id or self.tenant)
        with self._lock:
            known = self._tokens.get(key) if claims is None else None
            if known is not None and self._left(known) > _RENEW_BEFORE_SECONDS:
                return known
            options = {"claims": claims, "enable_cae": enable_cae, **kwargs}
            options["tenant_id"] = self._tenant_for(key, claims)
            try:
                self._tokens[key] = self._ask(scopes, options)
            except (AzureError, AzjitError):
                if known is None or self._left(known) <= 0:
                    raise
                return known
            return self._tokens[key]

    def forget(self) -> None:
        """Ask for tokens anew: Azure no longer takes those that were given."""
        with self._lock:
            self._tokens.clear()

    def _left(self, token: AccessToken) -> float:
        return token.expires_on - self._now().timestamp()

    def _tenant_for(self, key: tuple[Any, ...], claims: str | None) -> str | None:
        # The login of az keeps tokens by tenant: a challenge is met only in the refused one's.
        tenant: str | None = key[1]
        refused = self._tokens.get(key)
        if claims is None or tenant is not None or refused is None:
            return tenant
        told = str(_claims(refused.token).get("tid") or "")
        return told if is_guid(told) else None

    def _ask(self, scopes: tuple[str, ...], options: dict[str, Any]) -> AccessToken:
        try:
            return self._inner.get_token(*scopes, **options)
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
            raise NotSignedIn(
                f"not signed in: {error.filename} cannot be read: {error.strerror}",
                hint="check the AZURE_ variables that name files: azjit help sign-in",
            ) from error


class SandboxCredential:
    """Signs in to a sandbox as one of its people; its tokens are worthless elsewhere."""

    def __init__(self, cloud: Cloud, alias: str, session: Any, now: Callable[[], datetime]) -> None:
        self._cloud = cloud
        self._alias = alias
        self._session = session
        self._now = now

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,  # noqa: ARG002 - the protocol of azure-core
        tenant_id: str | None = None,
        enable_cae: bool = False,  # noqa: ARG002 - the protocol of azure-core
        **_: Any,
    ) -> AccessToken:
        """Ask the sandbox's token endpoint for a token of the person.

        Raises:
            NotSignedIn: the sandbox knows no such person.
            Unavailable: the sandbox does not answer.
        """
        from azure.core.credentials import AccessToken

        tenant = tenant_id or "organizations"
        answer = self._ask(tenant, {**self._as_user(), "scope": " ".join(scopes)})
        if "access_token" not in answer:
            as_service = self._ask(tenant, {**self._as_service(), "scope": " ".join(scopes)})
            answer = as_service if "access_token" in as_service else answer
        token, lives = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(lives, int):
            said = str(answer.get("error_description") or answer.get("error") or "no token")
            raise NotSignedIn(
                f"the sandbox does not sign in {self._alias!r}: {said.splitlines()[0]}",
                hint="see who is there: azjit sandbox show",
            )
        return AccessToken(token, int(self._now().timestamp()) + lives)

    def _as_user(self) -> dict[str, str]:
        return {
            "grant_type": "password",
            "client_id": "azjit",
            "username": self._alias,
            "password": SANDBOX_PASSWORD,
        }

    def _as_service(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self._alias,
            "client_secret": SANDBOX_PASSWORD,
        }

    def _ask(self, tenant: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        from requests import RequestException

        url = f"{self._cloud.authority}/{tenant}/oauth2/v2.0/token"
        try:
            answer = self._session.post(url, data=form, timeout=30).json()
        except (RequestException, ValueError) as error:
            raise Unavailable(
                f"the sandbox at {self._cloud.login} gave no token: {first_line(error)}",
                hint="start it again: azjit sandbox serve",
            ) from error
        return answer if isinstance(answer, Mapping) else {}


def caller_of(token: str) -> Caller:
    """Read as whom a token acts; the token is not verified, Azure does that.

    Raises:
        NotSignedIn: it is no token of a principal.
    """
    claims = _claims(token)
    oid, tenant = claims.get("oid"), claims.get("tid")
    if not isinstance(oid, str) or not is_guid(oid) or not isinstance(tenant, str):
        raise NotSignedIn("the access token names no principal", hint="sign in again: az login")
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
    )


def _claims(token: str) -> Mapping[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return {}
    padded = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
