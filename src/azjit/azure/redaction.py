"""Keeps tokens out of errors, hints and the debug log."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

_TOKEN = re.compile(r"\bBearer\s+[^\s'\"<>,;]+|\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?", re.IGNORECASE)
_HARMLESS = {"api-version", "$filter", "tenantid"}


def without_tokens(text: str) -> str:
    """Remove what looks like an access token: gateways echo headers, requests quotes them."""
    return _TOKEN.sub("[token removed]", text)


def loggable(url: str) -> str:
    """Give an address for the log; the addresses of pages and operations carry signatures."""
    parts = urlsplit(url)
    query = "&".join(
        f"{key}={value if key.lower() in _HARMLESS else '...'}"
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    return without_tokens(f"{parts.scheme}://{parts.netloc}{parts.path}?{query}".rstrip("?"))


def first_line(error: BaseException) -> str:
    """Give the first line of an exception's message, without tokens."""
    lines = str(error).strip().splitlines()
    return without_tokens(lines[0])[:300] if lines else type(error).__name__
