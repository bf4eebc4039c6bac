"""Azure's clouds: their hosts, the scopes of their tokens, their portals."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from azjit.errors import Usage
from azjit.options import ADDRESS, HERE

SANDBOX_NAME = "AzjitSandbox"
_HTTPS = 443
_COUNTRY, _SHORT = 2, 3  # letters
# Microsoft's domains, in which its customers have hosts too.
_MICROSOFT = (
    "azure-api.cn",
    "azure-api.net",
    "azure-api.us",
    "azure-devices.net",
    "azure.cn",
    "azure.com",
    "azure.net",
    "azure.us",
    "azurecontainerapps.io",
    "azuredatabricks.net",
    "azureedge.net",
    "azurefd.net",
    "azurehdinsight.net",
    "azurestaticapps.net",
    "azuresynapse.net",
    "azurewebsites.net",
    "azurewebsites.us",
    "chinacloudapi.cn",
    "chinacloudsites.cn",
    "cloudapp.net",
    "databricksapps.com",
    "devtunnels.ms",
    "dynamics.com",
    "microsoft.com",
    "msappproxy.net",
    "office.com",
    "onmicrosoft.com",
    "powerappsportals.com",
    "powerbi.com",
    "sharepoint.com",
    "trafficmanager.net",
    "usgovcloudapi.net",
    "visualstudio.com",
    "windows.net",
)


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
        """Whether this is a sandbox of azjit; only an address of this machine may have its name."""
        return self.name == SANDBOX_NAME

    @property
    def has_microsofts_roles(self) -> bool:
        """Whether the ids of built-in roles are known here: on Microsoft's hosts, in a sandbox."""
        return self.is_sandbox or _known_cloud(self.arm) is not None

    @property
    def label(self) -> str:
        """The name to show; a cloud given by its URL names itself, so its host is added.

        It is empty for the public cloud, and for the sandbox, of which another line tells.
        """
        if self.is_sandbox or self.name == NAMED["public"].name:
            return ""
        return self.name if self in NAMED.values() else f"{self.name} at {self.host}"

    def portal_link(self, application_id: str, tenant: str | None) -> str:
        """Give the address of an application's page in the portal, in a tenant if it is known."""
        where = f"@{tenant}/" if tenant else ""
        return f"{self.portal.rstrip('/')}/#{where}resource{application_id}/overview"


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


_QUOTES = "'\" "


def check_cloud(text: str) -> None:
    """Refuse a text that is neither a cloud's name nor an https URL.

    Raises:
        Usage: it is neither.
    """
    if text in NAMED:
        return
    if not _is_base(text):
        address = f"https://{text.strip(_QUOTES).removeprefix('http://').removeprefix('https://')}"
        meant = f"did you mean {address}? " if _is_base(address) and re.search("[.:]", text) else ""
        raise Usage(
            f"no cloud named {text!r}",
            hint=f"{meant}use public, usgov, china, or the base URL of Resource Manager, https://...",
        )


def address_of(name: str) -> str:
    """Give the base URL of a cloud's name or URL."""
    return NAMED[name].arm if name in NAMED else name.rstrip("/")


def known_cloud(name: str, authority: str | None) -> Cloud | None:
    """Give the cloud of a name, or of a URL of Microsoft's own hosts; None for any other URL.

    What Microsoft's hosts are is a constant: no answer and no option changes it.

    Raises:
        Usage: `authority` is another sign-in host than this cloud's.
    """
    cloud = _known_cloud(name)
    if cloud is None or authority is None or authority.lower().rstrip("/") == cloud.authority:
        return cloud
    raise Usage(
        f"the cloud {cloud.name} signs in at {cloud.authority}, not at {authority}",
        hint="remove --authority, which is for the --cloud URL of another cloud",
    )


def _known_cloud(name: str) -> Cloud | None:
    if name in NAMED:
        return NAMED[name]
    host = urlsplit(name).netloc.lower().removesuffix(f":{_HTTPS}")
    for cloud in NAMED.values():
        if host == cloud.host:
            return cloud
        if host.endswith(f".{cloud.host}"):  # a region's own endpoint
            return cloud._replace(arm=f"https://{host}")
    return None


def plain_address(value: object) -> str | None:
    """Give an https URL that every parser reads alike, without a slash at its end; else None."""
    if not isinstance(value, str) or re.fullmatch(ADDRESS, value) is None:
        return None
    try:
        parts = urlsplit(value)
        is_usable = parts.port != 0 and _is_host(parts.hostname or "")
    except ValueError:
        return None
    return value.rstrip("/") if is_usable else None


def _is_host(host: str) -> bool:
    """Tell whether a host is a name, or an address in its usual form: not `127.1` or `0x7f.1`."""
    last = host.rpartition(".")[2]
    if ":" not in host and re.fullmatch(r"\d+|0x[\da-f]*", last) is None:
        return True
    from ipaddress import ip_address  # noqa: PLC0415 - 3 ms that few URLs need

    ip_address(host)
    return True


def _is_base(url: str) -> bool:
    plain = plain_address(url)
    return plain is not None and not urlsplit(plain).path


def is_loopback(url: str) -> bool:
    """Tell whether a URL stays on this machine."""
    return re.fullmatch(HERE, url) is not None


def is_of(arm: str, url: str) -> bool:
    """Tell whether a URL is of a Resource Manager's own domain, as its sign-in host is.

    The domain is the host without its first label. It is only the host itself where that rest is
    shared by strangers: a top-level domain, one such as `co.uk`, or one of Microsoft's.
    """
    if is_loopback(arm):
        return is_loopback(url)
    ours, theirs = (urlsplit(each).hostname or "" for each in (arm, url))
    if ":" in ours or ours.rpartition(".")[2].isdigit():
        return urlsplit(arm).netloc == urlsplit(url).netloc
    domain = ours.partition(".")[2]
    first, _, rest = domain.rpartition(".")
    is_shared = not first or (len(rest) == _COUNTRY and len(first) <= _SHORT)
    if is_shared or any(_is_in(domain, each) for each in _MICROSOFT):
        domain = ours
    return _is_in(theirs, domain)


def _is_in(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def graph_of(cloud: Cloud) -> Cloud | None:
    """Give Microsoft Graph as a cloud of its own; None if the cloud has none.

    A token for it is valid there only, except on this machine, where a served sandbox answers
    under its own address and accepts tokens of the real Graph.
    """
    if not cloud.graph:
        return None
    audience = NAMED["public"].graph if is_loopback(cloud.graph) else cloud.graph
    return Cloud("Graph", cloud.graph, cloud.authority, audience, cloud.portal)
