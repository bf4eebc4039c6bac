"""`azjit consumer configure`: change the JIT settings of one application or of many."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.changes import may_send
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.inputs import SettingsPatch, parse_mode
from azjit.errors import Usage
from azjit.output.results.settings import change_view, planned_change_view

group = typer.Typer()

People = Annotated[
    list[str] | None,
    typer.Option(metavar="P", help="sign-in name, mail, display name, user:ID or group:ID"),
]


@command(
    group,
    "configure",
    side="consumer",
    example="azjit consumer configure orders --max-duration 4h --dry-run --sandbox",
)
def configure(
    rt: Runtime,
    apps: args.Apps = None,
    apps_file: args.AppsFile = None,
    mode: Annotated[
        str | None, typer.Option(metavar="MODE", help="approval mode: automatic or manual")
    ] = None,
    max_duration: Annotated[
        str | None, typer.Option(metavar="D", help="longest access that can be requested, e.g. 4h")
    ] = None,
    add_approver: People = None,
    remove_approver: People = None,
    approvers: Annotated[
        str | None, typer.Option(metavar="P,...", help="replace the list of approvers by these")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="the settings of many applications, as YAML; - is stdin"),
    ] = None,
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="with --file: only compare; send nothing, 5 if any differs"),
    ] = False,
    allow_no_approver: Annotated[
        bool, typer.Option("--allow-no-approver", help="allow manual mode without an approver")
    ] = False,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Change the JIT settings of an application, or of each of several, and read them back."""
    patch = SettingsPatch(
        mode=parse_mode(mode) if mode is not None else None,
        maximum=args.length_of(max_duration),
        approvers=_exactly(approvers),
        add=tuple(add_approver or ()),
        remove=tuple(remove_approver or ()),
        allow_no_approver=allow_no_approver,
    )
    if check and file is None:
        raise Usage("--check requires --file", hint="add --file FILE")
    if file is not None:
        from azjit.cli import several  # noqa: PLC0415 - only here

        if apps or apps_file is not None or not patch.is_empty:
            raise Usage(
                "--file says which applications get which settings: it excludes APP, --apps and"
                " the options of settings",
                hint="use --file FILE alone",
            )
        if check:
            several.check_by_file(rt, file)
            return
        several.configure_by_file(
            rt, file, yes=yes, dry_run=dry_run, allow_no_approver=allow_no_approver
        )
        return
    wanted = args.apps_of(rt, apps, apps_file)
    if len(wanted) > 1 or apps_file is not None:
        from azjit.cli import several  # noqa: PLC0415 - only here

        several.configure(rt, wanted, patch, yes=yes, dry_run=dry_run)
        return
    rt.begin()
    plan = rt.configuring.plan(wanted[0], patch)
    if plan.call is not None:
        for warning in plan.warnings:
            rt.notes.warn(warning)
        rt.present(change_view(plan.change))
        question = None if yes else f"change the JIT settings of {plan.change.application.name}?"
        doubt = plan.doubt if yes and not dry_run else None
        planned = planned_change_view(plan.change._replace(planned=plan.call))
        if not may_send(rt, [plan.call], question, dry_run=dry_run, refusal=doubt, planned=planned):
            return
    change = rt.configuring.apply(plan)
    rt.show(change_view(change))
    rt.notes.aside("configured, and confirmed by a read" if change.changed else "nothing to change")


def _exactly(text: str | None) -> tuple[str, ...] | None:
    return tuple(part for part in text.split(",") if part.strip()) if text is not None else None
