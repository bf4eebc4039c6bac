"""Attributes each decision in the log to a request, by the receipts or by later states.

The log names neither the request nor the result of the call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from azjit.domain.activity import ActivityEvent, ActivityKind, RecordedDecision
from azjit.domain.applications import Application, ApprovalMode, JitState
from azjit.domain.ids import RequestId
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, RequestState
from azjit.services.receipt_index import ReceiptIndex

SAME = timedelta(minutes=2)
STATES = {RequestState.APPROVED: ActivityKind.APPROVED, RequestState.DENIED: ActivityKind.DENIED}
ACTIONS = {ActivityKind.APPROVED: "approve", ActivityKind.DENIED: "deny"}
_DONE = {
    "approve": ActivityKind.APPROVED,
    "deny": ActivityKind.DENIED,
    "revoke": ActivityKind.REVOKED,
}
_SENT = {
    "approve": ActivityKind.APPROVAL_SENT,
    "deny": ActivityKind.DENIAL_SENT,
    "revoke": ActivityKind.REVOCATION_SENT,
}


class LoggedDecision(NamedTuple):
    """A decision in the log that Azure took, and the application that it was sent to."""

    event: ActivityEvent
    application: Application


class Attribution(NamedTuple):
    """The verdict of a decision, its request, and whether its receipt is missing."""

    kind: ActivityKind
    request: RequestId | None
    without_receipt: bool


class Attributions:
    """The attributions of the decisions in the log; `requests` are those that they account for."""

    def __init__(
        self,
        receipted: ReceiptIndex,
        reports: Mapping[str, RequestReport],
        calls: Iterable[LoggedDecision],
    ) -> None:
        self._reports = reports
        self._calls = sorted(calls, key=lambda call: call.event.at)
        self.requests: set[str] = set()
        self._told: dict[str, Attribution] = {}
        receipts = [
            receipted.take(call.event, partial(self._belongs, call.application))
            for call in self._calls
        ]
        for at, receipt in enumerate(receipts):
            if receipt is not None:
                self._tell(at, self._by_receipt(at, receipts, receipt))
        unexplained = [at for at, receipt in enumerate(receipts) if receipt is None]
        self._tell_the_rest(unexplained)

    def of(self, event: ActivityEvent) -> Attribution:
        """Give the attribution of one of them."""
        return self._told[event.id]

    def _tell(self, at: int, told: Attribution) -> None:
        self._told[self._calls[at].event.id] = told
        if told.request is not None and told.kind not in _SENT.values():
            self.requests.add(told.request.key)

    def _by_receipt(
        self, at: int, receipts: list[RecordedDecision | None], receipt: RecordedDecision
    ) -> Attribution:
        is_done = receipt.is_sure or self._is_shown(at, receipts, receipt)
        words = _DONE if is_done else _SENT
        return Attribution(words[receipt.action], receipt.request, without_receipt=False)

    def _is_shown(
        self, at: int, receipts: list[RecordedDecision | None], receipt: RecordedDecision
    ) -> bool:
        """Tell whether the state shows this decision, and no later call can have caused it."""
        report = self._reports.get(receipt.request.key)
        shown = STATES.get(report.request.state) if report is not None else None
        if shown is not _DONE[receipt.action]:
            return False
        place = self._calls[at].application.id
        later = zip(self._calls[at + 1 :], receipts[at + 1 :], strict=True)
        return not any(
            call.application.id == place and (other is None or other.request == receipt.request)
            for call, other in later
        )

    def _tell_the_rest(self, unexplained: list[int]) -> None:
        decided = set(self.requests)
        found = {at: self._open_at(self._calls[at], decided) for at in unexplained}
        count = Counter(request.id.key for open_then in found.values() for request in open_then)
        for at, open_then in found.items():
            event, application = self._calls[at].event, self._calls[at].application
            request = _nearest(open_then, event.at)
            kind = ActivityKind.DECIDED
            is_only = len(open_then) == 1 and request is not None and count[request.id.key] == 1
            if is_only and request is not None and is_manual(application):
                kind = STATES[request.state]
            found_id = request.id if request is not None else None
            self._tell(at, Attribution(kind, found_id, without_receipt=True))
            if request is None:
                self.requests |= {each.id.key for each in open_then}

    def _open_at(self, call: LoggedDecision, decided: set[str]) -> list[JitRequest]:
        """Give the requests that a call may have decided."""
        return [
            report.request
            for key, report in self._reports.items()
            if key not in decided
            and report.request.application == call.application.id
            and report.request.state in STATES
            and _is_open_at(report.request, call.event.at)
        ]

    def _belongs(self, application: Application, request: RequestId) -> bool:
        report = self._reports.get(request.key)
        if report is not None and report.request.application is not None:
            return report.request.application == application.id
        return request.group_id == application.managed_group


def is_manual(application: Application) -> bool:
    """Tell whether a person must have approved."""
    policy = application.policy
    return (
        application.jit is JitState.ON and policy is not None and policy.mode is ApprovalMode.MANUAL
    )


def _nearest(open_then: list[JitRequest], at: datetime) -> JitRequest | None:
    near = [r for r in open_then if r.changed_at and abs(r.changed_at - at) < SAME]
    found = near or open_then
    return found[0] if len(found) == 1 else None


def _is_open_at(request: JitRequest, at: datetime) -> bool:
    """Tell whether a request could be decided at an instant, as far as its times tell."""
    born, end = request.created_at, request.schedule.end
    return born is not None and end is not None and born - SAME <= at <= end
