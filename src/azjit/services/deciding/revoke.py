"""Takes access back and finds whether it is gone: role assignments tell, a state never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.access import Access, Proof
from azjit.domain.decisions import Case, DecisionResult
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.domain.times import say_utc
from azjit.errors import AzjitError, Unconfirmed
from azjit.services.lookup.access import AccessReader
from azjit.services.sending import SentCall, Watch, follow


class _Sight(NamedTuple):
    """A request, and whether any of its access is there."""

    request: JitRequest
    access: Access

    @property
    def held(self) -> bool | None:
        """Whether any is; None where no read could tell."""
        return self.access.held


def held_by(access: AccessReader, request: JitRequest) -> bool | None:
    """Tell whether any of a request's roles is held now; None where no read could tell."""
    return access_by(access, request).held


def access_by(access: AccessReader, request: JitRequest) -> Access:
    """Tell whether any of a request's roles is held now, and how that is known."""
    group = request.id.group_id
    found = [access.of_row(group, row) for row in request.rows] if group is not None else []
    for wanted in (True, None):
        of_that = [each for each in found if each.held is wanted]
        if of_that:
            return of_that[0]
    return found[0] if found else Access(held=None, proof=Proof.UNKNOWN)


def is_proof(request: JitRequest, *, before: bool | None, now: datetime) -> bool:
    """Tell whether access that is not there now was taken back, and is not merely yet to come."""
    if request.state is not RequestState.APPROVED:
        return True
    return before is True and request.phase(now) is Phase.OPEN


def read_back(
    context: Context, case: Case, sent: SentCall, watch: Watch, *, before: bool | None
) -> DecisionResult:
    """Read role assignments until the access is gone or the time is up.

    `before` tells whether the access was there before.
    """
    sent = follow(context, sent, case.timeout)
    access = context.service(AccessReader)

    def look() -> _Sight:
        request = context.solutions.request(case.request.id)
        return _Sight(request, access_by(access, request))

    def is_gone(sight: _Sight | None) -> bool:
        return sight is not None and sight.held is False

    saying = f"waiting for the access of {case.request.name[:8]} to go"
    sight, trouble = watch.until(look, is_gone, saying)
    now = context.now()
    is_shown = trouble is None and _is_gone(sight, now, before=before)
    error = None if is_shown else _not_shown(case, sent, sight, trouble)
    if sight is None:
        return DecisionResult(case, None, error)
    shown = case.shown(sight.request, now, sight.access)
    if shown is not None and error is None:
        shown = replace(shown, revoked_at=now)
    return DecisionResult(case, shown, error)


def _is_gone(sight: _Sight | None, now: datetime, *, before: bool | None) -> bool:
    if sight is None or sight.held is not False:
        return False
    return is_proof(sight.request, before=before, now=now)


def _not_shown(
    case: Case, sent: SentCall, sight: _Sight | None, trouble: AzjitError | None
) -> Unconfirmed:
    end = case.request.schedule.end
    until = say_utc(end) if end is not None else "its end"
    return Unconfirmed(
        f"the access of request {case.request.name} is not shown to be taken back: {sent.said};"
        f" {_told(sight, trouble)}",
        hint="no documented way exists for a consumer to revoke; take it that access lasts"
        f" until {until}",
        request_id=sent.request_id,
    )


def _told(sight: _Sight | None, trouble: AzjitError | None) -> str:
    if sight is None or trouble is not None:
        return f"the last read failed ({trouble.message if trouble else 'no answer'})"
    if sight.held is None:
        return "whether it is there could not be read"
    if sight.held:
        return "a read shows the access still there"
    return "a read shows no access now, as before: it may be yet to come"
