"""Approves, denies and revokes requests, and reports only what a read shows.

`jitRequests` has no action that decides a request. The documented write is the `updateAccess` of
the application, but Microsoft does not document its effect (`azure/wire/decisions.py`). So azjit
checks each decision against the rules, sends it once, and reads until the request shows it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from itertools import chain
from operator import call

from azjit.azure.pacing import Room
from azjit.context import Context
from azjit.domain.access import Access
from azjit.domain.calls import Call
from azjit.domain.decisions import Case, DecisionResult
from azjit.domain.ids import GroupId
from azjit.domain.inputs import DecisionSpec
from azjit.domain.pim import PimInbox
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict
from azjit.errors import AzjitError, Refused, Unavailable, Usage
from azjit.services.deciding import decision_effect, gone, revocation_effect
from azjit.services.deciding.cases import (
    PlanReads,
    access_of,
    decided_by,
    distinct,
    is_already,
    make_case,
    with_reason,
)
from azjit.services.deciding.details import details_of
from azjit.services.deciding.judged import check_origin
from azjit.services.deciding.judging import Judging
from azjit.services.deciding.routes import check_open, read_inbox
from azjit.services.deciding.shared_listing import SharedListing
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.named_requests import NamedRequests
from azjit.services.parallel import BATCH_THREADS, each
from azjit.services.progress import counted
from azjit.services.receipt_index import last_decision
from azjit.services.recording import record
from azjit.services.sending import FreshRead, SentCall, Watch
from azjit.store.receipts import Outcome


class Deciding:
    """Plans and applies the decisions of a consumer."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stop = context.stop
        self._shared = SharedListing(context)
        self._results: dict[int, DecisionResult] = {}

    def plan(self, spec: DecisionSpec) -> list[Case]:
        """Read and judge each request once, in the order of their names; send nothing.

        Raises:
            Usage: `origin` is set and there are several requests.
        """
        if spec.origin is not None and len(spec.requests) > 1:
            raise Usage(
                "--origin-request-id applies to one request", hint="decide the requests one by one"
            )
        names = dict.fromkeys(spec.requests)
        texts = [each.text for each in names]
        named = self._context.service(Finder).named(texts, changes=True)
        inbox = self._inbox(spec, named) if len(names) > 1 else read_inbox(self._context, spec)
        reads = PlanReads(named, inbox, is_batch=len(names) > 1)
        read = partial(make_case, self._context, spec, reads)
        make = counted(self._context, "reading", read, len(names))
        return distinct(each(make, names, self._stop, BATCH_THREADS))

    def _inbox(self, spec: DecisionSpec, named: NamedRequests) -> PimInbox | None:
        """Read the approvals in PIM while the names of the requests are looked up."""
        self._context.notes.progress("looking up the requests")
        both: list[Callable[[], PimInbox | None]] = [
            partial(read_inbox, self._context, spec),
            named.prepare,
        ]
        inbox, _ = each(call, both, self._stop)
        return inbox

    def apply(self, plan: Sequence[Case], reason: str) -> list[DecisionResult]:
        """Send each planned call once, and give what a read then shows, in the order of the plan.

        A request that changed after the plan is not decided. A reason of the plan stays; `reason`
        is for a plan without one.
        """
        work = partial(self._applied, reason)
        apply = counted(self._context, "deciding", work, len(plan))
        deque(each(apply, _by_group(plan), self._stop, BATCH_THREADS), maxlen=0)
        return self.results()

    def results(self) -> list[DecisionResult]:
        """Give the results that are known so far, in the order of the plan."""
        return [self._results[at] for at in sorted(self._results)]

    def _applied(self, reason: str, numbered: tuple[int, Case]) -> DecisionResult:
        at, case = numbered
        return self._results.setdefault(at, self._apply(reason, case))

    def _apply(self, reason: str, case: Case) -> DecisionResult:
        if case.call is None:
            return DecisionResult(case, error=case.error)
        if (held := case.held_by(case.concerns)) is not None:
            return _not_sent(case, held)
        if case.reason is None:
            case = with_reason(self._context, case, reason)
        try:
            return self._decide(case)
        except Refused as error:
            return self._refused(case, error)
        except AzjitError as error:
            return _not_sent(case, error)

    def _refused(self, case: Case, error: Refused) -> DecisionResult:
        if case.action == "revoke" or error.status is None:
            return _not_sent(case, error)
        # Azure refuses a request that somebody else decided at the same moment: read it.
        fresh: JitRequest | None = None
        try:
            fresh = self._context.solutions.request(case.request.id)
            if is_already(self._context, case, fresh, case.application):
                return self._already(case, fresh)
        except Refused as instead:
            error = instead
        except AzjitError:
            pass  # the refusal is reported; the state is not known
        return _not_sent(case, error, fresh)

    def _already(
        self, case: Case, request: JitRequest, access: Access | None = None
    ) -> DecisionResult:
        by = decided_by(self._context, Verdict(case.action), request)
        return DecisionResult(
            case._replace(call=None, already=by), case.shown(request, access=access)
        )

    def _decide(self, case: Case) -> DecisionResult:
        if case.action != "revoke":
            return self._recorded(case, None)
        if case.is_gone and case.call is not None:
            with self._turn(case.call) as room:
                watch = Watch(self._context, case.timeout, self._stop)
                return gone.revoke(self._context, case, room, watch)
        access = access_of(self._context, case.request)
        known = last_decision(self._context.receipts, case.request.id, case.action)
        if access.held is False and known is not None and known.is_sure:
            return self._already(case, case.request, access)
        return self._recorded(case, access)

    def _recorded(self, case: Case, before: Access | None) -> DecisionResult:
        """Write the intent, read again, send the call, read the effect, and write the outcome."""
        assert case.call is not None
        context, details = self._context, details_of(case, before)
        with (
            self._turn(case.call) as room,
            record(context, case.action, case.request.id.text, case.reason, details) as opened,
        ):
            needed = _Needed(context, case)
            fresh = FreshRead(context, case.request.id, needed, room, opened.leaves, needed.prepare)
            sent = self._sent(case, fresh)
            if sent is None:
                told = f"nothing was sent: it was {case.done} already"
                opened.conclude(Outcome.REFUSED, state=fresh.seen.state_word, detail=told)
                return self._already(case, fresh.seen)
            done = self._effect(case, sent, before)
            is_ours = not self._is_of_another(case, sent, done)
            trouble = opened.conclude(
                Outcome.CONFIRMED if done.error is None and is_ours else Outcome.UNCONFIRMED,
                state=done.shown.request.state_word if done.shown is not None else None,
                detail=done.error.message if done.error is not None else "",
                request_id=sent.request_id,
            )
        if done.shown is not None and not is_ours:
            done = self._already(case, done.shown.request, done.shown.access)
        return done._replace(trouble=trouble)

    @contextmanager
    def _turn(self, planned: Call) -> Iterator[Room]:
        """Wait until Azure's limits have room for a call; after Ctrl-C none has a turn."""
        with self._context.arm.room(planned) as room:
            if self._stop.is_set():
                raise KeyboardInterrupt
            yield room

    def _is_of_another(self, case: Case, sent: SentCall, done: DecisionResult) -> bool:
        """Tell whether Azure did not take the call, and names somebody else for its effect."""
        if sent.trouble is None or done.error is not None or done.shown is None:
            return False
        known = {self._context.caller.id, case.request.changed_by}
        return done.shown.request.changed_by not in known

    def _effect(self, case: Case, sent: SentCall, before: Access | None) -> DecisionResult:
        watch = Watch(self._context, case.timeout, self._stop)
        if before is None:
            return decision_effect.read_back(
                self._context, case, sent, watch, self._stop, self._shared
            )
        return revocation_effect.read_back(self._context, case, sent, watch, before=before.held)

    def _sent(self, case: Case, fresh: FreshRead) -> SentCall | None:
        """Send the call; None if the read right before it shows that it is not needed."""
        assert case.call is not None
        try:
            return _in_either_form(case.call, case.fallback, fresh)
        except Unavailable as error:
            if not fresh.has_left or case.action == "revoke":
                raise
            # The call did not reach Azure, as far as is known; a read makes sure of it.
            request, _ = decision_effect.look_once(self._context, case, self._stop)
            if request is None or request.state.may_wait:
                raise
            return SentCall(case.call, trouble=error)


def _by_group(plan: Sequence[Case]) -> Iterator[tuple[int, Case]]:
    """Number the cases; those of one managed group follow each other and share its reads."""
    groups: dict[GroupId | None, list[tuple[int, Case]]] = {}
    for at, case in enumerate(plan):
        group = case.report.request.id.group_id if case.report is not None else None
        groups.setdefault(group, []).append((at, case))
    return chain.from_iterable(groups.values())


class _Needed:
    """Judges from the reads right before a call whether it is still to be sent."""

    def __init__(self, context: Context, case: Case) -> None:
        self._context = context
        self._case = case
        self._application = case.application

    def prepare(self) -> None:
        """Read the application of an approval again, because its settings may have changed."""
        if self._case.action == Verdict.APPROVE:
            judging = self._context.service(Judging)
            self._application = judging.application_again(self._application.id)

    def __call__(self, fresh: JitRequest) -> bool:
        """Tell whether to send the call.

        Raises:
            Refused: the request changed since the plan, or may not be decided any more.
        """
        case = self._case
        is_bound = case.action != "revoke" or case.is_bound
        if is_bound and fresh.digest() != case.request.digest():
            raise Refused(
                f"request {fresh.name} changed after azjit showed it to you; it was not decided",
                hint="check it again: azjit consumer pending",
            )
        if is_already(self._context, case, fresh, self._application):
            return False
        check_open(self._context, case)
        check_origin(self._context, case.origin, fresh)
        return True


def _in_either_form(call: Call, fallback: Call | None, fresh: FreshRead) -> SentCall | None:
    try:
        return fresh.send(call)
    except AzjitError as error:
        # After a 400 Azure has not acted: it may not accept this form of the call.
        if not fresh.has_left or fallback is None or error.status != HTTPStatus.BAD_REQUEST:
            raise
        return fresh.send(fallback)


def _not_sent(case: Case, error: AzjitError, seen: JitRequest | None = None) -> DecisionResult:
    return DecisionResult(case._replace(call=None), case.shown(seen), error)
