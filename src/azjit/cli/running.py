"""`azjit publisher run`: request a role, wait for it, and run a command with it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli import filing
from azjit.cli.changes import may_send
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.inputs import Goal, RequestSpec
from azjit.domain.requests import JitRequest
from azjit.domain.waiting import check_timeout
from azjit.errors import AzjitError, Failed, StillPending

if TYPE_CHECKING:
    from azjit.services.requesting.create import RequestPlan

# This command belongs to the group of `azjit publisher`.
group = typer.Typer()


@command(
    group,
    "run",
    side="publisher",
    example="azjit publisher run reports --role Contributor --for 1h --sandbox -- echo work",
)
def run(
    rt: Runtime,
    app: args.App,
    words: Annotated[
        list[str],
        typer.Argument(metavar="CMD...", help="the command, after --, with its arguments"),
    ],
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="role name, GUID or role definition id")
    ],
    length: Annotated[
        str | None, typer.Option("--for", metavar="D", help="for how long; default 1h")
    ] = None,
    reason: filing.Reason = None,
    ticket: filing.Ticket = None,
    name: filing.FixedName = None,
    timeout: args.Timeout = None,
    on_warning: Annotated[
        str | None,
        typer.Option(metavar="CMD", help="run this by a shell ten minutes before the access ends"),
    ] = None,
    *,
    kill_at_end: Annotated[
        bool, typer.Option("--kill-at-end", help="stop CMD when the access ends")
    ] = False,
    new: filing.New = False,
    dry_run: args.DryRun = False,
) -> None:
    """Request a role, wait until it is effective, and run a command.

    CMD has your environment, AZJIT_REQUEST and AZJIT_ACCESS_END, and no token. Its exit code and
    signals pass through; 127 and 126 mean that it is missing or not executable. If it is never
    started, the code is azjit's, and the request that was filed for it is withdrawn. Ten minutes
    before the access ends, stderr says so. CMD is stopped only with --kill-at-end.
    """
    from azjit.services.requesting.child import why_not  # noqa: PLC0415 - only here
    from azjit.services.requesting.run import Work  # noqa: PLC0415 - only here

    span, longest = args.length_of(length), args.length_of(timeout)
    spec = RequestSpec(
        app, role, args.start_of(rt, None), span, None, reason, ticket, name, new=new
    )
    if (refused := why_not(words[0], rt.process.environ)) is not None:
        code, why = refused
        rt.notes.error(Failed(f"{why}; nothing was sent"))
        raise typer.Exit(code)
    rt.begin()
    plan = args.planned(rt, rt.requesting.plan, spec, None)
    check_timeout(plan.request, Goal.ACTIVE, rt.now(), longest)
    lines = [filing.time_asked_for(rt, plan.request)]
    if plan.call is not None and not may_send(rt, [plan.call], None, dry_run=dry_run, lines=lines):
        return
    if dry_run:
        rt.notes.say("dry run: nothing was sent, and the command was not started")
        return
    work = Work(words, on_warning, kill_at_end)
    try:
        request = _active(rt, plan, longest)
    except (AzjitError, KeyboardInterrupt) as stopped:
        is_withdrawn = rt.running.give_up(work, plan)
        if is_withdrawn and isinstance(stopped, StillPending):
            stopped.hint = "run it again, with a longer --timeout or with none"
        raise
    if code := rt.running.run(work, request):
        raise typer.Exit(code)


def _active(rt: Runtime, plan: RequestPlan, longest: timedelta | None) -> JitRequest:
    """File the planned request and wait for its access.

    Raises:
        AzjitError: it is refused, has ended, or gives no access in time.
    """
    report, error = rt.requesting.apply(plan)
    if error is None:
        ((report, error),) = filing.wait_for_all(rt, [report.request], Goal.ACTIVE, longest)
    if error is not None:
        raise error
    end = report.request.schedule.end
    rt.notes.say(
        f"the access of request {report.request.name} is active until {rt.display.whole(end)}"
    )
    return report.request
