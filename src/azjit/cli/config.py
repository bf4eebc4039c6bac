"""`azjit config`: named contexts, so that tenant, cloud and habits need no typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli.command import leaf
from azjit.options import KEYS
from azjit.output.results.config import (
    config_file_view,
    context_view,
    contexts_view,
    explained_view,
    setting_view,
)
from azjit.output.results.shapes import ContextItem, ExplainedItem
from azjit.output.view import View
from azjit.runtime import Runtime
from azjit.settings import Told

if TYPE_CHECKING:
    from azjit.services.configuring.contexts import KeptContext

group = typer.Typer(help="Keep defaults in named contexts: tenant, subscription, cloud, format.")

Key = Annotated[str, typer.Argument(metavar="KEY", help=", ".join(KEYS))]
Name = Annotated[str, typer.Argument(metavar="CONTEXT", help="see: azjit config list")]
# Neither a world nor a sign-in is needed to look after a file.
_HERE = "here"


@leaf(group, "set", side=_HERE, lenient=True, example="azjit config set timezone=Europe/Berlin")
def set_(
    rt: Runtime,
    pairs: Annotated[list[str], typer.Argument(metavar="KEY=VALUE...", help=", ".join(KEYS))],
) -> None:
    """Keep values in a context: that of --context, else the current one.

    A context that is not there is made; the first one becomes the current one.
    """
    rt.show(_context_view(rt.contexts.put(pairs)))


@leaf(group, "unset", side=_HERE, lenient=True, example="azjit config unset output")
def unset(
    rt: Runtime, keys: Annotated[list[str], typer.Argument(metavar="KEY...", help=", ".join(KEYS))]
) -> None:
    """Forget values of a context: that of --context, else the current one."""
    rt.show(_context_view(rt.contexts.drop(keys)))


@leaf(group, "get", side=_HERE, lenient=True, example="azjit config get output")
def get(rt: Runtime, key: Key) -> None:
    """Print what a context keeps for a key."""
    rt.show(setting_view({"key": key, "value": rt.contexts.get(key)}))


@leaf(group, "list", side=_HERE, lenient=True, example="azjit config list")
def list_(rt: Runtime) -> None:
    """List the contexts and what each keeps."""
    contexts = [_item(one) for one in rt.contexts.all()]
    rt.show(contexts_view(contexts, KEYS))


@leaf(group, "use", side=_HERE, lenient=True, example="azjit config use default")
def use(rt: Runtime, name: Name) -> None:
    """Use a context wherever no --context is said."""
    rt.show(_context_view(rt.contexts.use(name)))


@leaf(group, "remove", side=_HERE, lenient=True, example="azjit config remove default")
def remove(rt: Runtime, name: Name) -> None:
    """Forget a whole context; what it kept is shown once more."""
    rt.show(_context_view(rt.contexts.remove(name)))
    rt.notes.aside(f"removed {name}")


@leaf(group, "path", side=_HERE, lenient=True, example="azjit config path")
def path(rt: Runtime) -> None:
    """Print where the configuration file is, or would be."""
    place = rt.contexts.path
    rt.show(config_file_view({"path": str(place), "exists": place.exists()}))


@leaf(group, "explain", side=_HERE, example="azjit config explain")
def explain(rt: Runtime) -> None:
    """Tell what holds for each option, and whether flag, variable, context or default said so."""
    rt.show(explained_view([_explained(one) for one in rt.settings.told]))


def _context_view(context: KeptContext) -> View:
    return context_view(_item(context), KEYS)


def _item(context: KeptContext) -> ContextItem:
    return {
        "name": context.name,
        "current": context.is_current,
        "settings": dict(context.values),
    }


def _explained(told: Told) -> ExplainedItem:
    return {
        "setting": told.option.name,
        "value": _plain(told.value),
        "source": told.source,
        "where": told.where or None,
    }


def _plain(value: object) -> str | int | bool | None:
    return value if isinstance(value, (str, int, bool)) else None
