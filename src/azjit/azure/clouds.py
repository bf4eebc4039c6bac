"""Azure's clouds: where to send, whom to ask for tokens, where the portal is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from azjit.errors import Unavailable, Usage

SANDBOX_NAME = "AzjitSandbox"


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure: `arm` is the Resource Manager's base URL, `authority` the sign-in host's."""

    name: str
    arm: str
    authority: str
    audience: str
    portal: str

    @property
    def scope(self) -> str:
        """The scope of a token for Resource Manager."""
        return f"{self.audience.rstrip('/')}/.default"

    @property
    def host(self) -> str:
        """Resource Manager's host and port: the only place that tokens go."""
        return urlsplit(self.arm).netloc.lower()

    @property
    def is_sandbox(self) -> bool:
        """Whether this is a world of `azjit sandbox`."""
        return self.name == SANDBOX_NAME

    def portal_link(self, application_id: str, tenant: str) -> str:
        """Give the address of an application's page in the portal."""
        return f"{self.portal.rstrip('/')}/#@{tenant}/resource{application_id}/overview"


# Source: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
NAMED = {
    "public": Cloud(
        "AzureCloud",
        "https://management.azure.com",
        "https://login.microsoftonline.com",
        "https://management.azure.com",
        "https://portal.azure.com",
    ),
    "usgov": Cloud(
        "AzureUSGovernment",
        "https://management.usgovcloudapi.net",
        "https://login.microsoftonline.us",
        "https://management.usgovcloudapi.net",
        "https://portal.azure.us",
    ),
    "china": Cloud(
        "AzureChinaCloud",
        "https://management.chinacloudapi.cn",
        "https://login.partner.microsoftonline.cn",
        "https://management.chinacloudapi.cn",
        "https://portal.azure.cn",
    ),
}


def check_cloud(text: str) -> None:
    """Refuse what names no cloud and is no https URL.

    Raises:
        Usage: it is neither.
    """
    if text in NAMED:
        return
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.path not in {"", "/"}:
        raise Usage(
            f"no cloud named {text!r}",
            hint="use public, usgov, china, or Resource Manager's base URL, https://...",
        )


def is_loopback(url: str) -> bool:
    """Tell whether a URL stays on this machine."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


def cloud_from_metadata(arm: str, answer: Any) -> Cloud:
    """Read a cloud from what its `/metadata/endpoints` says.

    Both forms are known: an object, and a list with one object a cloud.

    Raises:
        Unavailable: the answer holds no sign-in endpoint.
    """
    entry = _matching(arm, answer) if isinstance(answer, list) else answer
    sign_in = entry.get("authentication") if isinstance(entry, Mapping) else None
    login = sign_in.get("loginEndpoint") if isinstance(sign_in, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(sign_in, Mapping) or not login:
        raise Unavailable(
            f"{arm}/metadata/endpoints does not say where to sign in",
            hint="check --cloud: it must be Resource Manager's base URL",
        )
    audiences = sign_in.get("audiences") or [arm]
    return Cloud(
        name=str(entry.get("name") or "custom"),
        arm=arm.rstrip("/"),
        authority=str(login).rstrip("/"),
        audience=str(audiences[0]).rstrip("/"),
        portal=str(entry.get("portal") or "https://portal.azure.com").rstrip("/"),
    )


def _matching(arm: str, entries: list[Any]) -> Any:
    host = urlsplit(arm).netloc.lower()
    for entry in entries:
        if isinstance(entry, Mapping):
            theirs = urlsplit(str(entry.get("resourceManager", ""))).netloc.lower()
            if theirs == host:
                return entry
    return entries[0] if entries else None
