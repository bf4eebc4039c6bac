from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from azjit.domain.applications import RoleGrant
from azjit.domain.ids import ApplicationId, PrincipalId, RequestId, RoleId
from azjit.domain.requests import JitRequest, Phase, RequestState, Schedule

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
GROUP = "/subscriptions/S/resourceGroups/Mrg/providers/Microsoft.Solutions"
ALICE = PrincipalId("1db8e132-e293-4dbc-b8e1-178a61319491")
DAVE = PrincipalId("2db8e132-e293-4dbc-b8e1-178a61319491")
ROW = RoleGrant(ALICE, RoleId("b24988ac-6180-42a0-ab88-20f7382dd24c"))
OTHER_ROW = RoleGrant(DAVE, RoleId("acdd72a7-3385-48ef-bd42-f606fba81ae7"))
SCHEDULE = Schedule("once", NOW, HOUR, "2026-03-02T09:00:00Z", "PT1H")
REQUEST = JitRequest(
    id=RequestId(f"{GROUP}/jitRequests/R"),
    application=ApplicationId(f"{GROUP}/applications/A"),
    application_text=f"{GROUP}/applications/A",
    rows=(ROW, OTHER_ROW),
    schedule=SCHEDULE,
    state=RequestState.APPROVED,
    publisher_tenant="T",
    created_by=ALICE,
    tags={"azjit-reason": "INC-1", "azjit-ticket": "7", "owner": "ops"},
)


@pytest.mark.parametrize(
    ("schedule", "end"),
    [
        (SCHEDULE, NOW + HOUR),
        (SCHEDULE._replace(start=None), None),
        (SCHEDULE._replace(duration=None), None),
        (SCHEDULE._replace(duration=timedelta.max), None),
    ],
)
def test_end_is_known_where_both_parts_are(schedule: Schedule, end: datetime | None) -> None:
    assert schedule.end == end


@pytest.mark.parametrize(
    ("start", "end", "covers"),
    [
        (NOW, NOW + HOUR, True),
        (NOW + HOUR / 2, NOW + HOUR, True),
        (NOW - HOUR, NOW + HOUR / 2, False),
        (NOW + HOUR / 2, NOW + 2 * HOUR, False),
        (NOW - HOUR, NOW + 2 * HOUR, False),
        (NOW - HOUR, NOW, False),
        (NOW + HOUR, NOW + 2 * HOUR, False),
    ],
)
def test_grant_is_open_to_its_end(start: datetime, end: datetime, *, covers: bool) -> None:
    assert SCHEDULE.covers(start, end) is covers


@pytest.mark.parametrize("unknown", [{"start": None}, {"duration": None}])
def test_unknown_times_cover_none(unknown: dict[str, Any]) -> None:
    schedule = SCHEDULE._replace(**unknown)

    assert not schedule.covers(NOW, NOW + HOUR)


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        (RequestState.PENDING, Phase.PENDING),
        (RequestState.APPROVED, Phase.OPEN),
        (RequestState.DENIED, Phase.CLOSED),
        (RequestState.FAILED, Phase.CLOSED),
        (RequestState.CANCELED, Phase.CLOSED),
        (RequestState.EXPIRED, Phase.CLOSED),
        (RequestState.TIMED_OUT, Phase.CLOSED),
        (RequestState.NOT_SPECIFIED, Phase.UNKNOWN),
        (RequestState.UNKNOWN, Phase.UNKNOWN),
    ],
)
def test_phase_follows_the_state(state: RequestState, phase: Phase) -> None:
    assert REQUEST._replace(state=state).phase(NOW) is phase


@pytest.mark.parametrize(
    ("ahead", "phase", "has_ended"),
    [
        (-timedelta(seconds=1), Phase.SCHEDULED, False),
        (timedelta(), Phase.OPEN, False),
        (HOUR - timedelta(seconds=1), Phase.OPEN, False),
        (HOUR, Phase.ENDED, True),
    ],
)
def test_approved_request_follows_the_clock(
    ahead: timedelta, phase: Phase, *, has_ended: bool
) -> None:
    assert REQUEST.phase(NOW + ahead) is phase
    assert REQUEST.has_ended(NOW + ahead) is has_ended


@pytest.mark.parametrize("unknown", [{"start": None}, {"duration": timedelta.max}])
def test_approved_request_without_times_stays_open(unknown: dict[str, Any]) -> None:
    request = REQUEST._replace(schedule=SCHEDULE._replace(**unknown))

    assert request.phase(NOW + 1000 * HOUR) is Phase.OPEN
    assert not request.has_ended(NOW + 1000 * HOUR)


def test_request_concerns_who_filed_it_and_who_gets_its_access() -> None:
    mallory = PrincipalId("3db8e132-e293-4dbc-b8e1-178a61319491")

    assert REQUEST.concerns(PrincipalId("1DB8E132E2934DBCB8E1178A61319491"))
    assert REQUEST.concerns(DAVE)
    assert not REQUEST.concerns(mallory)
    assert not REQUEST._replace(created_by=None, rows=()).concerns(ALICE)


def test_claims_are_the_tags() -> None:
    assert (REQUEST.name, REQUEST.reason_claim, REQUEST.ticket_claim) == ("R", "INC-1", "7")
    assert REQUEST._replace(tags={}).reason_claim is None


def test_age_is_the_filing_else_the_start() -> None:
    filed = REQUEST._replace(created_at=NOW - HOUR)
    timeless = REQUEST._replace(schedule=SCHEDULE._replace(start=None))

    assert filed.age_key == (NOW - HOUR, "R")
    assert REQUEST.age_key == (NOW, "R")
    assert sorted([REQUEST, filed, timeless], key=lambda each: each.age_key) == [
        timeless,
        filed,
        REQUEST,
    ]


# The digest: what an approver judges, and nothing else


@pytest.mark.parametrize(
    "change",
    [
        {"state": RequestState.PENDING, "state_text": "Pending"},
        {"location": "westeurope"},
        {"created_at": NOW},
        {"id": RequestId(f"{GROUP.upper()}/JITREQUESTS/r")},
        {"application_text": f"{GROUP}/APPLICATIONS/a"},
        {"rows": (OTHER_ROW, ROW)},
        {"rows": (replace(ROW, principal=PrincipalId(ALICE.key.replace("-", ""))), OTHER_ROW)},
        {"publisher_tenant": "t"},
        {"schedule": SCHEDULE._replace(kind="ONCE", start_text="other", duration_text="PT60M")},
        {
            "schedule": SCHEDULE._replace(
                start=NOW.replace(microsecond=0), duration=timedelta(minutes=60)
            )
        },
        {"tags": {"azjit-ticket": "7", "azjit-reason": "INC-1"}},
    ],
)
def test_equal_content_has_an_equal_digest(change: dict[str, Any]) -> None:
    assert REQUEST._replace(**change).digest() == REQUEST.digest()


CHANGES: list[dict[str, Any]] = [
    {"id": RequestId(f"{GROUP}/jitRequests/Q")},
    {"application_text": f"{GROUP}/applications/B"},
    {"rows": (ROW,)},
    {"rows": (ROW, OTHER_ROW, ROW)},
    {"rows": (RoleGrant(ROW.principal, OTHER_ROW.role), RoleGrant(OTHER_ROW.principal, ROW.role))},
    {"schedule": SCHEDULE._replace(kind="recurring")},
    {"schedule": SCHEDULE._replace(start=NOW + timedelta(microseconds=1))},
    {"schedule": SCHEDULE._replace(start=None)},
    {"schedule": SCHEDULE._replace(start=None, start_text="tomorrow")},
    {"schedule": SCHEDULE._replace(duration=2 * HOUR)},
    {"schedule": SCHEDULE._replace(duration=None)},
    {"schedule": SCHEDULE._replace(duration=None, duration_text="P1M")},
    {"publisher_tenant": "U"},
    {"publisher_tenant": None},
    {"created_by": DAVE},
    {"created_by": None},
    {"tags": {"azjit-reason": "INC-2", "azjit-ticket": "7"}},
    {"tags": {"azjit-reason": "INC-1", "azjit-ticket": "8"}},
    {"tags": {"azjit-ticket": "7"}},
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_judged_changes_the_digest(change: dict[str, Any]) -> None:
    assert REQUEST._replace(**change).digest() != REQUEST.digest()


def test_no_two_changes_look_alike() -> None:
    assert len({REQUEST._replace(**change).digest() for change in CHANGES}) == len(CHANGES)
