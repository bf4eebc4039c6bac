"""Turns typer's usage errors into errors of azjit with a hint."""

from __future__ import annotations

import re
import shlex
from difflib import get_close_matches

# typer's own click: it is vendored and has no public name for its errors.
from typer._click.exceptions import (
    BadParameter,
    ClickException,
    MissingParameter,
    NoSuchOption,
    UsageError,
)

from azjit.complete.tree import COMMANDS, GROUPS, SHORT
from azjit.errors import Usage, meant

_COMMAND = re.compile(r"No such command '(.*?)'")
_CHOICE = re.compile(r"'(.*)' is not one of (.*)", re.DOTALL)
_APP_BY_PARTS = {"-g", "--resource-group", "-n"}
_OF_AZ = {
    "login": "azjit uses the login of the Azure CLI: az login; other ways: azjit help sign-in",
    "logout": "azjit uses the login of the Azure CLI: az logout; azjit config clear-cache drops"
    " the tokens that azjit keeps",
    "account": "azjit whoami shows who is signed in; --subscription chooses where to look",
}
# A command of another group must be this similar to be meant.
_CLOSE_ELSEWHERE = 0.75
# Closer than typer's own guess, which offers --reason for --durration.
_CLOSE = 0.8


def usage_of(error: ClickException) -> Usage:
    """Give the matching error of azjit, with a hint."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "azjit"
    see = f"see: {path} --help"
    message = _lower(error.message if isinstance(error, NoSuchOption) else error.format_message())
    if isinstance(error, NoSuchOption):
        return Usage(message, hint=_for_option(error, path) or see)
    if isinstance(error, MissingParameter):
        return Usage(message, hint=_for_missing(error, path) or see)
    if isinstance(error, BadParameter) and (found := _CHOICE.search(error.message)):
        choices = re.findall(r"'([^']+)'", found[2])
        return Usage(message, hint=f"{meant(found[1], choices)}{see}")
    if isinstance(error, UsageError) and (found := _COMMAND.match(error.message)):
        return Usage(f"no such command {found[1]!r}", hint=_for_command(found[1], path) or see)
    return Usage(message, hint=see)


def _for_option(error: NoSuchOption, path: str) -> str:
    name = error.option_name
    own = {flag for _, options, _ in COMMANDS.values() for flag in options}
    if path.removeprefix("azjit").strip() in GROUPS and name in {*own, *SHORT}:
        return f"this option follows its command: {path} COMMAND {name} ..."
    if path == "azjit api":
        return "azjit api only reads; to write, use az rest --method METHOD --url URL --body BODY"
    if name in _APP_BY_PARTS:
        return f"name an application as GROUP/NAME, or by its id: {path} GROUP/NAME"
    known = [flag for p in error.ctx.command.params for flag in p.opts] if error.ctx else []
    near = meant(name, known, _CLOSE)
    return f"{near}see: {path} --help" if near else ""


def _for_missing(error: MissingParameter, path: str) -> str:
    if path != "azjit publisher request" or error.param is None or error.param.name != "role":
        return ""
    typed = error.ctx.params.get("apps") if error.ctx is not None else None
    app = shlex.quote(str(typed[0])) if typed else "APP"
    return f"choose one of: azjit publisher roles {app}"


def _for_command(word: str, path: str) -> str:
    """Suggest a command with a similar name: of this group, else of the other side."""
    group = path.removeprefix("azjit").strip()
    if not group and word in _OF_AZ:
        return _OF_AZ[word]
    here = get_close_matches(word, GROUPS.get(group, ()), n=1)
    if here:
        return f"did you mean: {path} {here[0]}?"
    near = [where for where in GROUPS if where and (not group or _sides(group) & _sides(where))]
    every = {name for where in near for name in GROUPS[where]}
    anywhere = get_close_matches(word, every, n=1, cutoff=_CLOSE_ELSEWHERE)
    found = [
        f"azjit {where} {name}" for name in anywhere for where in near if name in GROUPS[where]
    ]
    return f"did you mean: {' or '.join(found)}?" if found else ""


def _sides(group: str) -> set[str]:
    """Give the branches that a person may confuse with that of a group."""
    branch = group.partition(" ")[0]
    return {"publisher", "consumer"} if branch in {"publisher", "consumer"} else {branch}


def _lower(message: str) -> str:
    text = " ".join(message.split()).rstrip(".")
    return text[:1].lower() + text[1:]
