"""Decides requests: approve, deny, revoke. Nothing is said that a read did not show.

`jitRequests` has no action to decide with. The only documented write is the application's
`updateAccess`, whose effect Microsoft does not document (`azure/wire/decisions.py`). So each
decision is judged before it, sent once, and read back until the request shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Event

from azjit.context import Context
from azjit.domain.access import Proof
from azjit.domain.applications import Application
from azjit.domain.inputs import DecisionSpec
from azjit.domain.pim import Route
from azjit.domain.reports import DecisionResult, RequestReport
from azjit.domain.requests import JitRequest
from azjit.domain.rules import (
    AccessUpdate,
    Judgement,
    Verdict,
    endangered_by_denial,
    judge,
    remarks_on,
)
from azjit.domain.times import say_utc
from azjit.errors import AzjitError, NotAllowed, NotFound, Refused, Unavailable, Usage
from azjit.services.deciding import execute, revoke
from azjit.services.deciding.cases import Case, Confirm, details_of, distinct, failed_row, row_of
from azjit.services.deciding.execute import Finding, Task
from azjit.services.deciding.routes import (
    Choose,
    DecisionRoute,
    check_open,
    chooser,
    known_to_pim_only,
)
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.reports import Reporter
from azjit.services.parallel import each
from azjit.services.recording import Change, Journal
from azjit.store.receipt_details import DecisionDetails
from azjit.store.receipts import Outcome


class Decisions:
    """Decides requests from the consumer's side."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._access = context.service(AccessReader)
        self._reporter = context.service(Reporter)
        self._stop = Event()

    def decide(self, order: DecisionSpec, confirm: Confirm) -> list[DecisionResult]:
        """Decide each request once and give one row each, in the order they were named.

        `confirm` is shown the cases that are about to be sent, gives the reason, and may raise to
        stop them all.

        Raises:
            Usage: one `origin` for several requests.
        """
        if order.origin is not None and len(order.requests) > 1:
            raise Usage(
                "--origin-request-id belongs to one request",
                hint="decide the requests one by one",
            )
        named = dict.fromkeys(order.requests)
        choose = chooser(self._context, order)
        judged = distinct(each(partial(self._judge, order, choose), named, self._stop))
        cases = [one for one in judged if isinstance(one, Case)]
        if cases:
            reason = confirm(cases)
            order = replace(order, reason=reason)
            judged = [one.answered(reason) if isinstance(one, Case) else one for one in judged]
        act = self._plan if order.dry_run else self._act
        return list(each(partial(act, order), judged, self._stop))

    def _judge(self, order: DecisionSpec, choose: Choose, text: str) -> Case | DecisionResult:
        report: RequestReport | None = None
        try:
            request = self._finder.request(text)
            report = self._reporter.request(request)
            application = self._application_of(request)
            report = replace(report, application=application)
            if order.verdict is not Verdict.REVOKE:
                self._check_unchanged_since_shown(request)
            if self._is_already(order, request, application):
                return self._already(order, text, report)
            way = choose(request)
            remarks = self._remarks(order, request, application, way)
        except AzjitError as error:
            in_pim = known_to_pim_only(self._context, text) if report is None else None
            return failed_row(order, text, in_pim or error, report)
        call = way.call or self._context.solutions.decision(
            application.id, self._decision(order, request, application)
        )
        return Case(text, request, application, report, call, remarks, way)

    def _application_of(self, request: JitRequest) -> Application:
        if request.application is None:
            raise Refused(
                f"request {request.name} names no application: {request.application_text!r}",
                hint="do not decide it; ask the publisher what it is for",
            )
        try:
            return self._context.solutions.application(request.application)
        except NotFound as error:
            raise Refused(
                f"request {request.name} is for an application that is not there:"
                f" {request.application}",
                hint="do not decide it; ask the publisher what it is for",
                code=error.code,
                request_id=error.request_id,
            ) from error

    def _is_already(
        self, order: DecisionSpec, request: JitRequest, application: Application
    ) -> bool:
        caller, now = self._context.caller, self._context.now()
        judgement = judge(order.verdict, request, application, caller, now)
        return judgement is Judgement.ALREADY

    def _check_unchanged_since_shown(self, request: JitRequest) -> None:
        shown = self._context.known.shown(request.id.text)
        if shown is not None and shown.digest != request.digest():
            raise Refused(
                f"request {request.name} changed since it was shown to you; it is not decided",
                hint="look at it again: azjit consumer pending",
            )

    def _remarks(
        self, order: DecisionSpec, request: JitRequest, application: Application, way: DecisionRoute
    ) -> tuple[str, ...]:
        if order.verdict is Verdict.APPROVE:
            return remarks_on(request, application)
        # PIM's answer touches nothing but its approval.
        is_risky = order.verdict is Verdict.DENY and way.route is Route.APPLICATION
        return self._danger(request) if is_risky else ()

    def _danger(self, request: JitRequest) -> tuple[str, ...]:
        # What `Remove` does to the same principal's other grants is not documented.
        group = request.id.group_id
        assert group is not None  # it is the application's managed group
        try:
            among = list(self._context.solutions.requests_in(group))
        except (NotAllowed, NotFound, Unavailable) as error:
            return (f"{error.message}: whether others are active is not known",)
        others = endangered_by_denial(request, among, self._context.now())
        return tuple(
            f"the same principal has access by request {other.name}: denying"
            f" {request.name[:8]} could touch it; look afterwards"
            for other in others
        )

    def _decision(
        self, order: DecisionSpec, request: JitRequest, application: Application
    ) -> AccessUpdate:
        principal = request.rows[0].principal if request.rows else None
        requestor = principal.text if principal is not None else ""
        name = self._reporter.principal_name(principal) if principal is not None else None
        return AccessUpdate(
            verdict=order.verdict,
            origin_request=order.origin or request.name,
            requestor=requestor,
            approver=self._context.caller.id.text,
            publisher=request.publisher_tenant or application.publisher_tenant,
            subject=name or requestor,
        )

    def _plan(self, order: DecisionSpec, one: Case | DecisionResult) -> DecisionResult:
        if isinstance(one, DecisionResult):
            return one
        verb = order.verdict.value
        route = one.way.route.value
        return DecisionResult(
            one.asked, verb, "not sent", one.report, planned=one.call, route=route
        )

    def _act(self, order: DecisionSpec, one: Case | DecisionResult) -> DecisionResult:
        if isinstance(one, DecisionResult):
            return one
        try:
            fresh = self._fresh(order, one.request)
            if self._is_already(order, fresh, one.application):
                return self._already(order, one.asked, replace(one.report, request=fresh))
            return self._carry_out(order, one)
        except Refused as error:
            return self._refused(order, one, error)
        except AzjitError as error:
            return failed_row(order, one.asked, error, one.report)

    def _refused(self, order: DecisionSpec, case: Case, error: Refused) -> DecisionResult:
        if order.verdict is Verdict.REVOKE or error.status is None:
            return failed_row(order, case.asked, error, case.report)
        # Azure refuses what somebody else has decided in the same moment: a read tells.
        report = case.report
        try:
            report = replace(report, request=self._context.solutions.request(case.request.id))
            if self._is_already(order, report.request, case.application):
                return self._already(order, case.asked, report)
        except Refused as instead:
            return failed_row(order, case.asked, instead, report)
        except AzjitError:
            pass  # what Azure refused is told; the state is not known
        return failed_row(order, case.asked, error, report)

    def _fresh(self, order: DecisionSpec, request: JitRequest) -> JitRequest:
        fresh = self._context.solutions.request(request.id)
        if order.verdict is not Verdict.REVOKE and fresh.digest() != request.digest():
            raise Refused(
                f"request {request.name} changed while you looked at it; it is not decided",
                hint="look at it again: azjit consumer pending",
            )
        return fresh

    def _carry_out(self, order: DecisionSpec, case: Case) -> DecisionResult:
        check_open(self._context, case.way)
        task = Task(
            order.verdict,
            case.request,
            case.application,
            case.call,
            order.timeout,
            self._stop,
            case.way.fallback,
        )
        if order.verdict is not Verdict.REVOKE:
            details = details_of(order, case)
            finding = self._recorded(order, task, details, partial(execute.carry_out, task=task))
            return row_of(order, case, finding, self._context.now())
        access = revoke.access_by(self._access, case.request)
        before = access.held
        known = Journal(self._context).decision_on(case.request.id, order.verdict.value)
        if before is False and known is not None and known.is_sure:
            return self._already(order, case.asked, replace(case.report, access=access))
        details = details_of(order, case, access_before=before)
        send = partial(revoke.carry_out, task=task, access=self._access, before=before)
        finding = self._recorded(order, task, details, send)
        return row_of(order, case, finding, self._context.now())

    def _recorded(
        self,
        order: DecisionSpec,
        task: Task,
        details: DecisionDetails,
        send: Callable[[Context], Finding],
    ) -> Finding:
        change = Change(order.verdict.value, task.request.id, order.reason, details)
        with Journal(self._context).record(change) as opened:
            finding = send(self._context)
            is_sure = finding.error is None
            opened.conclude(
                Outcome.CONFIRMED if is_sure else Outcome.UNCONFIRMED,
                state=finding.state,
                detail=finding.error.message if finding.error is not None else "",
                request_id=finding.azure_id,
            )
        return finding

    def _already(self, order: DecisionSpec, text: str, report: RequestReport) -> DecisionResult:
        done = order.verdict.done
        by = self._decided_by(order.verdict, report.request)
        known_by = report.access.proof if report.access is not None else Proof.REQUEST
        verb = order.verdict.value
        return DecisionResult(text, verb, f"already {done}", report, remark=by, known_by=known_by)

    def _decided_by(self, verdict: Verdict, request: JitRequest) -> str:
        known = Journal(self._context).decision_on(request.id, verdict.value)
        if known is not None:
            doubt = "" if known.is_sure else ", which was not confirmed then"
            return f"{verdict.done} by {known.by} at {say_utc(known.at)}{doubt} (receipt)"
        changer, at = request.changed_by, request.changed_at
        name = self._reporter.principal_name(changer) if changer is not None else None
        by = name or (changer.text if changer is not None else "somebody")
        when = f" at {say_utc(at)}" if at is not None else ""
        return f"not by these receipts; Azure: last changed by {by}{when}"
