"""Reads what needs no sign-in: the description of a cloud, and the tenant of a domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azjit.azure import routes
from azjit.azure.clouds import (
    NAMED,
    Cloud,
    address_of,
    check_cloud,
    is_loopback,
    is_of,
    known_cloud,
    plain_address,
)
from azjit.azure.network import check_network, secrets_in
from azjit.azure.redaction import first_line
from azjit.azure.transport_errors import unreached
from azjit.azure.wire.values import read_json
from azjit.domain.ids import is_guid
from azjit.errors import Refused, Unavailable, Usage
from azjit.process import Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azure.core.pipeline.transport import HttpTransport

_SECONDS = 20
_LONGEST_NAME = 40


def find_cloud(
    settings: Settings, process: Process, transport: Callable[[], HttpTransport[Any, Any]]
) -> tuple[Cloud, str]:
    """Give the cloud that the settings name, and the `Date` of its description if it has one.

    Raises:
        Usage: there is no such cloud, or it is not the sandbox that another option needs.
        Unavailable: its description was not reached, or is none.
        Refused: it wants tokens or secrets sent where neither it nor the user may send them.
    """
    name, authority, is_embedded = settings.cloud, settings.authority, settings.sandbox
    check_cloud(name)
    if not is_embedded:
        check_network(process.environ)
        # Nothing of them is used for a sandbox, whose secrets are words of many messages.
        for secret in () if is_loopback(name) else secrets_in(process.environ):
            process.hide(secret)
        known = known_cloud(name, authority)
        if known is not None:
            return known, ""
    cloud, date = _read_cloud(transport(), address_of(name), authority, is_embedded=is_embedded)
    if settings.person is not None and not cloud.is_sandbox:
        raise Usage(f"{cloud.arm} is not a sandbox", hint="--as requires a sandbox")
    return cloud, date


def _read_cloud(
    transport: HttpTransport[Any, Any], arm: str, authority: str | None, *, is_embedded: bool
) -> tuple[Cloud, str]:
    url = f"{arm}{routes.METADATA}?api-version={routes.ENDPOINTS}"
    response, answer = _read(transport, url, "the cloud's endpoints could not be read")
    cloud = cloud_from_metadata(arm, answer, authority, is_embedded=is_embedded)
    return cloud, response.headers.get("Date", "")


def tenant_of(transport: Callable[[], HttpTransport[Any, Any]], cloud: Cloud, domain: str) -> str:
    """Give the id of the tenant of an id or a domain.

    Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc

    Raises:
        Usage: no tenant has it.
        Unavailable: the sign-in host was not reached, or does not tell.
    """
    if is_guid(domain):
        return domain.lower()
    url = f"{cloud.authority}/{domain}{routes.OPENID}"
    response, answer = _read(transport(), url, f"the tenant of {domain} could not be read")
    if response.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
        raise Usage(f"no tenant has the domain {domain}", hint="use the id of the tenant")
    issuer = answer.get("issuer") if isinstance(answer, Mapping) else None
    found = [part for part in str(issuer).split("/") if is_guid(part)]
    if len(found) != 1:
        raise Unavailable(
            f"{cloud.login} does not tell the tenant of {domain}", hint="use the id of the tenant"
        )
    return found[0].lower()


def _read(transport: HttpTransport[Any, Any], url: str, what: str) -> tuple[Any, Any]:
    from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError
    from azure.core.rest import HttpRequest

    try:
        response = transport.send(HttpRequest("GET", url), read_timeout=_SECONDS)
        return response, read_json(response.text())
    except (ServiceRequestError, ServiceResponseError) as error:
        raise unreached(what, urlsplit(url).netloc, error) from error
    except (AzureError, ValueError, RecursionError) as error:
        raise Unavailable(
            f"{url} could not be read: {first_line(error)}",
            hint="check --cloud, the network, and REQUESTS_CA_BUNDLE for a private CA",
        ) from error


def cloud_from_metadata(
    arm: str, answer: Any, authority: str | None = None, *, is_embedded: bool = False
) -> Cloud:
    """Read a cloud from its `/metadata/endpoints`: an object, or a list with one per cloud.

    A host elsewhere may name addresses of its own domain only, because its answer says where
    secrets are sent and which tokens it gets; the user may name another sign-in host, `authority`.
    To this machine no secret is ever sent.

    Raises:
        Unavailable: the answer holds no sign-in endpoint.
        Refused: it names an address outside its domain, or says that it is the sandbox.
    """
    entry = _matching(arm, answer) if isinstance(answer, list) else answer
    sign_in = entry.get("authentication") if isinstance(entry, Mapping) else None
    login = plain_address(sign_in.get("loginEndpoint")) if isinstance(sign_in, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(sign_in, Mapping) or login is None:
        raise Unavailable(
            f"{arm}/metadata/endpoints has no sign-in address",
            hint="check --cloud: it must be the base URL of Resource Manager",
        )
    cloud = Cloud(
        name=" ".join(str(entry.get("name") or "custom").split())[:_LONGEST_NAME],
        arm=arm.rstrip("/"),
        authority=login,
        audience=_audience(arm, sign_in.get("audiences")),
        portal=plain_address(entry.get("portal")) or NAMED["public"].portal,
        graph=plain_address(entry.get("microsoftGraphResourceId")) or "",
    )
    if is_embedded:
        return cloud
    cloud = _checked(cloud)
    if authority is not None and not is_loopback(arm):
        return cloud._replace(authority=authority.rstrip("/"))
    if not is_of(arm, login):
        raise Refused(
            f"{cloud.host} wants the sign-in at {cloud.login}, which is not of its own domain;"
            " nothing was sent there",
            hint=f"if you know that this is right, use --authority {login}",
        )
    return cloud


def _matching(arm: str, entries: list[Any]) -> Any:
    host = urlsplit(arm).netloc.lower()
    clouds = [entry for entry in entries if isinstance(entry, Mapping)]
    for entry in clouds:
        told = plain_address(str(entry.get("resourceManager")).lower())
        if told is not None and urlsplit(told).netloc == host:
            return entry
    return clouds[0] if len(clouds) == 1 else None


def _audience(arm: str, value: Any) -> str:
    named = value if isinstance(value, list) else []
    first = next((each for each in named if isinstance(each, str) and each), arm)
    return first.rstrip("/")


def _checked(cloud: Cloud) -> Cloud:
    """Refuse addresses that this cloud may not name, and drop a Graph that it may not name."""
    arm, host, is_here = cloud.arm, cloud.host, is_loopback(cloud.arm)
    if cloud.is_sandbox and not is_here:
        raise Refused(
            f"{host} says that it is azjit's sandbox, which runs on this machine only",
            hint="do not use this --cloud",
        )
    if not is_here and (plain_address(cloud.audience) is None or not is_of(arm, cloud.audience)):
        raise Refused(
            f"{host} asks for a token for {cloud.audience!r}, which is not of its own domain",
            hint="do not use this --cloud; it would get a token for another service",
        )
    is_ours = is_of(arm, cloud.graph) or cloud.graph in {each.graph for each in NAMED.values()}
    name = "custom" if cloud.name in {each.name for each in NAMED.values()} else cloud.name
    return cloud._replace(graph=cloud.graph if is_ours else "", name=name)
