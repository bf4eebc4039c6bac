"""Turns a call that never reached Azure, and a sign-in without a token, into our errors."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus

from azjit.azure.network import proxy_address
from azjit.azure.redaction import first_line
from azjit.errors import AzjitError, NotSignedIn, Unavailable

TRY_AGAIN = "try again in a minute"
_AZ_LOGIN = re.compile(r"\baz login\b[^\n]*")
_AZ_ERROR = re.compile(r"^ERROR: (.+)$", re.MULTILINE)
_STATUS = re.compile(r"HTTP Error: (429|5\d\d)")
_TUNNEL_STATUS = re.compile(r"(?:^|failed: )(4\d\d|5\d\d)\b")
_RETRIED = "MaxRetryError"
_WRONG_NAME = 62  # X509_V_ERR_HOSTNAME_MISMATCH
_SIGN_IN_HINT = (
    "sign in with az login, set the AZURE_ variables of a service principal, or try azjit with"
    " --sandbox"
)
_NETWORK_HINT = "check the network, the proxy variables and --cloud"
_PROXY_HINT = "check HTTPS_PROXY and NO_PROXY"


# By why no connection was made: to the host itself, and to the proxy before it.
_HOST_REASONS = {
    "name": ("its name was not found", "check the network, DNS and --cloud"),
    "timeout": ("the connection timed out{through}", _NETWORK_HINT),
    "refused": ("no connection was made{through}", _NETWORK_HINT),
}
_PROXY_REASONS = {
    "name": "the name of {proxy} was not found",
    "timeout": "{proxy} did not answer in time",
    "refused": "{proxy} accepts no connection",
}


def unreached(what: str, host: str, error: Exception) -> Unavailable:
    """Make the error for a host that was not reached: nothing was sent to it."""
    chain = list(_chain(error))
    host = _host_in(chain) or host
    why, hint = _reason(chain, _proxy_to(host))
    return Unavailable(f"{what}: {host} was not reached: {why}", hint=hint)


def sign_in_failure(what: str, login: str, error: Exception) -> AzjitError:
    """Make the error for a credential that gave no token, with the credential's own message."""
    # azure-identity wraps an unreachable sign-in host in the same error as a wrong secret.
    chain = list(_chain(error))
    for each in chain:
        if isinstance(each, AzjitError):  # raised below azure-identity, which wraps what it meets
            return each
    if any(_is_outage(each) for each in chain):
        return unreached(what, login, error)
    outage = _temporary_failure(chain)
    if outage is not None:
        return Unavailable(f"{what}: {login} returned no token: {outage}", hint=TRY_AGAIN)
    return NotSignedIn(f"{what}: {_message(error)}", hint=_sign_in_hint(error))


def _message(error: Exception) -> str:
    text = str(error)
    if "--claims-challenge" in text:
        return "Azure requires a new sign-in"
    # az may print warnings before its error.
    printed = _AZ_ERROR.search(text)
    return first_line(Exception(printed[1])) if printed else first_line(error)


def _sign_in_hint(error: Exception) -> str:
    text = str(error)
    # az prints the command that helps: it cannot answer a claims challenge by itself, and knows
    # which tenant or which factor is missing.
    command = _AZ_LOGIN.search(text)
    return command[0].strip().rstrip("'.") if command and "--" in command[0] else _SIGN_IN_HINT


def _temporary_failure(chain: list[BaseException]) -> str | None:
    """Describe a temporary failure of the sign-in host; None if it refused the sign-in."""
    for each in chain:
        response = getattr(each, "response", None)
        status = getattr(response, "status_code", None)
        is_busy = status == HTTPStatus.TOO_MANY_REQUESTS
        if isinstance(status, int) and (is_busy or status >= HTTPStatus.INTERNAL_SERVER_ERROR):
            return f"it answered {status}"
        found = _STATUS.search(str(each))
        if found is not None:
            return f"it answered {found[1]}"
        name = type(each).__name__
        if name == "JSONDecodeError":
            return "its answer is not JSON"
        if name.startswith("IncompleteRead"):
            return "its answer was incomplete"
        if "Throttled" in str(each):
            return "it is throttling"
    return None


def _reason(chain: list[BaseException], proxy: str | None) -> tuple[str, str]:
    names = {type(each).__name__ for each in chain}
    if "ProxyError" in names:
        return _proxy_reason(chain, f"the proxy {proxy}" if proxy is not None else "the proxy")
    if "SSLError" in names or any(isinstance(each, ssl.SSLError) for each in chain):
        return _certificate_reason(chain)
    through = f" through the proxy {proxy}" if proxy is not None else ""
    cause = _cause(chain)
    if cause is None:
        return first_line(chain[0]), _NETWORK_HINT
    why, hint = _HOST_REASONS[cause]
    return why.format(through=through), hint


def _cause(chain: list[BaseException]) -> str | None:
    for each in chain:
        name = type(each).__name__
        if isinstance(each, socket.gaierror) or name == "NameResolutionError":
            return "name"
        if isinstance(each, TimeoutError) or name in {"ConnectTimeout", "ConnectTimeoutError"}:
            return "timeout"
        if isinstance(each, ConnectionRefusedError) or name == "NewConnectionError":
            return "refused"
    return None


def _certificate_reason(chain: list[BaseException]) -> tuple[str, str]:
    if any(getattr(each, "verify_code", None) == _WRONG_NAME for each in chain):
        return "its certificate is for another name", "check --cloud and the network"
    hint = "set REQUESTS_CA_BUNDLE to the certificates of the private authority"
    return "its certificate is not trusted", hint


def _proxy_reason(chain: list[BaseException], proxy: str) -> tuple[str, str]:
    cause = _cause(chain)
    if cause is not None:
        return _PROXY_REASONS[cause].format(proxy=proxy), _PROXY_HINT
    status = next((found[1] for each in chain if (found := _TUNNEL_STATUS.search(str(each)))), None)
    if status == str(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value):
        return (
            f"{proxy} requires a user name and password (407)",
            "set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
        )
    return f"{proxy} refused{f' ({status})' if status else ''}", _PROXY_HINT


def _host_in(chain: list[BaseException]) -> str | None:
    """Give the host that was called, if the failure names it: sign-in calls several."""
    names = [type(each).__name__ for each in chain]
    pools = [getattr(e, "pool", None) for e, n in zip(chain, names, strict=True) if n == _RETRIED]
    # A connection through a proxy names the proxy.
    connections = [getattr(each, "conn", None) for each in chain if "ProxyError" not in names]
    for each in (*pools, *connections):
        host, port = getattr(each, "host", None), getattr(each, "port", None)
        if isinstance(host, str) and host:
            return host if port in {None, 443} else f"{host}:{port}"
    return None


def _proxy_to(host: str) -> str | None:
    """Give the proxy that calls to a host went through, as the clients themselves choose it."""
    from requests.utils import get_environ_proxies

    proxies = get_environ_proxies(f"https://{host}/")
    proxy = proxies.get("https") or proxies.get("all")
    return proxy_address(proxy) if proxy else None


def _is_outage(error: BaseException) -> bool:
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError
    from requests import ConnectionError as NoConnection
    from requests import Timeout

    kinds = (ServiceRequestError, ServiceResponseError, NoConnection, Timeout)
    return isinstance(error, kinds)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an exception and everything that it was made from, each once."""
    seen: set[int] = set()
    left: list[object] = [error]
    while left:
        each = left.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            inside = [getattr(each, name, None) for name in ("inner_exception", "reason")]
            left += [*inside, each.__cause__, each.__context__, *each.args]
