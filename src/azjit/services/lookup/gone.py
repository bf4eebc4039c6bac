"""What is still known of a request that was deleted: from the receipts, else the activity log."""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from azjit.azure.activity_log import Window
from azjit.context import Context
from azjit.domain.access import Proof
from azjit.domain.activity import LOG_RETENTION, PROVIDERS, ActivityEvent, ActivityKind
from azjit.domain.durations import parse_iso_duration
from azjit.domain.ids import ApplicationId, PrincipalId, RequestId
from azjit.domain.requests import REASON_TAG, TICKET_TAG, JitRequest, RequestState, Schedule
from azjit.domain.times import parse_instant, say_utc
from azjit.errors import AzjitError, Usage
from azjit.services.lookup.omissions import PartialResults, collected, ends_all
from azjit.services.parallel import each
from azjit.store.receipt_details import DecisionDetails, RequestDetails
from azjit.store.receipts import RecordedChange

_BEGINNING = re.compile(r"[0-9a-fA-F]{8}[0-9a-fA-F-]*")
_OF_REQUESTS = {ActivityKind.WRITTEN, ActivityKind.DELETED}
_DELETED = "deleted"


class GoneRequest(NamedTuple):
    """A request that Azure has no more, as far as it is known, and from where.

    Its rows are empty if only the activity log has it, which tells no role. `told` says what the
    log has of its deletion.
    """

    request: JitRequest
    known_by: Proof
    told: str = ""


class GoneRequests:
    """Finds requests that Azure has no more."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def find(self, text: str) -> GoneRequest | None:
        """Give the deleted request that a text names; None if there is none, or if Azure has it.

        Raises:
            Usage: several match.
            AzjitError: whether Azure has it cannot be read.
        """
        if not (_BEGINNING.fullmatch(text) or "/jitrequests/" in text.lower()):
            return None
        recorded = self._recorded(text)
        wanted = _only(text, recorded)
        events = self._events(wanted or RequestId.try_parse(text))
        logged: dict[RequestId, list[ActivityEvent]] = {}
        for event in events:
            found = RequestId.try_parse(event.target)
            if found is not None and event.kind in _OF_REQUESTS and _matches(text, found):
                logged.setdefault(found, []).append(event)
        wanted = wanted or _only(text, logged)
        if wanted is None or self._context.solutions.find_request(wanted) is not None:
            return None
        told = _deletion(logged.get(wanted, []))
        if (request := _from_receipts(wanted, recorded.get(wanted, []))) is not None:
            return GoneRequest(request, Proof.RECEIPT, told)
        return GoneRequest(self._from_log(wanted, logged.get(wanted, [])), Proof.LOG, told)

    def _recorded(self, text: str) -> dict[RequestId, list[RecordedChange]]:
        found: dict[RequestId, list[RecordedChange]] = {}
        try:
            changes = self._context.receipts.changes()
        except AzjitError as error:
            self._context.notes.warn(error.message)
            return found
        for change in changes:
            target = RequestId.try_parse(change.intent.target)
            is_here = change.intent.cloud == self._context.cloud.arm
            if target is not None and target.is_usable and is_here and _matches(text, target):
                found.setdefault(target, []).append(change)
        return found

    def _events(self, wanted: RequestId | None) -> list[ActivityEvent]:
        log, end = self._context.activity_log, self._context.now()
        start = end - LOG_RETENTION
        group = wanted.group_id if wanted is not None else None
        if group is not None:
            windows = [Window(group.subscription, start, end, group=group.name)]
        else:
            subscriptions = self._context.service(PartialResults).subscriptions()
            windows = [Window(sub, start, end, provider=PROVIDERS[0]) for sub in subscriptions]
        found = []
        for events, error in each(lambda part: collected(partial(log.events, part)), windows):
            found += events
            if error is not None:
                self._context.notes.warn(f"the activity log is not complete: {error.message}")
        return sorted(found, key=lambda event: event.at)

    def _from_log(self, wanted: RequestId, events: list[ActivityEvent]) -> JitRequest:
        written = [one for one in events if one.kind is ActivityKind.WRITTEN and not one.has_failed]
        filed = written[0] if written else None
        application = self._manager_of(wanted)
        return JitRequest(
            id=wanted,
            application=application,
            application_text=application.text if application is not None else "",
            rows=(),
            schedule=Schedule("once", None, None),
            state=RequestState.UNKNOWN,
            state_text=_DELETED,
            publisher_tenant=filed.tenant if filed is not None else None,
            created_by=filed.person if filed is not None else None,
            created_at=filed.at if filed is not None else None,
        )

    def _manager_of(self, wanted: RequestId) -> ApplicationId | None:
        if (group := wanted.group_id) is None:
            return None
        try:
            return self._context.resources.manager_of(group)
        except AzjitError as error:
            if ends_all(error):
                raise
            return None


def _matches(text: str, request: RequestId) -> bool:
    if "/" in text:
        return RequestId.try_parse(text) == request
    return request.name.lower().startswith(text.lower())


def _only(
    text: str, found: dict[RequestId, list[RecordedChange]] | dict[RequestId, list[ActivityEvent]]
) -> RequestId | None:
    if len(found) > 1:
        raise Usage(
            f"{text!r} begins the names of {len(found)} requests that are deleted:"
            f" {', '.join(each.name for each in found)}",
            hint=f"use an id: {' or '.join(each.text for each in found)}",
        )
    return next(iter(found), None)


def _from_receipts(wanted: RequestId, changes: list[RecordedChange]) -> JitRequest | None:
    """Make the request from the last receipt that has its content."""
    for change in reversed(changes):
        details = change.intent.known_details
        if isinstance(details, DecisionDetails):
            return _of_decision(wanted, details)
        if isinstance(details, RequestDetails):
            return _of_request(wanted, details, change)
    return None


def _of_decision(wanted: RequestId, details: DecisionDetails) -> JitRequest:
    claims = details.claims or {}
    tags = {REASON_TAG: claims.get("reason"), TICKET_TAG: claims.get("ticket")}
    return JitRequest(
        id=wanted,
        application=ApplicationId.try_parse(details.application),
        application_text=details.application or "",
        rows=details.rows,
        schedule=Schedule(
            details.schedule_type or "once",
            parse_instant(details.start),
            parse_iso_duration(details.duration),
            details.start,
            details.duration,
        ),
        state=RequestState.UNKNOWN,
        state_text=_DELETED,
        publisher_tenant=details.publisher_tenant,
        created_by=PrincipalId(details.created_by) if details.created_by else None,
        tags={key: value for key, value in tags.items() if value is not None},
    )


def _of_request(wanted: RequestId, details: RequestDetails, change: RecordedChange) -> JitRequest:
    return JitRequest(
        id=wanted,
        application=ApplicationId.try_parse(details.application),
        application_text=details.application or "",
        rows=details.rows,
        schedule=Schedule("once", details.start, details.duration),
        state=RequestState.UNKNOWN,
        state_text=_DELETED,
        publisher_tenant=change.intent.actor.tenant,
        created_by=PrincipalId(change.intent.actor.id),
        created_at=change.began,
    )


def _deletion(events: list[ActivityEvent]) -> str:
    gone = [one for one in events if one.kind is ActivityKind.DELETED and not one.has_failed]
    if not gone:
        return ""
    last = gone[-1]
    return f"by {last.caller or last.person or 'somebody'} at {say_utc(last.at)}"
