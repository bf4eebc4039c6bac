"""`azjit consumer`: list pending requests, decide them, change the JIT settings."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli import deciding, history, reporting, stopping
from azjit.cli.changes import may_send
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.applications import ApprovalMode
from azjit.domain.durations import parse_duration
from azjit.domain.inputs import SettingsPatch
from azjit.domain.reports import RequestReport
from azjit.domain.times import parse_since, parse_when
from azjit.errors import Usage
from azjit.output.results.applications import application_view, applications_view
from azjit.output.results.requests import pending_view, request_view
from azjit.output.results.settings import change_view, planned_change_view

group = typer.Typer()

_MODES = {"automatic": ApprovalMode.AUTOMATIC, "manual": ApprovalMode.MANUAL}
# Azure allows these characters in the id of a management group.
_GROUP = re.compile(r"[0-9A-Za-z_().-]{1,90}")

People = Annotated[
    list[str] | None,
    typer.Option(metavar="P", help="sign-in name, mail, display name, user:ID or group:ID"),
]


@command(group, "apps", side="consumer", example="azjit consumer apps --sandbox")
def apps(rt: Runtime) -> None:
    """List your managed applications and their JIT settings.

    The publisher of an application without JIT has standing access.
    """
    empty = "no managed applications in your subscriptions"
    rt.begin()
    rt.show_list(applications_view(rt.consumer.apps(), rt.display, empty=empty))


@command(group, "show", side="consumer", example="azjit consumer show orders --sandbox")
def show(
    rt: Runtime,
    wanted: args.AppOrRequest,
    *,
    full: args.Full = False,
    activity: Annotated[
        bool, typer.Option("--activity", help="of a request: also what was changed in its time")
    ] = False,
) -> None:
    """Show an application, or one request with its concerns.

    Of an application it shows settings, approvers, pending requests and current access. What it
    shows of a pending request is what an approver judges. A request that was deleted is shown as
    the receipts, or else the activity log, have it.
    """
    rt.begin()
    report = rt.consumer.find(wanted)
    if isinstance(report, RequestReport):
        if activity:
            from azjit.output.results.work import with_work_view  # noqa: PLC0415 - only here

            work = rt.work.of(report.request)
            rt.show_list(with_work_view(report, work, rt.display, full=full), history.RIGHT)
            return
        rt.show(request_view(report, rt.display, to_judge=True, full=full))
        return
    rt.show(application_view(report, rt.display))
    if report.application.jit == "off":
        rt.notes.warn(
            f"{report.application.name} was deployed without JIT: its publisher has standing"
            " access, and JIT cannot be enabled later"
        )


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
    *,
    allow_no_approver: Annotated[
        bool, typer.Option("--allow-no-approver", help="allow manual mode without an approver")
    ] = False,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Change the JIT settings of an application, or of each of several, and read them back."""
    wanted = args.apps_of(rt, apps, apps_file)
    patch = SettingsPatch(
        mode=_mode_of(mode),
        maximum=parse_duration(max_duration) if max_duration is not None else None,
        approvers=_exactly(approvers),
        add=tuple(add_approver or ()),
        remove=tuple(remove_approver or ()),
        allow_no_approver=allow_no_approver,
    )
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


@command(group, "access", side="consumer", example="azjit consumer access --sandbox")
def access(
    rt: Runtime,
    app: args.MaybeApp = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="at another time: 7d, yesterday, +2h, 2026-12-01T22:00"),
    ] = None,
    *,
    everywhere: args.Everywhere = False,
) -> None:
    """List who has access to the managed resource groups, until when, and by what.

    It lists every principal with a role, the publisher's and others, and the approved requests that
    have not begun. Without APP it lists those of all applications.
    """
    from azjit.output.results.holders import holders_view  # noqa: PLC0415 - only here

    if app is not None and everywhere:
        raise Usage("--all and APP exclude each other", hint="leave one out")
    instant = _instant_of(rt, at)
    rt.begin()
    rt.show_list(holders_view(rt.holders.at(app, instant), rt.display))


@command(group, "pending", side="consumer", example="azjit consumer pending --sandbox")
def pending(
    rt: Runtime,
    app: args.MaybeApp = None,
    management_group: Annotated[
        str | None, typer.Option(metavar="G", help="with --all: only below this management group")
    ] = None,
    *,
    everywhere: Annotated[
        bool, typer.Option("--all", help="search the whole tenant, and the approvals in PIM")
    ] = False,
) -> None:
    """List the requests that wait for a decision."""
    if everywhere:
        _pending_everywhere(rt, app, management_group)
        return
    if management_group is not None:
        raise Usage("--management-group requires --all", hint="add --all")
    rt.begin()
    reports = rt.in_order(rt.consumer.pending(app), by_start=True)
    rt.show_list(pending_view(reports, rt.display))


# In the order of the help page.
group.registered_commands += deciding.group.registered_commands
group.registered_commands += stopping.group.registered_commands
group.registered_commands += reporting.consumer.registered_commands
group.registered_commands += history.consumer.registered_commands


def _pending_everywhere(rt: Runtime, app: str | None, management_group: str | None) -> None:
    if app is not None:
        raise Usage("APP and --all exclude each other", hint="remove one of them")
    if management_group is not None and not _GROUP.fullmatch(management_group):
        raise Usage(
            f"malformed management group {management_group!r}",
            hint="use its id: az account management-group list",
        )
    if management_group is not None and rt.settings.subscription:
        raise Usage("--management-group and --subscription exclude each other")
    rt.begin()
    reports = rt.in_order(rt.inbox.waiting(management_group), by_start=True)
    hint = "search only a part: --management-group G, --subscription ID, or APP"
    rt.show_list(pending_view(reports, rt.display, with_routes=True), hint)


def _mode_of(text: str | None) -> ApprovalMode | None:
    if text is None:
        return None
    # Azure's own words are AutoApprove and ManualApprove.
    word = {"autoapprove": "automatic"}.get(text.lower(), text.lower().removesuffix("approve"))
    if word not in _MODES:
        raise Usage(f"no approval mode named {text!r}", hint="use automatic or manual")
    return _MODES[word]


def _exactly(text: str | None) -> tuple[str, ...] | None:
    return tuple(part for part in text.split(",") if part.strip()) if text is not None else None


def _instant_of(rt: Runtime, text: str | None) -> datetime | None:
    """Give an instant of the past or of the future; a clock time is the next one."""
    if text is None:
        return None
    try:
        return parse_since(text, now=rt.now(), zone=rt.typed_zone)
    except Usage:
        return parse_when(text, now=rt.now(), zone=rt.typed_zone).at
