"""What every service works with; Runtime builds it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from azjit.azure.clouds import Cloud
from azjit.azure.pim import Pim
from azjit.azure.resource_graph import ResourceGraph
from azjit.azure.scopes import Authorization, Resources
from azjit.azure.solutions import Solutions
from azjit.domain.access import Caller
from azjit.services.directory_names import Directory
from azjit.services.recording import Journal
from azjit.store.names import KnownNames


class Ear(Protocol):
    """Where a service says what is no result: on stderr."""

    def say(self, text: str) -> None:
        """Tell something worth knowing."""

    def warn(self, text: str) -> None:
        """Tell something that may bite."""

    def progress(self, text: str) -> None:
        """Tell what is being waited for, on one line that changes."""

    def clear(self) -> None:
        """Take that line away, before a row is written to the same screen."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The doors of a service: Azure, the disk, the clock, ids, and an ear.

    `now` is the time that requests are measured by: the sandbox's own there, else the real one;
    `real_now` measures how long somebody waits.
    """

    cloud: Cloud
    solutions: Solutions
    resources: Resources
    authorization: Authorization
    pim: Pim
    resource_graph: ResourceGraph
    journal: Journal
    known: KnownNames
    caller: Callable[[], Caller]
    now: Callable[[], datetime]
    real_now: Callable[[], datetime]
    sleep: Callable[[float], None]
    new_id: Callable[[], str]
    ear: Ear
    directory: Directory
    subscriptions: tuple[str, ...] = ()

    def seen_subscriptions(self) -> list[str]:
        """Give the subscriptions to look through: the named ones, else all in reach."""
        return list(self.subscriptions) or self.resources.subscriptions()
