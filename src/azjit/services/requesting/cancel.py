"""Cancels a request by deleting it, and reads whether the access that it gave is gone."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from azjit.context import Context
from azjit.domain.access import Access
from azjit.domain.calls import Call
from azjit.domain.decisions import Case, DecisionResult
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.domain.times import say_utc
from azjit.errors import (
    AnswerLost,
    AzjitError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    Unavailable,
    Unconfirmed,
)
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.reports import Reporter
from azjit.services.recording import record
from azjit.store.receipt_details import CancelDetails
from azjit.store.receipts import Outcome

_UNREADABLE = (NotAllowed, NotSignedIn, Unavailable)


class Cancelling:
    """Cancels requests with DELETE, because Azure has no other way."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._access = context.service(AccessReader)
        self._reporter = context.service(Reporter)

    def plan(self, text: str) -> Case:
        """Find the request and check that it can be cancelled.

        Raises:
            Refused: there is nothing to cancel.
        """
        request = self._finder.request(text, changes=True)
        if request.state is RequestState.CANCELED:
            return Case(text, "cancel", self._reporter.request(request), already="")
        now = self._context.now()
        _check_cancellable(request, now)
        call = self._context.solutions.cancellation(request.id)
        # Neither a question nor a dry run shows names: they are read when the request is deleted.
        return Case(text, "cancel", RequestReport(request, now), call, _remarks(request, now))

    def apply(self, case: Case, reason: str | None) -> DecisionResult:
        """Delete the request, if it is as it was planned, and read what is left of it.

        Raises:
            Refused: the request changed after the plan.
            Unconfirmed: sent, but no read shows that the request, or its access, is gone.
        """
        request = case.request
        if case.call is None:
            return DecisionResult(case)
        self._check_unchanged(request)
        details = CancelDetails(request.digest(), request.state.value)
        with record(self._context, "cancel", request.id.text, reason, details) as opened:
            self._delete(case.call, request)
            access = self._check_access_gone(request)
            # No read shows the request now; it is reported as it was, but for its state.
            gone = request._replace(state=RequestState.UNKNOWN, state_text="deleted")
            result = DecisionResult(case, self._reporter.request(gone, access=access))
            opened.conclude(Outcome.CONFIRMED, state=result.word)
        return result

    def _check_unchanged(self, request: JitRequest) -> None:
        # The request can be approved while a person thinks about the question.
        fresh = self._context.solutions.request(request.id)
        if fresh.state is not request.state or fresh.digest() != request.digest():
            raise Refused(
                f"request {request.name} has changed and is {fresh.state_word}; nothing was sent",
                hint=f"check it again: azjit publisher show {request.name}",
            )

    def _delete(self, call: Call, request: JitRequest) -> None:
        with suppress(AnswerLost, NotFound):  # the read below shows the result
            self._context.arm.send(call)
        try:
            left = self._context.solutions.find_request(request.id)
        except _UNREADABLE as error:
            raise _unseen(request, error) from error
        if left is not None and left.state is not RequestState.CANCELED:
            raise Unconfirmed(
                f"request {request.name} should be deleted, but a read shows it as"
                f" {left.state_word}",
                hint=f"check again: azjit publisher show {request.name}",
            )

    def _check_access_gone(self, request: JitRequest) -> Access | None:
        group = request.id.group_id
        phase = request.phase(self._context.now())
        if phase is Phase.SCHEDULED:
            raise _may_last(request, "azjit cannot tell before its start whether it still begins")
        if phase is not Phase.OPEN or group is None:
            return None
        try:
            access = self._access.of_rows(group, request.rows)
        except _UNREADABLE as error:
            raise _may_last(request, error.message) from error
        if access.held is False:
            return access
        told = "a read still shows it" if access.held else "it could not be read"
        raise _may_last(request, told)


def _remarks(request: JitRequest, now: datetime) -> tuple[str, ...]:
    end = request.schedule.end
    if end is None or not request.phase(now).is_granted:
        return ()
    remark = (
        "its access may continue: Microsoft does not document that deleting an approved request"
        f" ends its access, which lasts until {say_utc(end)}, and without the request the"
        " consumer can no longer use azjit consumer revoke"
    )
    return (remark,)


def _check_cancellable(request: JitRequest, now: datetime) -> None:
    phase = request.phase(now)
    if phase is Phase.ENDED or request.state.is_refused:
        said = "ended" if phase is Phase.ENDED else request.state.value
        raise Refused(
            f"nothing to cancel: request {request.name} is {said}",
            hint="list the open requests: azjit publisher history --state pending,approved",
        )


def _unseen(request: JitRequest, error: AzjitError) -> Unconfirmed:
    return Unconfirmed(
        f"the deletion of request {request.name} was sent, but no read shows it: {error.message}",
        hint=f"check again: azjit publisher show {request.name}",
        code=error.code,
        request_id=error.request_id,
    )


def _may_last(request: JitRequest, why: str) -> Unconfirmed:
    start, end = request.schedule.start, request.schedule.end
    span = f" from {start:%Y-%m-%d %H:%M} to {say_utc(end)}" if start and end else ""
    return Unconfirmed(
        f"request {request.name} is deleted, but no read shows that its access is gone: {why}",
        hint=f"assume that the access lasts{span}; ask the consumer to check",
    )
