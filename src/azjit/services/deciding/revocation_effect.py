"""Reads whether access is gone after a revocation: role assignments show it, a state never does."""

from __future__ import annotations

from azjit.context import Context
from azjit.domain.decisions import Case, DecisionResult
from azjit.domain.ids import short_name
from azjit.domain.reports import RequestReport
from azjit.domain.rules import proves_revocation
from azjit.domain.times import say_utc
from azjit.errors import AzjitError, Unconfirmed
from azjit.services.lookup.access import AccessReader
from azjit.services.sending import SentCall, Watch, follow


def read_back(
    context: Context, case: Case, sent: SentCall, watch: Watch, *, before: bool | None
) -> DecisionResult:
    """Read role assignments until the access is gone, or the timeout has passed.

    `before` says whether the access existed before the call.
    """
    sent = follow(context, sent, case.timeout)
    access = context.service(AccessReader)

    def read() -> RequestReport | None:
        request = case.request if case.is_gone else context.solutions.request(case.request.id)
        return case.shown(request, context.now(), access.of_request(request))

    progress = f"waiting for the access of {short_name(case.request.name)} to go"
    shown, trouble = watch.until(read, lambda seen: _held(seen) is False, progress)
    is_gone = shown is not None and trouble is None and _held(shown) is False
    if shown is not None and is_gone and _is_proved(case, shown, before=before):
        return DecisionResult(case, shown._replace(revoked_at=shown.at))
    return DecisionResult(case, shown, _not_shown(case, sent, _told(shown, trouble, before=before)))


def _is_proved(case: Case, shown: RequestReport, *, before: bool | None) -> bool:
    if case.is_gone:
        return before is True
    return proves_revocation(shown.request, before=before, now=shown.at)


def _held(shown: RequestReport | None) -> bool | None:
    return shown.access.held if shown is not None and shown.access is not None else None


def _not_shown(case: Case, sent: SentCall, told: str) -> Unconfirmed:
    end = case.request.schedule.end
    until = say_utc(end) if end is not None else "its end"
    return Unconfirmed(
        f"the access of request {case.request.name} is not confirmed to be revoked: {sent.said};"
        f" {told}",
        hint="Microsoft documents no way for a consumer to revoke access; assume that it lasts"
        f" until {until}",
        request_id=sent.request_id,
    )


def _told(shown: RequestReport | None, trouble: AzjitError | None, *, before: bool | None) -> str:
    if shown is None or trouble is not None:
        return f"the last read failed ({trouble.message if trouble else 'no answer'})"
    as_before = ", as before" if before is False else ""
    words = {
        None: "the access could not be read",
        True: "a read still shows the access",
        False: f"a read shows no access{as_before}: it may still begin",
    }
    return words[_held(shown)]
