"""A violation of a rule at an offset of a file."""

from __future__ import annotations

from dataclasses import dataclass

from azjit.domain.findings import Rule


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where; `fix` replaces the fix of the rule."""

    rule: Rule
    offset: int
    text: str
    fix: str | None = None
