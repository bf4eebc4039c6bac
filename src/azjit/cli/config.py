"""`azjit config`: named contexts that save options such as tenant, cloud and format."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.options import KEYS
from azjit.output.results.config import (
    cleared_view,
    config_file_view,
    context_view,
    contexts_view,
    explained_view,
    setting_view,
)
from azjit.output.view import View
from azjit.settings import OptionValue

if TYPE_CHECKING:
    from azjit.services.configuring.contexts import KeptContext

group = typer.Typer()

Key = Annotated[str, typer.Argument(metavar="KEY", help=", ".join(KEYS))]
Name = Annotated[str, typer.Argument(metavar="CONTEXT", help="see: azjit config list")]
# These commands need neither Azure nor the sandbox.
_HERE = "here"


@command(group, "set", side=_HERE, lenient=True, example="azjit config set timezone=Europe/Berlin")
def set_(
    rt: Runtime,
    pairs: Annotated[list[str], typer.Argument(metavar="KEY=VALUE...", help=", ".join(KEYS))],
) -> None:
    """Save settings in a context: the one that --context names, or the current one.

    A context that does not exist is created. The first context becomes the current one.
    """
    rt.show(_context_view(rt.contexts.put(pairs)))


@command(group, "unset", side=_HERE, lenient=True, example="azjit config unset output")
def unset(
    rt: Runtime, keys: Annotated[list[str], typer.Argument(metavar="KEY...", help=", ".join(KEYS))]
) -> None:
    """Remove settings from a context: the one that --context names, or the current one."""
    rt.show(_context_view(rt.contexts.drop(keys)))


@command(group, "get", side=_HERE, lenient=True, example="azjit config get output")
def get(rt: Runtime, key: Key) -> None:
    """Print the value of a setting in a context."""
    rt.show(setting_view(key, rt.contexts.get(key)))


@command(group, "list", side=_HERE, lenient=True, example="azjit config list")
def list_(rt: Runtime) -> None:
    """List the contexts and their settings."""
    rt.show(contexts_view((each._asdict() for each in rt.contexts.all()), KEYS))


@command(group, "use", side=_HERE, lenient=True, example="azjit config use default")
def use(rt: Runtime, name: Name) -> None:
    """Make a context the current one, for commands without --context."""
    rt.show(_context_view(rt.contexts.use(name)))


@command(group, "remove", side=_HERE, lenient=True, example="azjit config remove default")
def remove(rt: Runtime, name: Name) -> None:
    """Remove a context, and show its settings one last time."""
    rt.show(_context_view(rt.contexts.remove(name)))
    rt.notes.aside(f"removed {name}")


@command(group, "path", side=_HERE, lenient=True, example="azjit config path")
def path(rt: Runtime) -> None:
    """Print the path of the configuration file, even if it does not exist."""
    place = rt.contexts.path
    rt.show(
        config_file_view(
            str(place),
            exists=os.path.exists(place),  # noqa: PTH110 - pathlib raises if it may not look
        ),
        rt.console.form_for_shell,
    )


@command(group, "explain", side=_HERE, example="azjit config explain")
def explain(rt: Runtime) -> None:
    """Show the value of each option, and its source: flag, variable, context or default."""
    rt.show(explained_view([_explained(one) for one in rt.settings.sources]))


@command(group, "clear-cache", side=_HERE, lenient=True, example="azjit config clear-cache")
def clear_cache(rt: Runtime) -> None:
    """Remove the access tokens and names that are kept between commands; receipts stay."""
    rt.show(cleared_view(rt.caches.clear()))


def _context_view(context: KeptContext) -> View:
    return context_view(context._asdict(), KEYS)


def _explained(one: OptionValue) -> dict[str, object]:
    return {
        "setting": one.option.name,
        "value": one.value if isinstance(one.value, (str, int, bool)) else None,
        "source": one.source,
        "where": one.where or None,
    }
