"""Resource Graph: its results by caller, its pages, its delay, and its quota."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from azjit.sandbox.world.people import CONTRIBUTOR, OWNER, READER
from azjit.sandbox.world.rights import ALWAYS, Assignment
from azjit.sandbox.world.world import World

NAMES = {OWNER: "Owner", READER: "Reader", CONTRIBUTOR: "Contributor"}
PATH = "/providers/Microsoft.ResourceGraph/resources"
APPLICATIONS = "resources | where type =~ 'microsoft.solutions/applications'"
REQUESTS = "resources | where type =~ 'microsoft.solutions/jitrequests'"
PENDING = f"{REQUESTS} and properties.jitRequestState == 'Pending'"


def ask(azure: Any, alias: str, query: str, **more: Any) -> Any:
    body = {"query": query, **{k: v for k, v in more.items() if k != "options"}}
    if "options" in more:
        body["options"] = more["options"]
    return azure.call(alias, "POST", PATH, body, version="2021-03-01")


def names(azure: Any, alias: str, query: str, **more: Any) -> list[str]:
    return sorted(row["name"] for row in ask(azure, alias, query, **more).body["data"])


def test_everything_readable_is_found_over_all_subscriptions(azure: Any) -> None:
    found = ask(azure, "bob", f"{APPLICATIONS} | project id, name, resourceGroup, subscriptionId")

    rows = {row["name"]: row for row in found.body["data"]}
    assert (found.status, found.body["totalRecords"], found.body["count"]) == (200, 7, 7)
    assert rows["sensors"]["subscriptionId"] == azure.test.rpartition("/")[2]
    assert found.headers["x-ms-tenant-subscription-limit-hit"] == "false"


@pytest.mark.parametrize(
    ("alias", "found"), [("alice", 0), ("rita", 7), ("contoso-ci", 7), ("dave", 0)]
)
def test_only_what_the_caller_may_read_is_found(azure: Any, alias: str, found: int) -> None:
    assert len(names(azure, alias, APPLICATIONS)) == found


def test_publisher_finds_requests_in_its_managed_groups(azure: Any) -> None:
    assert len(names(azure, "alice", PENDING)) == 1


def test_scope_is_subscriptions_or_management_groups(azure: Any) -> None:
    test = azure.test.rpartition("/")[2]
    tenant = azure.people["bob"].tenant_id

    assert names(azure, "bob", APPLICATIONS, subscriptions=[test]) == ["sensors"]
    assert names(azure, "bob", APPLICATIONS, managementGroups=["contoso-test"]) == ["sensors"]
    assert len(names(azure, "bob", APPLICATIONS, managementGroups=[tenant])) == 7
    refused = ask(azure, "bob", APPLICATIONS, managementGroups=["nothing"])
    assert refused.body["error"]["details"][0]["code"] == "InvalidManagementGroup"


def test_subscriptions_that_cannot_be_read_are_left_out_unless_none_is_left(azure: Any) -> None:
    test = ask(azure, "bob", APPLICATIONS).body["data"][0]["subscriptionId"]
    nobodys = "00000000-0000-0000-0000-000000000001"

    some = ask(azure, "bob", APPLICATIONS, subscriptions=[test, nobodys])
    none = ask(azure, "bob", APPLICATIONS, subscriptions=[nobodys])

    assert some.body["count"] > 0
    assert none.status == 400
    assert none.body["error"]["details"][0]["code"] == "NoValidSubscriptionsInQueryRequest"


def test_pages_follow_by_token(azure: Any) -> None:
    query = f"{APPLICATIONS} | project id, name | order by id asc"
    found, options = [], {"$top": 3}

    for _ in range(3):
        page = ask(azure, "bob", query, options=options).body
        found += [row["id"] for row in page["data"]]
        options = {"$top": 3, "$skipToken": page.get("$skipToken")}

    assert len(set(found)) == 7
    assert options["$skipToken"] is None


@pytest.mark.parametrize("query", [f"{APPLICATIONS} | project name", f"{APPLICATIONS} | take 5"])
def test_without_ids_or_with_a_limit_there_is_no_next_page(azure: Any, query: str) -> None:
    page = ask(azure, "bob", query, options={"$top": 2}).body

    assert (page["count"], page["resultTruncated"]) == (2, "true")
    assert "$skipToken" not in page


def test_table_format(azure: Any) -> None:
    query = f"{APPLICATIONS} | where name == 'orders' | project name, resourceGroup"

    found = ask(azure, "bob", query, options={"resultFormat": "table"}).body["data"]

    assert [column["name"] for column in found["columns"]] == ["name", "resourceGroup"]
    assert found["rows"] == [["orders", "contoso-apps"]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "resources | join x"}, "ParserFailure"),
        ({"query": " "}, "InvalidQuery"),
        ({"query": APPLICATIONS, "options": {"$top": 1001}}, "InvalidOptions"),
        ({"query": APPLICATIONS, "options": {"$top": 0}}, "InvalidOptions"),
        ({"query": APPLICATIONS, "options": []}, None),
        ({"query": APPLICATIONS, "options": "x"}, "InvalidOptions"),
        ({"query": APPLICATIONS, "options": {"$skipToken": "x"}}, "InvalidSkipToken"),
        ({"query": APPLICATIONS, "subscriptions": "x"}, "InvalidScope"),
        (
            {"query": APPLICATIONS, "subscriptions": ["x"], "managementGroups": ["y"]},
            "InvalidScope",
        ),
    ],
)
def test_refusals_name_what_is_wrong(azure: Any, body: Any, code: str | None) -> None:
    answer = azure.call("bob", "POST", PATH, body, version="2022-10-01")

    if code is None:
        assert answer.status == 200
    else:
        assert (answer.status, answer.code) == (400, "BadRequest")
        assert answer.body["error"]["details"][0]["code"] == code


def test_quota_refuses_without_retry_after(azure: Any) -> None:
    azure.sandbox.set_switch(None, "resource-graph-quota", "15")

    left = [
        ask(azure, "bob", "resources | count").headers["x-ms-user-quota-remaining"]
        for _ in range(15)
    ]
    refused = ask(azure, "bob", "resources | count")
    azure.sandbox.move_clock(timedelta(seconds=5))

    assert left[-1] == "0"
    assert refused.status == 429
    assert refused.headers["x-ms-user-quota-resets-after"] == "00:00:05"
    assert "Retry-After" not in refused.headers
    assert ask(azure, "bob", "resources | count").status == 200
    assert ask(azure, "rita", "resources | count").status == 200


def test_forbidden(azure: Any) -> None:
    azure.sandbox.set_switch(None, "resource-graph", "forbidden")

    assert ask(azure, "bob", APPLICATIONS).code == "AuthorizationFailed"


def test_subscription_limit_cuts_only_where_partial_scopes_are_allowed(azure: Any) -> None:
    azure.sandbox.set_switch(None, "resource-graph-subscriptions", "1")

    refused = ask(azure, "bob", APPLICATIONS)
    partial = ask(azure, "bob", APPLICATIONS, options={"allowPartialScopes": True})

    assert refused.body["error"]["details"][0]["code"] == "SubscriptionLimitExceeded"
    assert partial.headers["x-ms-tenant-subscription-limit-hit"] == "true"


def test_state_is_absent_where_the_switch_says_so(azure: Any) -> None:
    azure.sandbox.set_switch("shop-eu/shop", "resource-graph-state", "absent")

    assert names(azure, "bob", PENDING) == []
    assert len(names(azure, "bob", f"{REQUESTS} and isnull(properties.jitRequestState)")) == 1


def test_stale_misses_new_decided_and_deleted_requests(azure: Any) -> None:
    azure.ask("orders", "old")
    azure.ask("orders", "gone")
    azure.sandbox.move_clock(timedelta(minutes=10))
    azure.sandbox.set_switch(None, "resource-graph", "stale")
    azure.ask("orders", "new")
    azure.decide("bob", "orders", "old")
    azure.call("alice", "DELETE", azure.request_id("orders", "gone"))

    query = f"{PENDING} and name in ('old', 'gone', 'new')"
    stale = names(azure, "bob", query)
    azure.sandbox.move_clock(timedelta(minutes=10))
    fresh = names(azure, "bob", query)

    assert (stale, fresh) == (["gone", "old"], ["new"])


def test_containers_are_subscriptions_and_groups(azure: Any) -> None:
    query = "resourcecontainers | where type =~ 'microsoft.resources/subscriptions'"

    assert names(azure, "bob", query) == ["Contoso Production", "Contoso Test"]
    managed = "resourcecontainers | where managedBy endswith '/applications/orders'"
    assert names(azure, "bob", managed) == ["mrg-orders"]


@pytest.mark.parametrize(
    ("options", "roles"),
    [
        ({}, {"Owner", "Contributor"}),
        ({"authorizationScopeFilter": "AtScopeExact"}, {"Owner"}),
        ({"authorizationScopeFilter": "AtScopeAndAbove"}, {"Owner", "Reader"}),
        ({"authorizationScopeFilter": "AtScopeAboveAndBelow"}, {"Owner", "Contributor", "Reader"}),
    ],
)
def test_role_assignments_are_found_by_their_scope(
    azure: Any, options: dict[str, str], roles: set[str]
) -> None:
    bob, now = azure.people["bob"].object_id, azure.sandbox.now()
    with azure.sandbox._store.transaction(is_write=True) as connection:
        world = World(connection, now)
        world.assign(Assignment("a", "/", bob, READER, ALWAYS))
        world.assign(Assignment("b", f"{azure.test}/resourceGroups/x", bob, CONTRIBUTOR, ALWAYS))
    test = azure.test.rpartition("/")[2]
    query = f"authorizationresources | where properties.principalId == '{bob}'"

    rows = ask(azure, "bob", query, subscriptions=[test], options=options).body["data"]

    found = {row["properties"]["roleDefinitionId"].rpartition("/")[2] for row in rows}
    assert {NAMES[role] for role in found} == roles
    assert {row["type"] for row in rows} == {"microsoft.authorization/roleassignments"}


def test_an_unknown_scope_filter_is_refused(azure: Any) -> None:
    options = {"authorizationScopeFilter": "Everywhere"}

    refused = ask(azure, "bob", "authorizationresources", options=options)

    assert (refused.status, refused.body["error"]["details"][0]["code"]) == (400, "InvalidOptions")
