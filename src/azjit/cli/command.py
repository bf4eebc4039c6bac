"""Registers a command: adds the common options and passes the Runtime to its function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, get_type_hints

import typer
from typer.models import ParameterInfo

from azjit.cli.runtime import Runtime
from azjit.errors import Usage
from azjit.options import OPTIONS, SIDE, Option
from azjit.process import Process
from azjit.services.configuring.contexts import resolve_settings

_MORE = "More options, such as --sandbox and --subscription: azjit help options"
_TYPES: dict[str, type] = {"text": str, "flag": bool, "number": int}


def command(
    group: typer.Typer, name: str, *, side: str = "", example: str, lenient: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a command of a group.

    Its docstring is the help. Its first parameter is the Runtime; the others are its own options.
    A lenient command also runs with a broken configuration file, so that it can repair the file.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        summary = inspect.getdoc(function) or ""
        group.command(
            name,
            help=f"{summary}\n\nExample:\n\n\b\n  {example}",
            short_help=summary.splitlines()[0],
            epilog=_MORE,
        )(_with_common_options(function, side, lenient=lenient))
        return function

    return register


def take_common_options(group: typer.Typer, *others: inspect.Parameter) -> None:
    """Let a group take the common options, hidden in its help, for the command after it."""

    def called(ctx: typer.Context, **values: object) -> None:
        ctx.meta.update((name, value) for name, value in values.items() if value is not None)

    common = [_parameter(option._replace(shown=False), set()) for option in OPTIONS]
    group.callback()(_declared(called, [*others, *common]))


def _with_common_options(
    function: Callable[..., None], side: str, *, lenient: bool
) -> Callable[..., None]:
    def called(ctx: typer.Context, **values: object) -> None:
        flags = {}
        for option in OPTIONS:
            after = values.pop(f"common_{option.key}")
            flags[option.key] = ctx.meta.get(f"common_{option.key}") if after is None else after
        if not side:
            flags["sandbox"] = True  # a sandbox command needs no --sandbox
        process: Process = ctx.obj
        settings = resolve_settings(flags, process.environ, lenient=lenient)
        # A command for both sides takes --side, else the side of the context.
        chosen = (values["side"] or settings.side or side) if "side" in values else side
        if "side" in values and chosen not in SIDE.choices:
            raise Usage(f"no side named {chosen!r}", hint="use consumer or publisher")
        runtime = Runtime(settings, process, str(chosen))
        try:
            runtime.console.check()
            function(runtime, **values)
        finally:
            runtime.close()

    own = list(inspect.signature(function).parameters.values())[1:]
    hints = get_type_hints(function, include_extras=True)
    for info in _infos(hints):
        info.show_default = False  # the help text names the default
    parameters = [
        *(p.replace(kind=p.KEYWORD_ONLY, annotation=hints[p.name]) for p in own),
        *(_parameter(option, _claimed(hints)) for option in OPTIONS),
    ]
    called.__name__ = function.__name__
    return _declared(called, parameters)


def _declared(
    called: Callable[..., None], parameters: Iterable[inspect.Parameter]
) -> Callable[..., None]:
    """Declare the parameters of a function for typer, which also passes its context."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    whole = [inspect.Parameter("ctx", kind, annotation=typer.Context), *parameters]
    called.__signature__ = inspect.Signature(whole)  # type: ignore[attr-defined]  # typer reads it
    called.__annotations__ = {p.name: p.annotation for p in whole}
    return called


def _claimed(hints: dict[str, object]) -> set[str]:
    """Give the flags that a command declares itself, so that no common option has them."""
    # Inside Annotated, typer keeps the first flag in the place of the default.
    flags = {flag for i in _infos(hints) for flag in (i.default, *(i.param_decls or ()))}
    return {flag for flag in flags if isinstance(flag, str) and flag.startswith("-")}


def _infos(hints: dict[str, object]) -> list[ParameterInfo]:
    return [info for hint in hints.values() for info in getattr(hint, "__metadata__", ())]


def _parameter(option: Option, claimed: set[str]) -> inspect.Parameter:
    flags = [option.flag, *([f"-{option.short}"] if option.short else [])]
    names = [flag for flag in flags if flag not in claimed]
    kind = _TYPES[option.kind] if option.kind == "flag" else str
    declared = typer.Option(
        *names,
        help=option.help,
        metavar=option.metavar or None,
        hidden=not option.shown,
        show_default=False,
    )
    return inspect.Parameter(
        f"common_{option.key}",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, declared],
    )
