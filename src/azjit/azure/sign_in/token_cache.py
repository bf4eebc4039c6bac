"""Keeps tokens for the time of one process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from azjit.azure.sign_in.caller import claims_of
from azjit.domain.ids import is_guid
from azjit.errors import AzjitError, NotSignedIn

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

_RENEW_BEFORE_SECONDS = 300


class CachedCredential:
    """A credential that keeps its tokens until five minutes before they expire.

    Calls that name no tenant get a token of `tenant`; None leaves it to the sign-in. It changes
    only when Azure points to another tenant.
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
        """Give a token for the scopes; a claims challenge always gets a new one.

        Where a new one cannot be had, one that is still valid is given.

        Raises:
            NotSignedIn: a file that the sign-in needs cannot be read.
        """
        from azure.core.exceptions import AzureError

        key = (scopes, tenant_id or self.tenant)
        with self._lock:
            kept = self._tokens.get(key) if claims is None else None
            if kept is not None and self._seconds_left(kept) > _RENEW_BEFORE_SECONDS:
                return kept
            options = {"claims": claims, "enable_cae": enable_cae, **kwargs}
            options["tenant_id"] = self._tenant_for(key, claims)
            try:
                self._tokens[key] = self._new_token(scopes, options)
            except (AzureError, AzjitError):
                if kept is None or self._seconds_left(kept) <= 0:
                    raise
                return kept
            return self._tokens[key]

    def forget(self) -> None:
        """Drop all tokens: Azure no longer accepts them."""
        with self._lock:
            self._tokens.clear()

    def _seconds_left(self, token: AccessToken) -> float:
        return token.expires_on - self._now().timestamp()

    def _tenant_for(self, key: tuple[Any, ...], claims: str | None) -> str | None:
        # az keeps its login by tenant: a challenge is answered in the refused token's tenant only.
        tenant: str | None = key[1]
        refused = self._tokens.get(key)
        if claims is None or tenant is not None or refused is None:
            return tenant
        found = str(claims_of(refused.token).get("tid") or "")
        return found if is_guid(found) else None

    def _new_token(self, scopes: tuple[str, ...], options: dict[str, Any]) -> AccessToken:
        try:
            return self._inner.get_token(*scopes, **options)
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
            raise NotSignedIn(
                f"not signed in: {error.filename} cannot be read: {error.strerror}",
                hint="check the AZURE_ variables that name files: azjit help sign-in",
            ) from error
