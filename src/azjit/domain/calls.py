"""One call to Azure: the same value is planned, shown by `--dry-run`, and sent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Call(NamedTuple):
    """One call; `what` names it in errors: `read application x`.

    `asks` marks a POST that only reads: without an answer, nothing was changed by it. `is_graph`
    marks a call to Microsoft Graph, whose error codes are its own. `text` is the body where it must
    be sent character for character.
    """

    method: str
    url: str
    what: str
    body: Mapping[str, Any] | None = None
    text: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    asks: bool = False
    is_graph: bool = False

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET" or self.asks
