"""A broken rule at an offset of one file."""

from __future__ import annotations

from dataclasses import dataclass

from azjit.domain.findings import Rule


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where; `fix` where this case has its own."""

    rule: Rule
    offset: int
    text: str
    fix: str | None = None
