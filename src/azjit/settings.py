"""Every common option: flag, then environment, then default, as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from azjit.errors import Usage

Kind = Literal["text", "flag", "number"]


@dataclass(frozen=True, slots=True)
class Option:
    """A common option of every leaf command; `shown` ones stand in each command's help."""

    name: str
    kind: Kind
    metavar: str
    help: str
    default: str | None = None
    short: str | None = None
    shown: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""

    @property
    def key(self) -> str:
        """The field of Settings that holds it."""
        return {"as": "person"}.get(self.name, self.name.replace("-", "_"))

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"AZJIT_{self.name.replace('-', '_').upper()}"


# Both become part of addresses.
_GUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TENANT: Final = r"[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?"

OPTIONS: Final = (
    Option(
        "output",
        "text",
        "FORMAT",
        "table, json, jsonl, yaml, csv, tsv or none; table on a terminal, tsv in a pipe",
        short="o",
        shown=True,
        choices=("table", "json", "jsonl", "yaml", "csv", "tsv", "none"),
    ),
    Option("query", "text", "JMESPATH", "pick from the result, before any format", shown=True),
    Option("limit", "number", "N", "give at most N items"),
    Option("tenant", "text", "ID", "sign in to this tenant", pattern=_TENANT),
    Option(
        "subscription",
        "text",
        "ID",
        "look only into this subscription; several by comma",
        pattern=rf" *{_GUID}(?: *, *{_GUID})* *,? *",
    ),
    Option(
        "cloud",
        "text",
        "NAME",
        "public, usgov, china, or Resource Manager's base URL",
        default="public",
    ),
    Option(
        "auth",
        "text",
        "KIND",
        "how to sign in: auto, cli (the login of az) or env (a service principal)",
        default="auto",
        choices=("auto", "cli", "env"),
    ),
    Option("timezone", "text", "ZONE", "read and show times in this zone, e.g. Europe/Berlin"),
    Option("state-dir", "text", "DIR", "keep receipts, names and the sandbox here"),
    Option("debug", "flag", "", "log each call to Azure on stderr, without secrets"),
    Option("sandbox", "flag", "", "use the embedded sandbox instead of Azure"),
    Option("as", "text", "PERSON", "act as this person of the sandbox"),
)

_FORMS = {"tenant": "a GUID or a domain name", "subscription": "GUIDs, by comma"}
_LONGEST_NUMBER = 9
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command was told about everything that is not its own."""

    output: str | None
    query: str | None
    limit: int | None
    tenant: str | None
    subscription: tuple[str, ...]
    cloud: str
    auth: str
    timezone: str | None
    state_dir: Path | None
    debug: bool
    sandbox: bool
    person: str | None


def resolve(flags: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
    """Settle every option: the flag, else its variable, else its default.

    Raises:
        Usage: a value that its option does not take; the message names flag or variable.
    """
    told = {option.key: _value(option, flags.get(option.key), environ) for option in OPTIONS}
    subscriptions = str(told["subscription"] or "")
    told["subscription"] = tuple(p.strip() for p in subscriptions.split(",") if p.strip())
    told["state_dir"] = Path(str(told["state_dir"])) if told["state_dir"] else None
    settings = Settings(**told)  # type: ignore[arg-type]  # each option's kind gives its type
    is_real = not settings.sandbox and not settings.cloud.startswith("https:")
    if settings.person is not None and is_real:
        source = "--as" if flags.get("person") is not None else "AZJIT_AS"
        raise Usage(
            f"{source} goes with --sandbox", hint="real sign-in is by az or the environment"
        )
    return settings


def _value(option: Option, flag: object, environ: Mapping[str, str]) -> object:
    if flag is not None and flag is not False:
        return _checked(option, flag, f"--{option.name}")
    told = environ.get(option.variable)
    if told:
        return _checked(option, told, option.variable)
    return _checked(option, option.default, "") if option.default is not None else _empty(option)


def _empty(option: Option) -> object:
    return False if option.kind == "flag" else None


def _checked(option: Option, value: object, source: str) -> object:
    if option.kind == "flag":
        return value if isinstance(value, bool) else _truth(str(value), source)
    if option.kind == "number":
        return _number(str(value), source)
    text = str(value)
    if option.choices and text not in option.choices:
        raise Usage(
            f"{source} takes {', '.join(option.choices)}, not {text!r}",
            hint="see: azjit help options",
        )
    if option.pattern and not re.fullmatch(option.pattern, text):
        raise Usage(
            f"{source} takes {_FORMS[option.name]}, not {text!r}", hint="see: azjit help options"
        )
    return text


def _truth(text: str, source: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise Usage(f"{source} takes 1 or 0, not {text!r}", hint="see: azjit help options")


def _number(text: str, source: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER and int(text) > 0:
        return int(text)
    raise Usage(
        f"{source} takes a whole number above 0, not {text!r}", hint="see: azjit help options"
    )
