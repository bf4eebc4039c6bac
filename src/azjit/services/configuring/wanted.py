"""Finds the applications whose settings a file gives, by id or by a pattern."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.applications import Application, JitState
from azjit.domain.ids import ApplicationId
from azjit.domain.inputs import SettingsEntry, SettingsPatch
from azjit.errors import AzjitError, Failed, NotFound, Usage
from azjit.services.lookup.omissions import collected, ends_all
from azjit.store.settings_file import parse_settings


class WantedSettings(NamedTuple):
    """An application and the change it should get, or why that is not known."""

    asked: str
    patch: SettingsPatch = SettingsPatch()
    error: AzjitError | None = None


class SettingsFile(NamedTuple):
    """The entries of a file, and the name of it."""

    name: str
    entries: tuple[SettingsEntry, ...]

    @classmethod
    def read(cls, text: str, name: str) -> SettingsFile:
        """Read the text of a file.

        Raises:
            Usage: it is malformed; with the line.
        """
        return cls(name, tuple(parse_settings(text, name)))


class Matching:
    """Finds the applications that the entries of a file mean."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def wanted(
        self, file: SettingsFile, *, allow_no_approver: bool = False
    ) -> Iterator[WantedSettings]:
        """Give each application once; of one that the file names by id, no pattern counts.

        A listing that fails is a row of its own, and so is a pattern without an application.

        Raises:
            Usage: two patterns match the same application.
        """
        found = {each.application: each for each in file.entries if not each.is_pattern}
        patterns: dict[str, list[SettingsEntry]] = {}
        for each in file.entries:
            if each.is_pattern:
                patterns.setdefault(each.application.subscription.lower(), []).append(each)
        failed: list[WantedSettings] = []
        for subscription, here in patterns.items():
            matched, errors = self._matched(file, subscription, here, frozenset(found))
            found |= matched
            failed += errors
        for application, entry in found.items():
            patch = entry.patch._replace(allow_no_approver=allow_no_approver)
            yield WantedSettings(application.text, patch)
        yield from failed

    def _matched(
        self,
        file: SettingsFile,
        subscription: str,
        patterns: list[SettingsEntry],
        named: frozenset[ApplicationId],
    ) -> tuple[dict[ApplicationId, SettingsEntry], list[WantedSettings]]:
        """Give the entry of each application of a subscription that a pattern matches."""
        listed, error = collected(partial(self._context.solutions.applications, subscription))
        errors = [
            WantedSettings(each.name or "?", error=_unreadable(each, subscription))
            for each in listed
            if each.unreadable is not None
        ]
        found: dict[ApplicationId, SettingsEntry] = {}
        used: set[int] = set()
        for application in (each for each in listed if each.unreadable is None):
            entries = [each for each in patterns if each.matches(application.id)]
            used |= {each.line for each in entries}
            if application.id in named or not entries or not self._has_jit(application):
                continue
            if len(entries) > 1:
                raise _ambiguous(file, application, entries)
            found[application.id] = entries[0]
        for each in patterns:
            if error is not None or each.line not in used:
                why = error or _unmatched(file, each)
                errors.append(WantedSettings(each.application.text, error=why))
        return found, errors

    def _has_jit(self, application: Application) -> bool:
        """Tell whether JIT is on; a read decides, because a listing can lag."""
        if application.jit is not JitState.OFF:
            return True
        try:
            read = self._context.solutions.application(application.id)
        except AzjitError as error:
            if ends_all(error):
                raise
            return True  # its row says what failed
        if read.jit is JitState.OFF:
            self._context.notes.warn(
                f"left out: {application.label} was deployed without JIT: its publisher has"
                " standing access"
            )
        return read.jit is not JitState.OFF


def _ambiguous(
    file: SettingsFile, application: Application, entries: Iterable[SettingsEntry]
) -> Usage:
    lines = " and ".join(str(each.line) for each in entries)
    return Usage(
        f"{file.name}: {application.label} matches the patterns of lines {lines}; nothing was sent",
        hint="add an entry with its id, which counts alone, or make a pattern narrower",
    )


def _unmatched(file: SettingsFile, entry: SettingsEntry) -> NotFound:
    return NotFound(
        f"{file.name}:{entry.line}: no application matches {entry.application}",
        hint=f"list them: azjit consumer apps --subscription {entry.application.subscription}",
    )


def _unreadable(application: Application, subscription: str) -> Failed:
    return Failed(
        f"an application of subscription {subscription} cannot be read, so it is not known whether"
        f" a pattern matches it: {application.unreadable}",
        hint="name the applications by their ids",
    )
