"""Azure's clouds: their hosts, the scopes of their tokens, their portals."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from azjit.errors import Usage

SANDBOX_NAME = "AzjitSandbox"
_HTTPS = 443


class Cloud(NamedTuple):
    """One cloud: `arm` is Resource Manager's base URL, `authority` the sign-in host's.

    `graph` is Microsoft Graph's base URL, empty if the cloud has none. A service with tokens of
    its own, such as Graph, is a `Cloud` too, with its base URL in `arm`.
    """

    name: str
    arm: str
    authority: str
    audience: str
    portal: str
    graph: str = ""

    @property
    def scope(self) -> str:
        """The scope of a token for Resource Manager."""
        return f"{self.audience.rstrip('/')}/.default"

    @property
    def host(self) -> str:
        """Resource Manager's host and port, the only host that gets its tokens."""
        return urlsplit(self.arm).netloc.lower()

    @property
    def login(self) -> str:
        """The sign-in host."""
        return urlsplit(self.authority).netloc.lower()

    def owns(self, url: str) -> bool:
        """Tell whether a URL leads to Resource Manager by https, with or without `:443`."""
        try:
            parts = urlsplit(url)
            address = (parts.hostname, parts.port or _HTTPS)
        except ValueError:
            return False
        home = urlsplit(self.arm)
        # Parsers differ on `https://ours@theirs` and on a backslash: another reading would send the
        # token to a foreign host.
        is_plain = "@" not in parts.netloc and "\\" not in url
        return (
            parts.scheme == "https" and is_plain and address == (home.hostname, home.port or _HTTPS)
        )

    @property
    def is_sandbox(self) -> bool:
        """Whether this is a sandbox of azjit."""
        return self.name == SANDBOX_NAME

    def portal_link(self, application_id: str, tenant: str) -> str:
        """Give the address of an application's page in the portal."""
        return f"{self.portal.rstrip('/')}/#@{tenant}/resource{application_id}/overview"


# Sources: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
# and https://learn.microsoft.com/graph/deployments
NAMED = {
    "public": Cloud(
        "AzureCloud",
        "https://management.azure.com",
        "https://login.microsoftonline.com",
        "https://management.azure.com",
        "https://portal.azure.com",
        "https://graph.microsoft.com",
    ),
    "usgov": Cloud(
        "AzureUSGovernment",
        "https://management.usgovcloudapi.net",
        "https://login.microsoftonline.us",
        "https://management.usgovcloudapi.net",
        "https://portal.azure.us",
        "https://graph.microsoft.us",
    ),
    "china": Cloud(
        "AzureChinaCloud",
        "https://management.chinacloudapi.cn",
        "https://login.partner.microsoftonline.cn",
        "https://management.chinacloudapi.cn",
        "https://portal.azure.cn",
        "https://microsoftgraph.chinacloudapi.cn",
    ),
}


def check_cloud(text: str) -> None:
    """Refuse a text that is neither a cloud's name nor an https URL.

    Raises:
        Usage: it is neither.
    """
    if text in NAMED:
        return
    if not _is_base(text):
        raise Usage(
            f"no cloud named {text!r}",
            hint="use public, usgov, china, or the base URL of Resource Manager, https://...",
        )


def address_of(name: str) -> str:
    """Give the base URL of a cloud's name or URL."""
    return NAMED[name].arm if name in NAMED else name.rstrip("/")


def _is_base(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_place = parts.hostname is not None and parts.port != 0
    except ValueError:
        return False
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    return parts.scheme == "https" and has_place and not more


def is_loopback(url: str) -> bool:
    """Tell whether a URL stays on this machine."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


def graph_of(cloud: Cloud) -> Cloud | None:
    """Give Microsoft Graph as a cloud of its own; None if the cloud has none.

    A token for it is valid there only, except on this machine, where a served sandbox answers
    under its own address and accepts tokens of the real Graph.
    """
    if not cloud.graph:
        return None
    audience = NAMED["public"].graph if is_loopback(cloud.graph) else cloud.graph
    return Cloud("Graph", cloud.graph, cloud.authority, audience, cloud.portal)
