"""The value of each common option: its flag, else its variable, the context, or the default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from azjit.errors import Usage
from azjit.option_values import checked, context_option, context_value, plain
from azjit.options import ALL, BY_NAME, HERE, Option

Source = Literal["flag", "variable", "context", "default", "none"]

# The names that the Azure CLI has for the clouds.
_CLOUDS = {"azurecloud": "public", "azureusgovernment": "usgov", "azurechinacloud": "china"}


class NamedContext(NamedTuple):
    """A named set of defaults from the configuration file, each with its line there."""

    name: str
    values: Mapping[str, object]
    file: str
    lines: Mapping[str, int]
    chosen_by: str

    def place(self, key: str) -> str:
        """Give the file and the line of a key."""
        return f"{self.file}:{self.lines[key]}" if key in self.lines else self.file


class OptionValue(NamedTuple):
    """The value of an option and its source; `where` is the flag, the variable or the line."""

    option: Option
    value: object
    source: Source
    where: str


class Settings(NamedTuple):
    """The values of the common options of a command, and the source of each."""

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
    receipts_shared: Path | None
    refresh: bool
    token_cache: bool
    quiet: bool
    debug: bool
    sandbox: bool
    person: str | None
    side: str | None = None
    authority: str | None = None
    sources: tuple[OptionValue, ...] = ()


def resolve(
    flags: Mapping[str, object], environ: Mapping[str, str], context: NamedContext | None = None
) -> Settings:
    """Resolve every option: its flag, else its variable, else the context, else its default.

    Raises:
        Usage: an option does not accept its value; the message names the source.
    """
    if context is not None:
        _check(context)
    _check_guards(environ)
    in_sandbox = _is_in_sandbox(flags, environ)
    resolved = tuple(_value_of(option, flags, environ, context, in_sandbox) for option in ALL)
    values = {one.option.key: one.value for one in resolved}
    subscriptions = str(values["subscription"] or "")
    values["subscription"] = tuple(p.strip() for p in subscriptions.split(",") if p.strip())
    cloud = str(values["cloud"])
    values["cloud"] = _CLOUDS.get(cloud.lower(), re.sub("^(?i:https)://", "https://", cloud))
    _check_place("AZJIT_CONFIG_DIR", environ.get("AZJIT_CONFIG_DIR", ""))
    _check_place("the state directory", str(values["state_dir"] or ""))
    for key in ("state_dir", "receipts_shared"):
        values[key] = Path(str(values[key])) if values[key] else None
    settings = Settings(**values, sources=resolved)  # type: ignore[arg-type]  # kinds give the types
    _check_person(settings, flags)
    return settings


def selected_context(flags: Mapping[str, object], environ: Mapping[str, str]) -> tuple[str, str]:
    """Give the name of the selected context and the source of it; empty if none is selected."""
    name = _value_of(BY_NAME["context"], flags, environ, None, in_sandbox=False)
    return str(name.value or ""), name.where


def _check_guards(environ: Mapping[str, str]) -> None:
    """Refuse a variable that reads like a guard, and is none: nothing would be refused by it."""
    known = BY_NAME["expect-tenant"].variable
    prefix = known.rpartition("_")[0]
    for name in environ:
        if name.startswith(prefix) and name != known:
            raise Usage(
                f"azjit has no variable {name}",
                hint=f"use {known} for the tenant, and --expect-digest for what is decided",
            )


def _check_place(what: str, text: str) -> None:
    """Refuse a directory with a variable that nothing replaced: it is another one than meant."""
    if re.match(r"\$[\w{(]|%\w+%", text):
        raise Usage(
            f"{what} is {text!r}, with a variable that nothing replaced",
            hint="give the whole path",
        )


def _check(context: NamedContext) -> None:
    """Refuse what no context can set, even if a flag or a variable overrides it."""
    for key, value in context.values.items():
        place = context.place(key)
        option = context_option(key, f"{place}: ")
        if not isinstance(value, str) or not value:
            raise Usage(
                f"{place}: {key} accepts a string in quotes",
                hint=f"azjit config set {key}={option.metavar} --context {context.name}",
            )
        context_value(option, value, f"{place}: {key}")


def _value_of(
    option: Option,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    context: NamedContext | None,
    in_sandbox: bool,  # noqa: FBT001 - private
) -> OptionValue:
    flag = flags.get(option.key)
    if flag is not None and flag is not False:
        value = flag if option.kind != "flag" else not option.on
        return OptionValue(option, checked(option, value, option.flag), "flag", option.flag)
    text = environ.get(option.variable)
    text = text and plain(text, option.variable)
    if text or (text is not None and option.is_guard):
        return OptionValue(
            option, checked(option, text, option.variable), "variable", option.variable
        )
    if context is not None and option.name in context.values:
        place = context.place(option.name)
        if in_sandbox and option.in_context == "azure":
            # The sandbox has its own tenants; these settings would hide them.
            return _default(option, f"{place} is not for the sandbox")
        return OptionValue(option, context.values[option.name], "context", place)
    if context is not None and option.name == "context":
        return OptionValue(option, context.name, "context", context.chosen_by)
    return _default(option, "")


def _default(option: Option, where: str) -> OptionValue:
    if option.default is not None:
        return OptionValue(option, option.default, "default", where)
    if option.kind == "flag":
        return OptionValue(option, option.on, "default" if option.on else "none", where)
    return OptionValue(option, None, "none", where)


def _is_in_sandbox(flags: Mapping[str, object], environ: Mapping[str, str]) -> bool:
    embedded = _value_of(BY_NAME["sandbox"], flags, environ, None, in_sandbox=False)
    cloud = _value_of(BY_NAME["cloud"], flags, environ, None, in_sandbox=False)
    return bool(embedded.value) or re.fullmatch(HERE, str(cloud.value)) is not None


def _check_person(settings: Settings, flags: Mapping[str, object]) -> None:
    # Whether an address is of a sandbox is not known yet, nor whether it is one.
    is_real = not settings.sandbox and settings.cloud in _CLOUDS.values()
    if settings.person is not None and is_real:
        source = "--as" if flags.get("person") is not None else "AZJIT_AS"
        raise Usage(
            f"{source} requires --sandbox",
            hint="for Azure, sign in with the Azure CLI or the environment",
        )
