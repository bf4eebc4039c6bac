"""How contexts, settings and their sources look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from azjit.output.results.shapes import (
    ConfigFileItem,
    ContextItem,
    ExplainedItem,
    InstallationItem,
    ScriptItem,
    SettingItem,
)
from azjit.output.view import Column, Item, Section, View

_EMPTY = "no contexts; make one: azjit config set --context NAME tenant=ID"


def contexts_view(contexts: Iterable[ContextItem], keys: Iterable[str]) -> View:
    """List contexts with what each keeps."""
    columns = (
        Column("name", "Context", style="strong", priority=9),
        Column("current", "Current", priority=8),
        *(
            Column(f"settings.{key}", _title(key), cut="middle", priority=5, sparse=True)
            for key in keys
        ),
    )
    return View("contexts", columns, _items(contexts), empty=_EMPTY)


def context_view(context: ContextItem, keys: Iterable[str]) -> View:
    """Show one context: what it keeps, and only that."""
    fields = {key: Column(f"settings.{key}", _title(key), cut="middle") for key in keys}
    who = (Column("name", "Context", style="strong"), Column("current", "Current"))
    columns = (*who, *fields.values())
    kept = (field for key, field in fields.items() if key in context["settings"])
    sections = (Section(fields=(*who, *kept)),)
    return View("context", columns, _items([context]), single=True, sections=sections)


def setting_view(setting: SettingItem) -> View:
    """Print a value, and nothing else."""
    return View("setting", (Column("value", ""),), _items([setting]), single=True)


def config_file_view(file: ConfigFileItem) -> View:
    """Print a path, and nothing else."""
    return View("config-file", (Column("path", ""),), _items([file]), single=True)


def explained_view(explained: Iterable[ExplainedItem]) -> View:
    """List what holds for each option, and why."""
    columns = (
        Column("setting", "Setting", style="strong", priority=9),
        Column("value", "Value", cell=_value, cut="middle", priority=8),
        Column("source", "From", priority=7),
        Column("where", "Where", cell=_where, cut="wrap", priority=6),
    )
    return View("explained", columns, _items(explained))


def installation_view(installation: InstallationItem) -> View:
    """Show where a completion script was put, and what is left to do."""
    columns = (
        Column("shell", "Shell", style="strong"),
        Column("path", "File", cut="middle"),
        Column("result", "Result"),
        Column("next", "Next", cell=_next, cut="wrap"),
    )
    sections = (Section(fields=columns),)
    return View("installation", columns, _items([installation]), single=True, sections=sections)


def script_view(script: ScriptItem) -> View:
    """Hand over a script as data."""
    columns = (Column("shell", "Shell"), Column("script", "Script"))
    return View("script", columns, _items([script]), single=True)


def _items(items: Iterable[Mapping[str, object]]) -> list[Item]:
    return list(items)


def _title(key: str) -> str:
    return key.replace("-", " ").capitalize()


def _value(item: Item) -> str:
    value = item["value"]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)


def _where(item: Item) -> str:
    return str(item["where"] or "-")


def _next(item: Item) -> str:
    return str(item["next"] or "open a new shell")
