"""Reads a cloud from its own description, `/metadata/endpoints`, which needs no sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azjit.azure import routes
from azjit.azure.clouds import NAMED, Cloud, is_loopback
from azjit.azure.redaction import first_line
from azjit.azure.transport_errors import unreached
from azjit.errors import Refused, Unavailable

if TYPE_CHECKING:
    from azure.core.pipeline.transport import HttpTransport

_SECONDS = 20
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


def read_cloud(transport: HttpTransport[Any, Any], arm: str) -> tuple[Cloud, str]:
    """Read a cloud from its own description, and the answer's `Date`.

    Raises:
        Unavailable: it was not reached, or its answer is no description.
        Refused: it asks for a token that is not its own.
    """
    from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError
    from azure.core.rest import HttpRequest

    url = f"{arm}{routes.METADATA}?api-version={routes.ENDPOINTS}"
    try:
        response = transport.send(HttpRequest("GET", url), read_timeout=_SECONDS)
        answer = response.json()
    except (ServiceRequestError, ServiceResponseError) as error:
        what = "the cloud's endpoints could not be read"
        raise unreached(what, urlsplit(arm).netloc, error) from error
    except (AzureError, ValueError) as error:
        raise Unavailable(
            f"{url} could not be read: {first_line(error)}",
            hint="check --cloud, the network, and REQUESTS_CA_BUNDLE for a private CA",
        ) from error
    return cloud_from_metadata(arm, answer), response.headers.get("Date", "")


def cloud_from_metadata(arm: str, answer: Any) -> Cloud:
    """Read a cloud from its `/metadata/endpoints`: an object, or a list with one per cloud.

    Raises:
        Unavailable: the answer holds no sign-in endpoint.
        Refused: it asks for a token that opens Microsoft's own Azure, and is not that.
    """
    entry = _matching(arm, answer) if isinstance(answer, list) else answer
    sign_in = entry.get("authentication") if isinstance(entry, Mapping) else None
    login = _https(sign_in.get("loginEndpoint")) if isinstance(sign_in, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(sign_in, Mapping) or login is None:
        raise Unavailable(
            f"{arm}/metadata/endpoints has no sign-in address",
            hint="check --cloud: it must be the base URL of Resource Manager",
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


def _audience(arm: str, value: Any) -> str:
    named = value if isinstance(value, list) else []
    first = next((each for each in named if isinstance(each, str) and each), arm)
    return first.rstrip("/")


def _check_audience(arm: str, audience: str) -> None:
    # Otherwise any host could have azjit send it a token that opens the real Azure.
    host = urlsplit(arm).hostname or ""
    is_theirs = any(_is_in(host, cloud.host) for cloud in NAMED.values())
    target = urlsplit(audience).hostname or ""
    opens_microsoft = any(_is_in(target, domain) for domain in _MICROSOFT)
    if is_loopback(arm) or is_theirs or not opens_microsoft:
        return
    raise Refused(
        f"{arm} asks for a token for {urlsplit(audience).netloc}, which is not its own",
        hint="do not use this --cloud; it would get a token for another cloud",
    )


def _is_in(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
