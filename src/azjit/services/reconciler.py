"""Settles what a killed command left open: reads what became of it and writes the outcome."""

from __future__ import annotations

from collections.abc import Mapping

from azjit.domain.ids import ApplicationId, RequestId
from azjit.domain.requests import JitRequest, RequestState
from azjit.errors import AzjitError
from azjit.services.access import AccessReader
from azjit.services.journal import mapping_of
from azjit.services.ports import Ports
from azjit.services.settings_change import words_of
from azjit.store.intents import Unfinished
from azjit.store.receipts import Outcome

Finding = tuple[Outcome, str]
_DECIDED = {"approve": RequestState.APPROVED, "deny": RequestState.DENIED}


def reconcile(ports: Ports) -> None:
    """Find intents without an outcome, read their targets, write what is true and say so."""
    for left in ports.journal.receipts.unfinished():
        body = left.entry.body
        label = f"{body.get('action')} of {str(body.get('target')).rsplit('/', 1)[-1]}"
        if not _is_ours(ports, body):
            left.release()
            ports.ear.warn(f"an earlier {label} was cut short as another caller; not checked now")
            continue
        _settle(ports, left, label)


def _settle(ports: Ports, left: Unfinished, label: str) -> None:
    try:
        outcome, state = _read(ports, left.entry.body)
    except AzjitError as error:
        left.release()
        ports.ear.warn(f"an earlier {label} was cut short and could not be read: {error.message}")
        return
    left.conclude(outcome, state=state, detail="reconciled by a read", reconciled=True)
    ports.ear.warn(f"an earlier {label} was cut short; a read shows now: {state}")


def _is_ours(ports: Ports, body: Mapping[str, object]) -> bool:
    actor = mapping_of(body.get("actor"))
    same_tenant = str(actor.get("tenant")).lower() == ports.caller().tenant.lower()
    return body.get("cloud") == ports.cloud.arm and same_tenant


def _read(ports: Ports, body: Mapping[str, object]) -> Finding:
    action, target = str(body.get("action")), str(body.get("target"))
    if action == "configure":
        return _settings(ports, ApplicationId(target), body)
    request = ports.solutions.find_request(RequestId(target))
    if action == "cancel":
        gone = request is None or request.state is RequestState.CANCELED
        return (Outcome.CONFIRMED, "gone") if gone else (Outcome.UNCONFIRMED, "still there")
    if request is None:
        return Outcome.UNCONFIRMED, "no such request"
    if action == "revoke":
        return _revoked(ports, request)
    reached = action == "request" or request.state is _DECIDED.get(action)
    return Outcome.CONFIRMED if reached else Outcome.UNCONFIRMED, request.state.value


def _revoked(ports: Ports, request: JitRequest) -> Finding:
    group = request.id.group_id
    assert group is not None
    access = AccessReader(ports).of_rows(group, request.rows)
    if access.held is False:
        return Outcome.CONFIRMED, "access is gone"
    return Outcome.UNCONFIRMED, "access is there" if access.held else "access is not known"


def _settings(ports: Ports, application: ApplicationId, body: Mapping[str, object]) -> Finding:
    policy = ports.solutions.application(application).policy
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
