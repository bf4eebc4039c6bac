"""Keeps the access tokens of people between commands, and uses only those that fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from azjit.azure.clouds import Cloud
from azjit.azure.sign_in.az_login import az_login
from azjit.azure.sign_in.caller import claims_of
from azjit.azure.sign_in.choice import TENANT, chosen_kind
from azjit.domain.ids import is_guid

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

# Tokens of az live up to 28 hours, in which groups and rights change.
LIFE_SECONDS = 3600
LAST_SECONDS = 300
_PERSONAL_KINDS = ("cli", "browser", "device")
_PIPELINES = ("CI", "TF_BUILD", "GITHUB_ACTIONS")
_PERSON = ("oid", "tid")
_NAMES = ("upn", "unique_name", "preferred_username")
# Tokens may name the application of an audience instead of its address.
_ALSO = {
    "https://management.azure.com": {
        "https://management.core.windows.net",
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    },
    "https://graph.microsoft.com": {"00000003-0000-0000-c000-000000000000"},
}


class TokenStore(Protocol):
    """Texts by name; each method may raise OSError."""

    place: str

    def check(self) -> None:
        """Refuse a store that is not safe."""

    def read(self, name: str) -> str | None:
        """Give a text."""

    def write(self, name: str, text: str) -> None:
        """Replace a text."""

    def drop(self, name: str) -> None:
        """Remove a text."""


class NotKept(NamedTuple):
    """Why no tokens are kept; `is_fault` where something is wrong with the store."""

    reason: str
    is_fault: bool = False
    is_sandbox: bool = False


class TokenSource(NamedTuple):
    """Where a token comes from, which its key contains; `user` and `tenant` are those of az."""

    kind: str
    cloud: str
    az: tuple[str, str] = ("", "")
    user: str = ""
    tenant: str = ""


def source_for(auth: str, cloud: Cloud, environ: Mapping[str, str]) -> TokenSource:
    """Give where tokens come from, if it is the sign-in of a person and not in a pipeline.

    Raises:
        OSError: the files of az cannot be read.
        ValueError: it is not a person's, or in a pipeline.
    """
    pipeline = next((name for name in _PIPELINES if name in environ), None)
    if pipeline is not None:
        raise ValueError(f"{pipeline} is set, as in a pipeline")
    kind = chosen_kind(auth, environ)
    if kind not in _PERSONAL_KINDS:
        raise ValueError(f"the tokens of a sign-in by {kind} are not kept")
    source = TokenSource(kind, f"{cloud.arm} {cloud.authority}")
    if kind != "cli":
        return source._replace(tenant=environ.get(TENANT, "").lower())
    az = az_login(environ)
    return source._replace(az=(az.folder, az.cloud), user=az.user, tenant=az.tenant)


class KeptTokens:
    """The tokens of one source in a store; a failure here never fails the command.

    With `reads` False they are written only: the command wants a fresh token.
    """

    def __init__(
        self,
        store: TokenStore,
        source: TokenSource,
        now: Callable[[], datetime],
        log: Callable[[str], None],
        *,
        reads: bool = True,
    ) -> None:
        self.place = store.place
        self._store = store
        self._source = source
        self._now = now
        self._log = log
        self._reads = reads

    def read(self, scope: str, tenant: str | None) -> AccessToken | None:
        """Give a token of an earlier command, if it fits and is young enough."""
        if not self._reads:
            return None
        key = self._key(scope, tenant)
        try:
            text = self._store.read(_file_of(key))
            return None if text is None else self._token(text, key)
        except (OSError, ValueError) as error:
            self._log(f"a token is not used: {error}")
            return None

    def write(self, scope: str, tenant: str | None, token: AccessToken) -> None:
        """Keep a token, if it is a person's."""
        key, claims = self._key(scope, tenant), claims_of(token.token)
        entry = {"key": key, "account": self._account, **_person_of(claims)}
        try:
            self._check(claims, key)
            self._store.write(_file_of(key), json.dumps({**entry, "token": token.token}))
        except (OSError, ValueError) as error:
            self._log(f"a token is not kept: {error}")

    def drop(self, scope: str, tenant: str | None) -> None:
        """Drop a token."""
        try:
            self._store.drop(_file_of(self._key(scope, tenant)))
        except OSError as error:
            self._log(f"a token is not dropped: {error}")

    @property
    def _account(self) -> list[str]:
        return [self._source.user, self._source.tenant]

    def _key(self, scope: str, tenant: str | None) -> dict[str, Any]:
        source = self._source
        audience = scope.removesuffix("/.default").rstrip("/").lower()
        key = {"kind": source.kind, "cloud": source.cloud, "az": list(source.az)}
        return {**key, "audience": audience, "tenant": (tenant or "").lower()}

    def _token(self, text: str, key: Mapping[str, Any]) -> AccessToken:
        from azure.core.credentials import AccessToken

        entry = _entry_of(text)
        if entry.get("key") != key:
            raise ValueError("it is of another sign-in")
        if entry.get("account") != self._account:
            raise ValueError("it is of another account")
        token = entry.get("token")
        claims = claims_of(token) if isinstance(token, str) else {}
        self._check(claims, key)
        if any(entry.get(name) != claim for name, claim in _person_of(claims).items()):
            raise ValueError("its person is another")
        # Its owner renews it five minutes before this.
        ends = min(claims["exp"], claims["iat"] + LIFE_SECONDS + LAST_SECONDS)
        return AccessToken(str(token), ends)

    def _check(self, claims: Mapping[str, Any], key: Mapping[str, Any]) -> None:
        """Refuse a token that is not this person's, or not valid now."""
        _check_person(claims)
        aud = str(claims.get("aud")).rstrip("/").lower()
        if aud not in {key["audience"], *_ALSO.get(key["audience"], ())}:
            raise ValueError("it is for another audience")
        tenant = key["tenant"] or self._source.tenant
        if is_guid(tenant) and str(claims["tid"]).lower() != tenant:
            raise ValueError("it is of another tenant")
        names = {str(claims.get(each)).lower().rpartition("#")[2] for each in _NAMES}
        if self._source.user and self._source.user not in names:
            raise ValueError("it is of another account")
        _check_times(claims, self._now().timestamp())


def _check_person(claims: Mapping[str, Any]) -> None:
    """Refuse a token that does not say that it is a person's.

    Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
    """
    is_user = claims.get("idtyp", "user") == "user" and ("idtyp" in claims or claims.get("scp"))
    # A public client, as az and the browser are, has no credentials of its own.
    is_public = {claims.get(each, "0") for each in ("appidacr", "azpacr")} == {"0"}
    has_name = any(isinstance(claims.get(each), str) for each in _NAMES)
    ids = _person_of(claims).values()
    has_ids = all(isinstance(each, str) and is_guid(each) for each in ids)
    if not (is_user and is_public and has_name and has_ids):
        raise ValueError("it is not a token of a person")


def _person_of(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Give the claims that name a person: an oid is one tenant's."""
    return {name: claims.get(name) for name in _PERSON}


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    issued, ends = claims.get("iat"), claims.get("exp")
    if type(issued) is not int or type(ends) is not int or issued > now:
        raise ValueError("its times are not right")
    if now >= min(issued + LIFE_SECONDS, ends - LAST_SECONDS):
        raise ValueError("it is too old")


def _entry_of(text: str) -> Mapping[str, Any]:
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("its content is malformed") from error
    if not isinstance(entry, dict):
        raise ValueError("its content is malformed")  # noqa: TRY004 - the content, not a type
    return entry


def _file_of(key: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
