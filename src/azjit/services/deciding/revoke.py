"""Reads whether access is gone after a revocation: role assignments show it, a state never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from azjit.context import Context
from azjit.domain.access import Access, Proof
from azjit.domain.decisions import Case, DecisionResult
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.domain.times import say_utc
from azjit.errors import AzjitError, Unconfirmed
from azjit.services.lookup.access import AccessReader
from azjit.services.sending import SentCall, Watch, follow


def held_by(access: AccessReader, request: JitRequest) -> bool | None:
    """Tell whether any role of a request is held now; None if that cannot be read."""
    return access_by(access, request).held


def access_by(access: AccessReader, request: JitRequest) -> Access:
    """Tell whether any role of a request is held now, and how that is known."""
    group = request.id.group_id
    found = [access.of_row(group, row) for row in request.rows] if group is not None else []
    for wanted in (True, None):
        of_that = [each for each in found if each.held is wanted]
        if of_that:
            return of_that[0]
    return found[0] if found else Access(held=None, proof=Proof.UNKNOWN)


def is_proof(request: JitRequest, *, before: bool | None, now: datetime) -> bool:
    """Tell whether missing access proves a revocation; access that has not begun proves nothing."""
    if request.state is not RequestState.APPROVED:
        return True
    return before is True and request.phase(now) is Phase.OPEN


def read_back(
    context: Context, case: Case, sent: SentCall, watch: Watch, *, before: bool | None
) -> DecisionResult:
    """Read role assignments until the access is gone, or the timeout has passed.

    `before` says whether the access existed before the call.
    """
    sent = follow(context, sent, case.timeout)
    access = context.service(AccessReader)

    def read() -> RequestReport | None:
        request = context.solutions.request(case.request.id)
        return case.shown(request, context.now(), access_by(access, request))

    progress = f"waiting for the access of {case.request.name[:8]} to go"
    shown, trouble = watch.until(read, lambda seen: _held(seen) is False, progress)
    is_gone = shown is not None and trouble is None and _held(shown) is False
    if shown is not None and is_gone and is_proof(shown.request, before=before, now=shown.at):
        return DecisionResult(case, replace(shown, revoked_at=shown.at))
    return DecisionResult(case, shown, _not_shown(case, sent, shown, trouble))


def _held(shown: RequestReport | None) -> bool | None:
    return shown.access.held if shown is not None and shown.access is not None else None


def _not_shown(
    case: Case, sent: SentCall, shown: RequestReport | None, trouble: AzjitError | None
) -> Unconfirmed:
    end = case.request.schedule.end
    until = say_utc(end) if end is not None else "its end"
    return Unconfirmed(
        f"the access of request {case.request.name} is not confirmed to be revoked: {sent.said};"
        f" {_told(shown, trouble)}",
        hint="Microsoft documents no way for a consumer to revoke access; assume that it lasts"
        f" until {until}",
        request_id=sent.request_id,
    )


def _told(shown: RequestReport | None, trouble: AzjitError | None) -> str:
    if shown is None or trouble is not None:
        return f"the last read failed ({trouble.message if trouble else 'no answer'})"
    words = {
        None: "the access could not be read",
        True: "a read still shows the access",
        False: "a read shows no access, as before: it may still begin",
    }
    return words[_held(shown)]
