"""Azure's clouds: where to send, whom to ask for tokens, where the portal is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from azjit.errors import Refused, Unavailable, Usage

SANDBOX_NAME = "AzjitSandbox"
_HTTPS = 443
# Hosts whose tokens open Microsoft's own services.
_MICROSOFT = (
    "azure.com",
    "azure.net",
    "azure.us",
    "azure.cn",
    "chinacloudapi.cn",
    "microsoft.com",
    "office.com",
    "usgovcloudapi.net",
    "windows.net",
)


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure: `arm` is the Resource Manager's base URL, `authority` the sign-in host's.

    `graph` is Microsoft Graph's base URL; empty where the cloud names none.
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
        """Resource Manager's host and port: the only place that tokens go."""
        return urlsplit(self.arm).netloc.lower()

    @property
    def login(self) -> str:
        """The sign-in host."""
        return urlsplit(self.authority).netloc.lower()

    def owns(self, url: str) -> bool:
        """Tell whether a URL leads to Resource Manager by https; `:443` says nothing more."""
        try:
            parts = urlsplit(url)
            place = (parts.hostname, parts.port or _HTTPS)
        except ValueError:
            return False
        home = urlsplit(self.arm)
        # `https://ours@theirs`, or with a backslash: whoever reads that otherwise than this does
        # would send the token to them.
        plain = "@" not in parts.netloc and "\\" not in url
        return parts.scheme == "https" and plain and place == (home.hostname, home.port or _HTTPS)

    @property
    def is_sandbox(self) -> bool:
        """Whether this is a world of `azjit sandbox`."""
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
    """Refuse what names no cloud and is no https URL.

    Raises:
        Usage: it is neither.
    """
    if text in NAMED:
        return
    if not _is_base(text):
        raise Usage(
            f"no cloud named {text!r}",
            hint="use public, usgov, china, or Resource Manager's base URL, https://...",
        )


def address_of(name: str) -> str:
    """Give the base URL that a cloud's name or URL stands for."""
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


def cloud_from_metadata(arm: str, answer: Any) -> Cloud:
    """Read a cloud from what its `/metadata/endpoints` says.

    Both forms are known: an object, and a list with one object a cloud.

    Raises:
        Unavailable: the answer holds no sign-in endpoint.
        Refused: it asks for a token that opens Microsoft's own Azure, and is not that.
    """
    entry = _matching(arm, answer) if isinstance(answer, list) else answer
    sign_in = entry.get("authentication") if isinstance(entry, Mapping) else None
    login = _https(sign_in.get("loginEndpoint")) if isinstance(sign_in, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(sign_in, Mapping) or login is None:
        raise Unavailable(
            f"{arm}/metadata/endpoints does not say where to sign in",
            hint="check --cloud: it must be Resource Manager's base URL",
        )
    audience = _audience(arm, sign_in.get("audiences"))
    _check_audience(arm, audience)
    return Cloud(
        name=str(entry.get("name") or "custom"),
        arm=arm.rstrip("/"),
        authority=login,
        audience=audience,
        portal=_https(entry.get("portal")) or "https://portal.azure.com",
        graph=_https(entry.get("microsoftGraphResourceId")) or "",
    )


def graph_of(cloud: Cloud) -> Cloud | None:
    """Give Microsoft Graph as a place of its own; None where the cloud names none.

    A token for it opens that place only, except on this machine, where a served sandbox answers
    under its own address and takes the tokens of the real one.
    """
    if not cloud.graph:
        return None
    audience = NAMED["public"].graph if is_loopback(cloud.graph) else cloud.graph
    return Cloud("Graph", cloud.graph, cloud.authority, audience, cloud.portal)


def _matching(arm: str, entries: list[Any]) -> Any:
    host = urlsplit(arm).netloc.lower()
    clouds = [entry for entry in entries if isinstance(entry, Mapping)]
    for entry in clouds:
        if urlsplit(str(entry.get("resourceManager", ""))).netloc.lower() == host:
            return entry
    return clouds[0] if len(clouds) == 1 else None


def _https(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    parts = urlsplit(value)
    return value.rstrip("/") if parts.scheme == "https" and parts.hostname else None


def _audience(arm: str, told: Any) -> str:
    named = told if isinstance(told, list) else []
    first = next((each for each in named if isinstance(each, str) and each), arm)
    return first.rstrip("/")


def _check_audience(arm: str, audience: str) -> None:
    # Else a host of anybody's could have itself sent a token that opens the real Azure.
    host = urlsplit(arm).hostname or ""
    is_theirs = any(_is_in(host, cloud.host) for cloud in NAMED.values())
    if is_loopback(arm) or is_theirs or not _opens_microsoft(audience):
        return
    raise Refused(
        f"{arm} asks for a token of {urlsplit(audience).netloc}, which is not its own",
        hint="do not use this --cloud; it would get a token that opens another Azure",
    )


def _opens_microsoft(audience: str) -> bool:
    host = urlsplit(audience).hostname or ""
    return any(_is_in(host, domain) for domain in _MICROSOFT)


def _is_in(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
