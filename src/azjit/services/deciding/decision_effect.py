"""Reads the effect of an approval or a denial, and reports only what a read shows."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

from azjit.context import Context
from azjit.domain.decisions import Case, DecisionResult
from azjit.domain.ids import short_name
from azjit.domain.requests import JitRequest, RequestState
from azjit.domain.rules import LEADS_TO, Verdict
from azjit.errors import AzjitError, Refused, Unconfirmed
from azjit.services.deciding.shared_listing import SharedListing
from azjit.services.sending import SentCall, Watch, follow

Seen = tuple[JitRequest | None, AzjitError | None]


def look_once(context: Context, case: Case, stop: Event) -> Seen:
    """Read a request once; give the request, or the error."""
    # If the clock is set back, even this wait lasts: Ctrl-C must end it too.
    return _look(context, case, Watch(context, timedelta(), stop))


def read_back(
    context: Context, case: Case, sent: SentCall, watch: Watch, stop: Event, shared: SharedListing
) -> DecisionResult:
    """Read a request until it shows the decision, or the timeout has passed."""
    listed = shared.confirmed(case) if sent.trouble is None else None
    if listed is not None:
        return DecisionResult(case, case.shown(listed, context.now()))
    request, trouble = look_once(context, case, stop)
    if request is None or request.state.may_wait:
        sent = follow(context, sent, case.timeout)
        request, trouble = _look(context, case, watch)
    error = _error_of(context, case, sent, request, trouble)
    return DecisionResult(case, case.shown(request, context.now()), error)


def _look(context: Context, case: Case, watch: Watch) -> Seen:
    return watch.until(
        lambda: context.solutions.request(case.request.id),
        lambda seen: not seen.state.may_wait,
        f"waiting for Azure to show the decision on {short_name(case.request.name)}",
    )


def _error_of(
    context: Context,
    case: Case,
    sent: SentCall,
    seen: JitRequest | None,
    trouble: AzjitError | None,
) -> AzjitError | None:
    if seen is not None and seen.state is LEADS_TO[Verdict(case.action)]:
        return None
    if seen is not None and not seen.state.may_wait:
        return _instead(context, case, seen)
    if seen is None or trouble is not None:
        told = f"its state could not be read ({trouble.message if trouble else 'no answer'})"
    else:
        told = f"a read still shows it as {seen.state_word}"
    return Unconfirmed(
        f"request {case.request.name} is not {case.done}: {sent.said}, but {told}",
        hint="decide it in the portal, JIT Access > Approve Requests:"
        f" {context.portal_link(case.application.id)}",
        request_id=sent.request_id,
    )


def _instead(context: Context, case: Case, seen: JitRequest) -> Refused:
    if case.action == "deny" and seen.state is RequestState.APPROVED:
        return Refused(
            f"request {seen.name} is APPROVED, though a denial was sent: its access is granted",
            hint=f"revoke it: azjit consumer revoke {seen.name} --reason TEXT; then check in the"
            f" portal: {context.portal_link(case.application.id)}",
        )
    return Refused(
        f"request {seen.name} is {seen.state_word}, though it was to be {case.done}:"
        " somebody else may have decided it",
        hint="show it: azjit consumer history",
    )
