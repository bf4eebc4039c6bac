"""What keeps a call from Azure - name, certificate, proxy, sign-in - as our errors."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator

from azjit.azure.secrets import first_line
from azjit.errors import AzjitError, NotSignedIn, Unavailable

_CLAIMS_COMMAND = re.compile(r"az login --claims-challenge .+")
_SIGN_IN = (
    "sign in with az login, set the AZURE_ variables of a service principal, or try azjit with"
    " --sandbox"
)


def unreached(what: str, host: str, error: Exception) -> Unavailable:
    """Give the error for a host that was not reached: nothing was sent to it."""
    why, hint = _reason(error)
    return Unavailable(f"{what}: {host} was not reached: {why}", hint=hint)


def sign_in_failure(what: str, login: str, error: Exception) -> AzjitError:
    """Give the error for a credential that gave no token; its words are kept."""
    # azure-identity wraps an unreachable sign-in host in the same error as a wrong secret.
    if any(_is_outage(each) for each in _chain(error)):
        return unreached(what, login, error)
    said = first_line(error)
    # az cannot answer a claims challenge by itself: its message is the command that can.
    command = _CLAIMS_COMMAND.search(str(error))
    if command is not None:
        return NotSignedIn(f"{what}: Azure asks for a new sign-in", hint=command[0])
    return NotSignedIn(f"{what}: {said}", hint=_SIGN_IN)


def _reason(error: Exception) -> tuple[str, str]:
    for each in _chain(error):
        name = type(each).__name__
        if name == "ProxyError":
            return "the proxy refused", "check HTTPS_PROXY and NO_PROXY"
        if isinstance(each, ssl.SSLError) or name == "SSLError":
            return (
                "its certificate is not trusted",
                "name the certificates of a private authority in REQUESTS_CA_BUNDLE",
            )
        if isinstance(each, socket.gaierror) or name == "NameResolutionError":
            return "its name was not found", "check the network, DNS and --cloud"
        if isinstance(each, TimeoutError) or name in {"ConnectTimeout", "ConnectTimeoutError"}:
            return "no connection in time", "check the network and the proxy variables"
        if isinstance(each, ConnectionRefusedError) or name == "NewConnectionError":
            return "no connection was made", "check the network, the proxy variables and --cloud"
    return first_line(error), "check the network, the proxy variables and --cloud"


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
