"""`azjit publisher`: request access, wait for it, list requests, cancel them."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.changes import may_send
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.decisions import DecisionResult
from azjit.domain.durations import human_duration
from azjit.domain.ids import beginning
from azjit.domain.inputs import WAIT_TIMEOUT, Goal, RequestSpec
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, Usage
from azjit.output.results.applications import applications_view
from azjit.output.results.decisions import decisions_view
from azjit.output.results.pim import pim_roles_view
from azjit.output.results.requests import request_view, requests_view
from azjit.output.results.roles import roles_view

group = typer.Typer()
_OTHERS = "the others are complete; try again later"


@command(group, "apps", side="publisher", example="azjit publisher apps --sandbox")
def apps(rt: Runtime) -> None:
    """List the managed applications that you can reach."""
    empty = "no managed applications found; sign in to the publisher's tenant: az login"
    rt.begin()
    rt.show_list(applications_view(rt.publisher.apps(), empty=empty))


@command(group, "roles", side="publisher", example="azjit publisher roles orders --sandbox")
def roles(
    rt: Runtime,
    app: args.App,
    *,
    pim: Annotated[
        bool, typer.Option("--pim", help="list your eligible and active roles in PIM instead")
    ] = False,
) -> None:
    """List the eligible roles of an application and your current access."""
    rt.begin()
    if pim:
        rt.show_list(pim_roles_view(rt.activating.roles(app), rt.display), _OTHERS)
    else:
        rt.show(roles_view(rt.publisher.roles(app), rt.display))


@command(
    group,
    "request",
    side="publisher",
    example="azjit publisher request orders --role Contributor --duration 1h --sandbox",
)
def request(
    rt: Runtime,
    app: args.App,
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="role name, GUID or role definition id")
    ],
    start: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="now, +30m, 22:00, 'sun 02:00' or ISO 8601; default now"),
    ] = None,
    duration: Annotated[
        str | None, typer.Option(metavar="D", help="2h, 90m or PT2H; default 1h")
    ] = None,
    principal: Annotated[
        str | None, typer.Option(metavar="ID", help="object id of the principal; default you")
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="why; sent as a tag")] = None,
    ticket: Annotated[
        str | None, typer.Option(metavar="T", help="ticket number; sent as a tag")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="GUID", help="fixed name, so that a rerun creates no duplicate"),
    ] = None,
    request_resource_group: Annotated[
        str | None,
        typer.Option(metavar="ID", help="create the request in this resource group", hidden=True),
    ] = None,
    timeout: args.Timeout = None,
    *,
    new: Annotated[
        bool, typer.Option("--new", help="create a request even if an equal one exists")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="wait until the request is approved")
    ] = False,
    pim: Annotated[
        bool, typer.Option("--pim", help="activate a role that you are eligible for in PIM")
    ] = False,
    dry_run: args.DryRun = False,
) -> None:
    """Request a role for a limited time."""
    if timeout is not None and not wait:
        raise Usage("--timeout requires --wait", hint="add --wait, or remove --timeout")
    spec = RequestSpec(
        app=app,
        role=role,
        start=args.start_of(rt, start),
        duration=args.length_of(duration),
        principal=args.principal_of(principal),
        reason=reason,
        ticket=ticket,
        name=name,
        group=args.group_of(request_resource_group),
        new=new,
    )
    if pim:
        from azjit.cli.pim import activate, check_goes_with_pim  # noqa: PLC0415 - only here

        check_goes_with_pim(spec, wait=wait)
        activate(rt, spec, start, dry_run=dry_run)
        return
    longest = args.until_of(rt, timeout, WAIT_TIMEOUT) if wait and not dry_run else None
    rt.begin()
    plan = args.planned(rt, rt.requesting.plan, spec, start)
    if plan.call is not None and not may_send(
        rt, [plan.call], None, dry_run=dry_run, lines=[_time_asked_for(rt, plan.request)]
    ):
        return
    report, error = rt.requesting.apply(plan)
    if longest is not None:
        filed = report
        with rt.or_show(lambda: request_view(rt.waiting.last or filed, rt.display)):
            report, error = rt.waiting.until(report.request, Goal.APPROVED, longest)
    _show(rt, report, error)
    if longest is None:
        rt.notes.hint(f"azjit publisher wait {beginning(report.request.name)} --for active")


@command(group, "history", side="publisher", example="azjit publisher history orders --sandbox")
def history(
    rt: Runtime,
    app: args.MaybeApp = None,
    state: args.State = None,
    phase: args.AtPhase = None,
    since: args.Since = None,
    *,
    mine: Annotated[
        bool, typer.Option("--mine", help="only requests filed by you or for you")
    ] = False,
) -> None:
    """List past and current requests."""
    request_filter = args.filter_of(rt, state, phase, since, mine=mine)
    rt.begin()
    reports = rt.in_order(rt.publisher.history(app, request_filter))
    rt.show_list(requests_view(reports, rt.display, empty="no requests match"))


@command(group, "show", side="publisher", example="azjit publisher show REQUEST --sandbox")
def show(rt: Runtime, request: args.AppOrRequest) -> None:
    """Show one request in full, or your newest for APP, and whether its access is active."""
    rt.begin()
    rt.show(request_view(rt.publisher.show(request), rt.display, to_judge=True))


@command(
    group, "wait", side="publisher", example="azjit publisher wait REQUEST --for active --sandbox"
)
def wait(
    rt: Runtime,
    request: args.AppOrRequest,
    goal: Annotated[
        Goal,
        typer.Option(
            "--for", metavar="GOAL", help="decided, approved, active or ended; default approved"
        ),
    ] = Goal.APPROVED,
    timeout: args.Timeout = None,
) -> None:
    """Wait until a request, or your newest for APP, is decided, approved, active or ended."""
    longest = args.until_of(rt, timeout, WAIT_TIMEOUT)
    rt.begin()
    report, error = rt.waiting.until(rt.own.newest(request), goal, longest)
    _show(rt, report, error)


@command(group, "cancel", side="publisher", example="azjit publisher cancel REQUEST --sandbox")
def cancel(
    rt: Runtime,
    request: args.AppOrRequest,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="why; stored in the receipts")
    ] = None,
    role: Annotated[
        str | None, typer.Option(metavar="ROLE", help="with --pim: role name or GUID")
    ] = None,
    *,
    delete: Annotated[
        bool, typer.Option("--delete", help="delete a request that was approved, too")
    ] = False,
    pim: Annotated[
        bool, typer.Option("--pim", help="end your activation in PIM for APP, or its request")
    ] = False,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Cancel a request, or your only pending one for APP, by deleting it.

    Microsoft does not document whether that ends access that was approved. azjit then deletes
    nothing, says what to send to the consumer, and exits with 5. --delete deletes it, and azjit
    reads whether its access is gone.
    """
    if pim and delete:
        raise Usage("--delete and --pim exclude each other", hint="remove --delete")
    if role is not None and not pim:
        raise Usage("--role requires --pim", hint="add --pim, or remove --role")
    if pim:
        from azjit.cli.pim import give_back  # noqa: PLC0415 - only here

        give_back(rt, request, role, reason, yes=yes, dry_run=dry_run)
        return
    rt.begin()
    checked = args.note_of(reason)
    case = rt.cancelling.plan(request, deletes_granted=delete)
    if case.error is not None and case.report is not None:
        from azjit.services.requesting.given_back import lines_for_consumer  # noqa: PLC0415 - seldom

        rt.show(decisions_view([DecisionResult(case, error=case.error)], rt.display))
        for line in lines_for_consumer(rt.context, case.report):
            rt.notes.paste(line)
        raise case.error
    if case.call is not None:
        for remark in case.remarks:
            rt.notes.warn(remark)
        name, state = case.request.name, case.request.state_clause
        question = None if yes else f"cancel request {name}, which is {state}?"
        if not may_send(rt, [case.call], question, dry_run=dry_run):
            return
    rt.show(decisions_view([rt.cancelling.apply(case, checked)], rt.display))


def _time_asked_for(rt: Runtime, request: JitRequest) -> str:
    start, end, span = request.schedule.start, request.schedule.end, request.schedule.duration
    assert start is not None
    assert end is not None
    assert span is not None
    whole = rt.display.whole
    return f"requests access from {whole(start)} to {whole(end)}, {human_duration(span)}"


def _show(rt: Runtime, report: RequestReport, error: AzjitError | None) -> None:
    rt.show(request_view(report, rt.display))
    if error is not None:
        raise error
