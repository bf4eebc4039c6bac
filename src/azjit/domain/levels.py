"""How much a concern about a request weighs."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How much a concern weighs, the most first.

    What is `refused` nobody can accept. A blocker and a warning hold up an approval that nobody is
    asked about; a note is only shown.
    """

    REFUSED = "refused"
    BLOCKER = "blocker"
    WARNING = "warning"
    NOTE = "note"

    @property
    def holds_up(self) -> bool:
        """Whether an approval that nobody is asked about needs it to be accepted."""
        return self in {Level.BLOCKER, Level.WARNING}

    @property
    def rank(self) -> int:
        """The place in the order, the heaviest first."""
        return list(Level).index(self)


class Told(NamedTuple):
    """What a rule found: the level, the words, and what to do about a refusal."""

    level: Level
    text: str
    hint: str = ""
