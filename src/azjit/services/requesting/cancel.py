"""Cancels a request by deleting it, and reads whether the access that it gave is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from azjit.context import Context
from azjit.domain.access import Access, Proof
from azjit.domain.calls import Call
from azjit.domain.decisions import Case, DecisionResult
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.domain.times import say_utc
from azjit.errors import AzjitError, NotFound, Refused, Unconfirmed
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.reports import Reporter
from azjit.services.recording import record
from azjit.services.requesting.own import OwnRequests
from azjit.services.sending import SentCall, send_if_undone
from azjit.store.receipt_details import CancelDetails
from azjit.store.receipts import Outcome


class Cancelling:
    """Cancels requests with DELETE, because Azure has no other way."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._access = context.service(AccessReader)
        self._reporter = context.service(Reporter)

    def plan(self, text: str, *, deletes_granted: bool = False) -> Case:
        """Find the request and check that it can be cancelled.

        One that was approved has an error instead of a call, unless `deletes_granted`: what its
        deletion does to the access is not documented.

        Raises:
            Refused: there is nothing to cancel.
        """
        request = self._context.service(OwnRequests).to_cancel(text)
        if request.state is RequestState.CANCELED:
            return Case(text, "cancel", self._reporter.request(request), already="")
        now = self._context.now()
        _check_cancellable(request, now)
        if not deletes_granted and (refusal := _granted_refusal(request, now)) is not None:
            return Case(text, "cancel", self._reporter.request(request), error=refusal)
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
        before = self._read_access(request)
        details = CancelDetails(request.digest(), request.state.value)
        with record(self._context, "cancel", request.id.text, reason, details) as opened:
            sent = self._delete(case.call, request, opened.leaves)
            self._check_deleted(request)
            access = self._check_access_gone(request, before, sent)
            # No read shows the request now; it is reported as it was, but for its state.
            gone = request._replace(state=RequestState.UNKNOWN, state_text="deleted")
            result = DecisionResult(case, self._reporter.request(gone, access=access))
            trouble = opened.conclude(Outcome.CONFIRMED, state=result.word)
        return result._replace(trouble=trouble)

    def _check_unchanged(self, request: JitRequest) -> None:
        # The request can be approved while a person thinks about the question.
        fresh = self._context.solutions.request(request.id)
        if not _is_same(fresh, request):
            raise Refused(
                f"request {request.name} has changed and is {fresh.state_word}; nothing was sent",
                hint=f"check it again: azjit publisher show {request.name}",
            )

    def _delete(self, call: Call, request: JitRequest, leaving: Callable[[], None]) -> SentCall:
        try:
            return send_if_undone(
                self._context, call, lambda: self._is_as_planned(request), leaving
            )
        except NotFound as error:
            return SentCall(call, trouble=error)

    def _is_as_planned(self, request: JitRequest) -> bool:
        fresh = self._context.solutions.find_request(request.id)
        return fresh is not None and _is_same(fresh, request)

    def _check_deleted(self, request: JitRequest) -> None:
        try:
            left = self._context.solutions.find_request(request.id)
        except AzjitError as error:
            raise _unseen(request, error) from error
        if left is not None and left.state is not RequestState.CANCELED:
            raise Unconfirmed(
                f"request {request.name} should be deleted, but a read shows it as"
                f" {left.state_word}",
                hint=f"check again: azjit publisher show {request.name}",
            )

    def _check_access_gone(
        self, request: JitRequest, before: Access | None, sent: SentCall
    ) -> Access | None:
        """Give the access that a granted request has lost; one that waits may have been approved.

        Raises:
            Unconfirmed: access is there, or may be, that the request gave.
        """
        phase = request.phase(self._context.now())
        if phase is Phase.SCHEDULED:
            raise _may_last(request, "azjit cannot tell before its start whether it still begins")
        after = self._read_access(request)
        if phase is not Phase.OPEN or after is None:
            self._check_not_approved_meanwhile(request, before, after, sent)
            return None
        if after.held is False:
            return after
        told = "a read still shows it" if after.held else "it could not be read"
        raise _may_last(request, told)

    def _check_not_approved_meanwhile(
        self, request: JitRequest, before: Access | None, after: Access | None, sent: SentCall
    ) -> None:
        """Check that a request that waited right before the call was not approved before it."""
        was_held = before is not None and before.held
        if after is None or after.held is False or (was_held and after.held):
            return  # what was held before is the access of something else
        if after.held:
            raise _may_last(request, "it was approved meanwhile, and a read shows it")
        doubt = "whether it was approved in the meantime could not be read"
        if sent.trouble is not None:
            raise _may_last(request, doubt)
        self._context.notes.warn(f"request {request.name}: {doubt}")

    def _read_access(self, request: JitRequest) -> Access | None:
        """Read the access of a request whose time may run; None if it can give none any more."""
        now, group = self._context.now(), request.id.group_id
        start = request.schedule.start
        if group is None or request.has_ended(now):
            return None
        if start is not None and now < start:  # no role assignment shows what is still to begin
            return Access(held=None, proof=Proof.UNKNOWN)
        try:
            return self._access.of_rows(group, request)
        except AzjitError:
            return Access(held=None, proof=Proof.UNKNOWN)


def _is_same(fresh: JitRequest, planned: JitRequest) -> bool:
    return fresh.state is planned.state and fresh.digest() == planned.digest()


def _remarks(request: JitRequest, now: datetime) -> tuple[str, ...]:
    end = request.schedule.end
    if end is None or not request.phase(now).is_granted:
        return ()
    remark = (
        "its access may continue: Microsoft does not document that deleting an approved request"
        f" ends its access, which lasts until {say_utc(end)}, and without the request the"
        " consumer can revoke it only at a terminal, and nothing says that Azure heeds that"
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


def _granted_refusal(request: JitRequest, now: datetime) -> Refused | None:
    """Give the error for a request that gives access, or may give it, for all that is known."""
    is_unknown = request.phase(now) is Phase.UNKNOWN
    if request.state is RequestState.NOT_SPECIFIED or not (
        is_unknown or request.phase(now).is_granted
    ):
        return None
    return Refused(
        f"request {request.name} is {request.state_clause}, and Microsoft does not document that"
        " deleting it ends its access; nothing was sent",
        hint="send the consumer what is written above; --delete deletes the request in any case",
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
