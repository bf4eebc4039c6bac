"""Contexts, settings and their sources, and the completion scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from azjit.output.fields import Column, Columns, Field, Many, Result, mapping_shape
from azjit.output.view import View

Item = Mapping[str, Any]

CONTEXT = mapping_shape(
    "Context",
    "A named context of the configuration file.",
    name=str,
    current=(bool, "used without --context"),
    settings=(dict, "its settings, by the name of the option"),
)
EXPLAINED = mapping_shape(
    "Explained",
    "The value of an option, and its source.",
    setting=(str, "the option's name"),
    value=(str | int | bool | None, "null if it is not set"),
    source=(str, "flag, variable, context, default or none"),
    where=(str | None, "the flag, the variable, or file and line"),
)
SETTING = mapping_shape("Setting", "The value of an option in a context.", key=str, value=str)
FILE = mapping_shape("ConfigFile", "The configuration file.", path=str, exists=bool)
INSTALLATION = mapping_shape(
    "Installation",
    "The installation of a completion script.",
    shell=str,
    path=str,
    result=(str, "written, unchanged, or would be written with --dry-run"),
    next=(str | None, "the remaining steps, if any"),
)
SCRIPT = mapping_shape("Script", "A completion script.", shell=str, script=str)
CLEARED = mapping_shape(
    "ClearedCache",
    "A cache that was cleared.",
    cache=(str, "tokens or names"),
    place=(str | None, "where it is; null if there is none"),
    dropped=(int, "how many tokens or files were dropped"),
)
CONTEXTS = Result("contexts", Many(CONTEXT), "config list")
ONE_CONTEXT = Result("context", CONTEXT, "config set, config unset, config use, config remove")
ONE_SETTING = Result("setting", SETTING, "config get")
CONFIG_FILE = Result("config-file", FILE, "config path")
EXPLANATIONS = Result("explained", Many(EXPLAINED), "config explain")
INSTALLED = Result("installation", INSTALLATION, "completion install")
CLEARED_CACHES = Result("cleared-cache", Many(CLEARED), "config clear-cache")
ONE_SCRIPT = Result("script", SCRIPT, "completion show")

_EMPTY = "no contexts; make one: azjit config set --context NAME tenant=ID"
_EXPLAINED_COLUMNS = EXPLAINED.columns(
    Column("setting", "Setting", style="strong", priority=9),
    Column("value", "Value", cell=lambda e: e["value"], cut="middle", priority=8),
    Column("source", "From", priority=7),
    Column("where", "Where", cell=lambda e: e["where"], cut="wrap", priority=6),
)
_INSTALLATION_COLUMNS: Columns[Item] = (
    Column("shell", "Shell", style="strong"),
    Column("path", "File", cut="middle"),
    Column("result", "Result"),
    Column("next", "Next", cell=lambda i: i["next"] or "open a new shell", cut="wrap"),
)


def _columns(keys: Iterable[str]) -> Columns[Item]:
    def kept(key: str) -> Column[Item]:
        title = key.replace("-", " ").capitalize()
        field = Field[Item](f"settings.{key}", object, lambda c: c["settings"].get(key))
        return Column(field.key, title, cut="middle", priority=5, sparse=True, field=field)

    who = CONTEXT.columns(
        Column("name", "Context", style="strong", priority=9),
        Column("current", "Current", priority=8),
    )
    return (*who, *map(kept, keys))


def contexts_view(contexts: Iterable[Item], keys: Iterable[str]) -> View:
    """List contexts with their settings."""
    return View(CONTEXTS, _columns(keys), contexts, empty=_EMPTY)


def context_view(context: Item, keys: Iterable[str]) -> View:
    """Show the settings of one context, without defaults."""
    return View(ONE_CONTEXT, _columns(keys), [context])


def setting_view(key: str, value: str) -> View:
    """Print a value, and nothing else."""
    return View(ONE_SETTING, (Column("value"),), [{"key": key, "value": value}])


def config_file_view(path: str, *, exists: bool) -> View:
    """Print a path, and nothing else."""
    return View(CONFIG_FILE, (Column("path"),), [{"path": path, "exists": exists}])


def explained_view(explained: Iterable[Item]) -> View:
    """List the value and the source of each option."""
    return View(EXPLANATIONS, _EXPLAINED_COLUMNS, explained)


def cleared_view(cleared: Iterable[NamedTuple]) -> View:
    """Show which caches were cleared."""
    picked: Columns[Item] = (
        Column("cache", "Cache", style="strong"),
        Column("place", "Place", cut="middle"),
        Column("dropped", "Dropped"),
    )
    return View(CLEARED_CACHES, picked, [each._asdict() for each in cleared])


def installation_view(installation: Mapping[str, str | None]) -> View:
    """Show the path of an installed completion script, and the remaining steps."""
    return View(INSTALLED, _INSTALLATION_COLUMNS, [installation])


def script_view(shell: str, script: str) -> View:
    """Show a script as a document."""
    return View(ONE_SCRIPT, SCRIPT.columns("shell", "script"), [{"shell": shell, "script": script}])
