"""The details in the receipt of a decision: the content that was decided on, and the route."""

from __future__ import annotations

from azjit.domain.access import Access
from azjit.domain.decisions import Case
from azjit.domain.plain_facts import plain_facts
from azjit.store.receipt_details import DecisionDetails


def details_of(case: Case, before: Access | None) -> DecisionDetails:
    """Give the details of the receipt: the content that was decided on, and the route."""
    request = case.request
    creator = request.created_by
    sheet = case.report.sheet if case.report is not None else None
    return DecisionDetails(
        route=case.route.value if case.route is not None else None,
        approval=case.approval.name if case.approval is not None else None,
        stage=case.stage.id if case.stage is not None else None,
        application=request.application_text,
        rows=request.rows,
        schedule_type=request.schedule.kind,
        start=request.schedule.start_text,
        duration=request.schedule.duration_text,
        created_by=creator.text if creator is not None else None,
        publisher_tenant=request.publisher_tenant,
        digest=request.digest(),
        claims={"reason": request.reason_claim, "ticket": request.ticket_claim},
        origin_request_id=None if case.approval is not None else case.origin or request.name,
        access_before=before.held if before is not None else None,
        concerns=[
            {"code": each.code, "level": each.level.value, "text": each.text}
            for each in sheet.concerns
        ]
        if sheet is not None
        else None,
        facts=plain_facts(sheet.facts) if sheet is not None else None,
        accepted=sorted(case.accepted) or None,
    )
