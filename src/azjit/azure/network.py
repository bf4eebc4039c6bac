"""Proxies and trusted certificates, as the usual variables set them.

Source: https://requests.readthedocs.io/en/latest/user/advanced/#proxies
"""

from __future__ import annotations

import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from azjit.azure.redaction import loggable
from azjit.errors import Usage

CONNECT_SECONDS, READ_SECONDS = 10, 60
# A longer wait is an error that says so; a person does not sit it out.
MAX_WAIT_SECONDS = 120.0
_REPORTED_WAIT_SECONDS = 3.0
# The first that is set counts for every call: to Resource Manager, sign-in and Graph alike.
AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_SECRETS = (
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "SYSTEM_ACCESSTOKEN",
    "IDENTITY_HEADER",
    "MSI_SECRET",
)
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


class Network(NamedTuple):
    """How every client waits, what it reports, and which certificates it trusts.

    `authorities` names a file or directory of certificates; None means the system's.
    """

    sleep: Callable[[float], None]
    say_wait: Callable[[str], None]
    log: Callable[[str], None] | None = None
    authorities: str | None = None

    def report_retry(self, service: str, status: int, seconds: float) -> None:
        """Report a wait before a retry that a person could take for a hang."""
        if seconds >= _REPORTED_WAIT_SECONDS:
            self.say_wait(f"{service} answered {status}; trying again in {seconds:.0f} s")

    def log_call(self, method: str, url: str, outcome: str, began: float, label: str = "") -> None:
        """Write a line for `--debug`, without headers and body, which may contain secrets."""
        if self.log is not None:
            times = f"{(time.perf_counter() - began) * 1000:.0f} ms{label}"
            self.log(f"{method} {loggable(url)} -> {outcome} ({times})")


def keep_token(request: Any) -> Any:
    """Leave a request's headers alone: requests would add a ~/.netrc password, or replace a token.

    Every session has it as `auth`; `trust_env` would also turn proxies and certificates off.

    Source: https://requests.readthedocs.io/en/latest/user/authentication/#netrc-authentication
    """
    return request


def authorities(environ: Mapping[str, str]) -> str | None:
    """Give the file or folder of certificates to trust; None for those of the system."""
    used = _authorities_variable(environ)
    return None if used is None else environ[used]


def check_network(environ: Mapping[str, str]) -> None:
    """Refuse unusable network variables before any call is made.

    Raises:
        Usage: a variable names no certificates or no proxy; its value is never repeated, since it
            may hold a password.
    """
    # Only the file that counts: loading those of the system takes 20 ms.
    used = _authorities_variable(environ)
    if used is not None:
        _check_authorities(used, Path(environ[used]))
    for name in _PROXIES:
        proxy = environ.get(name)
        if proxy:
            _check_proxy(name, proxy)


def secrets_in(environ: Mapping[str, str]) -> Iterator[str]:
    """Give the secrets that the variables of a sign-in and of the network contain."""
    for name in _SECRETS:
        yield environ.get(name, "").strip()  # a mounted secret often has a line end
    for name in _PROXIES:
        yield from _proxy_secrets(_parts(environ.get(name, "")))
    file = Path(environ.get("AZURE_FEDERATED_TOKEN_FILE", ""))
    with suppress(OSError, ValueError):
        if file.is_file():  # a pipe can be read only once, by the sign-in
            yield file.read_text("utf-8")


def _proxy_secrets(proxy: SplitResult) -> Iterator[str]:
    """Give a proxy's password, or a name that stands for one, and the header that carries them."""
    name, password = unquote(proxy.username or ""), unquote(proxy.password or "")
    if name or password:
        yield password or name
        yield b64encode(f"{name}:{password}".encode("utf-8", "surrogateescape")).decode()


def proxy_to(url: str, environ: Mapping[str, str]) -> str | None:
    """Give the host and port of the proxy for an address, without its password; None if direct."""
    from requests.utils import should_bypass_proxies

    proxy = _variable(environ, f"{urlsplit(url).scheme}_proxy") or _variable(environ, "all_proxy")
    # An empty text keeps requests from reading this process' own variables.
    if proxy is None or should_bypass_proxies(url, _variable(environ, "no_proxy") or ""):
        return None
    return proxy_address(proxy)


def proxy_address(proxy: str) -> str | None:
    """Give a proxy's host and port, without its user and password; None if it names no host."""
    parts = _parts(proxy)
    port = f":{parts.port}" if _has_valid_port(parts) and parts.port else ""
    return f"{parts.hostname}{port}" if parts.hostname else None


def _authorities_variable(environ: Mapping[str, str]) -> str | None:
    return next((name for name in AUTHORITIES if environ.get(name)), None)


def _check_authorities(name: str, path: Path) -> None:
    try:
        if path.is_dir() and name != "SSL_CERT_FILE":
            return
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError as error:
        raise Usage(
            f"{name} is {path}, which contains no certificates",
            hint="set it to a PEM file of certificates, or unset it",
        ) from error
    except OSError as error:
        raise Usage(
            f"{name} is {path}, which cannot be read: {error.strerror or error}",
            hint="set it to a PEM file of certificates, or unset it",
        ) from error


def _check_proxy(name: str, proxy: str) -> None:
    parts = _parts(proxy)
    if parts.scheme not in {"http", "https"}:
        raise Usage(
            f"{name} is not an HTTP proxy, the only kind that azjit supports",
            hint=f"set {name}=http://HOST:PORT, or unset it",
        )
    # requests takes NAME:PASSWORD@HOST without a scheme for an address of the scheme NAME.
    is_bare = "://" not in proxy and ":" in proxy.rpartition("@")[0]
    is_odd = "\\" in proxy or any(char.isspace() for char in proxy.strip())
    if is_bare or is_odd or not (parts.hostname or "").strip() or not _has_valid_port(parts):
        raise Usage(
            f"{name} is not the address of a proxy",
            hint="use http://NAME:PASSWORD@HOST:PORT; encode / : @ # % and \\ in a name or"
            " password as %2F %3A %40 %23 %25 and %5C",
        )


def _has_valid_port(parts: SplitResult) -> bool:
    try:
        _ = parts.port
    except ValueError:
        return False
    return True


def _parts(proxy: str) -> SplitResult:
    try:
        return urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    except ValueError:
        return urlsplit("http:///")


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name) or environ.get(name.upper()) or None
