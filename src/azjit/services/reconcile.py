"""Settles the changes of killed commands: reads what became of each and writes its outcome.

The next command settles them, whoever runs it. A change that its caller cannot read stays open for
somebody who can; azjit warns of it for a day, or for a week if the change is the caller's own.

A read shows a state, and not who caused it: a change is confirmed as its actor's only if Azure
names the actor for it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from azjit.azure.error_codes import is_absent
from azjit.context import Context
from azjit.domain.applications import JitPolicy
from azjit.domain.ids import ApplicationId, PrincipalId, RequestId, ResourceId
from azjit.domain.pim import PimState
from azjit.domain.requests import JitRequest, RequestState
from azjit.domain.rules import LEADS_TO, proves_revocation
from azjit.errors import AzjitError, Failed, NotFound
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.reports import Reporter
from azjit.store.intents import Intent, Unfinished
from azjit.store.receipt_details import (
    ActivationDetails,
    CancelDetails,
    DeactivationDetails,
    DecisionDetails,
    OfferDetails,
    RefreshDetails,
    SettingsDetails,
)
from azjit.store.receipts import Outcome

# Azure may still act on a call whose sender was killed: until then "pending" is no outcome.
_STILL_ON_THE_WAY = timedelta(minutes=10)
_BY_WHOM = "by whom is not known"
_TOLD_TO_OTHERS = timedelta(days=1)
_TOLD_TO_ITS_ACTOR = timedelta(days=7)


class Settled(NamedTuple):
    """The outcome to write, the state that a read shows, and why the outcome is in doubt."""

    outcome: Outcome
    state: str
    doubt: str = ""


def settle_receipts(context: Context) -> None:
    """Read the targets of intents without an outcome, write their outcomes and warn of each."""
    context.has_settled = True
    try:
        unfinished = context.receipts.unfinished()
    except AzjitError as error:
        # A command that only reads goes on; a change fails when it records its intent.
        context.notes.warn(error.message)
        return
    for left in unfinished:
        try:
            _settle(context, left)
        except AzjitError as error:
            left.release()
            context.notes.warn(error.message)


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
        found = _read(context, intent, is_own=is_own)
    except AzjitError as error:
        _unreadable(context, left, error, is_given_up=is_own and age >= _TOLD_TO_ITS_ACTOR)
        return
    is_open = found.state == RequestState.PENDING.value and intent.action in LEADS_TO
    if is_open and age < _STILL_ON_THE_WAY:
        _leave(context, left, "it is still pending, and may yet be decided")
        return
    doubt = f", {found.doubt}" if found.doubt else ""
    detail = f"reconciled by a read{doubt}"
    left.conclude(found.outcome, state=found.state, detail=detail, reconciled=True)
    context.notes.warn(f"{_label(intent)} was interrupted; a read now shows: {found.state}{doubt}")


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
    details, actor = intent.known_details, PrincipalId(intent.actor.id)
    if isinstance(details, SettingsDetails):
        return _settings(context, ApplicationId(intent.target), details.after, actor)
    if isinstance(details, ActivationDetails):
        return _activated(context, ResourceId(intent.target), actor)
    if isinstance(details, DeactivationDetails):
        return _deactivated(context, ResourceId(intent.target), actor)
    if isinstance(details, RefreshDetails):
        return Settled(Outcome.UNCONFIRMED, "not known; it may be run again")
    return _request(context, intent, actor, is_own=is_own)


def _request(context: Context, intent: Intent, actor: PrincipalId, *, is_own: bool) -> Settled:
    details = intent.known_details
    request = _find(context, RequestId(intent.target), is_own=is_own)
    if isinstance(details, CancelDetails):
        return _cancelled(request, details)
    if request is None:
        return Settled(Outcome.UNCONFIRMED, "no such request")
    if isinstance(details, DecisionDetails) and intent.action not in LEADS_TO:
        return _revoked(context, request, details, actor)
    if intent.action == "request":
        return _credited(context, request.state_word, actor, request.created_by)
    if request.state is not LEADS_TO.get(intent.action):
        return Settled(Outcome.UNCONFIRMED, request.state_word)
    return _credited(context, request.state_word, actor, request.changed_by)


def _credited(
    context: Context, state: str, actor: PrincipalId, named: PrincipalId | None
) -> Settled:
    """Give a wanted state; it counts as the actor's change only if Azure names the actor."""
    if named == actor:
        return Settled(Outcome.CONFIRMED, state)
    if named is None:
        return Settled(Outcome.UNCONFIRMED, state, _BY_WHOM)
    name = context.service(Reporter).principal_name(named) or named.text
    return Settled(Outcome.UNCONFIRMED, state, f"{_BY_WHOM}: Azure names {name}")


def _activated(context: Context, target: ResourceId, actor: PrincipalId) -> Settled:
    request = context.pim.find(target)
    if request is None:
        return Settled(Outcome.UNCONFIRMED, "no such request")
    if request.state.is_over or request.state is PimState.UNKNOWN:
        return Settled(Outcome.UNCONFIRMED, request.state_text)
    return _credited(context, request.state_text, actor, request.requestor)


def _deactivated(context: Context, target: ResourceId, actor: PrincipalId) -> Settled:
    request = context.pim.find(target)
    if request is None:
        return Settled(Outcome.UNCONFIRMED, "no such request")
    if request.state is not PimState.ENDED:
        return Settled(Outcome.UNCONFIRMED, request.state_text)
    return _credited(context, request.state_text, actor, request.requestor)


def _find(context: Context, target: RequestId, *, is_own: bool) -> JitRequest | None:
    try:
        return context.solutions.request(target)
    except NotFound as error:
        # To a caller of another tenant, Azure may say so of a request that exists.
        if not is_own or not is_absent(error):
            raise
        return None


def _cancelled(request: JitRequest | None, details: CancelDetails) -> Settled:
    if request is not None and request.state is not RequestState.CANCELED:
        return Settled(Outcome.UNCONFIRMED, "still there")
    is_granted = details.state == RequestState.APPROVED.value
    state = "gone, but its access may last" if is_granted else "gone"
    return Settled(Outcome.UNCONFIRMED, state, _BY_WHOM)


def _revoked(
    context: Context, request: JitRequest, details: DecisionDetails, actor: PrincipalId
) -> Settled:
    held = context.service(AccessReader).of_request(request).held
    was_there = details.access_before is True
    if held is False and proves_revocation(request, before=was_there, now=context.now()):
        return _credited(context, "access is gone", actor, request.changed_by)
    words = {True: "access is there", False: "no access now", None: "access is not known"}
    return Settled(Outcome.UNCONFIRMED, words[held])


def _settings(
    context: Context, target: ApplicationId, wanted: JitPolicy | None, actor: PrincipalId
) -> Settled:
    application = context.solutions.application(target)
    if application.policy is None:
        return Settled(Outcome.UNCONFIRMED, "no settings")
    if wanted is not None and application.policy.same(wanted):
        return _credited(context, "configured", actor, application.changed_by)
    return Settled(Outcome.UNCONFIRMED, "other settings")
