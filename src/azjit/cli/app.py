"""The command tree; to start fast, it loads only the commands of the branch that is called."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated

import typer
from typer.main import get_command

from azjit.cli.command import take_common_options

if TYPE_CHECKING:
    from typer._click.core import Command  # typer's own click has no public name

_HELP = "Just-in-time access for Azure Managed Applications, from the terminal."
BRANCHES = {
    "publisher": "Request access to managed applications of your customers.",
    "consumer": "Decide who gets access to your applications, and for how long.",
    "sandbox": "Try azjit on an embedded Azure, without an account or network.",
    "receipts": "Read and check the receipts of what azjit changed.",
    "config": "Save defaults in named contexts.",
    "completion": "Set up completion of commands and names in your shell.",
}
# Commands without a branch, and the module of each.
_COMMANDS = {
    "doctor": "doctor",
    "whoami": "whoami",
    "api": "api",
    "demo": "demo",
    "schema": "schema",
    "help": "help_topics",
}
_SUBGROUPS = {
    "publisher": {
        "package": "Check, complete and preview a package, offline.",
        "offer": "Set JIT access in the draft of an offer.",
    },
    "consumer": {"settings": "Keep the settings of many applications in a file."},
}
# The modules of a branch beside the one with its name.
_MORE = {"publisher": ("running", "definition")}
# Accepted so that help lists it; `__main__` answers it before typer is loaded.
_VERSION = Parameter(
    "version",
    Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[bool, typer.Option("--version", help="Show the version and exit.")],
)


@cache
def command_tree(
    first: str | None = None, second: str | None = None, *, options_first: bool = True
) -> Command:
    """Give the command tree; with words given, the other branches have help but no commands.

    A process builds each tree once. Without `options_first`, no option may stand before a command.
    """
    return get_command(_tree(first, second, options_first=options_first))


def _tree(first: str | None, second: str | None, *, options_first: bool) -> typer.Typer:
    app = typer.Typer(
        name="azjit",
        help=_HELP,
        epilog="Start here: azjit demo. To try a command without an account, add --sandbox.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    if options_first:
        take_common_options(app, _VERSION)
    for name, text in BRANCHES.items():
        group = typer.Typer()
        if first in {None, name}:
            group = _branch(name, second) if name in _SUBGROUPS else _group(name, second)
            if options_first:
                take_common_options(group)
        app.add_typer(group, name=name, help=text, no_args_is_help=True)
    is_known = first in {*BRANCHES, *_COMMANDS}
    for name, module in _COMMANDS.items():
        if first == name or not is_known:
            app.registered_commands += _group(module).registered_commands
    return app


def _branch(branch: str, second: str | None) -> typer.Typer:
    whole = typer.Typer()
    base = _group(branch, second)
    whole.add_typer(base)
    if second not in {command.name for command in base.registered_commands}:
        for module in _MORE.get(branch, ()):
            whole.add_typer(_group(module, second))
    for name, text in _SUBGROUPS[branch].items():
        group = typer.Typer()
        if second in {None, name}:
            group = _group(name)
            take_common_options(group)
        whole.add_typer(group, name=name, help=text, no_args_is_help=True)
    return whole


def _group(name: str, only: str | None = None) -> typer.Typer:
    """Give all commands of a module, or only the named one: building all of them is slow."""
    whole: typer.Typer = import_module(f"azjit.cli.{name}").group
    group = typer.Typer()
    named = [command for command in whole.registered_commands if command.name == only]
    group.registered_commands += named or whole.registered_commands
    group.registered_groups += whole.registered_groups
    return group
