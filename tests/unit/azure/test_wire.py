"""Unusual answers: missing, null, other casing and other types never crash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from azjit.azure.wire.access import decode_assignment, decode_block, decode_role
from azjit.azure.wire.applications import (
    decode_application,
    decode_policy,
    decode_rows,
    encode_policy,
    encode_policy_patch,
)
from azjit.azure.wire.decisions import encode_access_update
from azjit.azure.wire.requests import decode_request, encode_request
from azjit.azure.wire.values import duration_text, read_json, rest
from azjit.domain.access import Permissions
from azjit.domain.applications import ApprovalMode, JitPolicy, JitState, RoleGrant
from azjit.domain.ids import GroupId, PrincipalId, RoleId
from azjit.domain.requests import RequestState, Schedule
from azjit.domain.rules import AccessUpdate, Verdict

PLACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Solutions"
APP = f"{PLACE}/applications/Orders"
ODD = [None, 7, [], {}, "", True, [None, 7, "x"], {"a": None}]


def policy_of(mode: ApprovalMode, maximum: timedelta | None) -> JitPolicy:
    return JitPolicy(enabled=True, mode=mode, approvers=(), maximum=maximum)


# Applications


def test_application_of_nothing_but_an_id_is_without_jit() -> None:
    read = decode_application({"id": APP})

    assert (read.name, read.jit, read.roles, read.managed_group) == (
        "Orders",
        JitState.OFF,
        None,
        None,
    )


@pytest.mark.parametrize("odd", ODD)
def test_odd_types_in_an_application_are_no_crash(odd: Any) -> None:
    keys = ("managedResourceGroupId", "applicationDefinitionId", "authorizations", "outputs")
    inside = dict.fromkeys((*keys, "publisherTenantId", "jitAccessPolicy"), odd)
    policy = dict.fromkeys(
        ("jitAccessEnabled", "jitApprovalMode", "jitApprovers", "maximumJitAccessDuration"), odd
    )
    top = dict.fromkeys(("name", "location", "kind", "identity", "systemData"), odd)

    read = [
        decode_application({"id": APP, **top, "properties": inside}),
        decode_application({"id": APP, "properties": {"jitAccessPolicy": policy}}),
        decode_application({"id": APP, "properties": odd}),
    ]

    assert [application.id.text for application in read] == [APP] * 3
    assert {application.managed_group for application in read} == {None}


@pytest.mark.parametrize("odd", [*ODD, "no id", "/subscriptions", "/subscriptions/s/a/b"])
def test_application_or_request_without_an_id_says_that_it_cannot_be_read(odd: Any) -> None:
    inside = {"jitRequestState": "Pending", "applicationResourceId": APP}

    application = decode_application({"id": odd, "name": "orders"})
    request = decode_request({"id": odd, "properties": inside})

    told = "it has no id" if odd is None else f"its id is {odd!r}"
    assert (application.unreadable, request.unreadable) == (told, told)
    assert (application.name, application.is_read) == ("orders", False)
    assert (request.state, request.application_text) == (RequestState.PENDING, APP)


@pytest.mark.parametrize(
    ("identity", "has_one"),
    [
        (None, False),
        ({}, False),
        ({"type": "None"}, False),
        ({"type": "SystemAssigned"}, True),
        ({"type": "userassigned"}, True),
    ],
)
def test_identity_is_possible_standing_access(identity: Any, *, has_one: bool) -> None:
    assert decode_application({"id": APP, "identity": identity}).has_identity is has_one


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("AutoApprove", ApprovalMode.AUTOMATIC),
        ("manualapprove", ApprovalMode.MANUAL),
        ("NotSpecified", ApprovalMode.NOT_SPECIFIED),
        (None, ApprovalMode.NOT_SPECIFIED),
        ("EveryoneApproves", ApprovalMode.UNKNOWN),
    ],
)
def test_mode_is_read_without_case(text: str | None, mode: ApprovalMode) -> None:
    read = decode_policy({"jitAccessEnabled": True, "jitApprovalMode": text})

    assert read is not None
    assert (read.mode, read.mode_text) == (mode, text)


@pytest.mark.parametrize("value", ["true", 1, None, False])
def test_jit_is_on_only_where_azure_says_true(value: Any) -> None:
    read = decode_policy({"jitAccessEnabled": value})

    assert read is not None
    assert not read.enabled


def test_change_of_settings_carries_the_whole_policy_and_nothing_else() -> None:
    policy = policy_of(ApprovalMode.AUTOMATIC, timedelta(minutes=90))

    assert encode_policy_patch(policy) == {
        "properties": {
            "jitAccessPolicy": {
                "jitAccessEnabled": True,
                "jitApprovalMode": "AutoApprove",
                "jitApprovers": [],
                "maximumJitAccessDuration": "PT1H30M",
            }
        }
    }


def test_unknown_settings_are_not_invented() -> None:
    policy = policy_of(ApprovalMode.UNKNOWN, None)

    assert encode_policy(policy) == {"jitAccessEnabled": True, "jitApprovers": []}


def test_rows_that_are_not_whole_are_kept() -> None:
    whole = {"principalId": "p", "roleDefinitionId": "r"}
    broken = [{"principalId": "p"}, {"roleDefinitionId": "r"}, {}, "odd", None]

    read = decode_rows([*broken, whole])

    assert read is not None
    assert [row.is_whole for row in read] == [False] * 5 + [True]
    assert [(row.principal.text, row.role.text) for row in read][:3] == [
        ("p", ""),
        ("", "r"),
        ("", ""),
    ]
    assert decode_rows("odd") == (RoleGrant(PrincipalId(""), RoleId("")),)
    assert decode_rows([]) == ()
    assert decode_rows(None) is None


# Requests


@pytest.mark.parametrize("odd", ODD)
def test_odd_types_in_a_request_are_no_crash(odd: Any) -> None:
    keys = ("applicationResourceId", "jitAuthorizationPolicies", "jitSchedulingPolicy")
    inside = dict.fromkeys((*keys, "jitRequestState", "createdBy", "updatedBy"), odd)
    schedule = dict.fromkeys(("type", "duration", "startTime"), odd)
    top = dict.fromkeys(("location", "tags", "systemData"), odd)

    read = decode_request({"id": f"{PLACE}/jitRequests/r", **top, "properties": inside})
    decode_request({"id": f"{PLACE}/jitRequests/r", "properties": odd})
    decode_request(
        {"id": f"{PLACE}/jitRequests/r", "properties": {"jitSchedulingPolicy": schedule}}
    )

    assert read.state is RequestState.UNKNOWN
    encode_request(read)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Pending", RequestState.PENDING),
        ("APPROVED", RequestState.APPROVED),
        ("Timeout", RequestState.TIMED_OUT),
        ("NotSpecified", RequestState.NOT_SPECIFIED),
        ("Escalated", RequestState.UNKNOWN),
        (None, RequestState.UNKNOWN),
    ],
)
def test_state_is_read_without_case_and_kept(text: str | None, state: RequestState) -> None:
    body = {"id": f"{PLACE}/jitRequests/r", "properties": {"jitRequestState": text}}

    read = decode_request(body)

    assert (read.state, read.state_text) == (state, text)


def test_new_request_is_written_as_azure_writes_its_examples() -> None:
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    drawn = decode_request({"id": f"{PLACE}/jitRequests/r"})
    schedule = Schedule("once", start, timedelta(hours=1, minutes=30))

    told = encode_request(drawn._replace(schedule=schedule))["properties"]["jitSchedulingPolicy"]

    assert told == {"type": "Once", "duration": "PT1H30M", "startTime": "2026-03-02T09:00:00Z"}


# Decisions


@pytest.mark.parametrize(
    ("verdict", "status", "sub_status"),
    [
        (Verdict.APPROVE, "Elevate", "Approved"),
        (Verdict.DENY, "Remove", "Denied"),
        (Verdict.REVOKE, "Remove", "Expired"),
    ],
)
def test_only_approval_elevates(verdict: Verdict, status: str, sub_status: str) -> None:
    decision = AccessUpdate(verdict, "r", "p", None, None, "Alice")

    body = encode_access_update(decision)

    assert body == {
        "metadata": {"originRequestId": "r", "requestorId": "p", "subjectDisplayName": "Alice"},
        "status": status,
        "subStatus": sub_status,
    }


# Roles


def test_role_is_named_by_its_guid_where_it_has_no_name() -> None:
    guid = "b24988ac-6180-42a0-ab88-20f7382dd24c"

    assert decode_role({"id": f"/x/{guid}"}).name == guid
    assert decode_role({"name": guid, "properties": {"roleName": "Contributor"}}).id.guid == guid
    assert decode_role({}).blocks == ()


def test_block_keeps_texts_only() -> None:
    block = decode_block({"actions": ["a", 7, None], "notActions": "b", "dataActions": None})

    assert block == Permissions(actions=("a",))


def test_assignment_is_whole_with_a_holder_and_a_role() -> None:
    whole = {"principalId": "p", "roleDefinitionId": "r", "createdOn": "2026-03-02T09:00:00.1Z"}

    read = decode_assignment({"id": "i", "properties": whole})

    assert read.is_whole
    assert read.created_at == datetime(2026, 3, 2, 9, 0, 0, 100000, tzinfo=UTC)
    assert (read.scope, read.principal_kind) == ("", None)
    for missing in ("principalId", "roleDefinitionId"):
        assert not decode_assignment({"properties": {**whole, missing: None}}).is_whole


# Values


@pytest.mark.parametrize(
    ("source", "read"),
    [
        (r'{"a": ["\ud800", "\ud83d\ude00"]}', {"a": ["\\ud800", "\U0001f600"]}),
        (r'{"\uDFFF": 1}', {"\\udfff": 1}),
        ("5", 5),
    ],
)
def test_half_a_character_is_kept_as_text(source: str, read: object) -> None:
    assert read_json(source) == read


@pytest.mark.parametrize("source", ["", "[" * 100_000, "{", "1" * 5000])
def test_what_is_no_json_is_a_value_error(source: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(source)


def test_small_readings() -> None:
    assert GroupId.try_parse(7) is None
    assert GroupId.try_parse("odd") is None
    assert rest({"a": 1, "b": None, "c": 0}, {"a"}) == {"c": 0}
    assert duration_text(None, None) is None
    assert duration_text(timedelta(hours=8), "PT08H") == "PT08H"
    assert duration_text(timedelta(hours=8), None) == "PT8H"
