"""`azjit consumer stop`: let no new access begin, and see who has access still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.changes import may_send, raise_failures
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.errors import Usage
from azjit.output.results.requests import pending_view
from azjit.output.results.settings import change_view

if TYPE_CHECKING:
    from azjit.services.deciding.stop import StopPlan

# The command belongs to the group of `azjit consumer`.
group = typer.Typer()


@command(
    group,
    "stop",
    side="consumer",
    example='azjit consumer stop --all --reason "INC-42, account taken over" --yes --sandbox',
)
def stop(
    rt: Runtime,
    apps: args.MaybeApps = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="why; stored in the receipts")
    ] = None,
    *,
    everywhere: Annotated[
        bool, typer.Option("--all", help="all applications in your subscriptions")
    ] = False,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Stop new access: set manual mode, deny what waits, and list who has access still.

    It sets the approval mode of each application to manual, denies the requests that wait, and
    lists who has access, until when, and who can take it away. It takes no access away: Microsoft
    documents no way to do so, and azjit consumer revoke tries.
    """
    from azjit.output.results.stopping import stopped_view  # noqa: PLC0415 - only here

    if bool(apps) == everywhere:
        raise Usage("name the applications, or use --all", hint="azjit consumer stop --all")
    attended = rt.process.may_prompt and not yes
    checked = args.reason_of(rt, reason, needed=not dry_run)
    rt.begin(wants_fresh_token=not attended)
    plan = rt.stopping.plan(apps or (), attended=attended, reason=checked)
    changes = [change.call for _, change in plan.settings if change is not None and change.call]
    denials = [case.call for case in plan.denials if case.call is not None]
    _show(rt, plan)
    calls = [*changes, *denials]
    if calls and checked is None and not dry_run:
        checked = args.asked_reason(rt)
    question = (
        None if yes or not calls else _question(len(plan.settings), len(changes), len(denials))
    )
    if not may_send(rt, calls, question, dry_run=dry_run):
        raise_failures(rt.notes, plan.errors, "applications and requests")
        return
    with rt.or_show(lambda: stopped_view(rt.stopping.known(), rt.display)):
        stopped = rt.stopping.apply(plan, checked or "")
    rt.show_list(stopped_view(stopped, rt.display))
    if stopped.waiting:
        rt.notes.warn("requests wait still; run azjit consumer stop again")
    raise_failures(rt.notes, stopped.errors, "applications and requests")


def _show(rt: Runtime, plan: StopPlan) -> None:
    for _, change in plan.settings:
        if change is not None and change.call is not None:
            rt.present(change_view(change.change))
    reports = [each.report for each in plan.denials if each.report is not None]
    if reports:
        rt.remember_shown(rt.present(pending_view(reports, rt.display)))


def _question(applications: int, changes: int, denials: int) -> str:
    told = [f"manual mode for {changes}"] if changes else []
    told += [f"deny {denials} request{'' if denials == 1 else 's'}"] if denials else []
    place = "1 application" if applications == 1 else f"{applications} applications"
    return f"stop {place}: {', '.join(told)}?"
