"""`azjit publisher check` and `refresh-permissions`: compare an application to its definition."""

from __future__ import annotations

import typer

from azjit.cli import arguments as args
from azjit.cli.changes import may_send
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.errors import Refused, Unconfirmed
from azjit.output.results.packages import findings_view
from azjit.output.results.refresh import refreshed_view

# These commands belong to the group of `azjit publisher`.
group = typer.Typer()


@command(group, "check", side="publisher", example="azjit publisher check orders --sandbox")
def check(rt: Runtime, app: args.App) -> None:
    """Check an application against its definition: who can request what, and what would fail."""
    rt.begin()
    findings = rt.definitions.check(app)
    rt.show(findings_view(findings, as_text=rt.console.is_text))
    count = sum(each.fails for each in findings)
    if count:
        failing = "1 finding fails" if count == 1 else f"{count} findings fail"
        raise Refused(f"{failing} the check of {app}", hint="each finding has a fix")
    rt.notes.aside(f"{app}: no finding would make a request fail")


@command(
    group,
    "refresh-permissions",
    side="publisher",
    example="azjit publisher refresh-permissions shop-eu/shop --as bob --dry-run --sandbox",
)
def refresh_permissions(
    rt: Runtime, app: args.App, *, yes: args.Yes = False, dry_run: args.DryRun = False
) -> None:
    """Apply the new authorizations of the definition to a deployed application.

    You need Microsoft.Solutions/applications/refreshPermissions/action on the application. A
    publisher does not have this permission by default.
    """
    rt.begin()
    plan = rt.definitions.plan_refresh(app)
    question = f"let Azure read the definition of {plan.application.name} again?"
    if not may_send(rt, [plan.call], None if yes else question, dry_run=dry_run):
        return
    done = rt.definitions.apply_refresh(plan)
    rt.show(refreshed_view(done.application, done.added, confirmed=done.confirmed))
    if not done.confirmed:
        raise Unconfirmed(
            f"Azure says that the permissions of {done.application.name} are refreshed, but no"
            " read shows its authorizations",
            hint=f"check again with azjit publisher check {app}, or in the portal",
        )
