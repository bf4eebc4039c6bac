"""Keeps the tokens of one process, and uses those that earlier commands kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from azjit.azure.sign_in.az_token import AzCredential
from azjit.azure.sign_in.caller import claims_of
from azjit.azure.sign_in.kept_tokens import KeptTokens
from azjit.domain.ids import is_guid
from azjit.errors import AzjitError

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

_RENEW_BEFORE_SECONDS = 300

# The scopes and the tenant of a token.
Key = tuple[tuple[str, ...], str | None]


class CachedCredential:
    """A credential that keeps its tokens until five minutes before they expire.

    The credential below is made on first use: with a kept token it is not needed. Calls that name
    no tenant get a token of `tenant`; None leaves it to the sign-in. It changes only when Azure
    points to another tenant.
    """

    def __init__(
        self,
        make: Callable[[], TokenCredential],
        now: Callable[[], datetime],
        tenant: str | None,
        kept: KeptTokens | None = None,
        hide: Callable[[str], None] = lambda _: None,
        explain: Callable[[Exception], AzjitError] | None = None,
    ) -> None:
        self._make = make
        self._inner: TokenCredential | None = None
        self._now = now
        self.tenant = tenant
        self._kept = kept
        self._hide = hide
        self._explain = explain
        self._lock = threading.Lock()
        self._tokens: dict[Key, AccessToken] = {}
        self._begun: Key | None = None  # was asked for, since no earlier command kept it
        self._earlier: set[str] = set()  # tokens of earlier commands
        self._refused: set[str] = set()  # az may give one of them again; it is not kept

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
            AzjitError: the sign-in failed; it names the kind and why that was chosen.
        """
        key = (scopes, tenant_id or self.tenant)
        options = {"enable_cae": enable_cae, **kwargs}
        with self._lock:
            if claims is not None:
                self._tokens[key] = self._challenged(key, {**options, "claims": claims})
            elif not self._is_lasting(key) and not self._find(key):
                self._renew(key, {**options, "claims": None, "tenant_id": key[1]})
            return self._tokens[key]

    def begin(self, scope: str) -> None:
        """Ask for a token that is needed soon, if that needs no waiting."""
        key: Key = ((scope,), self.tenant)
        with self._lock:
            if self._is_lasting(key) or self._find(key):
                return
            if self._inner is None:
                self._inner = self._make()
            if isinstance(self._inner, AzCredential):
                self._inner.begin(scope, self.tenant)
                self._begun = key

    def close(self) -> None:
        """End what was begun and not needed."""
        if isinstance(self._inner, AzCredential):
            self._inner.close()

    def forget(self) -> None:
        """Drop all tokens: Azure no longer accepts them."""
        with self._lock:
            self._refused |= {each.token for each in self._tokens.values()}
            for key in list(self._tokens):
                self._drop(key)
            self._tokens.clear()

    def is_outdated(self, refused: str) -> bool:
        """Drop a token that Azure refuses, and tell whether a newer one may be accepted."""
        with self._lock:
            self._refused.add(refused)
            for key in [key for key, token in self._tokens.items() if token.token == refused]:
                self._drop(key)
                if refused in self._earlier:
                    del self._tokens[key]
            return refused in self._earlier

    def _is_lasting(self, key: Key) -> bool:
        return key in self._tokens and self._seconds_left(key) > _RENEW_BEFORE_SECONDS

    def _seconds_left(self, key: Key) -> float:
        return self._tokens[key].expires_on - self._now().timestamp()

    def _find(self, key: Key) -> bool:
        """Use the token of an earlier command, if there is one."""
        if key == self._begun:
            self._begun = None
            return False
        found = self._kept.read(key[0][0], key[1]) if self._kept is not None else None
        if found is None or found.token in self._refused:
            return False
        self._hide(found.token)
        self._tokens[key] = found
        self._earlier.add(found.token)
        return True

    def _renew(self, key: Key, options: dict[str, Any]) -> None:
        from azure.core.exceptions import AzureError

        try:
            self._tokens[key] = self._new_token(key, options)
        except (AzureError, AzjitError):
            held = self._tokens.get(key)
            # A token of an earlier command is never used in its last minutes.
            if held is None or held.token in self._earlier or self._seconds_left(key) <= 0:
                raise

    def _challenged(self, key: Key, options: dict[str, Any]) -> AccessToken:
        """Answer a claims challenge; a sign-in since an earlier command may have done so."""
        from azure.core.exceptions import AzureError

        refused = self._tokens.get(key)
        if refused is not None:
            self._refused.add(refused.token)
        options["tenant_id"] = self._tenant_of(refused, key)
        self._drop(key)
        try:
            return self._new_token(key, options)
        except (AzureError, AzjitError):
            if refused is None or refused.token not in self._earlier:
                raise
            newer = self._new_token(key, {**options, "claims": None})
            if newer.token == refused.token:
                raise
            return newer

    def _tenant_of(self, refused: AccessToken | None, key: Key) -> str | None:
        # az keeps its login by tenant: a challenge is answered in the refused token's tenant only.
        if key[1] is not None or refused is None:
            return key[1]
        found = str(claims_of(refused.token).get("tid") or "")
        return found if is_guid(found) else None

    def _drop(self, key: Key) -> None:
        if self._kept is not None:
            self._kept.drop(key[0][0], key[1])

    def _new_token(self, key: Key, options: dict[str, Any]) -> AccessToken:
        from azure.core.exceptions import AzureError

        try:
            if self._inner is None:
                self._inner = self._make()
            token = self._inner.get_token(*key[0], **options)
        except (AzureError, OSError) as error:
            if self._explain is None:
                raise
            raise self._explain(error) from error
        self._hide(token.token)
        if self._kept is not None and token.token not in self._refused:
            self._kept.write(key[0][0], key[1], token)
        return token
