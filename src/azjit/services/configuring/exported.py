"""Gives the settings of applications as entries of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from azjit.context import Context
from azjit.domain.applications import Application, JitState
from azjit.domain.ids import ApplicationId
from azjit.domain.inputs import SettingsEntry, settings_entry
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import PartialResults


class Exporting:
    """Reads settings for a file."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._missing = context.service(PartialResults)

    def entries(self, apps: Sequence[str]) -> Iterator[SettingsEntry]:
        """Give the entry of each named application, or of all in reach.

        What a file cannot hold is left out with a warning; what could not be read is noted in the
        `PartialResults` of the command.
        """
        named = self._missing.parts(self._read, apps, "application {}".format)
        seen: set[ApplicationId] = set()
        for each in named if apps else self._finder.applications():
            if each.unreadable is not None or each.id in seen:
                continue
            seen.add(each.id)
            if (entry := self._entry(each)) is not None:
                yield entry

    def _read(self, app: str) -> Iterator[Application]:
        # The listing that finds a name can lag.
        yield self._context.solutions.application(self._finder.application(app).id)

    def _entry(self, application: Application) -> SettingsEntry | None:
        warn, label = self._context.notes.warn, application.label
        if application.jit is not JitState.ON or application.policy is None:
            warn(f"left out: {label} was deployed without JIT: its publisher has standing access")
            return None
        entry, unfit = settings_entry(application.id, application.policy)
        for each in unfit:
            warn(f"left out: a file cannot have {each} of {label}")
        return None if entry.patch.is_empty else entry
