"""`azjit publisher request`, `extend` and `wait`: file a request, and watch it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.changes import may_send, raise_failures
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.durations import human_duration
from azjit.domain.ids import beginning, short_name
from azjit.domain.inputs import Goal, RequestSpec
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest
from azjit.domain.times import When
from azjit.domain.waiting import check_timeout, deadline_of
from azjit.errors import AzjitError, Usage
from azjit.output.results.requests import request_view, requests_view

if TYPE_CHECKING:
    from azjit.output.view import View
    from azjit.services.requesting.extend import Extension
    from azjit.services.requesting.wait import Waited

# These commands belong to the group of `azjit publisher`.
group = typer.Typer()

Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="why; sent as a tag")]
Ticket = Annotated[str | None, typer.Option(metavar="T", help="ticket number; sent as a tag")]
New = Annotated[bool, typer.Option("--new", help="create a request even if an equal one exists")]
FixedName = Annotated[
    str | None,
    typer.Option(metavar="GUID", help="fixed name, so that a rerun creates no duplicate"),
]


@command(
    group,
    "request",
    side="publisher",
    example="azjit publisher request orders --role Contributor --duration 1h --sandbox",
)
def request(
    rt: Runtime,
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="role name, GUID or role definition id")
    ],
    apps: args.Apps = None,
    apps_file: args.AppsFile = None,
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
    reason: Reason = None,
    ticket: Ticket = None,
    name: FixedName = None,
    request_resource_group: Annotated[
        str | None,
        typer.Option(metavar="ID", help="create the request in this resource group", hidden=True),
    ] = None,
    wait_for: Annotated[
        Goal | None,
        typer.Option(metavar="GOAL", help="with --wait: approved or active; default active"),
    ] = None,
    timeout: args.Timeout = None,
    *,
    new: New = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="wait until the access is there, or is refused")
    ] = False,
    pim: Annotated[
        bool, typer.Option("--pim", help="activate a role that you are eligible for in PIM")
    ] = False,
    dry_run: args.DryRun = False,
) -> None:
    """Request a role for a limited time, of one application or of each of several."""
    wanted = args.apps_of(rt, apps, apps_file)
    goal = _goal_of(wait_for, timeout, wait=wait)
    longest = args.length_of(timeout)
    spec = RequestSpec(
        app=wanted[0],
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
    if len(wanted) > 1 or apps_file is not None:
        from azjit.cli import several  # noqa: PLC0415 - only here

        if pim:
            raise Usage("--pim is for one application", hint="name one application")
        goal_of_all = goal if wait else None
        several.request(rt, wanted, spec, start, goal_of_all, timeout, dry_run=dry_run)
        return
    if pim:
        from azjit.cli.pim import activate, check_goes_with_pim  # noqa: PLC0415 - only here

        check_goes_with_pim(spec, wait=wait)
        activate(rt, spec, start, dry_run=dry_run)
        return
    rt.begin()
    plan = args.planned(rt, rt.requesting.plan, spec, start)
    if wait:
        check_timeout(plan.request, goal, rt.now(), longest)
    lines = [time_asked_for(rt, plan.request)]
    if plan.call is not None and not may_send(rt, [plan.call], None, dry_run=dry_run, lines=lines):
        return
    report, error = rt.requesting.apply(plan)
    if wait and error is None:
        filed = report
        with rt.or_show(lambda: _last(rt, [filed])):
            ((report, error),) = wait_for_all(rt, [report.request], goal, longest)
    _show(rt, report, error)
    if not wait:
        rt.notes.hint(f"azjit publisher wait {beginning(report.request.name)} --for active")


@command(
    group, "extend", side="publisher", example="azjit publisher extend REQUEST --by 1h --sandbox"
)
def extend(
    rt: Runtime,
    request: args.AppOrRequest,
    by: Annotated[str, typer.Option(metavar="D", help="for how long: 1h, 90m or PT1H")],
    reason: Reason = None,
    ticket: Ticket = None,
    name: FixedName = None,
    *,
    new: New = False,
    dry_run: args.DryRun = False,
) -> None:
    """Request the same access from the end of an approved request, or of your newest for APP.

    This files a request of its own, which the consumer decides. The approver sees that it
    continues the first one, and the length of both beside the application's maximum.
    """
    span = args.length_of(by)
    assert span is not None
    start = When(rt.now(), is_now=False)
    words = RequestSpec("", "", start, reason=reason, ticket=ticket, name=name, new=new)
    rt.begin()
    extension = rt.extending.plan(request, span, words)
    plan = extension.plan
    lines = [time_asked_for(rt, plan.request), _continued(extension)]
    if plan.call is not None and not may_send(rt, [plan.call], None, dry_run=dry_run, lines=lines):
        return
    report, error = rt.requesting.apply(plan)
    _show(rt, report, error)
    rt.notes.hint(f"azjit publisher wait {beginning(report.request.name)} --for approved")


def _continued(extension: Extension) -> str:
    joint, most = extension.joint_length, extension.maximum
    told = f"continues request {short_name(extension.before.name)}"
    told += f", {human_duration(joint)} together" if joint is not None else ""
    return told + (f"; the maximum is {human_duration(most)}" if most is not None else "")


@command(
    group, "wait", side="publisher", example="azjit publisher wait REQUEST --for active --sandbox"
)
def wait(
    rt: Runtime,
    requests: args.AppsOrRequests,
    goal: Annotated[
        Goal,
        typer.Option(
            "--for", metavar="GOAL", help="decided, approved, active or ended; default approved"
        ),
    ] = Goal.APPROVED,
    timeout: args.Timeout = None,
) -> None:
    """Wait until a request, or your newest for APP, is decided, approved, active or ended.

    Of several requests each has a row, and they are watched together.
    """
    longest = args.length_of(timeout)
    rt.begin()
    found, failed = rt.own.newest_of_each(requests)
    for each in found:
        check_timeout(each, goal, rt.now(), longest)
    is_one = len(requests) == 1
    with rt.or_show(lambda: _last(rt, [])):
        waited = wait_for_all(rt, found, goal, longest) if found else []
    if is_one:
        _show(rt, *waited[0])
        return
    rt.show(requests_view([each.report for each in waited], rt.display, empty=""))
    raise_failures(rt.notes, [*(each.error for each in waited), *failed])


def _goal_of(wanted: Goal | None, timeout: str | None, *, wait: bool) -> Goal:
    for option, value in {"--timeout": timeout, "--wait-for": wanted}.items():
        if value is not None and not wait:
            raise Usage(f"{option} requires --wait", hint=f"add --wait, or remove {option}")
    if wanted not in {None, Goal.APPROVED, Goal.ACTIVE}:
        raise Usage(
            f"invalid value for '--wait-for': {wanted}",
            hint="use approved or active; azjit publisher wait has the others",
        )
    return wanted or Goal.ACTIVE


def wait_for_all(
    rt: Runtime, requests: Sequence[JitRequest], goal: Goal, longest: timedelta | None
) -> list[Waited]:
    """Say who can decide and until when azjit waits at the latest, and wait."""
    now = rt.now()
    until = max(deadline_of(each, goal, now, longest) for each in requests)
    rt.notes.aside(f"waiting until {rt.display.whole(until)} at the latest")
    for line in rt.waiting.deciders(requests):
        rt.notes.say(line)
    return rt.waiting.until(requests, goal, longest)


def _last(rt: Runtime, filed: Sequence[RequestReport]) -> View | None:
    reports = list(rt.waiting.reports.values()) or filed
    if len(reports) == 1:
        return request_view(reports[0], rt.display)
    return requests_view(reports, rt.display, empty="") if reports else None


def time_asked_for(rt: Runtime, request: JitRequest) -> str:
    """Say when the access that a request asks for begins and ends."""
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
