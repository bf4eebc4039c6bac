"""`azjit publisher package`: check, complete and preview a package, offline."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from azjit import __version__
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.errors import Refused, Usage
from azjit.options import OPTIONS
from azjit.output.results.packages import edit_view, findings_view, preview_view
from azjit.output.results.sarif import sarif as sarif_log
from azjit.packages import files
from azjit.packages.catalog import RULES
from azjit.services.publishing import package as packages

if TYPE_CHECKING:
    from azjit.domain.packages import PackageEdit

group = typer.Typer()

PackagePath = Annotated[
    Path, typer.Argument(metavar="PATH", help="createUiDefinition.json, its folder, or app.zip")
]
PackagePaths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="createUiDefinition.json, its folder, or app.zip"),
]
_CHECKBOX = (
    "azjit publisher offer enable-jit --offer ID --plan ID; without the offer's checkbox for JIT"
    " access, deployments can fail with InvalidTemplate (azure-docs issue 67806)"
)
_DOUBLED = (
    "the portal also adds a JIT step if the offer's checkbox is on: check the offer's preview"
    " before you publish, and remove this step if it appears twice"
)


class PackageKind(StrEnum):
    """Where the package is published."""

    MARKETPLACE = "marketplace"
    CATALOG = "service-catalog"


@command(group, "check", side="publisher", example="azjit publisher package check app.zip")
def check(
    rt: Runtime,
    paths: PackagePaths,
    kind: Annotated[
        PackageKind,
        typer.Option(
            "--kind", metavar="KIND", help="marketplace or service-catalog; default marketplace"
        ),
    ] = PackageKind.MARKETPLACE,
    sarif: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="also write the findings to this file as SARIF"),
    ] = None,
) -> None:
    """Check that a package asks the consumer about JIT access, once and correctly."""
    checked = packages.check(paths, is_catalog=kind is PackageKind.CATALOG)
    if sarif is not None:
        report = sarif_log(checked.findings, RULES, __version__, checked.unread)
        files.write_report(sarif, report.encode())
    rt.show(findings_view(checked.findings, as_text=rt.console.is_text))
    for error in checked.unread[1:]:
        rt.notes.error(error)
    if checked.unread:
        raise checked.unread[0]
    count = sum(each.fails for each in checked.findings)
    if count:
        failing = "1 finding fails" if count == 1 else f"{count} findings fail"
        raise Refused(f"{failing} the check", hint="each finding has a fix")
    rt.notes.aside(f"{', '.join(checked.files)}: the JIT step is correct")
    if kind is PackageKind.MARKETPLACE:
        rt.notes.hint(_CHECKBOX)


@command(
    group, "add-jit", side="publisher", example="azjit publisher package add-jit app.zip --dry-run"
)
def add_jit(
    rt: Runtime,
    path: PackagePath,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="write to this new file")
    ] = None,
    *,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="replace the file, and keep the old one as .bak")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show the difference without writing it")
    ] = False,
) -> None:
    """Add only the JIT step and its output to a package, and show the difference."""
    if in_place and output is not None:
        raise Usage("--in-place and --output exclude each other", hint="use one of them")
    _check_no_format(output)
    plan = packages.plan_addition(path)
    edit = plan.edit if dry_run else packages.apply_addition(plan, output, in_place=in_place)
    rt.show(edit_view(edit, as_text=rt.console.is_text))
    for finding in edit.notes:
        rt.notes.warn(f"{finding.place}: {finding.rule.code} {finding.text}")
    _say_what_came(rt, edit, dry_run=dry_run)


@command(group, "preview", side="publisher", example="azjit publisher package preview app.zip")
def preview(rt: Runtime, path: PackagePath) -> None:
    """Show the JIT step as the consumer sees it, with its default values."""
    seen = packages.preview(path)
    rt.show(preview_view(seen))
    if seen.findings:
        rt.notes.warn(
            f"the check has findings: azjit publisher package check {shlex.quote(str(path))}"
        )
    rt.notes.aside(_DOUBLED)


def _check_no_format(output: Path | None) -> None:
    """Refuse the name of a format: here, unlike elsewhere, --output takes a file."""
    formats = next(option.choices for option in OPTIONS if option.name == "output")
    if output is not None and str(output) in formats:
        raise Usage(
            f"--output names a file here, not the format {str(output)!r}",
            hint=f"for the format: -o {output}; for a file of that name: --output ./{output}",
        )


def _say_what_came(rt: Runtime, edit: PackageEdit, *, dry_run: bool) -> None:
    if not edit.added:
        rt.notes.say(f"{edit.path} already has its JIT step and output")
    elif edit.written is None:
        rt.notes.say(f"nothing was written: {edit.path} is unchanged")
        if not dry_run:
            rt.notes.say("to write the change, add --in-place or --output FILE")
    else:
        kept = f"; the old file is {edit.backup}" if edit.backup is not None else ""
        rt.notes.say(f"{edit.written} now has the {' and the '.join(edit.added)}{kept}")
        rt.notes.say(f"next: {_CHECKBOX}")
        rt.notes.aside(_DOUBLED)
