"""Through which proxy a call goes, by the same rules as the clients that make it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_to(url: str, environ: Mapping[str, str]) -> str | None:
    """Give the host and port of the proxy that calls to an address go through; None if directly.

    Its name and password are left out.
    """
    from requests.utils import should_bypass_proxies

    told = _told(environ, f"{urlsplit(url).scheme}_proxy") or _told(environ, "all_proxy")
    # An empty text keeps requests from looking into this process' own variables.
    if told is None or should_bypass_proxies(url, _told(environ, "no_proxy") or ""):
        return None
    parts = urlsplit(told if "://" in told else f"http://{told}")
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.hostname}{port}"


def _told(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name) or environ.get(name.upper()) or None
