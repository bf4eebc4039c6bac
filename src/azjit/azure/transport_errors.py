"""What keeps a call from Azure - name, certificate, proxy, sign-in - as our errors."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus

from azjit.azure.network import place_of_proxy
from azjit.azure.redaction import first_line
from azjit.errors import AzjitError, NotSignedIn, Unavailable

TRY_AGAIN = "try again in a minute"
_AZ_LOGIN = re.compile(r"\baz login\b[^\n]*")
_AZ_SAYS = re.compile(r"^ERROR: (.+)$", re.MULTILINE)
_NO_AZ = "azure cli not found"
_STATUS = re.compile(r"HTTP Error: (429|5\d\d)")
_TUNNEL = re.compile(r"(?:^|failed: )(4\d\d|5\d\d)\b")
_WRONG_NAME = 62  # X509_V_ERR_HOSTNAME_MISMATCH
_SIGN_IN = (
    "sign in with az login, set the AZURE_ variables of a service principal, or try azjit with"
    " --sandbox"
)
_NETWORK = "check the network, the proxy variables and --cloud"


def unreached(what: str, host: str, error: Exception) -> Unavailable:
    """Give the error for a host that was not reached: nothing was sent to it."""
    chain = list(_chain(error))
    host = _host_in(chain) or host
    why, hint = _reason(chain, _proxy_to(host))
    return Unavailable(f"{what}: {host} was not reached: {why}", hint=hint)


def sign_in_failure(what: str, login: str, error: Exception) -> AzjitError:
    """Give the error for a credential that gave no token; its words are kept."""
    # azure-identity wraps an unreachable sign-in host in the same error as a wrong secret.
    chain = list(_chain(error))
    if any(_is_outage(each) for each in chain):
        return unreached(what, login, error)
    passing = _passing(chain)
    if passing is not None:
        return Unavailable(f"{what}: {login} gave no token: {passing}", hint=TRY_AGAIN)
    return NotSignedIn(f"{what}: {_said(error)}", hint=_way_in(error))


def _said(error: Exception) -> str:
    """Give a credential's words; of what az prints, the error and not a warning before it."""
    text = str(error)
    if "--claims-challenge" in text:
        return "Azure asks for a new sign-in"
    told = _AZ_SAYS.search(text)
    return first_line(Exception(told[1])) if told else first_line(error)


def _way_in(error: Exception) -> str:
    text = str(error)
    if _NO_AZ in text.lower():
        return "install the Azure CLI and run az login, or sign in another way: azjit help sign-in"
    # az tells the command that helps: it cannot answer a claims challenge by itself, and knows
    # which tenant or which factor is missing.
    command = _AZ_LOGIN.search(text)
    return command[0].strip().rstrip("'.") if command and "--" in command[0] else _SIGN_IN


def _passing(chain: list[BaseException]) -> str | None:
    """Say what of the sign-in host passes by itself; None where it refused."""
    for each in chain:
        response = getattr(each, "response", None)
        status = getattr(response, "status_code", None)
        is_busy = status == HTTPStatus.TOO_MANY_REQUESTS
        if isinstance(status, int) and (is_busy or status >= HTTPStatus.INTERNAL_SERVER_ERROR):
            return f"it answered {status}"
        told = _STATUS.search(str(each))
        if told is not None:
            return f"it answered {told[1]}"
        name = type(each).__name__
        if name == "JSONDecodeError":
            return "its answer is not JSON"
        if name.startswith("IncompleteRead"):
            return "its answer broke off"
        if "Throttled" in str(each):
            return "it is throttling"
    return None


def _reason(chain: list[BaseException], proxy: str | None) -> tuple[str, str]:
    names = {type(each).__name__ for each in chain}
    if "ProxyError" in names:
        return _proxy_reason(chain, proxy)
    if "SSLError" in names or any(isinstance(each, ssl.SSLError) for each in chain):
        return _certificate_reason(chain)
    for each in chain:
        name = type(each).__name__
        if isinstance(each, socket.gaierror) or name == "NameResolutionError":
            return "its name was not found", "check the network, DNS and --cloud"
        if isinstance(each, TimeoutError) or name in {"ConnectTimeout", "ConnectTimeoutError"}:
            return f"no connection in time{_through(proxy)}", _NETWORK
        if isinstance(each, ConnectionRefusedError) or name == "NewConnectionError":
            return f"no connection was made{_through(proxy)}", _NETWORK
    return first_line(chain[0]), _NETWORK


def _certificate_reason(chain: list[BaseException]) -> tuple[str, str]:
    if any(getattr(each, "verify_code", None) == _WRONG_NAME for each in chain):
        return "its certificate is for another name", "check --cloud and the network"
    hint = "name the certificates of a private authority in REQUESTS_CA_BUNDLE"
    return "its certificate is not trusted", hint


def _through(proxy: str | None) -> str:
    return f" through the proxy {proxy}" if proxy is not None else ""


def _proxy_reason(chain: list[BaseException], proxy: str | None) -> tuple[str, str]:
    named = f"the proxy {proxy}" if proxy is not None else "the proxy"
    hint = "check HTTPS_PROXY and NO_PROXY"
    for each in chain:
        if isinstance(each, socket.gaierror) or type(each).__name__ == "NameResolutionError":
            return f"the name of {named} was not found", hint
        if isinstance(each, TimeoutError) or type(each).__name__ == "ConnectTimeoutError":
            return f"{named} did not answer in time", hint
        if isinstance(each, ConnectionRefusedError) or type(each).__name__ == "NewConnectionError":
            return f"{named} takes no connection", hint
    told = next((found[1] for each in chain if (found := _TUNNEL.search(str(each)))), None)
    if told == str(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value):
        return (
            f"{named} wants a name and a password (407)",
            "set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
        )
    return f"{named} refused{f' ({told})' if told else ''}", hint


def _host_in(chain: list[BaseException]) -> str | None:
    """Give the host that was called, where the failure tells it: sign-in calls several."""
    for each in chain:
        pool = getattr(each, "pool", None) if type(each).__name__ == "MaxRetryError" else None
        host, port = getattr(pool, "host", None), getattr(pool, "port", None)
        if isinstance(host, str) and host:
            return host if port in {None, 443} else f"{host}:{port}"
    return None


def _proxy_to(host: str) -> str | None:
    """Give the proxy that calls to a host went through, as the clients themselves choose it."""
    from requests.utils import get_environ_proxies

    told = get_environ_proxies(f"https://{host}/")
    proxy = told.get("https") or told.get("all")
    return place_of_proxy(proxy) if proxy else None


def _is_outage(error: BaseException) -> bool:
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError
    from requests import ConnectionError as NoConnection
    from requests import Timeout

    kinds = (ServiceRequestError, ServiceResponseError, NoConnection, Timeout)
    return isinstance(error, kinds)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an exception and all that it was made from, each once."""
    seen: set[int] = set()
    left: list[object] = [error]
    while left:
        each = left.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            inside = [getattr(each, name, None) for name in ("inner_exception", "reason")]
            left += [*inside, each.__cause__, each.__context__, *each.args]
