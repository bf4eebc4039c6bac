"""The file of settings that `azjit consumer configure --file` reads."""

from __future__ import annotations

from collections.abc import Iterable

from azjit.domain.durations import typed_duration
from azjit.domain.inputs import SettingsEntry
from azjit.output.fields import Column, Field, Many, Result, Shape
from azjit.output.view import View


def _maximum(entry: SettingsEntry) -> str | None:
    return typed_duration(entry.patch.maximum) if entry.patch.maximum is not None else None


def _approvers(entry: SettingsEntry) -> str:
    return ", ".join(entry.patch.add)


_ENTRY = Shape[SettingsEntry](
    "SettingsEntry",
    "The settings of an application in a file.",
    Field("application", str, lambda e: e.application, "resource id"),
    Field("mode", str | None, lambda e: e.patch.mode, "manual or automatic"),
    Field("maximum", str | None, _maximum, "the longest access, as 4h or 1h30m"),
    Field("approvers", Many(str), lambda e: e.patch.add, "each as user:ID=NAME or group:ID=NAME"),
)
ENTRIES = Result("settings-file", Many(_ENTRY), "consumer settings export")
_COLUMNS = _ENTRY.columns(
    Column("application", "Application", cut="middle", priority=9),
    Column("mode", "Mode", priority=8),
    Column("maximum", "Maximum", priority=7),
    Column("approvers", "Approvers", cell=_approvers, export=_approvers, priority=6),
)


def entries_view(entries: Iterable[SettingsEntry]) -> View:
    """Show the entries of a file."""
    return View(ENTRIES, _COLUMNS, entries, empty="no application with JIT settings")
