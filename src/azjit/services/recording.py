"""Writes intent and outcome of every change into the receipts, and finds what a kill left open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from azjit.context import Context
from azjit.domain.ids import RequestId
from azjit.domain.pim import Route
from azjit.errors import AnswerLost, AzjitError, Exit, Unavailable
from azjit.store.receipt_details import DecisionDetails, Details, encode_details
from azjit.store.receipts import Actor, Intent, OpenIntent, Outcome


class Target(Protocol):
    """What is changed: a resource of Azure, or a thing elsewhere that has a name."""

    @property
    def text(self) -> str:
        """How receipts name it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided a request and when, by the receipts; `is_sure` if a read confirmed it."""

    by: str
    at: datetime
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An answer to an approval in PIM that was sent for a request and may have been taken."""

    action: str
    approval: str
    stage: str


class Journal:
    """The receipts of one caller in one cloud."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @contextmanager
    def record(
        self, action: str, target: Target, reason: str | None, details: Details
    ) -> Iterator[OpenIntent]:
        """Write the intent before the change and, if it raises, how it failed.

        The caller concludes what did not raise.
        """
        caller = self._context.caller
        intent = Intent(
            action=action,
            target=target.text,
            actor=Actor(caller.id.text, caller.name, caller.kind, caller.tenant),
            cloud=self._context.cloud.arm,
            reason=reason,
            details=encode_details(details),
        )
        opened = self._context.receipts.intend(intent)
        try:
            yield opened
        except AzjitError as error:
            if opened.is_open:
                opened.conclude(
                    _outcome_of(error),
                    state=None,
                    detail=error.message,
                    code=error.code,
                    request_id=error.request_id,
                )
            raise
        finally:
            # Interrupted in between: left open, so that the next command reads what became of it.
            opened.release()

    def requests_by_prefix(self, prefix: str) -> set[RequestId]:
        """Give the ids of the requests in the receipts whose name begins like this."""
        targets = {change.intent.target for change in self._context.receipts.changes()}
        start = f"/jitrequests/{prefix}".lower()
        return {RequestId(each) for each in targets if start in each.lower()}

    def decision_on(self, request: RequestId, action: str) -> Decided | None:
        """Give who last decided a request so, a confirmed decision before any other."""
        found: Decided | None = None
        for each in self._context.receipts.changes():
            is_it = each.intent.action == action and each.intent.is_at(request.key)
            is_better = each.was_confirmed or found is None or not found.is_sure
            if is_it and is_better and each.may_be_done and each.ended is not None:
                found = Decided(each.intent.actor.name, each.ended, each.was_confirmed)
        return found

    def review_of(self, request: RequestId) -> Reviewed | None:
        """Give the last answer in PIM that was sent for a request, unless Azure refused it."""
        for each in reversed(self._context.receipts.changes()):
            intent = each.intent
            if intent.is_at(request.key) and each.may_be_done:
                told = intent.known_details
                if isinstance(told, DecisionDetails) and told.route == Route.PIM.value:
                    return Reviewed(intent.action, told.approval or "", told.stage or "")
        return None


def _outcome_of(error: AzjitError) -> Outcome:
    if isinstance(error, AnswerLost) or error.exit is Exit.UNCONFIRMED:
        return Outcome.UNCONFIRMED
    if isinstance(error, Unavailable):
        return Outcome.FAILED
    return Outcome.REFUSED
