"""Settles the changes of killed commands: reads what became of each and writes its outcome.

The next command settles them, whoever runs it. A change that its caller cannot read stays open for
somebody who can; azjit warns of it for a day, or for a week if the change is the caller's own.
"""

from __future__ import annotations

from datetime import timedelta

from azjit.context import Context
from azjit.domain.applications import JitPolicy
from azjit.domain.ids import ApplicationId, RequestId, ResourceId
from azjit.domain.pim import PimState
from azjit.domain.requests import JitRequest, RequestState
from azjit.domain.rules import LEADS_TO, proves_revocation
from azjit.errors import AzjitError, Failed, NotFound
from azjit.services.lookup.access import AccessReader
from azjit.store.intents import Intent, Unfinished
from azjit.store.receipt_details import (
    ActivationDetails,
    CancelDetails,
    DecisionDetails,
    OfferDetails,
    RefreshDetails,
    SettingsDetails,
)
from azjit.store.receipts import Outcome

# The outcome to write, and the state that a read shows.
Settled = tuple[Outcome, str]
# Azure may still act on a call whose sender was killed: until then "pending" is no outcome.
_STILL_ON_THE_WAY = timedelta(minutes=10)
_TOLD_TO_OTHERS = timedelta(days=1)
_TOLD_TO_ITS_ACTOR = timedelta(days=7)


def settle_receipts(context: Context) -> None:
    """Read the targets of intents without an outcome, write their outcomes and warn of each."""
    try:
        unfinished = context.receipts.unfinished()
    except AzjitError as error:
        # A command that only reads goes on; a change fails when it records its intent.
        context.notes.warn(error.message)
        return
    for left in unfinished:
        _settle(context, left)


def _settle(context: Context, left: Unfinished) -> None:
    intent, age = left.intent, context.now() - left.at
    if isinstance(intent.known_details, OfferDetails):
        # It is not read from Resource Manager, and `publisher offer show` settles it.
        error = Failed("see azjit publisher offer show")
        _unreadable(context, left, error, is_given_up=age >= _TOLD_TO_ITS_ACTOR)
        return
    is_here = intent.cloud == context.cloud.arm
    is_own = is_here and intent.actor.id == context.caller.id.text
    if not is_here or (not is_own and age >= _TOLD_TO_OTHERS):
        _leave(context, left, "it was done elsewhere" if age < _TOLD_TO_OTHERS else None)
        return
    try:
        outcome, state = _read(context, intent, is_own=is_own)
    except AzjitError as error:
        _unreadable(context, left, error, is_given_up=is_own and age >= _TOLD_TO_ITS_ACTOR)
        return
    is_open = state == RequestState.PENDING.value and intent.action in LEADS_TO
    if is_open and age < _STILL_ON_THE_WAY:
        _leave(context, left, "it is still pending, and may yet be decided")
        return
    left.conclude(outcome, state=state, detail="reconciled by a read", reconciled=True)
    context.notes.warn(f"{_label(intent)} was interrupted; a read now shows: {state}")


def _unreadable(
    context: Context, left: Unfinished, error: AzjitError, *, is_given_up: bool
) -> None:
    if not is_given_up:
        _leave(context, left, error.message)
        return
    detail = f"could not be read for days: {error.message}"
    left.conclude(Outcome.UNCONFIRMED, state=None, detail=detail, code=error.code, reconciled=True)
    context.notes.warn(f"{_label(left.intent)} was interrupted and {detail}; check in the portal")


def _leave(context: Context, left: Unfinished, why: str | None) -> None:
    left.release()
    if why is not None:
        label = _label(left.intent)
        context.notes.warn(f"{label} was interrupted, and its outcome is not known yet: {why}")


def _label(intent: Intent) -> str:
    name = intent.target.rsplit("/", 1)[-1]
    return f"an earlier {intent.action} of {name} by {intent.actor.name}"


def _read(context: Context, intent: Intent, *, is_own: bool) -> Settled:
    details = intent.known_details
    if isinstance(details, SettingsDetails):
        return _settings(context, ApplicationId(intent.target), details.after)
    if isinstance(details, ActivationDetails):
        return _activated(context, ResourceId(intent.target))
    if isinstance(details, RefreshDetails):
        return Outcome.UNCONFIRMED, "not known; it may be run again"
    return _request(context, intent, is_own=is_own)


def _request(context: Context, intent: Intent, *, is_own: bool) -> Settled:
    details = intent.known_details
    request = _find(context, RequestId(intent.target), is_own=is_own)
    if isinstance(details, CancelDetails):
        return _cancelled(request, details)
    if request is None:
        return Outcome.UNCONFIRMED, "no such request"
    if isinstance(details, DecisionDetails) and intent.action not in LEADS_TO:
        return _revoked(context, request, details)
    reached = intent.action == "request" or request.state is LEADS_TO.get(intent.action)
    return Outcome.CONFIRMED if reached else Outcome.UNCONFIRMED, request.state_word


def _activated(context: Context, target: ResourceId) -> Settled:
    request = context.pim.find(target)
    if request is None:
        return Outcome.UNCONFIRMED, "no such request"
    is_lost = request.state.is_over or request.state is PimState.UNKNOWN
    return Outcome.UNCONFIRMED if is_lost else Outcome.CONFIRMED, request.state_text


def _find(context: Context, target: RequestId, *, is_own: bool) -> JitRequest | None:
    try:
        return context.solutions.request(target)
    except NotFound:
        # To a caller of another tenant, Azure may say so of a request that exists.
        if not is_own:
            raise
        return None


def _cancelled(request: JitRequest | None, details: CancelDetails) -> Settled:
    if request is not None and request.state is not RequestState.CANCELED:
        return Outcome.UNCONFIRMED, "still there"
    if details.state == RequestState.APPROVED.value:
        return Outcome.UNCONFIRMED, "gone, but its access may last"
    return Outcome.CONFIRMED, "gone"


def _revoked(context: Context, request: JitRequest, details: DecisionDetails) -> Settled:
    held = context.service(AccessReader).of_request(request).held
    was_there = details.access_before is True
    if held is False and proves_revocation(request, before=was_there, now=context.now()):
        return Outcome.CONFIRMED, "access is gone"
    words = {True: "access is there", False: "no access now", None: "access is not known"}
    return Outcome.UNCONFIRMED, words[held]


def _settings(context: Context, application: ApplicationId, wanted: JitPolicy | None) -> Settled:
    policy = context.solutions.application(application).policy
    if policy is None:
        return Outcome.UNCONFIRMED, "no settings"
    if wanted is not None and policy.same(wanted):
        return Outcome.CONFIRMED, "configured"
    return Outcome.UNCONFIRMED, "other settings"
