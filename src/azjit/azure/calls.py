"""One call to Azure, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from azjit.azure.wire.values import Json


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `what` names it in errors: `read application x`.

    `asks` marks a POST that only reads: without an answer, nothing was changed by it. `is_graph`
    marks a call to Microsoft Graph, whose error codes are its own.
    """

    method: str
    path: str
    api: str
    what: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None
    resend: bool = True
    asks: bool = False
    is_graph: bool = False

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET" or self.asks


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, below 400; header names are in lower case, `text` is the body as it came."""

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str = ""

    @property
    def request_id(self) -> str | None:
        """Azure's id of the call."""
        return self.headers.get("x-ms-request-id")
