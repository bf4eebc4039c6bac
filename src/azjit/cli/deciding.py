"""`azjit consumer approve`, `deny` and `revoke`: plan, show, ask, apply, and show the result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.changes import may_send
from azjit.cli.chosen import chosen_of
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.ids import short_name
from azjit.domain.inputs import DecisionSpec
from azjit.domain.pim import Route
from azjit.domain.rules import Verdict
from azjit.errors import AzjitError, PartlyDone
from azjit.output.results.decisions import decisions_view
from azjit.output.results.requests import request_view

if TYPE_CHECKING:
    from azjit.domain.decisions import Case
    from azjit.output.view import View

# These commands belong to the group of `azjit consumer`.
group = typer.Typer()

_DECISION_TIME = timedelta(minutes=2)

Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="why; stored in the receipts")]
Origin = Annotated[
    str | None,
    typer.Option(
        "--origin-request-id", metavar="ID", help="send this as originRequestId", hidden=True
    ),
]
Digest = Annotated[
    str | None,
    typer.Option(
        "--expect-digest", metavar="D", help="decide only what has this digest, as in JSON"
    ),
]
Most = Annotated[
    int | None, typer.Option("--max", metavar="N", help="refuse to decide more than N requests")
]
Through = Annotated[
    Route, typer.Option("--route", metavar="R", help="auto, application or pim; default auto")
]


@command(
    group,
    "approve",
    side="consumer",
    example='azjit consumer approve REQUEST --reason "INC-42, agreed by phone" --sandbox',
)
def approve(
    rt: Runtime,
    requests: args.Requests,
    reason: Reason = None,
    timeout: args.ReadTimeout = None,
    origin: Origin = None,
    route: Through = Route.AUTO,
    expect_digest: Digest = None,
    most: Most = None,
    *,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Approve pending requests; with - those of stdin, an id or an id and a digest on each line.

    Microsoft documents the call updateAccess, but not its effect. azjit reads each request again
    and exits with 9 if no read shows the approval. If PIM lists exactly one approval for the same
    scope, role and principal, --route auto answers that approval instead.
    """
    checked = args.reason_of(rt, reason, needed=not dry_run)
    longest = args.length_of(timeout) or _DECISION_TIME
    chosen = chosen_of(rt, requests, expect_digest, most)
    spec = DecisionSpec(Verdict.APPROVE, chosen, checked, longest, origin, route)
    _decide(rt, spec, yes=yes, dry_run=dry_run)


@command(
    group,
    "deny",
    side="consumer",
    example='azjit consumer deny REQUEST --reason "no change window" --sandbox',
)
def deny(
    rt: Runtime,
    requests: args.Requests,
    reason: Reason = None,
    timeout: args.ReadTimeout = None,
    origin: Origin = None,
    route: Through = Route.AUTO,
    expect_digest: Digest = None,
    most: Most = None,
    *,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Deny pending requests; no call of this command can grant access.

    With - azjit reads them from stdin, an id or an id and a digest on each line.
    """
    checked = args.reason_of(rt, reason, needed=not dry_run)
    longest = args.length_of(timeout) or _DECISION_TIME
    chosen = chosen_of(rt, requests, expect_digest, most)
    spec = DecisionSpec(Verdict.DENY, chosen, checked, longest, origin, route)
    _decide(rt, spec, yes=yes, dry_run=dry_run)


@command(
    group,
    "revoke",
    side="consumer",
    example='azjit consumer revoke REQUEST --reason "work is done" --sandbox',
)
def revoke(
    rt: Runtime,
    request: args.Request,
    reason: Reason = None,
    timeout: args.ReadTimeout = None,
    origin: Origin = None,
    expect_digest: Digest = None,
    *,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
) -> None:
    """Revoke the access of an approved request.

    Microsoft documents no way for a consumer to revoke access. azjit sends Remove to updateAccess,
    then reads the role assignments and exits with 9 if they do not show that the access is gone.
    """
    checked = args.reason_of(rt, reason, needed=not dry_run)
    longest = args.length_of(timeout) or _DECISION_TIME
    chosen = chosen_of(rt, [request], expect_digest)
    spec = DecisionSpec(Verdict.REVOKE, chosen, checked, longest, origin)
    _decide(rt, spec, yes=yes, dry_run=dry_run)


def _decide(rt: Runtime, spec: DecisionSpec, *, yes: bool, dry_run: bool) -> None:
    rt.begin(decides=True)
    plan = rt.deciding.plan(spec._replace(attended=rt.process.may_prompt and not yes))
    _show(rt, plan)
    calls = [case.call for case in plan if case.call is not None]
    reason = spec.reason
    if calls and reason is None and not dry_run:
        reason = args.asked_reason(rt)
    what = f"{len(calls)} requests" if len(calls) > 1 else "this request"
    question = f"{spec.verdict} {what}?" if calls and not yes else None
    if not may_send(rt, calls, question, dry_run=dry_run):
        if rt.console.form_shown is not None:
            rt.remember_shown(_digests(case for case in plan if case.call is not None))
        _raise_failures(rt, [case.error for case in plan])
        return
    with rt.or_show(lambda: _known(rt)):
        results = rt.deciding.apply(plan, reason or "")
    rt.show(decisions_view(results, rt.display))
    _raise_failures(rt, [result.error for result in results])


def _show(rt: Runtime, plan: Sequence[Case]) -> None:
    seen: dict[str, str] = {}
    for case in plan:
        if case.call is None or case.report is None:
            continue
        seen |= rt.present(request_view(case.report, rt.display, to_judge=True))
        for remark in case.remarks:
            rt.notes.warn(remark)
        if case.action != "revoke":
            rt.notes.aside(f"{short_name(case.request.name)}: through {case.route_words}")
    rt.remember_shown(seen)


def _known(rt: Runtime) -> View | None:
    results = rt.deciding.results()
    return decisions_view(results, rt.display) if results else None


def _digests(cases: Iterable[Case]) -> dict[str, str]:
    return {case.request.id.text: case.request.digest() for case in cases}


def _raise_failures(rt: Runtime, outcomes: Sequence[AzjitError | None]) -> None:
    """Raise the error of a batch, if an item failed; `outcomes` has the error of each item.

    Raises:
        AzjitError: the only item failed, or all items failed with the same exit code.
        PartlyDone: some items failed, or items failed with different exit codes.
    """
    errors = [error for error in outcomes if error is not None]
    if not errors:
        return
    if len(outcomes) == 1:
        raise errors[0]
    for error in errors:
        rt.notes.error(error)
    total = f"{len(errors)} of {len(outcomes)} requests failed"
    if len(errors) == len(outcomes) and len({error.exit for error in errors}) == 1:
        raise type(errors[0])(total)
    raise PartlyDone(total)
