"""What the Azure CLI and Microsoft's SDKs send, and azjit does not."""

from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.base.messages import Site
from azjit.sandbox.entra.tokens import own_audiences
from azjit.sandbox.world.people import APPROVERS, CONTOSO

LOG = "/providers/Microsoft.Insights/eventtypes/management/values"
TAGS = "/providers/Microsoft.Resources/tags/default"


@pytest.mark.parametrize(
    "where",
    [
        # az monitor activity-log list, and az role assignment list-changelogs
        (
            "eventTimestamp ge 2026-02-22T09:11:42.174809 and eventTimestamp le 2026-03-02T09:11:42"
            " and resourceGroupName eq 'contoso-apps'"
        ),
        (
            "resourceProvider eq Microsoft.Authorization and eventTimestamp ge 2026-02-22T09:11:42Z"
            " and eventTimestamp le 2026-03-02T09:00:00Z"
        ),
        "eventTimestamp le '2026-03-02T09:00:00Z' and eventTimestamp ge 2026-02-22T09:11:42",
    ],
)
def test_the_activity_log_takes_times_and_values_without_quotes(azure: Any, where: str) -> None:
    told = azure.get("bob", f"{azure.production}{LOG}?$filter={where}", "2015-04-01")

    assert told.status == 200, told.body


def test_a_put_of_an_existing_request_replaces_its_tags(azure: Any) -> None:
    azure.ask("orders")
    place = azure.request_id("orders", "req")
    before = azure.get("alice", place).body
    again = azure.ask_body("orders")
    again["properties"]["jitSchedulingPolicy"] = before["properties"]["jitSchedulingPolicy"]

    told = azure.call("alice", "PUT", place, {**again, "tags": {"ticket": "42"}})
    same = azure.call("alice", "PUT", place, {**again, "tags": {"ticket": "42"}})

    assert (told.status, told.body["tags"]) == (200, {"ticket": "42"})
    seen = azure.get("alice", place).body
    assert seen["tags"] == {"ticket": "42"}
    assert seen["properties"]["jitRequestState"] == before["properties"]["jitRequestState"]
    assert same.body["systemData"] == seen["systemData"]


def test_resource_graph_takes_the_version_of_the_current_javascript_client(azure: Any) -> None:
    path = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01"

    told = azure.call("bob", "POST", path, {"query": "resources"})

    assert told.status == 200, told.body
    assert told.body["count"] > 0


def test_a_provider_that_is_not_registered_can_be_registered(azure: Any) -> None:
    azure.sandbox.set_switch(None, "solutions-provider", "unregistered")
    place = f"{azure.production}/providers/Microsoft.Solutions"

    before = azure.get("bob", place, "2021-04-01").body["registrationState"]
    told = azure.call("bob", "POST", f"{place}/register?api-version=2021-04-01", {})

    assert (before, told.status) == ("NotRegistered", 200)
    assert azure.get("bob", place, "2021-04-01").body["registrationState"] == "Registered"


def test_tags_of_any_resource_are_read_merged_replaced_and_deleted(azure: Any) -> None:
    place = f"{azure.production}/resourceGroups/contoso-apps{TAGS}?api-version=2021-04-01"

    def send(method: str, operation: str, **tags: str) -> Any:
        return azure.call(
            "bob", method, place, {"operation": operation, "properties": {"tags": tags}}
        )

    put = send("PUT", "", a="1", b="2")
    merged = send("PATCH", "Merge", c="3")
    less = send("PATCH", "Delete", b="2")
    replaced = send("PATCH", "Replace", d="4")
    wrong = send("PATCH", "Upend", d="4")

    told = [each.properties["tags"] for each in (put, merged, less, replaced)]
    assert told[0] == {"a": "1", "b": "2"}
    assert told[1] == {"a": "1", "b": "2", "c": "3"}
    assert told[2] == {"a": "1", "c": "3"}
    assert told[3] == azure.get("bob", place).properties["tags"] == {"d": "4"}
    assert wrong.status == 400


def test_resources_are_found_by_a_tag(azure: Any) -> None:
    azure.call(
        "bob",
        "PUT",
        f"{azure.production}/resourceGroups/contoso-apps/providers/Microsoft.Solutions"
        f"/applications/orders{TAGS}?api-version=2021-04-01",
        {"properties": {"tags": {"Team": "Shop"}}},
    )
    place = f"{azure.production}/resources?$filter="

    found = azure.get("bob", f"{place}tagname eq 'team' and tagvalue eq 'shop'", "2021-04-01")
    other = azure.get("bob", f"{place}tagname eq 'team' and tagvalue eq 'else'", "2021-04-01")

    assert [each["name"] for each in found.value] == ["orders"]
    assert other.value == []
    names = azure.get("bob", f"{azure.production}/tagNames", "2021-04-01").value
    told = {each["tagName"]: each["values"] for each in names}
    assert [(one["tagValue"], one["count"]["value"]) for one in told["Team"]] == [("Shop", 1)]


def test_locks_are_listed(azure: Any) -> None:
    place = f"{azure.production}/resourceGroups/contoso-apps/providers/Microsoft.Authorization"

    assert azure.get("bob", f"{place}/locks", "2016-09-01").value == []


@pytest.mark.parametrize("cast", ["graph.group", "microsoft.graph.group"])
def test_graph_casts_by_both_names(azure: Any, cast: str) -> None:
    bob = azure.people["bob"].object_id

    scope = "https://graph.microsoft.com/.default"
    token = azure.sign_in("bob", scope=scope).body["access_token"]
    url = f"https://graph.microsoft.com/v1.0/users/{bob}/transitiveMemberOf/{cast}"

    told = azure.call(None, "GET", url, version=None, headers={"Authorization": f"Bearer {token}"})

    assert told.status == 200
    assert isinstance(told.value, list)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_every_address_of_a_served_world_is_an_audience(host: str) -> None:
    served = Site(f"https://{host}:8443", f"https://{host}:8443", is_local=True)
    embedded = Site("https://management.azure.com", "https://login", is_local=False)

    assert {"https://localhost:8443", "https://127.0.0.1:8443"} <= set(own_audiences(served))
    assert own_audiences(embedded) == ()


def test_the_result_of_update_access_is_an_update_access_definition(azure: Any) -> None:
    azure.ask("orders")
    sent = azure.decide("bob", "orders", "req")
    place = sent.headers["Location"]

    told = azure.get("bob", place)
    while told.status == 202:
        told = azure.get("bob", place)

    assert (sent.status, told.status) == (202, 200)
    assert (told.body["status"], told.body["subStatus"]) == ("Elevate", "Approved")
    assert told.body["metadata"]["originRequestId"] == "req"


@pytest.mark.parametrize(
    ("path", "version", "told"),
    [
        ("{sub}/locations", "2022-12-01", "westeurope"),
        ("{group}/providers/Microsoft.Resources/deployments", "2021-04-01", ""),
        ("{group}/providers/Microsoft.Authorization/policyAssignments", "2023-04-01", ""),
        ("{sub}/providers/Microsoft.Authorization/classicAdministrators", "2015-06-01", ""),
        ("/providers/Microsoft.Solutions/operations", "2021-07-01", "register/action"),
        ("{group}/providers/Microsoft.Solutions/applications", "2017-12-01", "orders"),
        ("{group}/providers/Microsoft.Solutions/applicationDefinitions", "2018-02-01", ""),
    ],
)
def test_lists_that_general_clients_read(azure: Any, path: str, version: str, told: str) -> None:
    group = f"{azure.production}/resourceGroups/contoso-apps"

    answer = azure.get("bob", path.format(sub=azure.production, group=group), version)

    assert answer.status == 200, answer.body
    names = [each["name"] for each in answer.value]
    assert any(name.endswith(told) for name in names) if told else names == []


def test_what_is_no_list_of_general_clients(azure: Any) -> None:
    operations = "/providers/Microsoft.Authorization/providerOperations"
    deployments = (
        f"{azure.production}/resourceGroups/contoso-apps/providers/Microsoft.Resources/deployments"
    )

    shown = azure.get("bob", f"{operations}/microsoft.solutions", "2022-04-01").body
    unknown = azure.get("bob", f"{operations}/Microsoft.Other", "2022-04-01")
    absent = azure.get("bob", f"{deployments}/main", "2021-04-01")
    too_old = azure.get(
        "bob",
        f"{azure.production}/providers/Microsoft.Solutions/jitRequests",
        "2017-12-01",
    )

    kinds = {each["name"]: each["operations"] for each in shown["resourceTypes"]}
    assert "Microsoft.Solutions/applications/updateAccess/action" in [
        each["name"] for each in kinds["applications"]
    ]
    assert (unknown.status, absent.status, too_old.status) == (404, 404, 400)
    assert absent.code == "DeploymentNotFound"


def test_resource_graph_joins_what_the_azure_cli_sends(azure: Any) -> None:
    query = (
        "resources | where type =~ 'microsoft.solutions/applications' and name == 'orders'"
        " | join kind=leftouter (resourcecontainers"
        " | where type == 'microsoft.resources/subscriptions'"
        " | project subscription=name, subscriptionId) on subscriptionId"
        " | project name, subscription"
    )
    path = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"

    told = azure.call("bob", "POST", path, {"query": query})

    assert told.body["data"] == [{"name": "orders", "subscription": "Contoso Production"}]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/organization", ["Contoso"]),
        ("/roleManagement/directory/roleAssignments", []),
        ("/groups/{approvers}/members/graph.user", ["Carol Cruz"]),
        ("/groups/{approvers}/members/microsoft.graph.group", []),
        ("/groups/{platform}/transitiveMembers/graph.user", ["Carol Cruz"]),
        ("/users/carol@contoso.example/memberOf", ["Contoso Approvers"]),
    ],
)
def test_graph_lists_what_scripts_read(azure: Any, path: str, shown: list[str]) -> None:
    told = _graph(azure, path)

    assert told.status == 200, told.body
    assert [each["displayName"] for each in told.value] == shown


@pytest.mark.parametrize(
    ("query", "key", "shown"),
    [
        ("$expand=members", "members", "Carol Cruz"),
        ("$expand=members($select=id,displayName)&$select=id", "members", "Carol Cruz"),
        ("$expand=memberOf", "memberOf", "Contoso Platform"),
    ],
)
def test_graph_expands_a_relation(azure: Any, query: str, key: str, shown: str) -> None:
    (one, *_) = [
        each
        for each in _graph(azure, f"/groups?{query}").value
        if each["id"] == APPROVERS.object_id
    ]

    assert [each["displayName"] for each in one[key]] == [shown]


def test_graph_says_what_it_cannot_expand(azure: Any) -> None:
    told = _graph(azure, "/groups?$expand=owners")
    organization = _graph(azure, "/organization/00000000-0000-4000-8000-000000000000")
    mine = _graph(azure, f"/organization/{CONTOSO}")
    roles = _graph(azure, "/roleManagement/directory/roleDefinitions?$select=displayName")

    assert (told.status, "cannot expand 'owners'" in str(told.body)) == (400, True)
    assert (organization.status, mine.body["displayName"]) == (404, "Contoso")
    assert {"displayName": "Global Reader"} in roles.value


def _graph(azure: Any, path: str) -> Any:
    scope = "https://graph.microsoft.com/.default"
    token = azure.sign_in("bob", scope=scope).body["access_token"]
    ids = {"approvers": APPROVERS.object_id, "platform": stable_id("group/platform")}
    url = f"https://graph.microsoft.com/v1.0{path.format(**ids)}"
    headers = {"Authorization": f"Bearer {token}"}
    return azure.call(None, "GET", url, version=None, headers=headers)
