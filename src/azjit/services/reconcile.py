"""Settles what a killed command left open: reads what became of it and writes the outcome.

Whoever runs azjit next settles it, for a read tells the same to everyone who may make it. What
this caller cannot read stays open for the one who can; they are told of it for a day, so that it
is neither lost nor repeated for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from azjit.context import Context
from azjit.domain.ids import ApplicationId, RequestId, ResourceId
from azjit.domain.pim import PimState
from azjit.domain.requests import JitRequest, RequestState
from azjit.errors import AzjitError, Failed, NotFound
from azjit.services.configuring.jit_settings import words_of
from azjit.services.deciding.revoke import held_by, is_proof
from azjit.services.lookup.access import AccessReader
from azjit.services.recording import mapping_of
from azjit.store.intents import Unfinished
from azjit.store.receipts import Outcome

Finding = tuple[Outcome, str]
_DECIDED = {"approve": RequestState.APPROVED, "deny": RequestState.DENIED}
# What is not read from Resource Manager; these commands settle it themselves.
_ELSEWHERE = {
    "enable-jit": "azjit publisher offer show",
    "disable-jit": "azjit publisher offer show",
}
# Azure may still act on a call that a kill cut short: for so long "pending" is no outcome.
_STILL_ON_THE_WAY = timedelta(minutes=10)
_TOLD_TO_OTHERS = timedelta(days=1)
_TOLD_TO_ITS_ACTOR = timedelta(days=7)


def settle_receipts(context: Context) -> None:
    """Find intents without an outcome, read their targets, write what is true and say so."""
    try:
        unfinished = context.receipts.unfinished()
    except AzjitError as error:
        # A command that only reads goes on; one that changes something fails by itself.
        context.notes.warn(error.message)
        return
    for left in unfinished:
        _settle(context, left)


def _settle(context: Context, left: Unfinished) -> None:
    body = left.entry.body
    age = context.now() - left.entry.at
    elsewhere = _ELSEWHERE.get(str(body.get("action")))
    if elsewhere is not None:
        _unreadable(
            context, left, Failed(f"see {elsewhere}"), is_given_up=age >= _TOLD_TO_ITS_ACTOR
        )
        return
    is_here = body.get("cloud") == context.cloud.arm
    is_own = is_here and mapping_of(body.get("actor")).get("id") == context.caller.id.text
    if not is_here or (not is_own and age >= _TOLD_TO_OTHERS):
        _leave(context, left, "it was done elsewhere" if age < _TOLD_TO_OTHERS else None)
        return
    try:
        outcome, state = _read(context, body, is_own=is_own)
    except AzjitError as error:
        _unreadable(context, left, error, is_given_up=is_own and age >= _TOLD_TO_ITS_ACTOR)
        return
    is_open = state == RequestState.PENDING.value and body.get("action") in _DECIDED
    if is_open and age < _STILL_ON_THE_WAY:
        _leave(context, left, "it is still pending, and may yet be decided")
        return
    left.conclude(outcome, state=state, detail="reconciled by a read", reconciled=True)
    context.notes.warn(f"{_label(body)} was cut short; a read shows now: {state}")


def _unreadable(
    context: Context, left: Unfinished, error: AzjitError, *, is_given_up: bool
) -> None:
    if not is_given_up:
        _leave(context, left, error.message)
        return
    detail = f"could not be read for days: {error.message}"
    left.conclude(Outcome.UNCONFIRMED, state=None, detail=detail, code=error.code, reconciled=True)
    context.notes.warn(f"{_label(left.entry.body)} was cut short and {detail}; look in the portal")


def _leave(context: Context, left: Unfinished, why: str | None) -> None:
    left.release()
    if why is not None:
        label = _label(left.entry.body)
        context.notes.warn(f"{label} was cut short, and what became of it is not known yet: {why}")


def _label(body: Mapping[str, object]) -> str:
    name = str(body.get("target")).rsplit("/", 1)[-1]
    return (
        f"an earlier {body.get('action')} of {name} by {mapping_of(body.get('actor')).get('name')}"
    )


def _read(context: Context, body: Mapping[str, object], *, is_own: bool) -> Finding:
    action, target = str(body.get("action")), str(body.get("target"))
    if action == "configure":
        return _settings(context, ApplicationId(target), body)
    if action == "activate":
        return _activated(context, ResourceId(target))
    if action == "refresh-permissions":
        return Outcome.UNCONFIRMED, "not known; it may be run again"
    return _request(context, body, is_own=is_own)


def _request(context: Context, body: Mapping[str, object], *, is_own: bool) -> Finding:
    action, target = str(body.get("action")), str(body.get("target"))
    request = _find(context, RequestId(target), is_own=is_own)
    if action == "cancel":
        return _cancelled(request, body)
    if request is None:
        return Outcome.UNCONFIRMED, "no such request"
    if action == "revoke":
        return _revoked(context, request, body)
    reached = action == "request" or request.state is _DECIDED.get(action)
    return Outcome.CONFIRMED if reached else Outcome.UNCONFIRMED, request.state_word


def _activated(context: Context, target: ResourceId) -> Finding:
    request = context.pim.find(target)
    if request is None:
        return Outcome.UNCONFIRMED, "no such request"
    is_lost = request.state.is_over or request.state is PimState.UNKNOWN
    return Outcome.UNCONFIRMED if is_lost else Outcome.CONFIRMED, request.state_text


def _find(context: Context, target: RequestId, *, is_own: bool) -> JitRequest | None:
    try:
        return context.solutions.request(target)
    except NotFound:
        # To somebody of another tenant Azure may say so of what is there.
        if not is_own:
            raise
        return None


def _cancelled(request: JitRequest | None, body: Mapping[str, object]) -> Finding:
    if request is not None and request.state is not RequestState.CANCELED:
        return Outcome.UNCONFIRMED, "still there"
    if mapping_of(body.get("details")).get("state") == RequestState.APPROVED.value:
        return Outcome.UNCONFIRMED, "gone, but its access may last"
    return Outcome.CONFIRMED, "gone"


def _revoked(context: Context, request: JitRequest, body: Mapping[str, object]) -> Finding:
    held = held_by(context.service(AccessReader), request)
    was_there = mapping_of(body.get("details")).get("accessBefore") is True
    if held is False and is_proof(request, before=was_there, now=context.now()):
        return Outcome.CONFIRMED, "access is gone"
    words = {True: "access is there", False: "no access now", None: "access is not known"}
    return Outcome.UNCONFIRMED, words[held]


def _settings(context: Context, application: ApplicationId, body: Mapping[str, object]) -> Finding:
    policy = context.solutions.application(application).policy
    wanted = mapping_of(mapping_of(body.get("details")).get("after"))
    if policy is None:
        return Outcome.UNCONFIRMED, "no settings"
    seen = words_of(policy)
    same = all(seen[key] == wanted.get(key) for key in ("enabled", "mode", "maximumSeconds"))
    approvers = wanted.get("approvers")
    told = sorted(approvers) if isinstance(approvers, list) else None
    seen_approvers = seen["approvers"]
    assert isinstance(seen_approvers, list)
    if same and sorted(seen_approvers) == told:
        return Outcome.CONFIRMED, "configured"
    return Outcome.UNCONFIRMED, "other settings"
