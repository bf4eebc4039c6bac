"""The common options: names, values, and whether a context may set them."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

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
    Option(
        "receipts-shared",
        "text",
        "DIR",
        "also copy the receipts into a folder of this machine in DIR, which exists",
        pattern=r"/.*|[A-Za-z]:[\\/].*|\\\\.*",
        in_context="azure",
        is_guard=True,
    ),
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
