"""The cloud's own description: its endpoints, in the new form and the old."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.messages import Problem, Request, Response, answer

PATH = "/metadata/endpoints"
_OLD = "2020-06-01"  # versions before it answer one object, or a list of clouds


def respond(request: Request) -> Response:
    """GET metadata/endpoints: no token needed.

    Raises:
        Problem: 400, without an api-version.
    """
    version = request.query.get("api-version", "")
    if not version:
        text = "The api-version query parameter (?api-version=) is required for all requests."
        raise Problem(400, "MissingApiVersionParameter", text)
    cloud = _cloud(request.site.arm, request.site.login)
    return answer(200, [cloud] if version < _OLD else cloud)


def _cloud(arm: str, login: str) -> dict[str, Any]:
    return {
        "name": "AzjitSandbox",
        "portal": "https://portal.azure.com",
        "authentication": {
            "loginEndpoint": login,
            "audiences": [
                "https://management.core.windows.net/",
                "https://management.azure.com/",
                f"{arm}/",
            ],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": arm,
        "graph": "https://graph.windows.net/",
        "graphAudience": "https://graph.windows.net/",
        "microsoftGraphResourceId": "https://graph.microsoft.com/",
        "media": "https://rest.media.azure.net",
        "gallery": "https://gallery.azure.com/",
        "batch": "https://batch.core.windows.net/",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "suffixes": {
            "storage": "core.windows.net",
            "keyVaultDns": "vault.azure.net",
            "acrLoginServer": "azurecr.io",
            "sqlServerHostname": "database.windows.net",
        },
    }
