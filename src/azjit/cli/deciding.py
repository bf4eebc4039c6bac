"""What `azjit consumer approve`, `deny` and `revoke` share: show, ask, decide, show the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from azjit.cli import arguments as args
from azjit.cli.batches import end_of_batch
from azjit.cli.plans import show_plan
from azjit.cli.runtime import Runtime
from azjit.domain.inputs import DecisionSpec
from azjit.domain.pim import Route
from azjit.domain.rules import Verdict
from azjit.output.results.requests import request_view, verdicts_view

if TYPE_CHECKING:
    from azjit.services.deciding.cases import Case

_DECISION_TIME = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class DecisionOptions:
    """The options that every decision takes."""

    reason: str | None
    timeout: str | None
    origin: str | None
    yes: bool
    dry_run: bool
    route: Route = Route.APPLICATION


def decide(rt: Runtime, verdict: Verdict, requests: Sequence[str], wish: DecisionOptions) -> None:
    """Decide requests: show all of them, ask for the reason and a confirmation, then send."""
    order = DecisionSpec(
        verdict=verdict,
        requests=tuple(requests),
        reason=args.reason_of(rt, wish.reason, needed=not wish.dry_run),
        timeout=args.length_of(wish.timeout) or _DECISION_TIME,
        origin=wish.origin,
        dry_run=wish.dry_run,
        route=wish.route,
    )
    rt.begin()
    rows = rt.decisions.decide(order, lambda cases: _confirm(rt, order, cases, sure=wish.yes))
    planned = [row.planned for row in rows if row.planned is not None]
    if wish.dry_run:
        show_plan(rt, planned)
    else:
        rt.show(verdicts_view(rows, rt.reader))
    end_of_batch(rt, rows)


def _confirm(rt: Runtime, order: DecisionSpec, cases: Sequence[Case], *, sure: bool) -> str:
    for case in cases:
        rt.present(request_view(case.report, rt.reader))
        for remark in case.remarks:
            rt.notes.warn(remark)
        if order.verdict is not Verdict.REVOKE:
            rt.notes.aside(f"{case.request.name[:8]}: through {case.way.words}")
    if order.dry_run:
        rt.acting_as()
        return order.reason or ""
    reason = order.reason if order.reason is not None else args.asked_reason(rt)
    count = f"{len(cases)} requests" if len(cases) > 1 else "this request"
    rt.ask(f"{order.verdict} {count}?", sure=sure)
    return reason
