"""`azjit publisher`: request access, wait for it, list requests, cancel them."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli import filing, history, reporting
from azjit.cli.changes import may_send
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.decisions import DecisionResult
from azjit.errors import Usage
from azjit.output.results.applications import applications_view
from azjit.output.results.decisions import decisions_view
from azjit.output.results.pim import pim_roles_view
from azjit.output.results.requests import request_view
from azjit.output.results.roles import roles_view

group = typer.Typer()
_OTHERS = "the others are complete; try again later"


@command(group, "apps", side="publisher", example="azjit publisher apps --sandbox")
def apps(rt: Runtime) -> None:
    """List the managed applications that you can reach."""
    empty = "no managed applications found; sign in to the publisher's tenant: az login"
    rt.begin()
    rt.show_list(applications_view(rt.publisher.apps(), rt.display, empty=empty))


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


# In the order of the help page.
group.registered_commands += filing.group.registered_commands
group.registered_commands += history.publisher.registered_commands


@command(group, "show", side="publisher", example="azjit publisher show REQUEST --sandbox")
def show(rt: Runtime, request: args.AppOrRequest, *, full: args.Full = False) -> None:
    """Show one request, or your newest for APP, and whether its access is active."""
    rt.begin()
    rt.show(request_view(rt.publisher.show(request), rt.display, to_judge=True, full=full))


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

        if not rt.console.is_text:  # a table has nothing that the lines do not say
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


group.registered_commands += reporting.publisher.registered_commands
