"""The life of a JIT request, for publisher and consumer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

HOUR = timedelta(hours=1)


def test_request_is_created_pending_with_places_to_poll(azure: Any) -> None:
    answer = azure.ask("orders")

    assert answer.status == 201
    assert answer.properties["jitRequestState"] == "Pending"
    assert answer.properties["createdBy"]["oid"] == azure.people["alice"].object_id
    assert answer.properties["publisherTenantId"] == azure.people["alice"].tenant_id
    assert answer.body["systemData"]["createdBy"] == "alice@fabrikam.example"
    assert answer.headers["x-ms-retry-after-ms"] == "20"
    assert "Retry-After" not in answer.headers


def test_operation_runs_for_one_poll_and_then_succeeds(azure: Any) -> None:
    link = azure.ask("orders").headers["Azure-AsyncOperation"]

    polls = [azure.get("alice", link) for _ in range(3)]

    assert [poll.status for poll in polls] == [202, 200, 200]
    assert [poll.body["status"] for poll in polls] == ["Accepted", "Succeeded", "Succeeded"]


def test_operation_result_is_the_resource(azure: Any) -> None:
    link = azure.ask("orders").headers["Location"]

    polls = [azure.get("alice", link) for _ in range(2)]

    assert [poll.status for poll in polls] == [202, 200]
    assert polls[1].body["name"] == "req"


def test_operation_of_another_is_forbidden_without_the_right(azure: Any) -> None:
    link = azure.ask("orders").headers["Azure-AsyncOperation"]

    assert azure.get("fabrikam-ci", link).status == 403
    assert azure.get("bob", link).status == 202


def test_same_put_again_changes_nothing(azure: Any) -> None:
    body = azure.ask_body("orders")
    first = azure.call("alice", "PUT", azure.request_id("orders", "req"), body)
    azure.decide("bob", "orders", "req")

    again = azure.call("alice", "PUT", azure.request_id("orders", "req"), body)

    assert (first.status, again.status) == (201, 200)
    assert again.properties["jitRequestState"] == "Approved"


def test_other_content_replaces_a_pending_request(azure: Any) -> None:
    azure.ask("orders", duration="PT1H")

    again = azure.ask("orders", duration="PT2H")

    assert again.status == 200
    assert again.properties["jitSchedulingPolicy"]["duration"] == "PT2H"


def test_other_content_is_a_conflict_once_decided(azure: Any) -> None:
    azure.ask("orders", duration="PT1H")
    azure.decide("bob", "orders", "req", "Remove", "Denied")

    assert azure.ask("orders", duration="PT2H").status == 409


def test_grant_exists_from_start_to_end_only(azure: Any) -> None:
    start = (azure.sandbox.now() + HOUR).isoformat()
    azure.ask("orders", start=start, duration="PT2H")
    azure.decide("bob", "orders", "req")

    seen = [azure.has_grant("orders")]
    for step in (HOUR - timedelta(seconds=1), timedelta(seconds=1), 2 * HOUR):
        azure.sandbox.move_clock(step)
        seen.append(azure.has_grant("orders"))

    assert seen == [False, False, True, False]
    assert azure.state("orders") == "Approved"


def test_grant_opens_what_was_closed_before(azure: Any) -> None:
    path = f"{azure.managed('orders')}/providers/Microsoft.Authorization/permissions"
    before = azure.get("alice", path, "2022-04-01").value
    azure.ask("orders")
    azure.decide("contoso-ci", "orders", "req")

    after = azure.get("alice", path, "2022-04-01").value

    assert ["*"] not in [row["actions"] for row in before]
    assert ["*"] in [row["actions"] for row in after]


def test_denied_request_grants_nothing(azure: Any) -> None:
    azure.ask("orders")

    azure.decide("bob", "orders", "req", "Remove", "Denied")

    assert azure.state("orders") == "Denied"
    assert not azure.has_grant("orders")


def test_undecided_request_expires_with_its_time(azure: Any) -> None:
    azure.ask("orders", duration="PT1H")

    azure.sandbox.move_clock(HOUR)

    assert azure.state("orders") == "Expired"
    assert azure.decide("bob", "orders", "req").status == 409


def test_automatic_mode_approves_two_seconds_later(azure: Any) -> None:
    azure.ask("reports")
    before = azure.state("reports")

    azure.sandbox.move_clock(timedelta(seconds=2))

    assert (before, azure.state("reports")) == ("Pending", "Approved")
    assert azure.has_grant("reports")


def test_remove_on_an_approved_request_ends_its_access(azure: Any) -> None:
    azure.ask("orders")
    azure.decide("bob", "orders", "req")

    azure.decide("bob", "orders", "req", "Remove", "Denied")

    assert not azure.has_grant("orders")
    assert azure.state("orders") == "Approved"


def test_deleted_request_is_gone(azure: Any) -> None:
    azure.ask("orders")
    place = azure.request_id("orders", "req")

    statuses = [azure.call("alice", "DELETE", place).status for _ in range(2)]

    assert statuses == [200, 204]
    assert azure.get("bob", place).code == "ResourceNotFound"


def test_deleting_a_pending_automatic_request_leaves_no_grant_behind(azure: Any) -> None:
    azure.ask("reports")
    azure.call("alice", "DELETE", azure.request_id("reports", "req"))

    azure.sandbox.move_clock(timedelta(seconds=5))

    assert not azure.has_grant("reports")


def test_tags_are_all_that_a_patch_changes(azure: Any) -> None:
    azure.ask("orders")
    place = azure.request_id("orders", "req")

    answer = azure.call("alice", "PATCH", place, {"tags": {"ticket": "7"}})

    assert answer.status == 200
    assert answer.body["tags"] == {"ticket": "7"}
    assert azure.call("bob", "PATCH", place, {"tags": {}}).code == (
        "DenyAssignmentAuthorizationFailed"
    )


@pytest.mark.parametrize(
    ("app", "changed", "status", "code"),
    [
        ("orders", {"duration": "PT9H"}, 400, "JitDurationTooLong"),
        ("orders", {"duration": "P1M"}, 400, "InvalidRequestContent"),
        ("orders", {"duration": "-PT1H"}, 400, "InvalidRequestContent"),
        ("orders", {"start": "2026-03-02T09:00:00"}, 400, "InvalidRequestContent"),
        (
            "orders",
            {"role": "acdd72a7-3385-48ef-bd42-f606fba81ae7"},
            400,
            "JitAuthorizationNotFound",
        ),
        ("orders", {"jitAuthorizationPolicies": []}, 400, "InvalidRequestContent"),
        ("orders", {"jitSchedulingPolicy": None}, 400, "InvalidRequestContent"),
        ("orders", {"applicationResourceId": None}, 400, "InvalidRequestContent"),
        ("orders", {"applicationResourceId": "/subscriptions/x"}, 400, "ApplicationNotFound"),
        ("ledger", {}, 400, "JitAccessNotEnabled"),
    ],
)
def test_request_that_breaks_a_rule_is_refused(
    azure: Any, app: str, changed: dict[str, Any], status: int, code: str
) -> None:
    answer = azure.ask(app, **changed)

    assert (answer.status, answer.code) == (status, code)


def test_person_in_a_group_only_is_refused(azure: Any) -> None:
    answer = azure.ask("archive", alias="dave")

    assert (answer.status, answer.code) == (400, "JitAuthorizationNotFound")


def test_group_as_the_principal_is_refused(azure: Any) -> None:
    groups = {item["name"]: item["id"] for item in azure.sandbox.describe()["groups"]}

    answer = azure.ask("archive", alias="dave", principal=groups["Fabrikam Support"])

    assert (answer.status, answer.code) == (400, "JitPrincipalNotExplicit")


def test_request_for_an_application_of_another_group_is_refused(azure: Any) -> None:
    body = azure.ask_body("reports")

    answer = azure.call("alice", "PUT", azure.request_id("orders", "req"), body)

    assert answer.code == "InvalidJitRequestScope"


def test_request_for_an_application_of_others_fails_the_linked_check(azure: Any) -> None:
    body = azure.ask_body("archive")

    answer = azure.call("alice", "PUT", azure.request_id("orders", "req"), body)

    assert (answer.status, answer.code) == (403, "LinkedAuthorizationFailed")


def test_body_that_is_no_json_is_refused(azure: Any) -> None:
    token = {"Authorization": f"Bearer {azure.token('alice')}"}
    url = f"https://management.azure.com{azure.request_id('orders', 'req')}?api-version=2021-07-01"

    answer = azure.sandbox.handle("PUT", url, token, b"{")

    assert answer.status == 400


def test_seeded_history_is_last_weeks(azure: Any) -> None:
    requests = azure.sandbox.describe()["requests"]

    found = sorted((item["applicationResourceId"][-6:], item["state"]) for item in requests)

    assert found == [("orders", "Approved"), ("orders", "Denied"), ("s/shop", "Pending")]
    assert not azure.has_grant("orders")
