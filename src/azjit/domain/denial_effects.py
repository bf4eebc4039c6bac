"""Which other access a denial may end: what `Remove` does to it is not documented."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from azjit.domain.requests import JitRequest, Phase


class AffectedByDenial(NamedTuple):
    """Requests whose access the `Remove` of a denial may end; of `unsure` ones a part is unread."""

    sure: list[JitRequest]
    unsure: list[JitRequest]


def affected_by_denial(
    request: JitRequest, among: Iterable[JitRequest], now: datetime
) -> AffectedByDenial:
    """Find other requests that give, or may give, the same principals access."""
    people = {row.principal for row in request.rows}
    found = AffectedByDenial([], [])
    for other in among:
        phase, theirs = other.phase(now), {row.principal for row in other.rows}
        is_here = other.application in {None, request.application}
        is_over = phase is not Phase.UNKNOWN and not phase.is_granted
        if other.id == request.id or is_over or not is_here:
            continue
        if people & theirs and phase.is_granted and other.application is not None:
            found.sure.append(other)
        elif people & theirs or not (people and other.is_whole):
            found.unsure.append(other)
    return found
