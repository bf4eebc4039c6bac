"""The way to Azure as the usual variables tell it: proxies, and whose certificates to trust.

Source: https://requests.readthedocs.io/en/latest/user/advanced/#proxies
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from azjit.errors import Usage

# The first that is set counts for every call: to Resource Manager, sign-in and Graph alike.
AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def authorities(environ: Mapping[str, str]) -> str | None:
    """Give the file or folder of certificates to trust; None for those of the system."""
    return next((environ[name] for name in AUTHORITIES if environ.get(name)), None)


def check_network(environ: Mapping[str, str]) -> None:
    """Refuse variables that no call could go by, before one is made.

    Raises:
        Usage: a variable names no certificates or no proxy; what it says is never repeated.
    """
    for name in AUTHORITIES:
        path = environ.get(name)
        if path:
            _check_authorities(name, Path(path))
    for name in _PROXIES:
        told = environ.get(name)
        if told:
            _check_proxy(name, told)


def proxy_to(url: str, environ: Mapping[str, str]) -> str | None:
    """Give the host and port of the proxy that calls to an address go through; None if directly.

    Its name and password are left out.
    """
    from requests.utils import should_bypass_proxies

    told = _told(environ, f"{urlsplit(url).scheme}_proxy") or _told(environ, "all_proxy")
    # An empty text keeps requests from looking into this process' own variables.
    if told is None or should_bypass_proxies(url, _told(environ, "no_proxy") or ""):
        return None
    return place_of_proxy(told)


def place_of_proxy(told: str) -> str | None:
    """Give a proxy's host and port, without its name and password; None if it names no host."""
    parts = _parts(told)
    port = f":{parts.port}" if _has_sound_port(parts) and parts.port else ""
    return f"{parts.hostname}{port}" if parts.hostname else None


def _check_authorities(name: str, path: Path) -> None:
    if path.is_dir() and name != "SSL_CERT_FILE":
        return
    try:
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError as error:
        raise Usage(
            f"{name} names {path}, which holds no certificates",
            hint="name a PEM file of certificates, or unset it",
        ) from error
    except OSError as error:
        raise Usage(
            f"{name} names {path}, which cannot be read: {error.strerror or error}",
            hint="name a PEM file of certificates, or unset it",
        ) from error


def _check_proxy(name: str, told: str) -> None:
    if _parts(told).scheme not in {"http", "https"}:
        raise Usage(
            f"{name} names no HTTP proxy: azjit speaks to no other kind",
            hint=f"set {name}=http://HOST:PORT, or unset it",
        )
    if not _parts(told).hostname or not _has_sound_port(_parts(told)):
        raise Usage(
            f"{name} is no address of a proxy",
            hint="use http://NAME:PASSWORD@HOST:PORT; write / : @ # % of a password as %2F %3A %40"
            " %23 %25",
        )


def _has_sound_port(parts: SplitResult) -> bool:
    try:
        _ = parts.port
    except ValueError:
        return False
    return True


def _parts(told: str) -> SplitResult:
    try:
        return urlsplit(told if "://" in told else f"http://{told}")
    except ValueError:
        return urlsplit("http:///")


def _told(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name) or environ.get(name.upper()) or None
