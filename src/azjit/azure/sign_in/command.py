"""How one command signs in, and which tokens of earlier commands it may use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from azjit.azure.clouds import Cloud, is_loopback
from azjit.azure.network import Network
from azjit.azure.sign_in.az_token import AzCredential
from azjit.azure.sign_in.choice import CLIENT, Way, chosen_way, join_hints
from azjit.azure.sign_in.kept_tokens import KeptTokens, NotKept, TokenStore, source_for
from azjit.azure.sign_in.sandbox import SandboxCredential
from azjit.azure.sign_in.token_cache import CachedCredential
from azjit.errors import AzjitError, NotSignedIn, Unavailable
from azjit.process import Notes, Process
from azjit.settings import Settings

_SILENT = logging.NullHandler()
_FILES = "check the AZURE_ variables that name files: azjit help sign-in"


def sandbox_person(
    settings: Settings, environ: Mapping[str, str], cloud: Cloud, default: str
) -> str | None:
    """Give the person that a sandbox signs in; None for Azure.

    Whatever listens on this machine gets no secret and no token of the real Azure, also if it does
    not say that it is a sandbox.
    """
    if settings.sandbox:
        return settings.person or default
    if is_loopback(cloud.arm):
        return settings.person or environ.get(CLIENT) or default
    return None


class CommandSignIn(NamedTuple):
    """The sign-in of a command; `person` is whom to act as in a sandbox, None in Azure."""

    settings: Settings
    process: Process
    notes: Notes
    cloud: Cloud
    network: Network
    person: str | None

    def fit(self, error: AzjitError) -> None:
        """Let the hint of an error that a new sign-in may mend fit the kind of sign-in."""
        if self.person is None and not self.asks_az and "az login" in (error.hint or ""):
            error.hint = self.way.cure

    def kept_tokens(
        self, open_store: Callable[[], TokenStore], *, reads: bool
    ) -> KeptTokens | NotKept:
        """Give the access tokens of earlier commands, or why there are none."""
        if not self.settings.token_cache:
            return NotKept("it is turned off")
        if self.person is not None:
            return NotKept("tokens of a sandbox are not kept", is_sandbox=True)
        try:
            source = source_for(self.settings.auth, self.cloud, self.process.environ)
            store = open_store()
        except (OSError, ValueError) as error:
            return NotKept(str(error))
        try:
            store.check()
        except OSError as error:
            return NotKept(str(error), is_fault=True)
        return KeptTokens(store, source, self.process.now, self._log, reads=reads)

    @property
    def way(self) -> Way:
        """The kind of sign-in, and why."""
        return chosen_way(self.settings.auth, self.process.environ)

    @property
    def asks_az(self) -> bool:
        """Whether tokens come from the login of az."""
        return self.person is None and self.way.kind == "cli"

    def _explain(self, error: Exception) -> AzjitError:
        """Make the error for a sign-in that gave no token, with its kind and what chose it."""
        from azjit.azure.transport_errors import sign_in_failure  # noqa: PLC0415 - only a failure

        way = self.way
        if isinstance(error, OSError) and error.filename:
            message = f"{way.label}: {error.filename} cannot be read: {error.strerror}"
            is_arc = "azcmagent" in str(error.filename)  # the agent of Azure Arc
            hint = "only the group himds may read it" if is_arc else _FILES
            return NotSignedIn(message, hint=join_hints(hint, way.other))
        failed = sign_in_failure(way.label, self.cloud.login, error)
        is_remote = isinstance(failed, Unavailable) and way.kind != "managed"
        failed.hint = join_hints(failed.hint, way.other) if is_remote else way.cure
        return failed

    def credential(
        self, kept: KeptTokens | NotKept, transport: Callable[[], Any]
    ) -> CachedCredential:
        """Give the credential; nothing signs in before a token is needed."""
        # Their own log lines stay off stderr: our errors contain what matters of them.
        for name in ("azure", "msal"):
            logging.getLogger(name).addHandler(_SILENT)
        if isinstance(kept, NotKept) and not kept.is_sandbox:
            self._log(kept.reason)
        return CachedCredential(
            lambda: self._inner(transport),
            self.process.now,
            self.settings.tenant,
            kept if isinstance(kept, KeptTokens) else None,
            self.process.hide if self.person is None else lambda _: None,
            None if self.person is not None or self.asks_az else self._explain,
        )

    def _inner(self, transport: Callable[[], Any]) -> Any:
        if self.person is not None:
            return SandboxCredential(self.cloud, self.person, transport(), self.process.now)
        if self.asks_az:
            return AzCredential(self.settings.tenant, self.process.environ)
        # 250 ms, which a token of an earlier command saves.
        from azjit.azure.sign_in.kinds import SignIn, credential_for  # noqa: PLC0415

        sign_in = SignIn(
            self.settings.auth,
            self.settings.tenant,
            self.cloud,
            self.process.environ,
            self.network,
            self.notes.must_say,
            self.process.hide,
            may_prompt=self.process.may_prompt,
        )
        return credential_for(sign_in)

    def _log(self, text: str) -> None:
        if self.settings.debug:
            self.notes.must_say(f"token cache: {text}")
