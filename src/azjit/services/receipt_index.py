"""Finds decisions in the receipts of this machine, and matches them to events of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.domain.activity import ActivityEvent, RecordedDecision
from azjit.domain.ids import PrincipalId, RequestId
from azjit.domain.pim import Route
from azjit.domain.rules import Verdict
from azjit.store.receipt_details import DecisionDetails
from azjit.store.receipts import Receipts, RecordedChange

# Clocks differ, and Azure logs the call at its end.
_BEFORE = timedelta(minutes=1)
_AFTER = timedelta(minutes=3)


class ReceiptIndex:
    """The decisions of this machine; each explains one event of the log."""

    def __init__(self, receipts: Receipts) -> None:
        self._left = list(_decisions(receipts.changes()))
        self._sure = {(each.request.key, each.action) for each in self._left if each.is_sure}

    def has(self, request: RequestId, action: str) -> bool:
        """Tell whether this machine made a decision that a read confirmed."""
        return (request.key, action) in self._sure

    def take(
        self, event: ActivityEvent, fits: Callable[[RequestId], bool]
    ) -> RecordedDecision | None:
        """Give the decision that explains an event, once; None if there is none."""
        near = [each for each in self._left if _explains(each, event) and fits(each.request)]
        if not near:
            return None
        found = min(near, key=lambda each: abs(each.began - event.at))
        self._left.remove(found)
        return found


class Review(NamedTuple):
    """An answer to an approval in PIM that was sent for a request."""

    action: str
    approval: str
    stage: str


def revocations(receipts: Receipts) -> dict[str, datetime]:
    """Give when a read confirmed that this machine revoked the access of each request."""
    sure = (each for each in _decisions(receipts.changes()) if each.is_sure)
    return {each.request.key: each.ended for each in sure if each.action == "revoke"}


def last_decision(receipts: Receipts, request: RequestId, action: str) -> RecordedDecision | None:
    """Give the last decision of an action on a request: a confirmed one before any other."""
    found = [
        each
        for each in _decisions(receipts.changes_of(request.text))
        if each.action == action and not each.is_open
    ]
    return max(reversed(found), key=lambda each: each.is_sure, default=None)


def last_review(receipts: Receipts, request: RequestId) -> Review | None:
    """Give the last answer in PIM that was sent for a request, unless Azure refused it."""
    for each in reversed(receipts.changes_of(request.text)):
        if each.may_be_done:
            details = each.intent.known_details
            if isinstance(details, DecisionDetails) and details.route == Route.PIM.value:
                return Review(each.intent.action, details.approval or "", details.stage or "")
    return None


def requests_of(receipts: Receipts) -> set[RequestId]:
    """Give the requests that the receipts have changes of."""
    targets = {change.intent.target for change in receipts.changes()}
    found = (RequestId.try_parse(each) for each in targets if "/jitrequests/" in each.lower())
    return {each for each in found if each is not None}


def _explains(decision: RecordedDecision, event: ActivityEvent) -> bool:
    in_time = decision.began - _BEFORE <= event.at <= decision.ended + _AFTER
    # A service that carries out a decision has no person in the log.
    return in_time and (event.person is None or event.person == decision.by)


def _decisions(changes: Iterable[RecordedChange]) -> Iterator[RecordedDecision]:
    for change in changes:
        intent = change.intent
        request = RequestId.try_parse(intent.target)
        if intent.action in set(Verdict) and request is not None and change.may_be_done:
            yield RecordedDecision(
                request,
                intent.action,
                PrincipalId(intent.actor.id),
                intent.actor.name,
                change.began,
                change.ended or change.began,
                change.began if change.is_reconciled else change.ended or change.began,
                is_open=change.ended is None,
                is_sure=change.was_confirmed,
            )
