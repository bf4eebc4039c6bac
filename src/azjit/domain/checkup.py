"""What a doctor finds: a check, what was seen, how bad that is, and what could not be seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from azjit.domain.ids import ApplicationId
from azjit.errors import AzjitError


class Severity(StrEnum):
    """How bad a finding is; what could not be checked is never ok."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """Something that the doctor looks at; `severity` is that of a finding against it.

    `breaks` names the commands that fail, or would, while it is so.
    """

    code: str
    name: str
    severity: Severity
    meaning: str
    fix: str
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the doctor says of one thing; `subject` names it where it is no application.

    `advice` is what to do about this very thing; the check's own words where it is None.
    """

    check: Check
    severity: Severity
    text: str
    subject: str = "here"
    application: ApplicationId | None = None
    advice: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether nothing is to be done."""
        return self.severity is Severity.OK

    @property
    def fix(self) -> str | None:
        """What to do about it; None where there is nothing to do, or to know."""
        if self.severity in {Severity.OK, Severity.NOT_CHECKED}:
            return None
        return (self.advice or self.check.fix).replace("APP", self.subject)

    @property
    def is_checked(self) -> bool:
        """Whether it could be looked at."""
        return self.severity is not Severity.NOT_CHECKED


@dataclass(frozen=True, slots=True)
class Place:
    """What diagnoses are about; makes them."""

    subject: str = "here"
    application: ApplicationId | None = None

    def ok(self, check: Check, text: str) -> Diagnosis:
        """Say that all is well."""
        return self._say(check, Severity.OK, text)

    def found(self, check: Check, text: str, advice: str | None = None) -> Diagnosis:
        """Say what is wrong, and what to do where this very thing asks for more than the check."""
        return replace(self._say(check, check.severity, text), advice=advice)

    def unknown(self, check: Check, why: str) -> Diagnosis:
        """Say why it could not be looked at."""
        return self._say(check, Severity.NOT_CHECKED, f"not checked: {why}")

    def _say(self, check: Check, severity: Severity, text: str) -> Diagnosis:
        return Diagnosis(check, severity, text, self.subject, self.application)


HERE = Place()


@dataclass(frozen=True, slots=True)
class Checkup:
    """All diagnoses; `trouble` is the error that ended it early, or kept it from everything."""

    diagnoses: tuple[Diagnosis, ...]
    trouble: AzjitError | None = None

    def count(self, severity: Severity) -> int:
        """Count the diagnoses of a severity."""
        return count(self.diagnoses, severity)


def count(diagnoses: Iterable[Diagnosis], severity: Severity) -> int:
    """Count the diagnoses of a severity."""
    return sum(each.severity is severity for each in diagnoses)
