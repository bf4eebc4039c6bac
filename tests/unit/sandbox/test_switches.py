"""Each switch has the effect that it describes, and no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

POLICY = {
    "jitAccessEnabled": True,
    "jitApprovalMode": "AutoApprove",
    "jitApprovers": [],
    "maximumJitAccessDuration": "PT4H",
}


def _patch(azure: Any, policy: dict[str, Any], app: str = "orders") -> Any:
    return azure.call("bob", "PATCH", azure.app(app), {"properties": {"jitAccessPolicy": policy}})


def _policy(azure: Any, app: str = "orders") -> Any:
    return azure.get("bob", azure.app(app)).properties["jitAccessPolicy"]


@pytest.mark.parametrize("conduct", ["ignored", "pim-linked"])
def test_update_access_may_be_taken_and_do_nothing(azure: Any, conduct: str) -> None:
    azure.sandbox.set_switch("orders", "update-access", conduct)
    azure.ask("orders")

    answer = azure.decide("bob", "orders", "req")

    assert answer.status == 202
    assert azure.state("orders") == "Pending"
    assert not azure.has_grant("orders")


def test_update_access_may_be_forbidden_to_all(azure: Any) -> None:
    azure.sandbox.set_switch(None, "update-access", "forbidden")
    azure.ask("orders")

    assert azure.decide("bob", "orders", "req").status == 403


def test_application_has_its_own_setting_before_the_worlds(azure: Any) -> None:
    azure.sandbox.set_switch(None, "update-access", "forbidden")
    azure.sandbox.set_switch("orders", "update-access", "honoured")

    assert azure.sandbox.switches("orders")["update-access"] == "honoured"
    assert azure.sandbox.switches("reports")["update-access"] == "forbidden"


def test_update_access_takes_pascal_case_and_a_full_id(azure: Any) -> None:
    azure.ask("orders")
    body = {
        "Approver": "bob",
        "Status": "Elevate",
        "SubStatus": "Approved",
        "Metadata": {"originRequestId": azure.request_id("orders", "REQ")},
    }

    answer = azure.call("bob", "POST", f"{azure.app('orders')}/updateAccess", body)

    assert answer.status == 202
    assert azure.state("orders") == "Approved"


def test_update_access_of_an_unknown_request_is_refused(azure: Any) -> None:
    assert azure.decide("bob", "orders", "nothing").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"status": "Elevate", "subStatus": "Approved"},
        {"status": "Other", "subStatus": "Approved", "metadata": {}},
        {"status": "Elevate", "subStatus": "Other", "metadata": {}},
    ],
)
def test_update_access_is_held_to_the_contract(azure: Any, body: dict[str, Any]) -> None:
    answer = azure.call("bob", "POST", f"{azure.app('orders')}/updateAccess", body)

    assert answer.code == "InvalidRequestContent"


def test_decision_may_show_later(azure: Any) -> None:
    azure.sandbox.set_switch("orders", "confirm-delay-seconds", "30")
    azure.ask("orders")
    azure.decide("bob", "orders", "req")

    before = azure.state("orders")
    azure.sandbox.move_clock(timedelta(seconds=30))

    assert (before, azure.state("orders")) == ("Pending", "Approved")


@pytest.mark.parametrize(
    ("conduct", "mode"), [("works", "AutoApprove"), ("ignored", "ManualApprove")]
)
def test_patch_of_the_policy_works_or_is_ignored(azure: Any, conduct: str, mode: str) -> None:
    azure.sandbox.set_switch("orders", "policy-patch", conduct)

    answer = _patch(azure, POLICY)

    assert answer.status == 202
    assert "Azure-AsyncOperation" in answer.headers
    assert _policy(azure)["jitApprovalMode"] == mode


def test_patch_never_enables_jit(azure: Any) -> None:
    answer = _patch(azure, POLICY, "ledger")

    assert answer.status == 202
    assert _policy(azure, "ledger") == {"jitAccessEnabled": False}


@pytest.mark.parametrize(
    "broken",
    [
        {"jitAccessEnabled": "yes"},
        {"jitAccessEnabled": True, "jitApprovalMode": "Sometimes"},
        {"jitAccessEnabled": True, "maximumJitAccessDuration": "8h"},
        {"jitAccessEnabled": True, "jitApprovers": [{"type": "user"}]},
    ],
)
def test_patch_is_held_to_the_contract(azure: Any, broken: dict[str, Any]) -> None:
    assert _patch(azure, broken).code == "InvalidRequestContent"


@pytest.mark.parametrize(("conduct", "state"), [("yes", "Approved"), ("no", "Pending")])
def test_turning_automatic_takes_pending_requests_along_or_not(
    azure: Any, conduct: str, state: str
) -> None:
    azure.sandbox.set_switch("orders", "automatic-takes-pending", conduct)
    azure.ask("orders")

    _patch(azure, POLICY)
    azure.sandbox.move_clock(timedelta(seconds=2))

    assert azure.state("orders") == state


@pytest.mark.parametrize(("conduct", "stays"), [("keeps-grant", True), ("drops-grant", False)])
def test_delete_keeps_or_drops_the_grant(azure: Any, conduct: str, stays: bool) -> None:  # noqa: FBT001 a parameter of the test
    azure.sandbox.set_switch("orders", "delete-request", conduct)
    azure.ask("orders")
    azure.decide("bob", "orders", "req")

    azure.call("alice", "DELETE", azure.request_id("orders", "req"))

    assert azure.has_grant("orders") is stays


@pytest.mark.parametrize(
    ("conduct", "minutes"), [("ends-as-asked", 60), ("runs-whole-length", 100)]
)
def test_a_late_approval_ends_as_asked_or_runs_its_whole_length(
    azure: Any, conduct: str, minutes: int
) -> None:
    azure.sandbox.set_switch("orders", "late-approval", conduct)
    azure.ask("orders")
    azure.sandbox.move_clock(timedelta(minutes=40))
    azure.decide("bob", "orders", "req")

    azure.sandbox.move_clock(timedelta(minutes=minutes - 40, seconds=-1))
    before = azure.has_grant("orders")
    azure.sandbox.move_clock(timedelta(seconds=1))

    assert (before, azure.has_grant("orders")) == (True, False)


@pytest.mark.parametrize("conduct", ["ends-as-asked", "runs-whole-length"])
def test_an_approval_before_the_start_runs_as_asked(azure: Any, conduct: str) -> None:
    azure.sandbox.set_switch("orders", "late-approval", conduct)
    start = azure.sandbox.now() + timedelta(minutes=30)
    azure.ask("orders", start=start.isoformat())
    azure.decide("bob", "orders", "req")

    azure.sandbox.move_clock(timedelta(minutes=90, seconds=-1))
    before = azure.has_grant("orders")
    azure.sandbox.move_clock(timedelta(seconds=1))

    assert (before, azure.has_grant("orders")) == (True, False)


def test_automatic_approval_may_take_longer(azure: Any) -> None:
    azure.sandbox.set_switch("reports", "auto-approval-seconds", "300")
    azure.ask("reports")
    azure.sandbox.move_clock(timedelta(seconds=299))
    before = azure.state("reports")

    azure.sandbox.move_clock(timedelta(seconds=1))

    assert (before, azure.state("reports")) == ("Pending", "Approved")


def test_publisher_may_be_kept_from_the_application(azure: Any) -> None:
    azure.sandbox.set_switch("orders", "publisher-read-application", "forbidden")

    assert azure.get("alice", azure.app("orders")).status == 403
    assert azure.get("alice", azure.app("reports")).status == 200


def test_publisher_reads_the_definition_of_its_applications(azure: Any) -> None:
    shop = azure.get("alice", azure.app("shop", "shop-eu"))
    path = shop.properties["applicationDefinitionId"]
    before = azure.get("alice", path)
    azure.sandbox.set_switch(None, "publisher-read-application", "forbidden")

    assert "authorizations" not in shop.properties
    assert before.properties["authorizations"]
    assert azure.get("alice", path).status == 403


def test_publisher_may_list_no_subscription(azure: Any) -> None:
    azure.sandbox.set_switch(None, "publisher-lists-subscriptions", "no")

    assert azure.get("alice", "/subscriptions").value == []
    assert len(azure.get("bob", "/subscriptions").value) == 2


def test_no_licence_refuses_every_request(azure: Any) -> None:
    azure.sandbox.set_switch(None, "licence", "none")

    answer = azure.ask("orders")

    assert answer.status == 400
    assert "AadPremiumLicenseRequired" in answer.body["error"]["message"]


def test_page_size_and_next_links(azure: Any) -> None:
    azure.sandbox.set_switch(None, "page-size", "2")
    link = f"{azure.production}/providers/Microsoft.Solutions/applications"
    names = []
    while link:
        page = azure.get("bob", link).body
        names += [item["name"] for item in page["value"]]
        link = page.get("nextLink")

    assert names == ["archive", "ledger", "orders", "reports", "shop", "shop"]


def test_skip_token_of_another_make_is_refused(azure: Any) -> None:
    link = f"{azure.production}/providers/Microsoft.Solutions/applications?$skiptoken=%FF"

    assert azure.get("bob", link).code == "InvalidSkipToken"


def test_operation_polls(azure: Any) -> None:
    azure.sandbox.set_switch(None, "operation-polls", "0")

    link = azure.ask("orders").headers["Azure-AsyncOperation"]

    assert azure.get("alice", link).status == 200


@pytest.mark.parametrize(
    ("application", "key", "value", "message"),
    [
        (None, "nothing", "x", "the world has no switch 'nothing': update-access"),
        ("orders", "licence", "none", "an application has no switch 'licence'"),
        ("orders", "update-access", "maybe", "accepts honoured, ignored, forbidden, pim-linked"),
        (None, "page-size", "0", "accepts a number from 1 to 1000"),
        ("nothing", "update-access", "ignored", "no application 'nothing'"),
        ("shop", "update-access", "ignored", "several applications: shop-eu/shop, shop-us/shop"),
    ],
)
def test_wrong_switch_says_what_there_is(
    azure: Any, application: str | None, key: str, value: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        azure.sandbox.set_switch(application, key, value)


def test_application_is_named_with_its_group_or_id(azure: Any) -> None:
    azure.sandbox.set_switch("shop-eu/shop", "update-access", "ignored")
    azure.sandbox.set_switch(azure.app("shop", "shop-us"), "update-access", "forbidden")

    assert azure.sandbox.switches("shop-eu/shop")["update-access"] == "ignored"
    assert azure.sandbox.switches("shop-us/shop")["update-access"] == "forbidden"
