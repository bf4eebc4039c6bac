"""`azjit publisher offer`: JIT access in the draft of an offer, through Partner Center's API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.changes import may_send
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.offers import DraftId, Plan
from azjit.errors import Refused, Usage
from azjit.output.results.offer import offer_view

group = typer.Typer()

OfferId = Annotated[
    str | None, typer.Option("--offer", metavar="ID", help="offer id, as Partner Center shows it")
]
PlanId = Annotated[
    str | None, typer.Option("--plan", metavar="ID", help="plan id, as Partner Center shows it")
]
Product = Annotated[
    str | None,
    typer.Option(
        "--product", metavar="ID", help="id of the product in the API, instead of --offer"
    ),
]
Instance = Annotated[
    str | None,
    typer.Option("--instance", metavar="ID", help="id of the draft in the API, instead of --plan"),
]
_IDS = "--offer fabrikam-orders --plan standard --sandbox"
_PUBLISH = "publish the draft in Partner Center; until then consumers see the offer unchanged"


@command(group, "show", side="publisher", example=f"azjit publisher offer show {_IDS}")
def show(
    rt: Runtime,
    offer: OfferId = None,
    plan: PlanId = None,
    product: Product = None,
    instance: Instance = None,
) -> None:
    """Show whether a draft lets consumers choose JIT access.

    Microsoft documents the API and its field allowJitAccess, but not every response. azjit reports
    a change only after a read shows it.
    """
    rt.begin()
    found = rt.offers.show(_draft(rt, offer, plan, product, instance))
    rt.show(offer_view(found, rt.offers.role_names, changed=False))


@command(group, "check", side="publisher", example=f"azjit publisher offer check {_IDS}")
def check(
    rt: Runtime,
    offer: OfferId = None,
    plan: PlanId = None,
    product: Product = None,
    instance: Instance = None,
    package: Annotated[
        Path | None,
        typer.Option(
            "--package", metavar="PATH", help="check this package, too; see publisher package check"
        ),
    ] = None,
) -> None:
    """Check that a plan is ready for JIT access: its draft, its authorizations and its package."""
    from azjit.output.results.packages import findings_view  # noqa: PLC0415 - only this command
    from azjit.services.publishing import package as packages  # noqa: PLC0415 - the same

    checked = packages.check([package] if package is not None else [], is_catalog=False)
    if checked.unread:
        raise checked.unread[0]
    rt.begin()
    findings = rt.offers.check(_draft(rt, offer, plan, product, instance))
    findings += checked.findings
    rt.show(findings_view(findings, as_text=rt.console.is_text))
    count = sum(each.fails for each in findings)
    if count:
        failing = "1 finding fails" if count == 1 else f"{count} findings fail"
        raise Refused(f"{failing} the check", hint="each finding has a fix")
    if package is None:
        rt.notes.aside("the draft is ready for JIT access; to check its package: --package PATH")
    else:
        rt.notes.aside("the draft and its package are ready for JIT access")


@command(group, "enable-jit", side="publisher", example=f"azjit publisher offer enable-jit {_IDS}")
def enable_jit(
    rt: Runtime,
    offer: OfferId = None,
    plan: PlanId = None,
    product: Product = None,
    instance: Instance = None,
    *,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Set only allowJitAccess in a draft, so that consumers can choose JIT access."""
    rt.begin()
    draft = _draft(rt, offer, plan, product, instance)
    _set(rt, draft, allowed=True, yes=yes, dry_run=dry_run)


@command(
    group, "disable-jit", side="publisher", example=f"azjit publisher offer disable-jit {_IDS}"
)
def disable_jit(
    rt: Runtime,
    offer: OfferId = None,
    plan: PlanId = None,
    product: Product = None,
    instance: Instance = None,
    *,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Clear only allowJitAccess in a draft, so that consumers cannot choose JIT access."""
    rt.begin()
    draft = _draft(rt, offer, plan, product, instance)
    _set(rt, draft, allowed=False, yes=yes, dry_run=dry_run)


def _draft(
    rt: Runtime, offer: str | None, plan: str | None, product: str | None, instance: str | None
) -> DraftId:
    """Give the draft that two of the options name."""
    if offer is not None and plan is not None and product is None and instance is None:
        return rt.offers.find(Plan(offer, plan))
    if product is not None and instance is not None and offer is None and plan is None:
        return DraftId(product, instance)
    raise Usage(
        "a draft is named by --offer and --plan, or by --product and --instance",
        hint="the ids of the offer and the plan are the ones that Partner Center shows",
    )


def _set(rt: Runtime, draft: DraftId, *, allowed: bool, yes: bool, dry_run: bool) -> None:
    plan = rt.offers.plan(draft, allowed=allowed)
    changed = plan.call is not None
    if plan.call is not None:
        question = f"{plan.action} on {plan.before.id} of product {draft.product}?"
        if not may_send(rt, [plan.call], None if yes else question, dry_run=dry_run):
            return
    rt.show(offer_view(rt.offers.apply(plan), rt.offers.role_names, changed=changed))
    rt.notes.aside("a read shows it" if changed else "nothing to change")
    if changed:
        rt.notes.hint(_PUBLISH)
