"""`azjit doctor`: what the caller may do, and where each command needs it."""

from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.ids import known
from behind import CONTRIBUTOR, People, Wire, fails
from checkup import (
    SOMEBODY,
    application_id,
    examined,
    of,
    severity,
)
from harness import Cli

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SUPPORT = known("group/support")


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


@pytest.fixture
def people(cli: Cli) -> People:
    return People(cli.world)


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


def test_a_deny_assignment_that_spares_a_group_may_spare_the_caller(cli: Cli, wire: Wire) -> None:
    def for_a_group(body: Any) -> None:
        if "properties" in body:
            body["properties"]["excludePrincipals"] = [{"id": SOMEBODY, "type": "Group"}]

    wire.rewrite("/denyAssignments", for_a_group)

    told = of(examined(cli, "--app", "orders", "--side", "publisher", who="alice"), "DOC111")

    assert told["severity"] in {"not checked", "problem"}


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
    assert f'beside {{"principalId": "{SUPPORT}"' in told["fix"]
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
