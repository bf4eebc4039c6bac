"""Chooses the kind of sign-in by the variables that are set, without azure-identity."""

from __future__ import annotations

from collections.abc import Mapping

CLIENT, TENANT = "AZURE_CLIENT_ID", "AZURE_TENANT_ID"
SECRET, CERTIFICATE = "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"
FEDERATED = "AZURE_FEDERATED_TOKEN_FILE"
GITHUB = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
PIPELINES = ("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN")
CONNECTION = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"
_MANAGED = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT")


def chosen_kind(kind: str, environ: Mapping[str, str]) -> str:
    """Give the kind that `auto` means here; no network call looks for a managed identity."""
    return _auto(environ) if kind == "auto" else kind


def _auto(environ: Mapping[str, str]) -> str:
    def has(*names: str) -> bool:
        return all(environ.get(name) for name in names)

    if has(CLIENT, FEDERATED):
        return "workload"
    has_proof = any(has(name) for name in (SECRET, CERTIFICATE))
    is_managed = any(has(name) for name in _MANAGED)
    if has(CLIENT) and has(*GITHUB) and not has_proof:
        return "github"
    if has(*PIPELINES, CONNECTION):
        return "pipelines"
    if has(CLIENT) and not has_proof and not is_managed and environ.get("GITHUB_ACTIONS"):
        return "github"  # which says what the job lacks for it
    if has(CLIENT) and (has_proof or not is_managed):
        return "env"
    return "managed" if is_managed else "cli"
