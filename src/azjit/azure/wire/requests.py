"""JIT requests."""

from __future__ import annotations

from functools import lru_cache

from azjit.azure.wire.applications import decode_rows, encode_rows
from azjit.azure.wire.values import (
    Body,
    Json,
    duration_text,
    full,
    mapping,
    no_id,
    principal,
    text,
)
from azjit.domain.durations import parse_iso_duration
from azjit.domain.ids import ApplicationId, RequestId
from azjit.domain.requests import JitRequest, RequestState, Schedule
from azjit.domain.times import iso_instant, parse_instant

_STATES = {
    "Pending": RequestState.PENDING,
    "Approved": RequestState.APPROVED,
    "Denied": RequestState.DENIED,
    "Failed": RequestState.FAILED,
    "Canceled": RequestState.CANCELED,
    "Expired": RequestState.EXPIRED,
    "Timeout": RequestState.TIMED_OUT,
    "NotSpecified": RequestState.NOT_SPECIFIED,
}
_STATE_OF = {word.lower(): state for word, state in _STATES.items()}
DECIDED_STATES = tuple(word for word, state in _STATES.items() if not state.may_wait)
_KINDS = {"once": "Once", "recurring": "Recurring", "not specified": "NotSpecified"}
# Thousands of requests are for some tens of applications.
_application_of = lru_cache(ApplicationId.try_parse)
_KIND_OF = {word.lower(): kind for kind, word in _KINDS.items()}


def decode_request(body: Body) -> JitRequest:
    """Read a JIT request, as far as it can be read."""
    found = RequestId.try_parse(told := body.get("id"))
    is_usable = found is not None and found.is_usable
    inside = mapping(body.get("properties"))
    state = text(inside.get("jitRequestState"))
    tags = mapping(body.get("tags"))
    system = mapping(body.get("systemData"))
    rows = decode_rows(inside.get("jitAuthorizationPolicies")) or ()
    return JitRequest(
        id=found if found is not None and is_usable else RequestId.unusable(told),
        application=_application_of(text(inside.get("applicationResourceId"))),
        application_text=text(inside.get("applicationResourceId")) or "",
        rows=tuple(row for row in rows if row.is_whole),
        schedule=_decode_schedule(mapping(inside.get("jitSchedulingPolicy"))),
        state=_STATE_OF.get((state or "").lower(), RequestState.UNKNOWN),
        state_text=state,
        publisher_tenant=text(inside.get("publisherTenantId")),
        created_by=principal(mapping(inside.get("createdBy")).get("oid")),
        created_at=parse_instant(system.get("createdAt")),
        changed_by=principal(mapping(inside.get("updatedBy")).get("oid")),
        changed_at=parse_instant(system.get("lastModifiedAt")),
        unread_rows=tuple(row for row in rows if not row.is_whole),
        location=text(body.get("location")),
        tags={key: value for key, value in tags.items() if isinstance(value, str)},
        unreadable=None if is_usable else no_id(told),
    )


def encode_request(request: JitRequest) -> Json:
    """Write the body of a PUT: only what a client may write."""
    return full(
        {
            "location": request.location,
            "tags": dict(request.tags) or None,
            "properties": {
                "applicationResourceId": request.application_text,
                "jitAuthorizationPolicies": encode_rows(request.rows),
                "jitSchedulingPolicy": _encode_schedule(request.schedule),
            },
        }
    )


def _decode_schedule(value: Body) -> Schedule:
    kind = text(value.get("type")) or "NotSpecified"
    start = text(value.get("startTime"))
    duration = text(value.get("duration"))
    return Schedule(
        kind=_KIND_OF.get(kind.lower(), kind),
        start=parse_instant(start),
        duration=parse_iso_duration(duration),
        start_text=start,
        duration_text=duration,
    )


def _encode_schedule(schedule: Schedule) -> Json:
    start = schedule.start_text
    if start is None and schedule.start is not None:
        start = iso_instant(schedule.start)
    return full(
        {
            "type": _KINDS.get(schedule.kind, schedule.kind),
            "duration": duration_text(schedule.duration, schedule.duration_text),
            "startTime": start,
        }
    )
