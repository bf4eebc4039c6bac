"""Findings of a check: what is wrong, where, why, what to do, and which command it breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is: errors and warnings fail a check, notes do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a check; `why` and `fix` are general, a finding tells its own case.

    `breaks` names the command that fails while the rule is broken, where there is one.
    """

    code: str
    name: str
    level: Level
    why: str
    fix: str
    breaks: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file; lines and columns count from 1, columns in characters.

    `inside` is the entry where `path` is an archive.
    """

    path: str
    line: int
    column: int
    inside: str | None = None

    @property
    def file(self) -> str:
        """The file as it is said: an entry behind its archive."""
        return f"{self.path}/{self.inside}" if self.inside is not None else self.path

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule: `text` says what was found, `subject` at what where it is in no file."""

    rule: Rule
    text: str
    place: Place | None = None
    subject: str | None = None
    fix: str | None = None

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.fix or self.rule.fix

    @property
    def fails(self) -> bool:
        """Whether it fails the check."""
        return self.rule.level is not Level.NOTE


def count_failing(findings: Iterable[Finding]) -> int:
    """Count the findings that fail a check."""
    return sum(finding.fails for finding in findings)
