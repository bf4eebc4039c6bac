"""Withdraws a request; on one that gives access now, gives the access back if Azure does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from azjit.domain.reports import PlannedCall, Verdicted
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.errors import AnswerLost, Exit, NotFound, Refused, Unconfirmed
from azjit.services.access import AccessReader
from azjit.services.finder import Finder
from azjit.services.journal import Change
from azjit.services.ports import Ports
from azjit.services.reporter import Reporter
from azjit.store.receipts import Outcome


class Withdrawal:
    """Cancels requests by the only way there is: DELETE."""

    def __init__(
        self, ports: Ports, finder: Finder, access: AccessReader, reporter: Reporter
    ) -> None:
        self._ports = ports
        self._finder = finder
        self._access = access
        self._reporter = reporter

    def cancel(
        self, text: str, reason: str | None, *, dry_run: bool, ask: Callable[[str], None]
    ) -> Verdicted:
        """Withdraw a request.

        Raises:
            Refused: there is nothing to cancel.
            Unconfirmed: sent, but no read shows that the request, or its access, is gone.
        """
        request = self._finder.request(text)
        if request.state is RequestState.CANCELED:
            return self._row(request, text, "already cancelled")
        _check_cancellable(request, request.phase(self._ports.now()))
        call = self._ports.solutions.withdrawal(request.id)
        planned = PlannedCall(call.method, self._ports.solutions.address(call), None)
        if dry_run:
            return self._row(request, text, "not sent", planned)
        ask(f"cancel request {request.name}, which is {request.state}?")
        details = {"digest": request.digest(), "state": request.state.value}
        with self._ports.journal.record(Change("cancel", request.id, reason, details)) as opened:
            self._delete(request)
            result = self._check_access_gone(request)
            opened.conclude(Outcome.CONFIRMED, state=result)
        return self._row(request, text, result)

    def _delete(self, request: JitRequest) -> None:
        call = self._ports.solutions.withdrawal(request.id)
        with suppress(AnswerLost, NotFound):  # either way the read below tells what is true
            self._ports.solutions.send(call)
        left = self._ports.solutions.find_request(request.id)
        if left is not None and left.state is not RequestState.CANCELED:
            raise Unconfirmed(
                f"request {request.name} was to be deleted, but a read shows it as {left.state}",
                hint=f"look again: azjit publisher show {request.name}",
            )

    def _check_access_gone(self, request: JitRequest) -> str:
        group = request.id.group_id
        if request.phase(self._ports.now()) is not Phase.OPEN or group is None:
            return "withdrawn"
        access = self._access.of_rows(group, request.rows)
        if access.held is False:
            return "withdrawn, access is gone"
        told = "a read shows it still there" if access.held else "it could not be read"
        end = request.schedule.end
        raise Unconfirmed(
            f"request {request.name} is deleted, but its access is not shown to be gone: {told}",
            hint=f"take it that access lasts until {end.isoformat() if end else 'its end'}",
        )

    def _row(
        self, request: JitRequest, text: str, result: str, planned: PlannedCall | None = None
    ) -> Verdicted:
        report = self._reporter.request(request)
        return Verdicted(text, "cancel", result, Exit.DONE, report, planned=planned)


def _check_cancellable(request: JitRequest, phase: Phase) -> None:
    if phase is Phase.ENDED or request.state.is_final_refusal:
        said = "ended" if phase is Phase.ENDED else request.state.value
        raise Refused(
            f"nothing to cancel: request {request.name} is {said}",
            hint="see what is open: azjit publisher history --state pending",
        )
