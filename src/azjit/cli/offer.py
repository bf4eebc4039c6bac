"""`azjit publisher offer`: JIT access in the draft of an offer, through Partner Center's API."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.changes import may_send
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.offers import DraftId
from azjit.output.results.offer import offer_view

group = typer.Typer()

Product = Annotated[
    str, typer.Option("--product", metavar="ID", help="id of the product in Partner Center")
]
Instance = Annotated[
    str, typer.Option("--instance", metavar="ID", help="id of the plan's draft instance")
]
_IDS = "--product fabrikam-orders --instance standard-draft --sandbox"
_PUBLISH = "publish the draft in Partner Center; until then consumers see the offer unchanged"


@command(group, "show", side="publisher", example=f"azjit publisher offer show {_IDS}")
def show(rt: Runtime, product: Product, instance: Instance) -> None:
    """Show whether a draft lets consumers choose JIT access.

    Microsoft documents the API and its field allowJitAccess, but not every response. azjit reports
    a change only after a read shows it.
    """
    rt.begin()
    found = rt.offers.show(DraftId(product, instance))
    rt.show(offer_view(found, changed=False))


@command(group, "enable-jit", side="publisher", example=f"azjit publisher offer enable-jit {_IDS}")
def enable_jit(
    rt: Runtime,
    product: Product,
    instance: Instance,
    *,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Set only allowJitAccess in a draft, so that consumers can choose JIT access."""
    _set(rt, DraftId(product, instance), allowed=True, yes=yes, dry_run=dry_run)


@command(
    group, "disable-jit", side="publisher", example=f"azjit publisher offer disable-jit {_IDS}"
)
def disable_jit(
    rt: Runtime,
    product: Product,
    instance: Instance,
    *,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Clear only allowJitAccess in a draft, so that consumers cannot choose JIT access."""
    _set(rt, DraftId(product, instance), allowed=False, yes=yes, dry_run=dry_run)


def _set(rt: Runtime, draft: DraftId, *, allowed: bool, yes: bool, dry_run: bool) -> None:
    rt.begin()
    plan = rt.offers.plan(draft, allowed=allowed)
    changed = plan.call is not None
    if plan.call is not None:
        question = f"{plan.action} on {plan.before.id} of product {draft.product}?"
        if not may_send(rt, [plan.call], None if yes else question, dry_run=dry_run):
            return
    rt.show(offer_view(rt.offers.apply(plan), changed=changed))
    rt.notes.aside("a read shows it" if changed else "nothing to change")
    if changed:
        rt.notes.hint(_PUBLISH)
