"""`consumer access` lists who has a role on the managed groups, until when, and by what."""

from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.world.people import APPROVERS
from behind import RIGHTS, GraphWatch, People, Wire, fails
from harness import Cli, unwrapped

ACCESS = ("consumer", "access")
OPERATOR = "Managed Application Publisher Operator"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ASSIGNMENT = "aaaaaaaa-0000-4000-8000-000000000001"
Row = tuple[str, str, bool | None]


def rows(told: list[dict[str, Any]], application: str = "orders") -> list[Row]:
    """The role, the basis and the side of each row of an application."""
    of_it = [each for each in told if each["application"] == application]
    return [(each["roleName"], each["basis"], each["isPublisher"]) for each in of_it]


def test_an_approved_request_gives_access_until_its_end(both: Cli) -> None:
    name = both.file("orders", "--duration", "2h")
    both.approve(name)

    done = both(*ACCESS, "orders", "-o", "json")

    assert done.code == 0, done.err
    jit = [each for each in done.json if each["basis"] == "jit"]
    (row,) = jit
    assert (row["roleName"], row["isPublisher"], row["knownBy"]) == (
        "Contributor",
        True,
        "role assignment",
    )
    assert row["until"] == "2026-03-02T11:00:00Z"
    assert row["requestId"].endswith(name)
    others = rows(done.json)
    assert (OPERATOR, "standing", True) in others
    assert ("Owner", "standing", False) in others


def test_access_without_jit_is_standing_and_what_jit_may_end_is_not_known(cli: Cli) -> None:
    name = cli.file("orders")
    cli.approve(name)
    cli("publisher", "cancel", name, "--delete")  # the request is gone, its role remains

    told = cli(*ACCESS, "--all", "-o", "json").json

    assert ("Contributor", "standing", True) in rows(told, "ledger")
    kept = [each for each in rows(told) if each[0] == "Contributor" and each[2] is not False]
    assert [basis for _, basis, _ in kept if basis == "standing"] == []


def test_what_pim_activated_has_its_end(cli: Cli) -> None:
    role = "Virtual Machine Contributor"
    active = ("--pim", "--role", role, "--reason", "x", "--ticket", "1", "--duration", "1h")
    assert cli("publisher", "request", "orders", *active).code == 0

    (row,) = [each for each in cli(*ACCESS, "orders", "-o", "json").json if each["until"]]

    assert (row["roleName"], row["basis"]) == (role, "pim")
    assert row["until"] == "2026-03-02T10:00:00Z"


def test_an_approved_request_that_has_not_begun_is_listed_too(cli: Cli) -> None:
    name = cli.file("orders", "--start", "+3h", "--duration", "1h")
    cli.approve(name)

    now = cli(*ACCESS, "orders", "-o", "json").json
    then = cli(*ACCESS, "orders", "--at", "+3h30m", "-o", "json").json
    after = cli(*ACCESS, "orders", "--at", "+5h", "-o", "json").json

    assert [each["basis"] for each in now if each["requestId"]] == ["scheduled"]
    assert [each["basis"] for each in then if each["requestId"]] == ["jit"]
    assert [each for each in after if each["requestId"]] == []


def test_a_past_time_shows_who_had_access_then_and_says_what_it_lacks(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "1h")
    cli.approve(name)
    cli.later(hours=5)

    now = cli(*ACCESS, "orders", "-o", "json")
    then = cli(*ACCESS, "orders", "--at", "270m", "-o", "json")

    assert [each for each in now.json if each["requestId"]] == []
    (row,) = [each for each in then.json if each["requestId"]]
    assert (row["basis"], row["knownBy"]) == ("jit", "request state")
    assert "an assignment that was removed since is not listed" in unwrapped(then.err)


def test_a_revoked_request_had_no_access_after_its_revocation(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "8h")
    cli.approve(name)
    cli.later(hours=1)
    assert cli("consumer", "revoke", name, "--reason", "done").code == 0
    cli.later(hours=2)

    before = cli(*ACCESS, "orders", "--at", "150m", "-o", "json").json
    after = cli(*ACCESS, "orders", "--at", "30m", "-o", "json").json

    assert [each["basis"] for each in before if each["requestId"]] == ["jit"]
    assert [each for each in after if each["requestId"]] == []


def test_a_group_that_cannot_be_read_is_as_of_the_index(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = cli.file("orders")
    cli.approve(name)
    whole = cli(*ACCESS, "-o", "json")
    wire = Wire(monkeypatch, everywhere=True)
    wire.on("GET", "mrg-orders/providers/Microsoft.Authorization/roleAssignments", fails(403, "No"))

    done = cli(*ACCESS, "-o", "json")

    assert (whole.code, done.code) == (0, 7)
    held, was = rows(done.json), rows(whole.json)
    assert [(role, side) for role, _, side in held] == [(role, side) for role, _, side in was]
    assert {each["knownBy"] for each in done.json if each["application"] == "orders"} == {"index"}
    assert rows(done.json, "ledger") == rows(whole.json, "ledger")
    assert "as of the index only" in unwrapped(done.err)
    (query,) = [each.body for each in wire.sent if each.body]
    assert query["options"]["authorizationScopeFilter"] == "AtScopeAboveAndBelow"


def test_neither_the_group_nor_the_index_leaves_the_rest_standing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch, everywhere=True)
    wire.on("GET", "mrg-orders/providers/Microsoft.Authorization/roleAssignments", fails(403, "No"))
    wire.on("POST", "Microsoft.ResourceGraph", fails(403, "No"))
    wire.on("GET", "roleAssignmentScheduleInstances", fails(403, "AadPremiumLicenseRequired"))

    done = cli(*ACCESS, "-o", "json")

    assert done.code == 7
    assert rows(done.json) == []
    assert ("Owner", "unknown", False) in rows(done.json, "ledger")
    assert "PIM does not tell which access ends" in unwrapped(done.err)


def test_the_table_names_people(cli: Cli) -> None:
    done = cli(*ACCESS, "orders", tty=True, width=140)

    assert done.code == 0, done.err
    assert "carol@contoso.example  other      Contributor" in done.out
    assert "not covered: delegations of Azure Lighthouse" in unwrapped(done.err)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("orders", "--all"), "--all and APP exclude each other"),
        (("--at", "sometime"), "malformed time 'sometime'"),
    ],
)
def test_a_wrong_command_line_asks_nothing(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    done = cli(*ACCESS, *argv)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def give(cli: Cli, holder: str) -> None:
    """Let a principal read the production subscription from now on."""
    place = cli("consumer", "show", "orders", "-o", "json").json["managedResourceGroupId"]
    subscription = "/".join(place.split("/")[:3])
    path = f"{subscription}/providers/Microsoft.Authorization/roleAssignments"
    properties = {"principalId": holder, "roleDefinitionId": READER}
    People(cli.world).call(
        "bob", "PUT", f"{path}/{ASSIGNMENT}", {"properties": properties}, version=RIGHTS
    )


@pytest.mark.parametrize("count", ["3 members", "1 member"])
def test_a_group_has_its_members(cli: Cli, monkeypatch: pytest.MonkeyPatch, count: str) -> None:
    give(cli, APPROVERS.object_id)
    if count.startswith("3"):
        graph = GraphWatch(monkeypatch)
        people = [
            {"@odata.type": "#microsoft.graph.user", "id": cli_id, "displayName": "P"}
            for cli_id in (ASSIGNMENT, READER, APPROVERS.object_id)
        ]
        graph.on("transitiveMembers", {"value": people})

    shown = cli(*ACCESS, "orders", tty=True, width=160)
    told = cli(*ACCESS, "orders", "-o", "json").json

    assert f"Contoso Approvers ({count})" in shown.out
    (group,) = [each for each in told if each["principalKind"] == "group"]
    assert len(group["members"]) == int(count[0])


def test_a_group_that_cannot_be_opened_is_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    give(cli, APPROVERS.object_id)
    graph = GraphWatch(monkeypatch)
    graph.fails(403, "Authorization_RequestDenied", part="transitiveMembers")

    done = cli(*ACCESS, "orders", "-o", "json")

    assert done.code == 0, done.err
    assert [each["members"] for each in done.json if each["principalKind"] == "group"] == [None]
    assert "the members of a group, which could not be read" in unwrapped(done.err)


def test_what_lacks_a_place_or_an_owner_is_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(body: dict[str, Any]) -> None:
        told = body["properties"]
        if body["name"] == "archive":
            del told["managedResourceGroupId"]
        told.pop("authorizations", None)
        told.pop("applicationDefinitionId", None)

    wire = Wire(monkeypatch)
    wire.rewrite("/applications", edit)

    done = cli(*ACCESS, "-o", "json")
    shown = cli(*ACCESS, "orders", tty=True, width=160)

    assert done.code == 7
    assert "application archive: Azure shows no managed resource group" in unwrapped(done.err)
    assert {each["isPublisher"] for each in done.json if each["application"] == "ledger"} == {None}
    assert shown.code == 0, shown.err


def test_an_assignment_that_is_younger_was_not_held_then(cli: Cli) -> None:
    cli.later(hours=2)
    give(cli, APPROVERS.object_id)

    then = cli(*ACCESS, "orders", "--at", "1h", "-o", "json").json

    assert [each for each in then if each["principalKind"] == "group"] == []


def test_an_expired_request_may_have_given_access(cli: Cli) -> None:
    cli.file("orders", "--duration", "8h")
    cli.later(days=2)

    done = cli(*ACCESS, "orders", "--at", "47h", "-o", "json")

    assert done.code == 0, done.err
    assert "whether they gave access is not known" in unwrapped(done.err)
