"""`azjit doctor`: the permissions of the caller, and the scope of each."""

from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.world.rights import ALWAYS, Assignment
from behind import CONTRIBUTOR, People, Wire, fails
from checkup import (
    SOMEBODY,
    application_id,
    examined,
    give,
    of,
    severity,
    take_standing,
)
from harness import Cli

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SUPPORT = stable_id("group/support")


def test_a_reader_sees_and_can_neither_decide_nor_configure(cli: Cli) -> None:
    found = examined(cli, "--app", "orders", code=0, who="rita")

    assert severity(found, "DOC101") == "ok"
    assert (severity(found, "DOC102"), severity(found, "DOC103")) == ("warning", "warning")
    assert "updateAccess" in of(found, "DOC102")["message"]
    assert of(found, "DOC103")["breaks"] == ["azjit consumer configure"]


def test_a_pipelines_least_role_lacks_what_it_lacks(cli: Cli) -> None:
    found = examined(cli, "--app", "orders", code=0, who="contoso-ci")

    assert (severity(found, "DOC103"), severity(found, "DOC105")) == ("warning", "warning")
    # `permissions` shows no deny assignments, and this role cannot list them.
    assert severity(found, "DOC102") == "not checked"
    assert "deny assignments" in of(found, "DOC102")["message"]


def test_a_publisher_may_request(both: Cli) -> None:
    environ = {"AZJIT_AS": "alice"}
    done = both("doctor", "--app", "orders", "--side", "publisher", "-o", "json", environ=environ)

    assert done.code == 0, done.err
    assert {severity(done.json, code) for code in ("DOC111", "DOC112", "DOC113")} == {"ok"}


def test_a_deny_assignment_takes_what_a_role_allows(cli: Cli, wire: Wire) -> None:
    def for_all(body: Any) -> None:
        if "properties" in body:
            body["properties"]["excludePrincipals"] = []

    wire.rewrite("/denyAssignments", for_all)

    told = of(examined(cli, "--app", "orders", "--side", "publisher", who="alice"), "DOC111")

    assert told["severity"] == "problem"
    assert "System deny assignment of orders denies" in told["message"]


def spares(wire: Wire, group: str) -> None:
    """Make every deny assignment leave out a group only."""

    def edit(body: Any) -> None:
        if "properties" in body:
            body["properties"]["excludePrincipals"] = [{"id": group, "type": "Group"}]

    wire.rewrite("/denyAssignments", edit)


@pytest.mark.parametrize("groups", ["listed", "overage"])
@pytest.mark.parametrize(("spared", "expected"), [(SUPPORT, "ok"), (SOMEBODY, "problem")])
def test_a_deny_assignment_that_spares_a_group_spares_its_members(
    cli: Cli, wire: Wire, spared: str, expected: str, groups: str
) -> None:
    archive = application_id(cli, "archive")
    cli.world.set_switch(None, "token-groups", groups)
    spares(wire, spared)

    found = examined(cli, "--app", archive, "--side", "publisher", who="dave")

    assert severity(found, "DOC111") == expected


def test_a_deny_assignment_that_may_spare_the_caller_is_not_guessed(cli: Cli, wire: Wire) -> None:
    archive = application_id(cli, "archive")
    cli.world.set_switch(None, "token-groups", "overage")
    cli.world.set_switch(None, "graph", "forbidden")
    spares(wire, SUPPORT)

    told = of(examined(cli, "--app", archive, "--side", "publisher", who="dave"), "DOC111")

    assert told["severity"] == "not checked"
    assert "neither the token nor the directory" in told["message"]


@pytest.fixture
def on_one_group(cli: Cli, people: People) -> str:
    """Carol is Contributor of a resource group and Reader of a managed one, and no more."""
    app = application_id(cli, "orders")
    managed = str(cli("consumer", "show", "orders", "-o", "json").json["managedResourceGroupId"])
    carol = people.id_of("carol")
    take_standing(cli, carol)
    with cli.world._world() as world:
        for name, scope, role in [
            (SOMEBODY, app.partition("/providers/")[0], CONTRIBUTOR),
            (SUPPORT, managed, READER),
        ]:
            world.assign(Assignment(name, scope, carol, role, ALWAYS))
    return app


def test_rights_at_the_subscription_are_looked_at_there(cli: Cli, on_one_group: str) -> None:
    """The lists and the log of a subscription take more than a right on one application."""
    found = examined(cli, "--app", on_one_group, code=0, who="carol")
    environ = {"AZJIT_AS": "carol"}
    pending = cli("consumer", "pending", environ=environ)
    log = cli("consumer", "history", on_one_group, "--activity", environ=environ)

    assert (pending.code, severity(found, "DOC106")) == (4, "warning")
    assert severity(found, "DOC105") == "warning"
    assert "azjit consumer pending" in of(found, "DOC106")["breaks"]
    assert "could not read the activity log" in log.err
    assert severity(found, "DOC108") == "note"
    assert {severity(found, code) for code in ("DOC101", "DOC102", "DOC103", "DOC107")} == {"ok"}


def test_resource_graph_is_asked_and_not_guessed(cli: Cli) -> None:
    cli.world.set_switch(None, "resource-graph", "forbidden")

    told = of(examined(cli, "--app", "orders", code=0), "DOC104")

    assert told["severity"] == "warning"
    assert told["message"].startswith("could not ask Resource Graph")
    assert told["breaks"] == ["azjit consumer pending --all"]


def test_whoever_may_look_at_all_is_told_so(both: Cli) -> None:
    found = examined(both, "--app", "orders", code=0)

    codes = ("DOC014", "DOC015", "DOC104", "DOC105", "DOC106", "DOC107", "DOC108")
    assert {severity(found, code) for code in codes} == {"ok"}


def test_a_service_principal_cannot_decide_in_pim(cli: Cli) -> None:
    told = of(examined(cli, "--app", "orders", code=0, who="contoso-ci"), "DOC014")

    assert told["severity"] == "note"
    assert "azjit consumer approve --route pim" in told["breaks"]


def test_a_closed_directory_costs_the_names(cli: Cli) -> None:
    cli.world.set_switch(None, "graph", "forbidden")

    told = of(examined(cli, "--app", "orders", code=0), "DOC015")

    assert told["severity"] == "warning"
    assert "User.ReadBasic.All" in told["fix"]


def test_each_right_of_a_publisher_stands_for_its_commands(
    cli: Cli, wire: Wire, people: People
) -> None:
    def only_reading(body: Any) -> None:
        body["actions"] = ["Microsoft.Solutions/jitRequests/read"]

    wire.rewrite("/permissions", only_reading)
    give(cli, application_id(cli, "orders"), people.id_of("alice"))

    found = examined(cli, "--app", "orders", "--side", "publisher", code=5, who="alice")

    lacks = {f["code"]: f["breaks"] for f in found if f["fix"] and f["code"].startswith("DOC11")}
    assert lacks == {
        "DOC111": ["azjit publisher request"],
        "DOC114": of(found, "DOC114")["breaks"],
        "DOC115": ["azjit publisher refresh-permissions"],
        "DOC116": ["azjit publisher cancel"],
    }
    assert severity(found, "DOC112") == "ok"


def test_rights_of_an_application_elsewhere_are_not_tried(cli: Cli, wire: Wire) -> None:
    """The first subscription is of the caller's tenant, the other one of somebody else's."""
    sensors = application_id(cli, "sensors")
    there = sensors.split("/")[2]

    def elsewhere(body: Any) -> None:
        if body.get("subscriptionId") == there:
            body["tenantId"] = SOMEBODY

    wire.rewrite("/subscriptions", elsewhere)

    found = [f for f in examined(cli) if f["subject"] == f"subscription {there}"]

    told = {code: severity(found, code) for code in ("DOC010", "DOC105", "DOC106", "DOC108")}
    assert told == {
        "DOC010": "problem",
        "DOC105": "not checked",
        "DOC106": "not checked",
        "DOC108": "not checked",
    }


def test_rights_that_cannot_be_read_are_not_checked(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/permissions", fails(403, "AuthorizationFailed"))

    assert severity(examined(cli, "--app", "orders", code=0), "DOC101") == "not checked"


@pytest.mark.parametrize("groups", ["listed", "overage"])
def test_one_who_is_in_through_a_group_only_cannot_request(
    cli: Cli, people: People, groups: str
) -> None:
    """A token with too many groups lists none: then the directory tells."""
    archive, dave = application_id(cli, "archive"), people.id_of("dave")
    cli.world.set_switch(None, "token-groups", groups)

    found = examined(cli, "--app", archive, "--side", "publisher", code=5, who="dave")

    told = of(found, "DOC113")
    assert told["message"].startswith(
        "Contributor: dave@fabrikam.example is eligible only through the group Fabrikam Support"
        f" ({SUPPORT})"
    )
    assert f'add {{"principalId": "{dave}", "roleDefinitionId": "{CONTRIBUTOR}"}}' in told["fix"]
    assert f'next to {{"principalId": "{SUPPORT}"' in told["fix"]
    assert told["fix"].endswith("azjit publisher refresh-permissions contoso-apps/archive")


def test_each_role_is_judged_by_itself(cli: Cli, wire: Wire, people: People) -> None:
    def both_ways(body: Any) -> None:
        if "properties" in body:
            body["properties"]["authorizations"] = [
                {"principalId": people.id_of("dave"), "roleDefinitionId": READER},
                {"principalId": SUPPORT, "roleDefinitionId": READER},
                {"principalId": SUPPORT, "roleDefinitionId": CONTRIBUTOR},
            ]

    archive = application_id(cli, "archive")
    wire.rewrite("/applications", both_ways)

    found = examined(cli, "--app", archive, "--side", "publisher", code=5, who="dave")

    told = [(f["severity"], f["message"][:40]) for f in found if f["code"] == "DOC113"]
    assert told == [
        ("ok", "a row names dave@fabrikam.example for Re"),
        ("problem", "Contributor: dave@fabrikam.example is el"),
    ]


def test_groups_that_nobody_tells_are_not_guessed(cli: Cli) -> None:
    archive = application_id(cli, "archive")
    cli.world.set_switch(None, "token-groups", "overage")
    cli.world.set_switch(None, "graph", "forbidden")

    told = of(examined(cli, "--app", archive, "--side", "publisher", who="dave"), "DOC113")

    assert told["severity"] == "not checked"
    assert "neither the token nor the directory" in told["message"]


def test_a_group_whose_name_is_not_told_is_named_by_its_id(cli: Cli) -> None:
    archive = application_id(cli, "archive")
    cli.world.set_switch(None, "graph", "forbidden")

    told = of(examined(cli, "--app", archive, "--side", "publisher", who="dave"), "DOC113")

    assert f"only through the group {SUPPORT};" in told["message"]


def test_one_whom_no_row_names_cannot_request(cli: Cli, wire: Wire) -> None:
    def of_others(body: Any) -> None:
        for row in body.get("properties", {}).get("authorizations") or []:
            row["principalId"] = SOMEBODY

    wire.rewrite("/applications", of_others)

    told = of(examined(cli, "--app", "orders", "--side", "publisher", who="alice"), "DOC113")

    assert "no row names alice" in told["message"]
