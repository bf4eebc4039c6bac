"""`azjit consumer`: list pending requests, decide them, change the JIT settings."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli import configuring, deciding, history, reporting, stopping
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.reports import RequestReport
from azjit.domain.times import parse_since, parse_when
from azjit.errors import Usage
from azjit.output.results.applications import application_view, applications_view
from azjit.output.results.requests import pending_view, request_view

group = typer.Typer()

# Azure allows these characters in the id of a management group.
_GROUP = re.compile(r"[0-9A-Za-z_().-]{1,90}")


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


group.registered_commands += configuring.group.registered_commands


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


def _instant_of(rt: Runtime, text: str | None) -> datetime | None:
    """Give an instant of the past or of the future; a clock time is the next one."""
    if text is None:
        return None
    try:
        return parse_since(text, now=rt.now(), zone=rt.typed_zone)
    except Usage:
        return parse_when(text, now=rt.now(), zone=rt.typed_zone).at
