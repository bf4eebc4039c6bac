"""Writes intent and outcome of every change into the receipts, and finds what a kill left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from azjit.context import Context
from azjit.domain.ids import RequestId
from azjit.domain.pim import Route
from azjit.errors import AnswerLost, AzjitError, Exit, Unavailable
from azjit.store.receipts import Actor, Intent, OpenIntent, Outcome


class Target(Protocol):
    """What is changed: a resource of Azure, or a thing elsewhere that has a name."""

    @property
    def text(self) -> str:
        """How receipts name it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change about to be sent, for the receipts."""

    action: str
    target: Target
    reason: str | None
    details: Mapping[str, object]


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
    def record(self, change: Change) -> Iterator[OpenIntent]:
        """Write the intent before the change and, if it raises, how it failed.

        The caller concludes what did not raise.
        """
        opened = self._context.receipts.intend(self._intent(change))
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
        found = set()
        for entry in self._context.receipts.entries():
            target = entry.body.get("target")
            is_request = isinstance(target, str) and "/jitrequests/" in target.lower()
            if is_request and str(target).rsplit("/", 1)[-1].lower().startswith(prefix.lower()):
                found.add(RequestId(str(target)))
        return found

    def decision_on(self, request: RequestId, action: str) -> Decided | None:
        """Give who last decided a request so, a confirmed decision before any other."""
        opened: dict[str, str] = {}
        found: Decided | None = None
        for entry in self._context.receipts.entries():
            body = entry.body
            if entry.kind == "intent":
                if body.get("action") == action and _is_at(body, request):
                    opened[entry.id] = str(mapping_of(body.get("actor")).get("name"))
            elif entry.id in opened:
                outcome = body.get("outcome")
                is_sure = outcome == Outcome.CONFIRMED.value
                was_sent = is_sure or outcome == Outcome.UNCONFIRMED.value
                if was_sent and (is_sure or found is None or not found.is_sure):
                    found = Decided(opened[entry.id], entry.at, is_sure)
        return found

    def review_of(self, request: RequestId) -> Reviewed | None:
        """Give the last answer in PIM that was sent for a request, unless Azure refused it."""
        opened: dict[str, Reviewed] = {}
        for entry in self._context.receipts.entries():
            body = entry.body
            told = mapping_of(body.get("details"))
            is_review = entry.kind == "intent" and _is_at(body, request) and "stage" in told
            if is_review and told.get("route") == Route.PIM.value:
                opened[entry.id] = Reviewed(
                    str(body.get("action")), str(told.get("approval")), str(told.get("stage"))
                )
            elif body.get("outcome") in {Outcome.REFUSED.value, Outcome.FAILED.value}:
                opened.pop(entry.id, None)
        return list(opened.values())[-1] if opened else None

    def _intent(self, change: Change) -> Intent:
        caller = self._context.caller
        return Intent(
            action=change.action,
            target=change.target.text,
            actor=Actor(caller.id.text, caller.name, caller.kind, caller.tenant),
            cloud=self._context.cloud.arm,
            reason=change.reason,
            details=change.details,
        )


def mapping_of(value: object) -> Mapping[str, object]:
    """Give a JSON object of a receipt, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def _is_at(body: Mapping[str, object], request: RequestId) -> bool:
    return str(body.get("target")).lower() == request.key


def _outcome_of(error: AzjitError) -> Outcome:
    if isinstance(error, AnswerLost) or error.exit is Exit.UNCONFIRMED:
        return Outcome.UNCONFIRMED
    if isinstance(error, Unavailable):
        return Outcome.FAILED
    return Outcome.REFUSED
