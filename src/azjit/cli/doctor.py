"""`azjit doctor`: what would fail, why, and how to fix it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.errors import Refused

if TYPE_CHECKING:
    from azjit.domain.findings import Checkup

group = typer.Typer()


@command(
    group, "doctor", side="consumer", example="azjit doctor --app orders --side consumer --sandbox"
)
def doctor(
    rt: Runtime,
    app: Annotated[
        str | None,
        typer.Option("--app", metavar="APP", help="check only this application; default all"),
    ] = None,
    side: Annotated[
        str | None,
        typer.Option("--side", metavar="SIDE", help="consumer or publisher; default consumer"),
    ] = None,
) -> None:
    """Check sign-in, network, licence, permissions and settings without changing anything."""
    del side  # the context has it
    _show(rt, rt.doctor.examine(app), is_whole=app is not None)


def _show(rt: Runtime, checkup: Checkup, *, is_whole: bool) -> None:
    from azjit.domain.findings import Severity  # noqa: PLC0415 - help does not need it
    from azjit.output.results.doctor import checkup_view  # noqa: PLC0415 - the same

    rt.notes.clear()
    is_text = rt.console.is_text
    shown = checkup.findings
    if is_text and not is_whole:
        shown = tuple(each for each in shown if not (each.is_ok and each.application))
    rt.show(checkup_view(shown, width=rt.process.width() if is_text else None))
    counts = Counter(each.severity for each in checkup.findings)
    words = ", ".join(_counted(each.value, counts[each]) for each in Severity if counts[each])
    rt.notes.aside(f"checked {_looked_at(checkup)}: {words}; -o json shows them all")
    if checkup.trouble is not None:
        raise checkup.trouble
    problems = counts[Severity.PROBLEM]
    if problems:
        raise Refused(
            f"{_counted('problem', problems)} found",
            hint="each finding has a fix; docs/reference/error-codes.md lists the codes",
        )


def _counted(word: str, count: int) -> str:
    has_plural = count > 1 and word not in {"ok", "not checked"}
    return f"{count} {word}{'s' if has_plural else ''}"


def _looked_at(checkup: Checkup) -> str:
    names = {each.application for each in checkup.findings if each.application is not None}
    if not names:
        return "this machine and the connection to Azure only"
    return f"{len(names)} application{'s' if len(names) > 1 else ''} and the connection"
