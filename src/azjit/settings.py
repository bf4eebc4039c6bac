"""What a command was told: flag, environment, context, then default, as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from azjit.errors import Usage
from azjit.options import ALL, BY_NAME, HERE, Option, checked, kept_option, kept_value

Source = Literal["flag", "variable", "context", "default", "none"]


class NamedContext(NamedTuple):
    """A named set of defaults from the configuration file, each with its line there."""

    name: str
    values: Mapping[str, object]
    file: str
    lines: Mapping[str, int]
    chosen_by: str

    def place(self, key: str) -> str:
        """Tell where a key stands."""
        return f"{self.file}:{self.lines[key]}" if key in self.lines else self.file


class Told(NamedTuple):
    """What an option was told, and by whom: `where` is the flag, the variable or the line."""

    option: Option
    value: object
    source: Source
    where: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command was told about everything that is not its own."""

    output: str | None
    query: str | None
    limit: int | None
    context: str | None
    tenant: str | None
    subscription: tuple[str, ...]
    cloud: str
    auth: str
    expect_tenant: str | None
    timezone: str | None
    state_dir: Path | None
    refresh: bool
    debug: bool
    sandbox: bool
    person: str | None
    side: str | None = None
    told: tuple[Told, ...] = field(default=(), compare=False, repr=False)


def resolve(
    flags: Mapping[str, object], environ: Mapping[str, str], context: NamedContext | None = None
) -> Settings:
    """Settle every option: the flag, else its variable, else the context, else its default.

    Raises:
        Usage: a value that its option does not take; the message names where it stands.
    """
    if context is not None:
        _check(context)
    in_sandbox = _is_in_sandbox(flags, environ)
    told = tuple(_told(option, flags, environ, context, in_sandbox) for option in ALL)
    values = {one.option.key: one.value for one in told}
    subscriptions = str(values["subscription"] or "")
    values["subscription"] = tuple(p.strip() for p in subscriptions.split(",") if p.strip())
    values["state_dir"] = Path(str(values["state_dir"])) if values["state_dir"] else None
    settings = Settings(**values, told=told)  # type: ignore[arg-type]  # kinds give the types
    _check_person(settings, flags)
    return settings


def told_context(flags: Mapping[str, object], environ: Mapping[str, str]) -> tuple[str, str]:
    """Give the name of the context asked for, and by what; empty where none is."""
    told = _told(BY_NAME["context"], flags, environ, None, in_sandbox=False)
    return str(told.value or ""), told.where


def _check(context: NamedContext) -> None:
    """Refuse what no context may hold, also where a flag or a variable hides it."""
    for key in context.values:
        _check_value(context, kept_option(key, f"{context.place(key)}: "))


def _told(
    option: Option,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    context: NamedContext | None,
    in_sandbox: bool,  # noqa: FBT001 - private
) -> Told:
    flag = flags.get(option.key)
    if flag is not None and flag is not False:
        name = f"--{option.name}"
        return Told(option, checked(option, flag, name), "flag", name)
    text = environ.get(option.variable)
    if text:
        return Told(option, checked(option, text, option.variable), "variable", option.variable)
    if context is not None and option.name in context.values:
        place = context.place(option.name)
        if in_sandbox and option.kept == "azure":
            # The sandbox has tenants of its own: what leads to Azure would only hide them.
            return _default(option, f"{place} is not for the sandbox")
        return Told(option, context.values[option.name], "context", place)
    if context is not None and option.name == "context":
        return Told(option, context.name, "context", context.chosen_by)
    return _default(option, "")


def _default(option: Option, where: str) -> Told:
    if option.default is not None:
        return Told(option, option.default, "default", where)
    return Told(option, False if option.kind == "flag" else None, "none", where)


def _check_value(context: NamedContext, option: Option) -> None:
    place, value = context.place(option.name), context.values[option.name]
    if not isinstance(value, str) or not value:
        raise Usage(
            f"{place}: {option.name} accepts a string in quotes",
            hint=f"azjit config set {option.name}={option.metavar} --context {context.name}",
        )
    kept_value(option, value, f"{place}: {option.name}")


def _is_in_sandbox(flags: Mapping[str, object], environ: Mapping[str, str]) -> bool:
    embedded = _told(BY_NAME["sandbox"], flags, environ, None, in_sandbox=False)
    cloud = _told(BY_NAME["cloud"], flags, environ, None, in_sandbox=False)
    return bool(embedded.value) or re.fullmatch(HERE, str(cloud.value)) is not None


def _check_person(settings: Settings, flags: Mapping[str, object]) -> None:
    is_real = not settings.sandbox and not settings.cloud.startswith("https:")
    if settings.person is not None and is_real:
        source = "--as" if flags.get("person") is not None else "AZJIT_AS"
        raise Usage(
            f"{source} requires --sandbox",
            hint="for Azure, sign in with the Azure CLI or the environment",
        )
