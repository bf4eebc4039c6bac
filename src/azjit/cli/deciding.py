"""`azjit consumer approve`, `deny` and `revoke`: plan, show, ask, apply, and show the result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.changes import may_send, raise_failures
from azjit.cli.chosen import chosen_of
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.concerns import CODES
from azjit.domain.durations import human_duration
from azjit.domain.ids import short_name
from azjit.domain.inputs import DecisionSpec
from azjit.domain.pim import Route
from azjit.domain.rules import Verdict
from azjit.errors import Usage
from azjit.output.results.decisions import decisions_view
from azjit.output.results.requests import pending_view, request_view

if TYPE_CHECKING:
    from azjit.domain.decisions import Case
    from azjit.output.view import View

# These commands belong to the group of `azjit consumer`.
group = typer.Typer()

_DECISION_TIME = timedelta(minutes=2)
_FEW = 3

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
Accept = Annotated[
    str | None,
    typer.Option(metavar="CODE,...", help="where nobody is asked: approve despite these concerns"),
]
Full = Annotated[
    bool, typer.Option("--full", help="show all of each request, also of many requests")
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
    accept: Accept = None,
    *,
    yes: args.Yes = False,
    dry_run: args.DryRun = False,
    full: Full = False,
) -> None:
    """Approve pending requests; with - those of stdin, an id or an id and a digest on each line.

    Microsoft documents the call updateAccess, but not its effect. azjit reads each request again
    and exits with 9 if no read shows the approval. If PIM lists exactly one approval for the same
    scope, role and principal, --route auto answers that approval instead.
    """
    accepted = _codes_of(accept)
    checked = args.reason_of(rt, reason, needed=not dry_run)
    longest = args.length_of(timeout) or _DECISION_TIME
    chosen = chosen_of(rt, requests, expect_digest, most)
    spec = DecisionSpec(Verdict.APPROVE, chosen, checked, longest, origin, route, accepted=accepted)
    _decide(rt, spec, yes=yes, dry_run=dry_run, full=full)


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
    full: Full = False,
) -> None:
    """Deny pending requests; no call of this command can grant access.

    With - azjit reads them from stdin, an id or an id and a digest on each line.
    """
    checked = args.reason_of(rt, reason, needed=not dry_run)
    longest = args.length_of(timeout) or _DECISION_TIME
    chosen = chosen_of(rt, requests, expect_digest, most)
    spec = DecisionSpec(Verdict.DENY, chosen, checked, longest, origin, route)
    _decide(rt, spec, yes=yes, dry_run=dry_run, full=full)


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
    If the request was deleted, azjit names every live grant of its principal, which Remove may end,
    and asks; where nobody is asked, it refuses.
    """
    checked = args.reason_of(rt, reason, needed=not dry_run)
    longest = args.length_of(timeout) or _DECISION_TIME
    chosen = chosen_of(rt, [request], expect_digest, most=1)
    spec = DecisionSpec(Verdict.REVOKE, chosen, checked, longest, origin)
    _decide(rt, spec, yes=yes, dry_run=dry_run)


def _codes_of(text: str | None) -> frozenset[str]:
    codes = frozenset(each.strip().lower() for each in text.split(",")) if text is not None else ()
    acceptable = [each.code for each in CODES if each.can_be_accepted]
    for each in codes:
        if each not in acceptable:
            known = ", ".join(acceptable)
            raise Usage(f"no concern {each!r} can be accepted", hint=f"one of: {known}")
    return frozenset(codes)


def _decide(
    rt: Runtime, spec: DecisionSpec, *, yes: bool, dry_run: bool, full: bool = False
) -> None:
    attended = rt.process.may_prompt and not yes
    rt.begin(wants_fresh_token=not attended)
    # A dry run of a revocation shows what a person would be asked about.
    is_shown = attended or (dry_run and spec.verdict is Verdict.REVOKE)
    plan = rt.deciding.plan(spec._replace(attended=is_shown))
    called = [case for case in plan if case.call is not None]
    _show(rt, called, full=full, is_asked=not yes)
    calls = [case.call for case in called if case.call is not None]
    reason = spec.reason
    if calls and reason is None and not dry_run:
        reason = args.asked_reason(rt)
    question = question_of(spec.verdict, called) if calls and not yes else None
    if dry_run:
        for case in called:
            if (held := case.held_by(case.concerns)) is not None:
                rt.notes.warn(f"{held.message}: {held.hint}")
    if not may_send(rt, calls, question, dry_run=dry_run):
        if rt.console.form_shown is not None:
            rt.remember_shown(_digests(called))
        raise_failures(rt.notes, [case.error for case in plan])
        return
    with rt.or_show(lambda: _known(rt)):
        results = rt.deciding.apply(plan, reason or "")
    rt.show(decisions_view(results, rt.display))
    raise_failures(rt.notes, [result.error for result in results])


def _show(rt: Runtime, cases: Sequence[Case], *, full: bool, is_asked: bool) -> None:
    """Show what is decided on: of many requests those that need a closer look, then a row each.

    So the rows and the question stand together, which a small terminal can show at once.
    """
    seen: dict[str, str] = {}
    is_batch = len(cases) > 1
    for case in cases:
        is_doubtful = is_asked and any(each.level.holds_up for each in case.concerns)
        if case.report is not None and (full or not is_batch or is_doubtful):
            view = request_view(case.report, rt.display, to_judge=True, full=full)
            seen |= rt.present(view)
    if is_batch and not full:
        reports = [case.report for case in cases if case.report is not None]
        seen |= rt.present(pending_view(reports, rt.display))
    for remark in (remark for case in cases for remark in case.remarks):
        rt.notes.warn(remark)
    _say_routes(rt, cases)
    rt.remember_shown(seen)


def _say_routes(rt: Runtime, cases: Sequence[Case]) -> None:
    routes = {short_name(c.request.name): c.route_words for c in cases if c.action != "revoke"}
    if len(routes) > 1 and len(set(routes.values())) == 1:
        routes = {f"all {len(routes)}": next(iter(routes.values()))}
    for name, words in routes.items():
        rt.notes.aside(f"{name}: through {words}")


def question_of(verdict: Verdict, cases: Sequence[Case]) -> str:
    """Ask for the confirmation of a decision, with what an approver must not overlook."""
    doubtful = [case for case in cases if any(each.level.holds_up for each in case.concerns)]
    if len(cases) == 1 and cases[0].is_gone:
        return f"{verdict} the access of this deleted request, and maybe all that is named above?"
    if len(cases) == 1:
        codes = [each.code for case in doubtful for each in case.concerns if each.level.holds_up]
        despite = f", despite {', '.join(codes)}" if codes and verdict is Verdict.APPROVE else ""
        return f"{verdict} this request{despite}?"
    reports = [case.report for case in cases if case.report is not None]
    roles = dict.fromkeys(g.role_name or g.role.guid for each in reports for g in each.grants)
    applications = {each.request.application_text.lower() for each in reports}
    place = f"{len(applications)} applications" if len(applications) > 1 else "1 application"
    lengths = [each.request.schedule.duration for each in reports]
    longest = max((each for each in lengths if each is not None), default=None)
    told = [f"{_few(list(roles))} for {place}"]
    told += [f"longest {human_duration(longest)}"] if longest is not None else []
    told += [f"{len(doubtful)} with warnings"] if doubtful else []
    return f"{verdict} {len(cases)} requests: {', '.join(told)}?"


def _few(names: Sequence[str]) -> str:
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more} other roles" if more > 0 else "")


def _known(rt: Runtime) -> View | None:
    results = rt.deciding.results()
    return decisions_view(results, rt.display) if results else None


def _digests(cases: Iterable[Case]) -> dict[str, str]:
    return {case.request.id.text: case.request.digest() for case in cases}
