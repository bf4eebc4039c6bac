"""JIT requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azjit.azure.wire.applications import decode_rows, encode_rows
from azjit.azure.wire.values import (
    Json,
    duration_text,
    full,
    mapping,
    principal,
    resource_id,
    rest,
    text,
    unusable,
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
_KINDS = {"once": "once", "recurring": "recurring", "notspecified": "not specified"}
_KIND_TEXTS = {"once": "Once", "recurring": "Recurring", "not specified": "NotSpecified"}
_READ_ONLY = {
    "provisioningState",
    "jitRequestState",
    "publisherTenantId",
    "createdBy",
    "updatedBy",
}


def decode_request(body: Mapping[str, Any]) -> JitRequest:
    """Read a JIT request.

    Raises:
        Unavailable: the object has no usable id.
    """
    told = resource_id(RequestId, body.get("id"))
    if told is None:
        raise unusable(f"Azure answered with a JIT request without an id: {body.get('id')!r}")
    inside = mapping(body.get("properties"))
    state = text(inside.get("jitRequestState"))
    read = {
        "applicationResourceId",
        "jitAuthorizationPolicies",
        "jitSchedulingPolicy",
        *_READ_ONLY,
    }
    tags = mapping(body.get("tags"))
    system = mapping(body.get("systemData"))
    rows = decode_rows(inside.get("jitAuthorizationPolicies")) or ()
    return JitRequest(
        id=told,
        application=resource_id(ApplicationId, inside.get("applicationResourceId")),
        application_text=text(inside.get("applicationResourceId")) or "",
        rows=rows,
        schedule=_decode_schedule(mapping(inside.get("jitSchedulingPolicy"))),
        state=_STATE_OF.get((state or "").lower(), RequestState.UNKNOWN),
        state_text=state,
        provisioning=text(inside.get("provisioningState")),
        publisher_tenant=text(inside.get("publisherTenantId")),
        created_by=principal(mapping(inside.get("createdBy")).get("oid")),
        created_at=parse_instant(text(system.get("createdAt")) or ""),
        changed_by=principal(mapping(inside.get("updatedBy")).get("oid")),
        changed_at=parse_instant(text(system.get("lastModifiedAt")) or ""),
        unread_rows=_count(inside.get("jitAuthorizationPolicies")) - len(rows),
        location=text(body.get("location")),
        tags={key: value for key, value in tags.items() if isinstance(value, str)},
        extra=rest(inside, read),
    )


def _count(value: Any) -> int:
    if isinstance(value, list):
        return len(value)
    return 0 if value is None else 1


def encode_request(request: JitRequest) -> Json:
    """Write the body of a PUT: what a client may write, and nothing else."""
    return full(
        {
            "location": request.location,
            "tags": dict(request.tags) or None,
            "properties": {
                "applicationResourceId": request.application_text,
                "jitAuthorizationPolicies": encode_rows(request.rows),
                "jitSchedulingPolicy": _encode_schedule(request.schedule),
                **request.extra,
            },
        }
    )


def _decode_schedule(value: Mapping[str, Any]) -> Schedule:
    kind = text(value.get("type")) or "NotSpecified"
    start = text(value.get("startTime"))
    duration = text(value.get("duration"))
    return Schedule(
        kind=_KINDS.get(kind.lower(), kind),
        start=parse_instant(start) if start else None,
        duration=parse_iso_duration(duration) if duration else None,
        start_text=start,
        duration_text=duration,
    )


def _encode_schedule(schedule: Schedule) -> Json:
    start = schedule.start_text
    if start is None and schedule.start is not None:
        start = iso_instant(schedule.start)
    return full(
        {
            "type": _KIND_TEXTS.get(schedule.kind, schedule.kind),
            "duration": duration_text(schedule.duration, schedule.duration_text),
            "startTime": start,
        }
    )
