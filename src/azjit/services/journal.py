"""Writes intent and outcome of every change into the receipts, and finds what a kill left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from azjit.azure.clouds import Cloud
from azjit.domain.access import Caller
from azjit.domain.ids import RequestId, ResourceId
from azjit.errors import AnswerLost, AzjitError, Exit, Unavailable
from azjit.store.receipts import Actor, Intent, OpenIntent, Outcome, Receipts


@dataclass(frozen=True, slots=True)
class Change:
    """A change about to be sent, for the receipts."""

    action: str
    target: ResourceId
    reason: str | None
    details: Mapping[str, object]


class Journal:
    """The receipts of one caller in one cloud."""

    def __init__(self, receipts: Receipts, caller: Callable[[], Caller], cloud: Cloud) -> None:
        self._receipts = receipts
        self._caller = caller
        self._cloud = cloud

    @property
    def receipts(self) -> Receipts:
        """The receipts themselves, to look things up."""
        return self._receipts

    @contextmanager
    def record(self, change: Change) -> Iterator[OpenIntent]:
        """Write the intent before the change and, if it raises, how it failed.

        The caller concludes what did not raise.
        """
        opened = self._receipts.intend(self._intent(change))
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
        for entry in self._receipts.entries():
            target = entry.body.get("target")
            is_request = isinstance(target, str) and "/jitrequests/" in target.lower()
            if is_request and str(target).rsplit("/", 1)[-1].lower().startswith(prefix.lower()):
                found.add(RequestId(str(target)))
        return found

    def decision_on(self, request: RequestId) -> tuple[str, str] | None:
        """Give who decided a request and when, if these receipts hold a confirmed decision."""
        who: dict[str, str] = {}
        found = None
        for entry in self._receipts.entries():
            body = entry.body
            if entry.kind == "intent":
                is_decision = body.get("action") in {"approve", "deny"}
                if is_decision and str(body.get("target")).lower() == request.key:
                    who[entry.id] = str(mapping_of(body.get("actor")).get("name"))
            elif entry.id in who and body.get("outcome") == Outcome.CONFIRMED.value:
                found = (who[entry.id], entry.at.strftime("%Y-%m-%d %H:%M UTC"))
        return found

    def _intent(self, change: Change) -> Intent:
        caller = self._caller()
        return Intent(
            action=change.action,
            target=change.target.text,
            actor=Actor(caller.id.text, caller.name, caller.kind, caller.tenant),
            cloud=self._cloud.arm,
            reason=change.reason,
            details=change.details,
        )


def mapping_of(value: object) -> Mapping[str, object]:
    """Give a JSON object of a receipt, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def _outcome_of(error: AzjitError) -> Outcome:
    if isinstance(error, AnswerLost) or error.exit is Exit.UNCONFIRMED:
        return Outcome.UNCONFIRMED
    if isinstance(error, Unavailable):
        return Outcome.FAILED
    return Outcome.REFUSED
