"""The common options: names, values, and whether a context may set them."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from azjit.errors import Usage, meant

ValueKind = Literal["text", "flag", "number"]
InContext = Literal["", "always", "azure"]


class Option(NamedTuple):
    """A common option of every command; the help of each command lists those with `shown`.

    `in_context` says whether a context may set it; the sandbox ignores a context's "azure" options.
    A flag that is `on` by default is turned off by `--no-NAME`. A guard refuses or narrows: set but
    empty, as by an undefined variable of a pipeline, it is no absent guard but a usage error.
    """

    name: str
    kind: ValueKind
    metavar: str
    help: str
    default: str | None = None
    short: str | None = None
    shown: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""
    in_context: InContext = ""
    on: bool = False
    is_guard: bool = False

    @property
    def flag(self) -> str:
        """The long flag of the command line."""
        return f"--no-{self.name}" if self.on else f"--{self.name}"

    @property
    def key(self) -> str:
        """The field of Settings for this option."""
        return {"as": "person"}.get(self.name, self.name.replace("-", "_"))

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"AZJIT_{self.name.replace('-', '_').upper()}"


_GUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_LABEL: Final = r"[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?"  # as a GUID, part of a URL
# What a shell or a pipeline did not replace, such as $(name), is no name of a subscription.
_SUBSCRIPTION: Final = rf"(?:(?i:/subscriptions/)?{_GUID} *|(?!{_GUID})\w[^,;<>|{{}}$\x00-\x1f]*)"
_TENANT: Final = rf"{_GUID}|{_LABEL}(?:\.{_LABEL})+"
# What every parser reads alike: no user, no backslash, no blank, no other alphabet.
ADDRESS: Final = (
    r"https://(?:[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
    r"(?:/[0-9A-Za-z._~-]*)*"
)

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
        "table, json, jsonl, yaml, csv, tsv or none; default table on a terminal, tsv in a pipe",
        short="o",
        shown=True,
        choices=("table", "json", "jsonl", "yaml", "csv", "tsv", "none"),
        in_context="always",
    ),
    Option(
        "query",
        "text",
        "JMESPATH",
        "filter the result before it is formatted",
        shown=True,
        is_guard=True,
    ),
    Option(
        "limit",
        "number",
        "N",
        "at most N items: the newest requests, or with jsonl, csv and tsv the first ones read",
    ),
    Option("context", "text", "CONTEXT", "use this context; see azjit config list", is_guard=True),
    Option(
        "tenant",
        "text",
        "ID",
        "sign in to this tenant",
        pattern=_TENANT,
        in_context="azure",
        is_guard=True,
    ),
    Option(
        "expect-tenant",
        "text",
        "ID",
        "refuse to act in any other tenant; its id or a domain of it",
        pattern=_TENANT,
        in_context="azure",
        is_guard=True,
    ),
    Option(
        "subscription",
        "text",
        "ID",
        "search only this subscription, an id or a name; separate several with commas",
        pattern=rf" *{_SUBSCRIPTION}(?:, *{_SUBSCRIPTION})*,? *",
        in_context="azure",
        is_guard=True,
    ),
    Option(
        "cloud",
        "text",
        "NAME",
        "public, usgov, china, or the base URL of Resource Manager",
        default="public",
        in_context="azure",
        is_guard=True,
    ),
    Option(
        "authority",
        "text",
        "URL",
        "sign-in host of a --cloud URL, if it is in another domain",
        pattern=ADDRESS,
        in_context="azure",
        is_guard=True,
    ),
    Option(
        "auth",
        "text",
        "KIND",
        "how to sign in; see azjit help sign-in",
        default="auto",
        choices=AUTH_KINDS,
        in_context="azure",
    ),
    Option(
        "timezone",
        "text",
        "ZONE",
        "read and show times in this zone, e.g. Europe/Berlin",
        in_context="always",
    ),
    Option("state-dir", "text", "DIR", "directory of the receipts, cached names and sandbox"),
    Option("refresh", "flag", "", "look up names again; they are cached for a day"),
    Option(
        "token-cache",
        "flag",
        "",
        "keep no access tokens between commands; as a variable: off",
        on=True,
    ),
    Option("quiet", "flag", "", "only errors and warnings on stderr", short="q"),
    Option("debug", "flag", "", "log each call to Azure on stderr, without secrets"),
    Option("sandbox", "flag", "", "use the embedded sandbox instead of Azure"),
    Option("as", "text", "PERSON", "act as this person of the sandbox"),
)

# For every command but doctor, the group decides the side.
SIDE: Final = Option(
    "side",
    "text",
    "SIDE",
    "the side that azjit doctor checks: consumer or publisher",
    choices=("consumer", "publisher"),
    in_context="always",
)
ALL: Final = (*OPTIONS, SIDE)
BY_NAME: Final = {option.name: option for option in ALL}
KEYS: Final = tuple(option.name for option in ALL if option.in_context)

# A server on this machine is the sandbox.
HERE: Final = (
    r"(?i)https://(localhost|127\.0\.0\.1|\[[0:]*1\]|\[[0:]*:ffff:(127\.0\.0\.1|7f00:0*1)\])"
    r"(:\d+)?(/.*)?"
)
# Keys that suggest a secret, which does not belong in a plain file.
_SUSPECT: Final = r"secret|passw|token|credential|certificate|private|(^|[-_.])(key|pin|pat)$"
_FORMS = {
    "tenant": "a GUID or a domain name",
    "expect-tenant": "a GUID or a domain name",
    "subscription": "ids or names, separated by commas",
    "authority": "an https URL",
}
_LONGEST_NUMBER = 9
_INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}
_SEE = "see: azjit help options"
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


def context_option(key: str, where: str = "") -> Option:
    """Give the option with this name, if a context may set it.

    Raises:
        Usage: a context may not set it, or no option has this name.
    """
    option = BY_NAME.get(key)
    if option is not None and option.in_context:
        return option
    if key in {"sandbox", "as"}:
        raise Usage(
            f"{where}a context cannot set {key!r}: a file cannot turn Azure into the sandbox",
            hint="use --sandbox, or set AZJIT_SANDBOX=1",
        )
    if option is None and re.search(_SUSPECT, key, re.IGNORECASE):
        raise Usage(
            f"{where}{key!r} looks like a secret; azjit stores no secrets",
            hint="sign in with az login, or set AZURE_CLIENT_SECRET in the environment",
        )
    wrong = "a context cannot set" if option is not None else "no setting is named"
    hint = f"{meant(key, KEYS)}a context can set {', '.join(KEYS)}"
    raise Usage(f"{where}{wrong} {key!r}", hint=hint)


def context_value(option: Option, text: str, source: str) -> str:
    """Give a value that a context may set for an option.

    Raises:
        Usage: the option does not accept the value, or the value points to the sandbox.
    """
    value = str(checked(option, text, source))
    if option.name == "cloud" and re.fullmatch(HERE, value):
        raise Usage(
            f"{source}: a cloud on this machine is the sandbox, and a context cannot select it",
            hint='in the shell that uses it: eval "$(azjit sandbox env)"',
        )
    return value


def checked(option: Option, value: object, source: str) -> object:
    """Convert a value to the type of its option.

    Raises:
        Usage: the option does not accept the value; the message names `source`.
    """
    if option.kind == "flag":
        return value if isinstance(value, bool) else _truth(str(value), source)
    if option.kind == "number":
        return _number(str(value), source)
    text = str(value)
    if option.is_guard and not text:
        raise Usage(f"{source} is set but empty", hint=f"set it to {option.metavar}, or unset it")
    if option.choices and text not in option.choices:
        raise Usage(
            f"{source} accepts {', '.join(option.choices)}, not {text!r}",
            hint=f"{meant(text, option.choices)}{_SEE}",
        )
    if option.pattern and not re.fullmatch(option.pattern, text):
        raise Usage(f"{source} accepts {_FORMS[option.name]}, not {text!r}", hint=_SEE)
    return text


def plain(text: str, source: str) -> str:
    """Give a typed text without the blanks and invisible characters at its ends.

    Shells of Windows leave a carriage return there, web pages a zero-width space.

    Raises:
        Usage: it contains bytes that are no text.
    """
    if text.isprintable() and text == text.strip():
        return text
    from unicodedata import category  # noqa: PLC0415 - few texts need it

    if "Cs" in (kinds := [category(char) for char in text]):  # stands for a byte that is no text
        raise Usage(f"{source} is not UTF-8 text", hint="write it in UTF-8")
    kept = [at for at, kind in enumerate(kinds) if kind not in _INVISIBLE]
    return text[kept[0] : kept[-1] + 1] if kept else ""


def _truth(text: str, source: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise Usage(f"{source} accepts 1 or 0, not {text!r}", hint=_SEE)


def _number(text: str, source: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER and int(text) > 0:
        return int(text)
    raise Usage(f"{source} accepts a whole number above 0, not {text!r}", hint=_SEE)
