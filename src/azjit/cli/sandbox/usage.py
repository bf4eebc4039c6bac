"""Usage errors that the commands of the sandbox share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from azjit.errors import Usage


@contextmanager
def as_usage(more: str) -> Iterator[None]:
    """Turn a ValueError of the sandbox into a Usage error."""
    try:
        yield
    except ValueError as error:
        raise Usage(str(error), hint=f"see: {more}") from error


def switch_pair(text: str) -> tuple[str, str]:
    """Parse KEY=VALUE."""
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise Usage(f"malformed switch {text!r}", hint="use KEY=VALUE")
    return key, value
