"""Who decided a request, when, why and how, and which source tells it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.ids import PrincipalId


class ToldBy(StrEnum):
    """What tells who decided."""

    RECEIPT = "receipt"
    LOG = "activity log"
    SETTINGS = "settings"
    UNKNOWN = "unknown"


class Decided(NamedTuple):
    """A decision as one source tells it; `others` are those of sources that name somebody else."""

    known_by: ToldBy
    by: PrincipalId | None = None
    name: str | None = None
    at: datetime | None = None
    reason: str | None = None
    route: str | None = None
    others: tuple[Decided, ...] = ()


NOT_KNOWN = Decided(ToldBy.UNKNOWN)


def together(told: Sequence[Decided]) -> Decided:
    """Give the first of several, with those that name somebody else."""
    if not told:
        return NOT_KNOWN
    first, *rest = told
    named: dict[PrincipalId | None, Decided] = {}
    for each in rest:
        if each.by != first.by:
            named.setdefault(each.by, each)
    return first._replace(others=tuple(named.values()))
