"""`azjit publisher package`: check, complete and preview a package, offline."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from azjit import __version__
from azjit.cli.command import leaf
from azjit.domain.packages import Destination
from azjit.errors import Refused, Usage
from azjit.options import OPTIONS
from azjit.output.results.packages import edit_view, findings_view, preview_view
from azjit.output.results.sarif import sarif as sarif_log
from azjit.packages.catalog import RULES
from azjit.runtime import Runtime

if TYPE_CHECKING:
    from azjit.domain.packages import PackageEdit

group = typer.Typer(help="Check and complete a package, offline.")

PackagePath = Annotated[
    Path, typer.Argument(metavar="PATH", help="createUiDefinition.json, its folder, or app.zip")
]
PackagePaths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="createUiDefinition.json, its folder, or app.zip"),
]
_DOUBLED = (
    "the portal shows a JIT step by itself once the offer's checkbox is on: look at the offer's"
    " preview before you publish, and remove this step if it is there twice"
)


class Kind(StrEnum):
    """Where a package is published."""

    MARKETPLACE = "marketplace"
    CATALOG = "service-catalog"


@leaf(group, "check", side="publisher", example="azjit publisher package check app.zip")
def check(
    rt: Runtime,
    paths: PackagePaths,
    kind: Annotated[
        Kind, typer.Option("--kind", metavar="KIND", help="marketplace or service-catalog")
    ] = Kind.MARKETPLACE,
    sarif: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write the findings there as SARIF too")
    ] = None,
) -> None:
    """Check that a package asks the consumer about JIT access, once and rightly."""
    checked = rt.packages.check(paths, is_catalog=kind is Kind.CATALOG)
    if sarif is not None:
        rt.packages.save_report(sarif, sarif_log(checked.findings, RULES, __version__))
    rt.show(findings_view(checked.findings, as_text=rt.console.is_text))
    for error in checked.unread[1:]:
        rt.notes.error(error)
    if checked.unread:
        raise checked.unread[0]
    count = sum(each.fails for each in checked.findings)
    if count:
        told = "1 finding fails" if count == 1 else f"{count} findings fail"
        raise Refused(f"{told} the check", hint="each finding says what to do")
    rt.notes.aside(f"{', '.join(checked.files)}: the JIT step is right")


@leaf(
    group,
    "add-jit",
    side="publisher",
    example="azjit publisher package add-jit app.zip --dry-run",
)
def add_jit(
    rt: Runtime,
    path: PackagePath,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="write to this new file")
    ] = None,
    *,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="replace the file; the old one is kept as .bak")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show the difference, write nothing")
    ] = False,
) -> None:
    """Write the JIT step and its output into a package, and nothing else; show the difference."""
    if in_place and output is not None:
        raise Usage("--in-place and --output exclude each other", hint="name one of them")
    _check_no_format(output)
    where = Destination() if dry_run else Destination(in_place, output)
    edit = rt.packages.add_jit(path, where)
    rt.show(edit_view(edit, as_text=rt.console.is_text))
    for finding in edit.notes:
        rt.notes.warn(f"{finding.place}: {finding.rule.code} {finding.text}")
    _say_what_came(rt, edit, dry_run=dry_run)


@leaf(group, "preview", side="publisher", example="azjit publisher package preview app.zip")
def preview(rt: Runtime, path: PackagePath) -> None:
    """Show what the consumer will see in the JIT step, and what is set there by default."""
    seen = rt.packages.preview(path)
    rt.show(preview_view(seen))
    if seen.findings:
        rt.notes.warn(f"the check finds faults: azjit publisher package check {path}")
    rt.notes.aside(_DOUBLED)


def _check_no_format(output: Path | None) -> None:
    """Refuse a format where the file belongs: elsewhere --output takes one."""
    formats = next(option.choices for option in OPTIONS if option.name == "output")
    if output is not None and str(output) in formats:
        raise Usage(
            f"--output names a file here, not the format {str(output)!r}",
            hint=f"for the format: -o {output}; for a file of that name: --output ./{output}",
        )


def _say_what_came(rt: Runtime, edit: PackageEdit, *, dry_run: bool) -> None:
    if not edit.added:
        rt.notes.say(f"{edit.path} has its JIT step and output already")
    elif edit.written is None:
        rt.notes.say(f"nothing was written: {edit.path} is as it was")
        if not dry_run:
            rt.notes.say("to write it: --in-place, or --output FILE")
    else:
        kept = f"; the old file is {edit.backup}" if edit.backup is not None else ""
        rt.notes.say(f"{edit.written} has the {' and the '.join(edit.added)} now{kept}")
        rt.notes.aside(_DOUBLED)
