"""Chooses the kind of sign-in by the variables that are set, without azure-identity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

CLIENT, TENANT = "AZURE_CLIENT_ID", "AZURE_TENANT_ID"
SECRET, CERTIFICATE = "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"
FEDERATED = "AZURE_FEDERATED_TOKEN_FILE"
GITHUB = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
PIPELINES = ("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN")
CONNECTION = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"
_MANAGED = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT")


class Way(NamedTuple):
    """A kind of sign-in, and the variables by which `auto` chose it, if it did."""

    kind: str
    variables: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The kind and why it was chosen, for messages."""
        are = "is" if len(self.variables) == 1 else "are"
        because = f" ({' and '.join(self.variables)} {are} set)" if self.variables else ""
        return f"sign-in by {self.kind}{because}"

    @property
    def other(self) -> str:
        """How to sign in as a person instead, where the variables chose; else empty."""
        return "to use the login of az: --auth cli" if self.variables else ""

    @property
    def cure(self) -> str:
        """What mends this sign-in where it is refused."""
        return join_hints(_CURES.get(self.kind, "sign in again: az login"), self.other)


def join_hints(*hints: str | None) -> str:
    """Give the hints that there are as one."""
    return "; ".join(filter(None, hints))


_APPLICATION = f"check {CLIENT}, {TENANT}"
_FEDERATION = "the application's federated credential"
_CURES = {
    "workload": f"{_APPLICATION}, {FEDERATED} and {_FEDERATION}",
    "github": f"{_APPLICATION} and {_FEDERATION}",
    "pipelines": f"check the service connection and {_FEDERATION}",
    "env": f"{_APPLICATION} and {SECRET} or {CERTIFICATE}",
    "secret": f"{_APPLICATION} and {SECRET}",
    "certificate": f"{_APPLICATION} and {CERTIFICATE}",
    "managed": f"check that this machine has a managed identity, and {CLIENT} if it has several",
    "browser": "run the command again, and sign in in the browser",
    "device": "run the command again, and enter the new code",
}


def chosen_way(kind: str, environ: Mapping[str, str]) -> Way:
    """Give the way that `auto` means here; no network call looks for a managed identity."""
    return _auto(environ) if kind == "auto" else Way(kind)


def chosen_kind(kind: str, environ: Mapping[str, str]) -> str:
    """Give the kind that `auto` means here."""
    return chosen_way(kind, environ).kind


def _auto(environ: Mapping[str, str]) -> Way:
    def has(*names: str) -> bool:
        return all(environ.get(name) for name in names)

    if has(CLIENT, FEDERATED):
        return Way("workload", (CLIENT, FEDERATED))
    proofs = tuple(name for name in (SECRET, CERTIFICATE) if has(name))
    managed = tuple(name for name in _MANAGED if has(name))
    if has(CLIENT) and has(*GITHUB) and not proofs:
        return Way("github", (CLIENT, GITHUB[0]))
    if has(*PIPELINES, CONNECTION):
        return Way("pipelines", (PIPELINES[0], CONNECTION))
    if has(CLIENT) and not proofs and not managed and environ.get("GITHUB_ACTIONS"):
        # It says what the job lacks for it.
        return Way("github", (CLIENT, "GITHUB_ACTIONS"))
    if has(CLIENT) and (proofs or not managed):
        return Way("env", (CLIENT, *proofs[:1]))
    return Way("managed", managed[:1]) if managed else Way("cli")
