"""Approvals in PIM: of its own requests, and of JIT requests if they are linked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

RIGHTS = "/providers/Microsoft.Authorization"
REQUESTS, APPROVALS = "2020-10-01", "2021-01-01-preview"
ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
NAME = "11111111-1111-4111-8111-111111111111"
YES = {"properties": {"reviewResult": "Approve", "justification": "ok"}}
NO = {"reviewResult": "Deny", "justification": "no"}


def approvals(azure: Any, alias: str = "bob", scope: str = "", view: str = "asApprover()") -> Any:
    path = f"{scope}{RIGHTS}/roleAssignmentApprovals?$filter={view}"
    return azure.get(alias, path, APPROVALS).value


def stage(azure: Any, alias: str = "bob") -> str:
    return str(approvals(azure, alias)[0]["properties"]["stages"][0]["id"])


def review(azure: Any, alias: str, place: str, body: Any, method: str = "PUT") -> Any:
    return azure.call(alias, method, place, body, version=APPROVALS)


def carol_asks(azure: Any, name: str = NAME) -> Any:
    body = {
        "properties": {
            "principalId": azure.people["carol"].object_id,
            "roleDefinitionId": ACCESS_ADMINISTRATOR,
            "requestType": "SelfActivate",
            "scheduleInfo": {"expiration": {"type": "AfterDuration", "duration": "PT1H"}},
            "justification": "INC-1",
        }
    }
    path = f"{azure.production}{RIGHTS}/roleAssignmentScheduleRequests/{name}"
    return azure.call("carol", "PUT", path, body, version=REQUESTS)


def carol_status(azure: Any) -> str:
    path = f"{azure.production}{RIGHTS}/roleAssignmentScheduleRequests/{NAME}"
    return str(azure.get("carol", path, REQUESTS).properties["status"])


def test_policy_that_wants_approval_makes_an_activation_wait(azure: Any) -> None:
    made = carol_asks(azure)

    assert (made.status, made.properties["status"]) == (201, "PendingApproval")
    (found,) = approvals(azure)
    assert made.properties["approvalId"] == found["id"]
    assert carol_asks(azure, NAME.replace("1", "2")).code == "PendingRoleAssignmentRequest"


@pytest.mark.parametrize(("body", "status"), [(YES, "Provisioned"), (NO, "Denied")])
def test_review_of_the_stage_decides(azure: Any, body: Any, status: str) -> None:
    carol_asks(azure)
    place = stage(azure)

    done = review(azure, "bob", place, body)

    assert done.properties["status"] == "Completed"
    assert carol_status(azure) == status
    assert approvals(azure) == []
    assert review(azure, "bob", place, body).status == 409


def test_request_is_canceled_while_it_waits(azure: Any) -> None:
    carol_asks(azure)
    path = f"{azure.production}{RIGHTS}/roleAssignmentScheduleRequests/{NAME}/cancel"

    answers = [azure.call("carol", "POST", path, version=REQUESTS).status for _ in range(2)]

    assert (answers, carol_status(azure), approvals(azure)) == ([200, 400], "Canceled", [])


def test_request_times_out_after_a_day(azure: Any) -> None:
    carol_asks(azure)
    place = stage(azure)
    azure.sandbox.move_clock(timedelta(hours=24))

    assert carol_status(azure) == "TimedOut"
    assert azure.get("bob", place, APPROVALS).properties["status"] == "Expired"
    assert review(azure, "bob", place, YES).status == 409


def test_justification_is_needed_where_the_policy_says_so(azure: Any) -> None:
    carol_asks(azure)

    refused = review(azure, "bob", stage(azure), {"reviewResult": "Approve"})

    assert refused.code == "JustificationRequired"


@pytest.mark.parametrize("mode", ["honoured", "ignored", "forbidden"])
def test_pim_has_no_jit_requests_by_itself(azure: Any, mode: str) -> None:
    azure.sandbox.set_switch("orders", "update-access", mode)
    azure.ask("orders")

    assert approvals(azure) == []


def test_linked_request_is_one_approval_for_its_approvers(azure: Any) -> None:
    azure.sandbox.set_switch("orders", "update-access", "pim-linked")
    azure.ask("orders")

    assert len(approvals(azure)) == len(approvals(azure, "carol")) == 1
    assert len(approvals(azure, scope=azure.managed("orders"))) == 1
    assert approvals(azure, scope=azure.managed("reports")) == []
    for alias in ("rita", "contoso-ci", "alice"):
        assert approvals(azure, alias) == []
    for view in ("asCreatedBy()", "asTarget()"):
        mine = [item["properties"]["stages"][0] for item in approvals(azure, "alice", view=view)]
        assert [s["properties"]["status"] for s in mine].count("InProgress") == 1


def test_linked_request_tells_its_scope_role_and_principal(azure: Any) -> None:
    azure.sandbox.set_switch(None, "update-access", "pim-linked")
    azure.ask("orders")
    path = f"{RIGHTS}/roleAssignmentScheduleRequests?$filter=asApprover()"

    found = azure.get("carol", path, REQUESTS).value

    properties = found[0]["properties"]
    assert len(found) == 1
    assert properties["scope"] == azure.managed("orders")
    assert properties["roleDefinitionId"].endswith("b24988ac-6180-42a0-ab88-20f7382dd24c")
    assert properties["principalId"] == azure.people["alice"].object_id
    assert properties["approvalId"] == approvals(azure, "carol")[0]["id"]
    one = f"{azure.managed('orders')}{RIGHTS}/roleAssignmentScheduleRequests/{found[0]['name']}"
    assert azure.get("carol", one, REQUESTS).body == found[0]


@pytest.mark.parametrize(("body", "state"), [(YES, "Approved"), (NO, "Denied")])
def test_review_decides_the_jit_request(azure: Any, body: Any, state: str) -> None:
    azure.sandbox.set_switch("orders", "update-access", "pim-linked")
    azure.ask("orders")
    azure.decide("bob", "orders", "req")

    done = review(azure, "bob", stage(azure), body, "PATCH")

    assert done.properties["reviewedBy"]["userPrincipalName"] == "bob@contoso.example"
    assert azure.state("orders") == state
    assert azure.has_grant("orders") is (state == "Approved")
    assert approvals(azure) == []


@pytest.mark.parametrize(
    ("alias", "reason"),
    [
        ("alice", "own requests"),
        ("contoso-ci", "service principals aren't allowed"),
        ("rita", "not an approver"),
    ],
)
def test_others_must_not_review(azure: Any, alias: str, reason: str) -> None:
    azure.sandbox.set_switch("orders", "update-access", "pim-linked")
    azure.ask("orders")

    refused = review(azure, alias, stage(azure), YES)

    assert (refused.status, refused.code) == (403, "AuthorizationFailed")
    assert reason in refused.body["error"]["message"]
    assert azure.state("orders") == "Pending"


def test_ambiguous_world_has_two_of_which_one_decides(azure: Any) -> None:
    azure.sandbox.set_switch("orders", "pim-lists-requests", "ambiguous")
    azure.ask("orders")
    places = [item["properties"]["stages"][0]["id"] for item in approvals(azure)]

    states = []
    for place in places:
        review(azure, "bob", place, YES)
        states.append(azure.state("orders"))

    assert len(places) == 2
    assert states[-1] == "Approved"


def test_switch_lists_requests_in_other_modes(azure: Any) -> None:
    azure.sandbox.set_switch(None, "pim-lists-requests", "yes")
    azure.ask("orders")

    review(azure, "bob", stage(azure), YES)

    assert azure.state("orders") == "Approved"


@pytest.mark.parametrize(
    ("taken", "wrapped", "bare"),
    [("both", 200, 200), ("wrapped", 200, 400), ("unwrapped", 400, 200)],
)
def test_body_of_the_review(azure: Any, taken: str, wrapped: int, bare: int) -> None:
    azure.sandbox.set_switch(None, "pim-review-body", taken)
    azure.sandbox.set_switch(None, "update-access", "pim-linked")

    azure.ask("orders", "one")
    first = review(azure, "bob", stage(azure), YES).status
    azure.decide("bob", "orders", "one")
    for item in approvals(azure):
        review(azure, "bob", item["properties"]["stages"][0]["id"], NO)
        review(azure, "bob", item["properties"]["stages"][0]["id"], {"properties": NO})
    azure.ask("orders", "two")
    second = review(azure, "bob", stage(azure), NO, "PATCH").status

    assert (first, second) == (wrapped, bare)


@pytest.mark.parametrize("body", [{"reviewResult": "Maybe"}, {"properties": {}}])
def test_other_reviews_are_refused(azure: Any, body: Any) -> None:
    carol_asks(azure)

    assert review(azure, "bob", stage(azure), body).code == "InvalidRequestContent"


def test_unknown_approvals_and_stages(azure: Any) -> None:
    carol_asks(azure)
    one = approvals(azure)[0]["id"]

    assert azure.get("bob", f"{RIGHTS}/roleAssignmentApprovals/x", APPROVALS).status == 404
    assert azure.get("bob", f"{one}/stages/x", APPROVALS).status == 404
    assert azure.get("bob", one, APPROVALS).status == 200
