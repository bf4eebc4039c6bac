"""Reads, checks and changes the named contexts of the configuration file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from azjit.azure.clouds import check_cloud
from azjit.context import Context
from azjit.domain.zones import local_zone
from azjit.errors import NotFound, Usage
from azjit.option_values import context_option, context_value
from azjit.settings import Settings, resolve, selected_context
from azjit.store import contexts as store
from azjit.store.locations import config_file

_FIRST = "default"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"


class KeptContext(NamedTuple):
    """A context of the configuration file."""

    name: str
    current: bool
    settings: Mapping[str, object]


def resolve_settings(
    flags: Mapping[str, object], environ: Mapping[str, str], *, lenient: bool = False
) -> Settings:
    """Give the settings of a command, from its flags, its variables and the context."""
    name, where = selected_context(flags, environ)
    try:
        context = store.choose(_read(config_file(environ)), name, where)
        return resolve(flags, environ, context)
    except Usage:
        if not lenient:
            raise
    return resolve(flags, environ)


class Contexts:
    """The contexts of one configuration file."""

    def __init__(self, context: Context) -> None:
        self._file = config_file(context.process.environ)
        self._told = context.settings.context or ""

    @property
    def path(self) -> Path:
        """The place of the file.

        Raises:
            Usage: there is no home directory that it could be in.
        """
        if not self._file:
            raise Usage(
                "there is no place for a configuration file: the user has no home directory",
                hint="set HOME, or AZJIT_CONFIG_DIR",
            )
        return Path(self._file)

    def all(self) -> list[KeptContext]:
        """Give every context, in the order of the file."""
        file = _read(self._file)
        return [_kept(file, name) for name in file.contexts]

    def get(self, key: str) -> str:
        """Give the value of a key in a context.

        Raises:
            NotFound: it has none.
        """
        option = context_option(key)
        file = _read(self._file)
        name = self._existing(file)
        value = file.contexts[name].get(option.name)
        if value is None:
            raise NotFound(
                f"context {name!r} has no {key}", hint="show the values: azjit config explain"
            )
        return str(value)

    def put(self, pairs: Sequence[str]) -> KeptContext:
        """Save values, each as `KEY=VALUE`; the first context becomes the current one."""
        values = dict(_pair(text) for text in pairs)
        file = store.read(self.path)
        name = self._told or file.current or _FIRST
        if name not in file.contexts:
            _check_name(name)
        changes = [store.put(name, values)]
        if not file.contexts:
            changes.append(store.use(name))
        return self._change(name, changes)

    def drop(self, keys: Sequence[str]) -> KeptContext:
        """Remove keys from a context; a missing or unknown key is no error."""
        name = self._existing(_read(self._file))
        return self._change(name, [store.drop(name, keys)])

    def use(self, name: str) -> KeptContext:
        """Make a context the current one."""
        self._check_there(name)
        return self._change(name, [store.use(name)])

    def remove(self, name: str) -> KeptContext:
        """Remove a context, and give its values."""
        gone = self._check_there(name)
        store.edit(self.path, store.remove(name))
        return gone

    def _change(self, name: str, changes: Iterable[store.Change]) -> KeptContext:
        def change(document: store.Document) -> None:
            for one in changes:
                one(document)

        store.edit(self.path, change)
        return _kept(store.read(self.path), name)

    def _check_there(self, name: str) -> KeptContext:
        file = _read(self._file)
        if name not in file.contexts:
            raise store.missing(file, name)
        return _kept(file, name)

    def _existing(self, file: store.ConfigFile) -> str:
        context = store.choose(file, self._told, "")
        if context is None:
            raise Usage(
                "there is no current context",
                hint="use --context NAME, or create one: azjit config set KEY=VALUE",
            )
        return context.name


def _read(file: str) -> store.ConfigFile:
    """Read the configuration; without a home directory nothing is configured."""
    return store.read(Path(file)) if file else store.ConfigFile(Path(), None, {}, {})


def check_value(key: str, text: str) -> str:
    """Give a value that a context can hold.

    Raises:
        Usage: its setting does not take it.
    """
    option = context_option(key)
    if not text:
        raise Usage(f"{key} is empty", hint=f"to remove it: azjit config unset {key}")
    value = context_value(option, text, key)
    if key == "timezone":
        local_zone(value, {})
    if key == "cloud":
        check_cloud(value)
    return value


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        # The text can be a secret that was typed without its key, so it is not repeated.
        raise Usage("a setting is KEY=VALUE", hint="e.g. azjit config set output=json")
    return context_option(key).name, check_value(key, value)


def _check_name(name: str) -> None:
    if not re.fullmatch(_NAME, name):
        raise Usage(
            f"{name!r} is not a valid name of a context",
            hint="use at most 63 letters, digits, dots, dashes and underscores",
        )


def _kept(file: store.ConfigFile, name: str) -> KeptContext:
    return KeptContext(name, file.current == name, file.contexts[name])
