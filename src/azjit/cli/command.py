"""Registers a command: adds the common options and passes the Runtime to its function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
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
            short_help=summary.partition("\n")[0],
            epilog=_MORE,
        )(_WithCommonOptions(function, side, lenient=lenient))
        return function

    return register


def take_common_options(group: typer.Typer, *others: inspect.Parameter) -> None:
    """Let a group take the common options, hidden in its help, for the command after it."""

    def called(ctx: typer.Context, **values: object) -> None:
        ctx.meta.update((name, value) for name, value in values.items() if value is not None)

    common = [_parameter(option._replace(shown=False), set()) for option in OPTIONS]
    # typer reads both
    called.__signature__ = _signature(*others, *common)  # type: ignore[attr-defined]
    called.__annotations__ = _annotations(called.__signature__)  # type: ignore[attr-defined]
    group.callback()(called)


class _WithCommonOptions:
    """A function that also takes the common options.

    Its signature is made when typer reads it: a module has many commands, and a process runs one.
    """

    def __init__(self, function: Callable[..., None], side: str, *, lenient: bool) -> None:
        self._function = function
        self._side = side
        self._lenient = lenient
        self.__name__ = function.__name__

    def __call__(self, ctx: typer.Context, **values: object) -> None:
        flags = {}
        for option in OPTIONS:
            after = values.pop(f"common_{option.key}")
            flags[option.key] = ctx.meta.get(f"common_{option.key}") if after is None else after
        if not self._side:
            flags["sandbox"] = True  # a sandbox command needs no --sandbox
        process: Process = ctx.obj
        settings = resolve_settings(flags, process.environ, lenient=self._lenient)
        # A command for both sides takes --side, else the side of the context.
        chosen = self._side
        if "side" in values:
            chosen = str(values["side"] or settings.side or self._side)
            if chosen not in SIDE.choices:
                raise Usage(f"no side named {chosen!r}", hint="use consumer or publisher")
        runtime = Runtime(settings, process, chosen)
        with runtime.ended():
            runtime.console.check()
            self._function(runtime, **values)

    @cached_property
    def __signature__(self) -> inspect.Signature:
        own = list(inspect.signature(self._function).parameters.values())[1:]
        hints = get_type_hints(self._function, include_extras=True)
        for info in _infos(hints):
            info.show_default = False  # the help text names the default
        claimed = _claimed(hints)
        return _signature(
            *(p.replace(kind=p.KEYWORD_ONLY, annotation=hints[p.name]) for p in own),
            *(_parameter(option, claimed) for option in OPTIONS),
        )

    @cached_property
    def __annotations__(self) -> dict[str, object]:  # type: ignore[override]
        return _annotations(self.__signature__)


def _signature(*parameters: inspect.Parameter) -> inspect.Signature:
    """Give a signature for typer, which also passes its context."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature(
        [inspect.Parameter("ctx", kind, annotation=typer.Context), *parameters]
    )


def _annotations(signature: inspect.Signature) -> dict[str, object]:
    return {p.name: p.annotation for p in signature.parameters.values()}


def _claimed(hints: dict[str, object]) -> set[str]:
    """Give the flags that a command declares itself: no common option gets these."""
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
