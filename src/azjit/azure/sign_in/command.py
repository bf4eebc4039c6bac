"""How one command signs in, and which tokens of earlier commands it may use."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from azjit.azure.clouds import Cloud
from azjit.azure.sign_in.kept_tokens import KeptTokens, NotKept, TokenStore, source_for
from azjit.azure.sign_in.sandbox import SandboxCredential
from azjit.azure.sign_in.token_cache import CachedCredential
from azjit.process import Notes, Process
from azjit.settings import Settings


class CommandSignIn:
    """The sign-in of a command; `person` is whom to act as in a sandbox, None in Azure."""

    def __init__(
        self,
        settings: Settings,
        process: Process,
        notes: Notes,
        cloud: Cloud,
        person: str | None,
    ) -> None:
        self._settings = settings
        self._process = process
        self._notes = notes
        self._cloud = cloud
        self._person = person

    def kept_tokens(
        self, open_store: Callable[[], TokenStore], *, reads: bool
    ) -> KeptTokens | NotKept:
        """Give the access tokens of earlier commands, or why there are none."""
        if not self._settings.token_cache:
            return NotKept("it is turned off")
        if self._person is not None:
            return NotKept("a sandbox's tokens are not kept", is_sandbox=True)
        try:
            source = source_for(self._settings.auth, self._cloud, self._process.environ)
            store = open_store()
        except (OSError, ValueError) as error:
            return NotKept(str(error))
        try:
            store.check()
        except OSError as error:
            return NotKept(str(error), is_fault=True)
        return KeptTokens(store, source, self._process.now, self._log, reads=reads)

    def credential(
        self, kept: KeptTokens | NotKept, session: Callable[[], Any]
    ) -> CachedCredential:
        """Give the credential; nothing signs in before a token is needed."""
        # Their own log lines stay off stderr: our errors contain what matters of them.
        for name in ("azure", "msal"):
            logging.getLogger(name).addHandler(logging.NullHandler())
        if isinstance(kept, NotKept) and not kept.is_sandbox:
            self._log(kept.reason)
        return CachedCredential(
            lambda: self._inner(session),
            self._process.now,
            self._settings.tenant,
            kept if isinstance(kept, KeptTokens) else None,
        )

    def _inner(self, session: Callable[[], Any]) -> Any:
        if self._person is not None:
            return SandboxCredential(self._cloud, self._person, session(), self._process.now)
        # 250 ms, which a token of an earlier command saves.
        from azjit.azure.sign_in.kinds import SignIn, credential_for  # noqa: PLC0415

        sign_in = SignIn(
            self._settings.auth,
            self._settings.tenant,
            self._cloud,
            self._process.environ,
            self._notes.say,
            may_prompt=self._process.may_prompt,
        )
        return credential_for(sign_in)

    def _log(self, text: str) -> None:
        if self._settings.debug:
            self._notes.say(f"token cache: {text}")
