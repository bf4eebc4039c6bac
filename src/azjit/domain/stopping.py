"""What `consumer stop` found and did: settings, denials, and who still has access."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from azjit.domain.applications import Application
from azjit.domain.decisions import DecisionResult
from azjit.domain.holders import HeldRole
from azjit.errors import AzjitError


class Stop(StrEnum):
    """What became of the approval mode of an application."""

    SET = "set to manual"
    ALREADY = "manual already"
    WITHOUT_JIT = "without JIT"
    UNKNOWN = "not changed"


class StoppedApplication(NamedTuple):
    """An application, what became of its mode, and the error if that is not manual now."""

    application: Application | None
    asked: str
    result: Stop
    error: AzjitError | None = None

    @property
    def name(self) -> str:
        """Its name, or the text that named it."""
        return self.application.name if self.application is not None else self.asked


class Stopped(NamedTuple):
    """The outcome; `access` is None if it was not read.

    `may_remove` are the names of those whose role lets them delete a role assignment.
    """

    applications: tuple[StoppedApplication, ...]
    denials: tuple[DecisionResult, ...]
    access: tuple[HeldRole, ...] | None = None
    waiting: tuple[str, ...] = ()
    may_remove: tuple[str, ...] = ()

    @property
    def errors(self) -> list[AzjitError | None]:
        """The error of each application with JIT, and of each denial."""
        # Without JIT no access can begin: there is nothing to stop.
        settings = [each for each in self.applications if each.result is not Stop.WITHOUT_JIT]
        return [*(each.error for each in settings), *(each.error for each in self.denials)]
