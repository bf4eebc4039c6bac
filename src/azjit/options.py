"""The common options: what each is called, what it takes, and whether a context may hold it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from azjit.errors import Usage, meant

Kind = Literal["text", "flag", "number"]
Kept = Literal["", "always", "azure"]


@dataclass(frozen=True, slots=True)
class Option:
    """A common option of every leaf command; `shown` ones stand in each command's help.

    `kept` says whether a context may hold it; what is about Azure does not reach the sandbox.
    """

    name: str
    kind: Kind
    metavar: str
    help: str
    default: str | None = None
    short: str | None = None
    shown: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""
    kept: Kept = ""

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

AUTH_KINDS: Final = (
    "auto",
    "cli",
    "env",
    "workload",
    "github",
    "pipelines",
    "managed",
    "secret",
    "certificate",
    "browser",
    "device",
)

OPTIONS: Final = (
    Option(
        "output",
        "text",
        "FORMAT",
        "table, json, jsonl, yaml, csv, tsv or none; table on a terminal, tsv in a pipe",
        short="o",
        shown=True,
        choices=("table", "json", "jsonl", "yaml", "csv", "tsv", "none"),
        kept="always",
    ),
    Option("query", "text", "JMESPATH", "pick from the result, before any format", shown=True),
    Option(
        "limit",
        "number",
        "N",
        "give at most N items: the newest requests; with jsonl, csv and tsv the first to come",
    ),
    Option("context", "text", "CONTEXT", "use this context of azjit config"),
    Option("tenant", "text", "ID", "sign in to this tenant", pattern=_TENANT, kept="azure"),
    Option(
        "expect-tenant",
        "text",
        "ID",
        "refuse to act in any other tenant",
        pattern=_GUID,
        kept="azure",
    ),
    Option(
        "subscription",
        "text",
        "ID",
        "look only into this subscription; several by comma",
        pattern=rf" *{_GUID}(?: *, *{_GUID})* *,? *",
        kept="azure",
    ),
    Option(
        "cloud",
        "text",
        "NAME",
        "public, usgov, china, or Resource Manager's base URL",
        default="public",
        kept="azure",
    ),
    Option(
        "auth",
        "text",
        "KIND",
        "how to sign in: azjit help sign-in lists the kinds",
        default="auto",
        choices=AUTH_KINDS,
        kept="azure",
    ),
    Option(
        "timezone",
        "text",
        "ZONE",
        "read and show times in this zone, e.g. Europe/Berlin",
        kept="always",
    ),
    Option("state-dir", "text", "DIR", "keep receipts, names and the sandbox here"),
    Option("refresh", "flag", "", "ask the directory for names again: answers are kept a day"),
    Option("debug", "flag", "", "log each call to Azure on stderr, without secrets"),
    Option("sandbox", "flag", "", "use the embedded sandbox instead of Azure"),
    Option("as", "text", "PERSON", "act as this person of the sandbox"),
)

# Every command but doctor says by its group which side it is for.
SIDE: Final = Option(
    "side",
    "text",
    "SIDE",
    "consumer or publisher: for whom doctor looks",
    choices=("consumer", "publisher"),
    kept="always",
)
ALL: Final = (*OPTIONS, SIDE)
BY_NAME: Final = {option.name: option for option in ALL}
KEYS: Final = tuple(option.name for option in ALL if option.kept)

# Whoever serves there is this machine, and so the sandbox.
HERE: Final = r"https://(localhost|127\.0\.0\.1|\[::1\])([:/].*)?"
# A key like this would tempt somebody to keep what opens doors in a plain file.
_TEMPTING: Final = r"secret|passw|token|credential|certificate|private|(^|[-_.])(key|pin|pat)$"
_FORMS = {"tenant": "a GUID or a domain name", "subscription": "GUIDs, by comma"}
_LONGEST_NUMBER = 9
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


def kept_option(key: str, where: str = "") -> Option:
    """Give the option of that name, if a context may hold it.

    Raises:
        Usage: it may not, or there is none; a value is never repeated.
    """
    option = BY_NAME.get(key)
    if option is not None and option.kept:
        return option
    if key in {"sandbox", "as"}:
        raise Usage(
            f"{where}{key!r} cannot stand in a context: no file may turn Azure into the sandbox",
            hint="say --sandbox, or set AZJIT_SANDBOX=1",
        )
    if re.search(_TEMPTING, key, re.IGNORECASE):
        raise Usage(
            f"{where}{key!r} looks like a secret: azjit keeps none",
            hint="sign in with az login, or set AZURE_CLIENT_SECRET where the command runs",
        )
    wrong = "cannot stand in a context" if option is not None else "is no setting"
    hint = f"{meant(key, KEYS)}a context keeps {', '.join(KEYS)}"
    raise Usage(f"{where}{key!r} {wrong}", hint=hint)


def kept_value(option: Option, text: str, source: str) -> str:
    """Give a value that a context may keep for an option.

    Raises:
        Usage: the option does not take it, or it leads to the sandbox.
    """
    value = str(checked(option, text, source))
    if option.name == "cloud" and re.fullmatch(HERE, value):
        raise Usage(
            f"{source}: a cloud on this machine is the sandbox, which no context may turn to",
            hint='in the shell that needs it: eval "$(azjit sandbox env)"',
        )
    return value


def checked(option: Option, value: object, source: str) -> object:
    """Give a value as its option's kind.

    Raises:
        Usage: the option does not take it; `source` is named.
    """
    if option.kind == "flag":
        return value if isinstance(value, bool) else _truth(str(value), source)
    if option.kind == "number":
        return _number(str(value), source)
    text = str(value)
    if option.choices and text not in option.choices:
        raise Usage(
            f"{source} takes {', '.join(option.choices)}, not {text!r}",
            hint=f"{meant(text, option.choices)}see: azjit help options",
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
