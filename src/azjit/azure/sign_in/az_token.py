"""Tokens of the login of az, asked of az itself.

azure-identity has a credential for this as well. It takes 220 ms to import, a third of the time of
a command that has no token yet, and keeps the first line only of what az said.

Source: https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from azjit.azure.sign_in.az_login import az_folder
from azjit.errors import NotSignedIn, Unavailable
from azjit.redaction import without_tokens

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

_SECONDS = 30
_COMMAND = ("account", "get-access-token", "--output", "json", "--resource")
_TRY = "try: az account get-access-token"
_INSTALL = "install the Azure CLI and run az login, or sign in another way: azjit help sign-in"
_SHOWN = 60


class AzCredential:
    """A credential of azure-core whose tokens come from `az account get-access-token`."""

    def __init__(self, tenant: str | None, environ: Mapping[str, str]) -> None:
        self._tenant = tenant
        self._environ = environ
        self._begun: dict[tuple[str, ...], subprocess.Popen[str]] = {}

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        **_: Any,
    ) -> AccessToken:
        """Get a token for one scope.

        Raises:
            azure.core.exceptions.ClientAuthenticationError: az refused, with its own words, or a
                claims challenge asks for a new sign-in, with the command for it.
            NotSignedIn: there is no az, or it cannot be started.
            Unavailable: az did not answer in time, or printed no token.
        """
        from azure.core.credentials import AccessToken
        from azure.core.exceptions import ClientAuthenticationError

        tenant = tenant_id or self._tenant
        if claims:
            challenge = base64.b64encode(claims.encode()).decode()
            login = f'az login --claims-challenge "{challenge}"'
            login += f" --tenant {tenant}" if tenant else ""
            raise ClientAuthenticationError(f"{login} --scope {scopes[0]}")
        words = _words(scopes[0], tenant)
        asked = self._begun.pop(words, None) or self._start(words)
        try:
            printed, errors = asked.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired as error:
            _end(asked)
            raise Unavailable(f"az gave no token within {_SECONDS} s", hint=_TRY) from error
        if asked.returncode:
            raise ClientAuthenticationError(without_tokens(_last_error(errors)))
        return AccessToken(*_token_in(printed))

    def begin(self, scope: str, tenant: str | None) -> None:
        """Ask az for a token that is needed soon; `get_token` raises the error if that fails."""
        words = _words(scope, tenant or self._tenant)
        with suppress(NotSignedIn):
            self._begun[words] = self._start(words)

    def close(self) -> None:
        """End what was begun and not needed."""
        while self._begun:
            _end(self._begun.popitem()[1])

    def _start(self, words: tuple[str, ...]) -> subprocess.Popen[str]:
        path = self._environ.get("PATH")
        # On Windows az is a batch file.
        az = (os.name == "nt" and shutil.which("az.cmd", path=path)) or shutil.which(
            "az", path=path
        )
        if not az:
            raise NotSignedIn("the Azure CLI, az, is not installed", hint=_INSTALL)
        try:
            return subprocess.Popen(  # noqa: S603 - a tenant and a scope, without a shell
                [az, *words],
                # Windows would look for programs in the current folder first.
                cwd=self._environ.get("SYSTEMROOT", "C:\\") if os.name == "nt" else "/",
                env={**self._environ, **self._settings},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            # az is there, since it was found: what its first line names is not.
            is_inside = isinstance(error, FileNotFoundError)
            why = "the program in its first line is not there" if is_inside else error.strerror
            raise NotSignedIn(f"{az} cannot be started: {why}", hint=_TRY) from error

    @property
    def _settings(self) -> dict[str, str]:
        # az starts in another folder, where a relative path would be another login.
        return {"AZURE_CONFIG_DIR": az_folder(self._environ), "AZURE_CORE_NO_COLOR": "true"}


def _words(scope: str, tenant: str | None) -> tuple[str, ...]:
    resource = scope.removesuffix("/.default")
    return (*_COMMAND, resource, *(("--tenant", tenant) if tenant else ()))


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def _last_error(printed: str) -> str:
    """Give the error that az printed: the text after `ERROR:`, else the last line."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    named = [n for n, line in enumerate(lines) if line.startswith("ERROR: ")]
    if named:
        return "\n".join(lines[named[0] :]).removeprefix("ERROR: ")
    return lines[-1] if lines else "az failed without an error message"


def _token_in(printed: str) -> tuple[str, int]:
    """Read a token and the time of its expiry.

    Raises:
        Unavailable: there is none, or the output contains other text.
    """
    start = printed.find("{")
    found, beside = None, printed[:start] if start >= 0 else printed
    with suppress(JSONDecodeError):
        found, end = json.JSONDecoder().raw_decode(printed, max(start, 0))
        beside += printed[end:]
    if not isinstance(found, dict) or beside.strip():
        shown = without_tokens(beside.strip())[:_SHOWN]
        what = f"something else than JSON: {shown!r}" if shown else "no token"
        raise Unavailable(f"az printed {what}", hint=_TRY)
    token, ends = found.get("accessToken"), found.get("expires_on")
    if isinstance(token, str) and token:
        if isinstance(ends, (int, str)) and str(ends).isdecimal():
            return token, int(ends)
        with suppress(ValueError):  # before az 2.54: a time of this machine's zone
            return token, int(datetime.fromisoformat(str(found.get("expiresOn"))).timestamp())
    raise Unavailable("az printed no token, or none with its end", hint=_TRY)
