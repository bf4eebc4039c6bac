"""Findings of checks: what is wrong, how severe it is, how to fix it, and which commands fail."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.ids import ApplicationId
from azjit.errors import AzjitError


class Severity(StrEnum):
    """The severity of a finding: `ERROR` of packages and definitions, `PROBLEM` of the doctor."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"
    PROBLEM = "problem"
    NOT_CHECKED = "not checked"


class Rule(NamedTuple):
    """Something that is checked; `severity` is that of a finding against it.

    `meaning` and `fix` are general, a finding has the words for its own case. `breaks` names the
    commands that fail while the rule is broken.
    """

    code: str
    name: str
    severity: Severity
    meaning: str
    fix: str
    breaks: tuple[str, ...] = ()


def rules_in(module: Mapping[str, object]) -> tuple[Rule, ...]:
    """Give the rules among the names of a module, by code."""
    return tuple(sorted(each for each in module.values() if isinstance(each, Rule)))


class Place(NamedTuple):
    """A place in a file; lines and columns count from 1, columns in characters.

    `inside` is the entry where `path` is an archive.
    """

    path: str
    line: int
    column: int
    inside: str | None = None

    @property
    def file(self) -> str:
        """The path of the file; that of an entry follows that of its archive."""
        return f"{self.path}/{self.inside}" if self.inside is not None else self.path

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Finding(NamedTuple):
    """What a check found: `text` says what, `place` or `subject` where.

    `advice` is what to do in this case; the rule's own words where it is None.
    """

    rule: Rule
    severity: Severity
    text: str
    place: Place | None = None
    subject: str = ""
    application: ApplicationId | None = None
    advice: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.severity is Severity.OK

    @property
    def is_checked(self) -> bool:
        """Whether the check was possible."""
        return self.severity is not Severity.NOT_CHECKED

    @property
    def fails(self) -> bool:
        """Whether it fails the check of a package or a definition."""
        return self.severity in {Severity.ERROR, Severity.WARNING}

    @property
    def fix(self) -> str | None:
        """How to fix it; None if nothing is wrong, or if that is unknown."""
        if self.is_ok or not self.is_checked:
            return None
        fix = self.advice or self.rule.fix
        return fix.replace("APP", self.subject) if self.application is not None else fix


class Subject(NamedTuple):
    """The subject of findings of the doctor, which it creates."""

    name: str = "here"
    application: ApplicationId | None = None

    def ok(self, rule: Rule, text: str) -> Finding:
        """Give the finding that nothing is wrong."""
        return self._finding(rule, Severity.OK, text)

    def found(self, rule: Rule, text: str, advice: str | None = None) -> Finding:
        """Give the finding that the rule is broken, with advice where this case needs its own."""
        return self._finding(rule, rule.severity, text)._replace(advice=advice)

    def unknown(self, rule: Rule, why: str) -> Finding:
        """Give the finding that nothing could be checked, and why."""
        return self._finding(rule, Severity.NOT_CHECKED, f"not checked: {why}")

    def _finding(self, rule: Rule, severity: Severity, text: str) -> Finding:
        return Finding(rule, severity, text, None, self.name, self.application)


HERE = Subject()


class Checkup(NamedTuple):
    """All findings of the doctor; `trouble` is the error that ended it early."""

    findings: tuple[Finding, ...]
    trouble: AzjitError | None = None
