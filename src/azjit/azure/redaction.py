"""Addresses and exceptions as one line, without tokens."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from azjit.redaction import without_tokens

_HARMLESS = {"api-version", "$filter", "tenantid"}


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
