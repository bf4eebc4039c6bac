"""Decides requests: approve, deny, revoke. Nothing is said that a read did not show.

`jitRequests` has no action to decide with. The only documented write is the application's
`updateAccess`, whose effect Microsoft does not document (`azure/wire/decisions.py`). So each
decision is judged before it, sent once, and read back until the request shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from azjit.azure.arm import Call
from azjit.azure.wire.decisions import Decision, Verdict
from azjit.domain.applications import Application
from azjit.domain.reports import PlannedCall, RequestReport, Verdicted
from azjit.domain.requests import JitRequest, RequestState
from azjit.domain.rules import Judgement, judge_approval, judge_denial, judge_revocation
from azjit.errors import AnswerLost, AzjitError, Exit, Refused, Unconfirmed
from azjit.services.access import AccessReader
from azjit.services.finder import Finder
from azjit.services.journal import Change
from azjit.services.parallel import each
from azjit.services.ports import Ports
from azjit.services.reporter import Reporter
from azjit.store.receipts import OpenIntent, Outcome

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 10.0
_WANTED = {Verdict.APPROVE: RequestState.APPROVED, Verdict.DENY: RequestState.DENIED}
_DONE_WORDS = {Verdict.APPROVE: "approved", Verdict.DENY: "denied", Verdict.REVOKE: "revoked"}


@dataclass(frozen=True, slots=True)
class Order:
    """What a consumer wants done to requests, and why."""

    verdict: Verdict
    requests: tuple[str, ...]
    reason: str
    timeout: timedelta
    origin: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One request, judged; `row` is there where nothing is left to send."""

    asked: str
    request: JitRequest | None = None
    application: Application | None = None
    report: RequestReport | None = None
    call: Call | None = None
    row: Verdicted | None = None


Confirm = Callable[[list[Case]], None]


class Decisions:
    """Decides requests from the consumer's side."""

    def __init__(
        self, ports: Ports, finder: Finder, access: AccessReader, reporter: Reporter
    ) -> None:
        self._ports = ports
        self._finder = finder
        self._access = access
        self._reporter = reporter

    def decide(self, order: Order, confirm: Confirm) -> list[Verdicted]:
        """Decide each request and give one row each, in the order they were named.

        `confirm` shows the cases that are about to be sent and may raise to stop them all.
        """
        once = tuple(dict.fromkeys(order.requests))
        cases = list(each(lambda text: self._consider(order, text), once))
        live = [case for case in cases if case.row is None]
        if live and not order.dry_run:
            confirm(live)
        return list(each(lambda case: case.row or self._carry_out(order, case), cases))

    def _consider(self, order: Order, text: str) -> Case:
        try:
            request = self._finder.request(text)
            return self._judge(order, text, request)
        except AzjitError as error:
            return Case(text, row=_failed(order, text, error, None))

    def _judge(self, order: Order, text: str, request: JitRequest) -> Case:
        report = self._reporter.request(request)
        try:
            application = self._application_of(request)
            report = self._reporter.request(request, application)
            self._check_unchanged_since_shown(request)
            if self._is_already(order.verdict, request, application):
                return Case(text, row=_already(order, text, report))
        except AzjitError as error:
            return Case(text, row=_failed(order, text, error, report))
        call = self._ports.solutions.decision(
            application.id, self._decision(order, request, application)
        )
        case = Case(text, request, application, report, call)
        return case if not order.dry_run else Case(text, row=self._planned(order, case))

    def _application_of(self, request: JitRequest) -> Application:
        if request.application is None:
            raise Refused(
                f"request {request.name} names no application: {request.application_text!r}"
            )
        return self._ports.solutions.application(request.application)

    def _is_already(self, verdict: Verdict, request: JitRequest, application: Application) -> bool:
        caller = self._ports.caller()
        if verdict is Verdict.APPROVE:
            return judge_approval(request, application, caller) is Judgement.ALREADY
        if verdict is Verdict.DENY:
            return judge_denial(request, application, caller) is Judgement.ALREADY
        judge_revocation(request, application, self._ports.now())
        return False

    def _check_unchanged_since_shown(self, request: JitRequest) -> None:
        shown = self._ports.known.shown(request.id.text)
        if shown is not None and shown.digest != request.digest():
            raise Refused(
                f"request {request.name} changed since it was shown to you; it is not decided",
                hint=f"look at it again: azjit consumer pending, or publisher show {request.name}",
            )

    def _decision(self, order: Order, request: JitRequest, application: Application) -> Decision:
        principal = request.rows[0].principal if request.rows else None
        requestor = principal.text if principal is not None else ""
        name = self._reporter.principal_name(principal) if principal is not None else None
        return Decision(
            verdict=order.verdict,
            origin_request=order.origin or request.name,
            requestor=requestor,
            approver=self._ports.caller().id.text,
            publisher=request.publisher_tenant or application.publisher_tenant,
            subject=name or requestor,
        )

    def _carry_out(self, order: Order, case: Case) -> Verdicted:
        try:
            return self._send(order, case)
        except AzjitError as error:
            return _failed(order, case.asked, error, case.report)

    def _send(self, order: Order, case: Case) -> Verdicted:
        assert case.request is not None
        assert case.application is not None
        assert case.call is not None
        self._check_still_the_same(case.request)
        change = Change(order.verdict.value, case.request.id, order.reason, _details(case))
        with self._ports.journal.record(change) as opened:
            answer_id, lost = self._post(case.call)
            if order.verdict is Verdict.REVOKE:
                result = self._await_access_gone(case.request, order.timeout)
            else:
                result = self._await_decision(case, order, lost)
            self._conclude(opened, result, answer_id)
        report = self._reporter.request(result, case.application)
        return Verdicted(
            case.asked, order.verdict.value, _DONE_WORDS[order.verdict], Exit.DONE, report
        )

    def _conclude(self, opened: OpenIntent, seen: JitRequest, answer_id: str | None) -> None:
        opened.conclude(Outcome.CONFIRMED, state=seen.state.value, request_id=answer_id)

    def _check_still_the_same(self, request: JitRequest) -> None:
        fresh = self._ports.solutions.request(request.id)
        if fresh.digest() != request.digest() or fresh.state is not request.state:
            raise Refused(
                f"request {request.name} changed while you looked at it; it is not decided",
                hint="look at it again: azjit consumer pending",
            )

    def _post(self, call: Call) -> tuple[str | None, AnswerLost | None]:
        try:
            answer = self._ports.solutions.send(call)
            if not self._ports.solutions.settle(answer, call.what):
                self._ports.ear.warn(f"Azure has not finished to {call.what}; reading goes on")
        except AnswerLost as lost:
            # Never sent again blindly: the reads that follow tell whether Azure acted.
            return lost.request_id, lost
        return answer.request_id, None

    def _await_decision(self, case: Case, order: Order, lost: AnswerLost | None) -> JitRequest:
        assert case.request is not None
        assert case.application is not None
        seen = self._read_until_decided(case.request, order.timeout)
        if seen.state is _WANTED[order.verdict]:
            return seen
        if seen.state is not RequestState.PENDING:
            raise Refused(
                f"request {seen.name} is {seen.state}, though it was to be"
                f" {_DONE_WORDS[order.verdict]}: somebody else may have decided it",
                hint=f"see it: azjit publisher show {seen.name}",
            )
        tenant = self._ports.caller().tenant
        link = self._ports.cloud.portal_link(case.application.id.text, tenant)
        said = lost.message if lost is not None else "Azure took the call"
        raise Unconfirmed(
            f"request {seen.name} is not {_DONE_WORDS[order.verdict]}: {said}, but a read still"
            " shows it as pending",
            hint=f"decide it in the portal, JIT Access > Approve Requests: {link}",
            request_id=lost.request_id if lost is not None else None,
        )

    def _read_until_decided(self, request: JitRequest, timeout: timedelta) -> JitRequest:
        deadline = self._ports.real_now() + timeout
        pause = _FIRST_PAUSE
        while True:
            seen = self._ports.solutions.request(request.id)
            if seen.state is not RequestState.PENDING or self._ports.real_now() >= deadline:
                return seen
            self._ports.ear.progress(f"waiting for Azure to show the decision on {seen.name[:8]}")
            self._ports.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _await_access_gone(self, request: JitRequest, timeout: timedelta) -> JitRequest:
        deadline = self._ports.real_now() + timeout
        pause = _FIRST_PAUSE
        group = request.id.group_id
        assert group is not None
        while True:
            access = self._access.of_rows(group, request.rows)
            if access.held is False:
                return self._ports.solutions.request(request.id)
            if self._ports.real_now() >= deadline:
                break
            self._ports.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        end = request.schedule.end
        told = "a read shows the access still there" if access.held else "it could not be read"
        raise Unconfirmed(
            f"the access of request {request.name} is not shown to be gone: {told}",
            hint="no documented way exists for a consumer to revoke; take it that access lasts"
            f" until {end.isoformat() if end is not None else 'its end'}",
        )

    def _planned(self, order: Order, case: Case) -> Verdicted:
        assert case.call is not None
        planned = PlannedCall(
            case.call.method, self._ports.solutions.address(case.call), case.call.body
        )
        verb = order.verdict.value
        return Verdicted(case.asked, verb, "not sent", Exit.DONE, case.report, planned=planned)


def _details(case: Case) -> dict[str, object]:
    assert case.request is not None
    request = case.request
    return {
        "application": request.application_text,
        "rows": [[row.principal.text, row.role.text] for row in request.rows],
        "scheduleType": request.schedule.kind,
        "start": request.schedule.start_text,
        "duration": request.schedule.duration_text,
        "digest": request.digest(),
        "claims": {"reason": request.reason_claim, "ticket": request.ticket_claim},
    }


def _already(order: Order, text: str, report: RequestReport) -> Verdicted:
    word = f"already {_DONE_WORDS[order.verdict]}"
    return Verdicted(text, order.verdict.value, word, Exit.DONE, report)


def _failed(order: Order, text: str, error: AzjitError, report: RequestReport | None) -> Verdicted:
    words = {
        Exit.NOT_FOUND: "not found",
        Exit.NOT_ALLOWED: "not allowed",
        Exit.REFUSED: "refused",
        Exit.UNCONFIRMED: "unconfirmed",
        Exit.USAGE: "malformed",
    }
    return Verdicted(
        text,
        order.verdict.value,
        words.get(error.exit, "failed"),
        error.exit,
        report,
        message=error.message,
        hint=error.hint,
        code=error.code,
        request_id=error.request_id,
    )
