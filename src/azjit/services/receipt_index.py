"""Which decisions the receipts of this machine tell of, and which event each explains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from azjit.azure.wire.values import resource_id
from azjit.domain.activity import ActivityEvent, RecordedDecision
from azjit.domain.ids import PrincipalId, RequestId
from azjit.services.recording import mapping_of
from azjit.store.receipts import Outcome, ReceiptEntry, Receipts

_NOT_DONE = {Outcome.REFUSED.value, Outcome.FAILED.value}
_ACTIONS = {"approve", "deny", "revoke"}
# Clocks differ, and Azure notes the call when it is done with it.
_BEFORE = timedelta(minutes=1)
_AFTER = timedelta(minutes=3)


class ReceiptIndex:
    """The decisions that were sent from here; each explains one event of the log."""

    def __init__(self, receipts: Receipts) -> None:
        self._left = list(_decisions(receipts.entries()))
        self._sure = {(each.request.key, each.action) for each in self._left if each.is_sure}

    def has(self, request: RequestId, action: str) -> bool:
        """Tell whether a request was decided so from here, as a read confirmed."""
        return (request.key, action) in self._sure

    @classmethod
    def revocations(cls, receipts: Receipts) -> dict[str, datetime]:
        """Give when each request's access was taken back from here, as a read confirmed."""
        sure = (each for each in _decisions(receipts.entries()) if each.is_sure)
        return {each.request.key: each.ended for each in sure if each.action == "revoke"}

    def take(
        self, event: ActivityEvent, fits: Callable[[RequestId], bool]
    ) -> RecordedDecision | None:
        """Give the receipt that explains an event, once; None where none does."""
        near = [each for each in self._left if _explains(each, event) and fits(each.request)]
        if not near:
            return None
        found = min(near, key=lambda each: abs(each.began - event.at))
        self._left.remove(found)
        return found


def _explains(decision: RecordedDecision, event: ActivityEvent) -> bool:
    in_time = decision.began - _BEFORE <= event.at <= decision.ended + _AFTER
    # A service that acts on somebody's decision has no person in the log.
    return in_time and (event.person is None or event.person == decision.by)


def _decisions(entries: Iterator[ReceiptEntry]) -> Iterator[RecordedDecision]:
    opened: dict[str, RecordedDecision] = {}
    for entry in entries:
        if entry.kind == "intent":
            begun = _begun(entry)
            if begun is not None:
                opened[entry.id] = begun
        elif entry.id in opened:
            told = opened.pop(entry.id)
            outcome = entry.body.get("outcome")
            if outcome not in _NOT_DONE:
                is_sure = outcome == Outcome.CONFIRMED.value
                yield replace(told, ended=entry.at, is_sure=is_sure)
    yield from opened.values()


def _begun(entry: ReceiptEntry) -> RecordedDecision | None:
    action = str(entry.body.get("action"))
    request = resource_id(RequestId, entry.body.get("target"))
    actor = mapping_of(entry.body.get("actor")).get("id")
    if action not in _ACTIONS or request is None or not isinstance(actor, str):
        return None
    return RecordedDecision(request, action, PrincipalId(actor), entry.at, entry.at)
