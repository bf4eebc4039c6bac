"""What a consumer orders, the cases that it makes, and the rows that it ends in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from azjit.domain.access import Proof
from azjit.domain.applications import Application
from azjit.domain.calls import Call
from azjit.domain.inputs import DecisionSpec
from azjit.domain.reports import DecisionResult, RequestReport
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict
from azjit.errors import AzjitError, Exit
from azjit.services.deciding.execute import Finding
from azjit.services.deciding.routes import THROUGH_APPLICATION, DecisionRoute
from azjit.store.receipt_details import DecisionDetails


@dataclass(frozen=True, slots=True)
class Case:
    """One request that may be decided; `remarks` is what might be overlooked in it."""

    asked: str
    request: JitRequest
    application: Application
    report: RequestReport
    call: Call
    remarks: tuple[str, ...]
    way: DecisionRoute = THROUGH_APPLICATION

    def answered(self, reason: str) -> Case:
        """Give the case with the reason in its call, where that carries one."""
        way = self.way.answered(reason)
        return replace(self, way=way, call=way.call or self.call)


Confirm = Callable[[list[Case]], str]
"""Shows cases to whoever decides, and gives the reason that was said."""

_WORDS = {
    Exit.NOT_FOUND: "not found",
    Exit.NOT_ALLOWED: "not allowed",
    Exit.REFUSED: "refused",
    Exit.UNCONFIRMED: "unconfirmed",
    Exit.USAGE: "malformed",
}


def distinct(judged: Iterable[Case | DecisionResult]) -> list[Case | DecisionResult]:
    """Keep the first of those that turned out to be the same request."""
    kept: dict[str, Case | DecisionResult] = {}
    for one in judged:
        report = one.report
        kept.setdefault(report.request.id.key if report is not None else one.asked.lower(), one)
    return list(kept.values())


def details_of(
    order: DecisionSpec, case: Case, *, access_before: bool | None = None
) -> DecisionDetails:
    """Give what the receipt of a decision keeps: all that was decided on, and through what."""
    request, way = case.request, case.way
    creator = request.created_by
    return DecisionDetails(
        route=way.route.value,
        approval=way.approval.name if way.approval is not None else None,
        stage=way.stage.id if way.stage is not None else None,
        application=request.application_text,
        rows=request.rows,
        schedule_type=request.schedule.kind,
        start=request.schedule.start_text,
        duration=request.schedule.duration_text,
        created_by=creator.text if creator is not None else None,
        publisher_tenant=request.publisher_tenant,
        digest=request.digest(),
        claims={"reason": request.reason_claim, "ticket": request.ticket_claim},
        origin_request_id=None if way.approval is not None else order.origin or request.name,
        access_before=access_before,
    )


def row_of(order: DecisionSpec, case: Case, finding: Finding, now: datetime) -> DecisionResult:
    """Give the row of a decision that was sent."""
    seen = finding.request
    report = case.report
    if seen is not None:
        report = replace(report, request=seen, at=now, access=finding.access)
    if finding.error is None and order.verdict is Verdict.REVOKE:
        report = replace(report, revoked_at=now)
    route = case.way.route.value
    if finding.error is not None:
        return replace(failed_row(order, case.asked, finding.error, report), route=route)
    verb, done = order.verdict.value, order.verdict.done
    known_by = finding.access.proof if finding.access is not None else Proof.REQUEST
    return DecisionResult(case.asked, verb, done, report, route=route, known_by=known_by)


def failed_row(
    order: DecisionSpec, text: str, error: AzjitError, report: RequestReport | None
) -> DecisionResult:
    """Give the row of a request that was not decided as ordered."""
    result = _WORDS.get(error.exit, "failed")
    return DecisionResult(text, order.verdict.value, result, report, error)
