"""The rules of requests that the command line does not reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from azjit.domain.access import Caller
from azjit.domain.applications import Application, ApprovalMode, JitPolicy, RoleGrant
from azjit.domain.durations import typed_duration
from azjit.domain.ids import ApplicationId, PrincipalId, RequestId, RoleId
from azjit.domain.request_rules import (
    Wanted,
    check_duration,
    check_jit,
    differences,
    find_equal_request,
    is_same_request,
    pick_row,
    refusal_of,
)
from azjit.domain.requests import JitRequest, RequestState, Schedule
from azjit.errors import NotFound, Refused

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ROLE = RoleId("b24988ac-6180-42a0-ab88-20f7382dd24c")
OTHER_ROLE = RoleId("acdd72a7-3385-48ef-bd42-f606fba81ae7")
ALICE = PrincipalId("e0b19ca5-2516-57b8-9ad2-9e05bfe4a450")
GROUP = PrincipalId("c7e278eb-5e7d-5dc5-8751-d52e4659eae7")
ID = ApplicationId("/subscriptions/1/resourceGroups/g/providers/Microsoft.Solutions/applications/a")
APPLICATION = Application(
    ID, "a", policy=JitPolicy(enabled=True, mode=ApprovalMode.MANUAL, approvers=(), maximum=HOUR)
)
CALLER = Caller(ALICE, "alice", "user", "tenant", frozenset({GROUP.key}))
WANTED = Wanted(ROLE, ALICE, NOW, HOUR, is_now=False)
REQUEST = JitRequest(
    id=RequestId("/subscriptions/1/resourceGroups/m/providers/Microsoft.Solutions/jitRequests/r"),
    application=ID,
    application_text=ID.text,
    rows=(RoleGrant(ALICE, ROLE),),
    schedule=Schedule("once", NOW, HOUR),
    state=RequestState.PENDING,
)
APPROVED = REQUEST._replace(state=RequestState.APPROVED)


def _at(start: datetime | None, duration: timedelta | None = HOUR) -> JitRequest:
    return REQUEST._replace(schedule=Schedule("once", start, duration))


def test_an_application_that_was_not_read_passes() -> None:
    unread, days = Application(ID, "a", is_read=False), timedelta(days=300)

    check_jit(unread)
    check_duration(days, unread)

    with pytest.raises(Refused):
        check_jit(unread._replace(is_read=True))
    with pytest.raises(Refused):
        check_duration(days, APPLICATION)


def test_exactly_the_maximum_is_allowed() -> None:
    check_duration(HOUR, APPLICATION)

    with pytest.raises(Refused, match="1 h 1 s is longer than a allows: 1 h"):
        check_duration(HOUR + timedelta(seconds=1), APPLICATION)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (HOUR, "1h"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(seconds=61), "1m1s"),
        (timedelta(days=2), "48h"),
        (timedelta(0), "0s"),
    ],
)
def test_a_length_as_a_person_types_it(length: timedelta, text: str) -> None:
    assert typed_duration(length) == text


def test_the_principals_own_row_wins_over_its_groups() -> None:
    rows = [RoleGrant(GROUP, ROLE), RoleGrant(ALICE, ROLE)]

    assert pick_row(rows, ROLE, ALICE, CALLER) == rows[1]


def test_a_role_of_nobody_is_not_found() -> None:
    with pytest.raises(NotFound):
        pick_row([RoleGrant(ALICE, OTHER_ROLE)], ROLE, ALICE, CALLER)


@pytest.mark.parametrize("groups", [None, frozenset[str]()])
def test_a_caller_whose_groups_do_not_help_is_not_named(groups: frozenset[str] | None) -> None:
    with pytest.raises(Refused, match="is not named for this role"):
        pick_row([RoleGrant(GROUP, ROLE)], ROLE, ALICE, CALLER._replace(groups=groups))


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST,
        _at(NOW + MINUTE),
        _at(NOW - MINUTE),
        APPROVED,
        APPROVED._replace(schedule=Schedule("once", NOW - HOUR, 5 * HOUR)),
    ],
)
def test_an_equal_request_is_found(request_: JitRequest) -> None:
    assert find_equal_request(WANTED, APPLICATION, [request_]) is request_


@pytest.mark.parametrize(
    "request_",
    [
        _at(NOW + 2 * MINUTE),
        _at(NOW, 2 * HOUR),
        _at(None),
        _at(NOW, None),
        REQUEST._replace(application=None),
        REQUEST._replace(application=ApplicationId(f"{ID.text}b")),
        REQUEST._replace(rows=()),
        REQUEST._replace(rows=(RoleGrant(ALICE, OTHER_ROLE),)),
        REQUEST._replace(rows=(RoleGrant(ALICE, ROLE), RoleGrant(ALICE, OTHER_ROLE))),
        REQUEST._replace(rows=(RoleGrant(GROUP, ROLE),)),
        APPROVED._replace(schedule=Schedule("once", NOW + MINUTE, HOUR)),
        APPROVED._replace(schedule=Schedule("once", NOW - MINUTE, HOUR)),
        *(
            REQUEST._replace(state=state)
            for state in RequestState
            if state not in {RequestState.PENDING, RequestState.APPROVED}
        ),
    ],
)
def test_another_request_is_not_equal(request_: JitRequest) -> None:
    assert find_equal_request(WANTED, APPLICATION, [request_]) is None


@pytest.mark.parametrize(("ago", "is_equal"), [(0, True), (5, True), (6, False)])
def test_a_rerun_of_now_equals_an_approval_for_five_minutes(ago: int, *, is_equal: bool) -> None:
    wanted = WANTED._replace(is_now=True)
    earlier = APPROVED._replace(schedule=Schedule("once", NOW - ago * MINUTE, HOUR))

    assert (find_equal_request(wanted, APPLICATION, [earlier]) is earlier) is is_equal


def test_a_rerun_of_now_equals_what_waits_and_runs_already() -> None:
    wanted = WANTED._replace(is_now=True)

    assert find_equal_request(wanted, APPLICATION, [_at(NOW - HOUR / 2)]) is not None
    assert find_equal_request(wanted, APPLICATION, [_at(NOW + MINUTE)]) is None


def test_the_same_request_whatever_became_of_it() -> None:
    denied = REQUEST._replace(state=RequestState.DENIED)

    assert differences(denied, WANTED, APPLICATION) == []
    assert differences(_at(NOW - 3 * HOUR), WANTED._replace(is_now=True), APPLICATION) == []


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (_at(NOW - 3 * HOUR), "from 2026-03-02 06:00 UTC, not 2026-03-02 09:00 UTC"),
        (_at(None), "from no time, not 2026-03-02 09:00 UTC"),
        (_at(NOW, 2 * HOUR), "for 2 h, not 1 h"),
        (REQUEST._replace(rows=(RoleGrant(GROUP, ROLE),)), "for another role or principal"),
        (REQUEST._replace(application=None, application_text=""), "for no application"),
    ],
)
def test_another_request_by_the_same_name_says_in_what_it_differs(
    request_: JitRequest, said: str
) -> None:
    assert differences(request_, WANTED, APPLICATION) == [said]


@pytest.mark.parametrize(
    ("seen", "is_same"),
    [
        (APPROVED, True),
        (_at(NOW + timedelta(seconds=30)), True),
        (_at(NOW + HOUR), False),
        (_at(None), False),
        (_at(NOW, 2 * HOUR), False),
        (REQUEST._replace(rows=(RoleGrant(GROUP, ROLE),)), False),
        (REQUEST._replace(application=None), False),
    ],
)
def test_what_is_read_back_is_held_against_what_was_sent(
    seen: JitRequest, *, is_same: bool
) -> None:
    assert is_same_request(seen, REQUEST) is is_same


def test_only_a_final_refusal_is_an_error() -> None:
    refused = {state for state in RequestState if refusal_of(REQUEST._replace(state=state))}

    assert refused == {
        RequestState.DENIED,
        RequestState.FAILED,
        RequestState.CANCELED,
        RequestState.EXPIRED,
        RequestState.TIMED_OUT,
    }
