"""The description of the cloud: its endpoints, in the form that the api-version asks for."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.arm.route import required_version
from azjit.sandbox.base.messages import Request, Response, Site, answer

PATH = "/metadata/endpoints"
GRAPH = "https://graph.microsoft.com"
_OLD = "2020-06-01"  # versions before it answer one object, or a list of clouds


def respond(request: Request) -> Response:
    """GET metadata/endpoints: no token needed."""
    version, cloud = required_version(request), _cloud(request.site)
    return answer(200, [cloud] if version < _OLD else cloud)


def _cloud(site: Site) -> dict[str, Any]:
    arm = site.arm
    return {
        "name": "AzjitSandbox",
        "portal": "https://portal.azure.com",
        "authentication": {
            "loginEndpoint": site.login,
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
        "microsoftGraphResourceId": f"{arm if site.is_local else GRAPH}/",
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
