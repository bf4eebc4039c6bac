"""What goes to Resource Manager and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request to Resource Manager; `what` names it in errors: `read application x`.

    `asks` marks a POST that only reads: without an answer, nothing was changed by it.
    """

    method: str
    path: str
    api: str
    what: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None
    resend: bool = True
    asks: bool = False

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET" or self.asks


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, below 400; header names are in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def request_id(self) -> str | None:
        """Azure's id of the call."""
        return self.headers.get("x-ms-request-id")
