"""What comes back of a call to Azure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
