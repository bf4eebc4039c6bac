"""An item of a list that cannot be read: a row that says so, and never the end of the list."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from azjit.sandbox.core import Response
from behind import People, Proceed, Wire
from harness import Cli, unwrapped

SEEDED = "338a9a54-872d-5f1a-965a-c46f21c219fc"
REASON = ("--reason", "x")
ODD_IDS = [None, "", 5, [], {}, "maintenance", "/subscriptions/1/a?b/c", "/\x00", "\ud800"]
Edit = Callable[[Any], Any]


def bend(wire: Wire, part: str, edit: Edit, *, add: Any = ...) -> None:
    """Change the items of a list, or add one."""

    def act(proceed: Proceed) -> Response:
        answer = proceed()
        body = json.loads(answer.body)
        if isinstance(body.get("value"), list):
            if add is not ...:
                body["value"].append(add)
            body["value"] = [edit(item) for item in body["value"]]
        return Response(answer.status, answer.headers, json.dumps(body).encode())

    wire.on("GET", part, act)


def spoilt_id(value: Any, of: str = SEEDED) -> Edit:
    return lambda item: {**item, "id": value} if item["name"] == of else item


def as_they_are(item: Any) -> Any:
    return item


# Requests


@pytest.mark.parametrize("odd", ODD_IDS, ids=repr)
def test_a_request_that_cannot_be_read_is_a_row_that_says_so(
    cli: Cli, wire: Wire, odd: Any
) -> None:
    bend(wire, "/jitRequests", spoilt_id(odd))

    for line in ("consumer pending", "consumer pending shop-eu/shop", "consumer history"):
        done = cli(*line.split(), "-o", "json")

        assert done.code == 7, (line, done.err)
        unread = [row for row in done.json if row["unreadable"]]
        assert len(unread) == 1
        assert unread[0]["roles"]
        assert "the list is incomplete: a request for " in done.error


@pytest.mark.parametrize("item", [None, 5, "x", [], {}, {"id": None}], ids=repr)
def test_what_is_no_request_at_all_is_a_row(cli: Cli, wire: Wire, item: Any) -> None:
    bend(wire, "/jitRequests", as_they_are, add=item)

    for line in ("consumer pending orders", "consumer history", "publisher history"):
        done = cli(*line.split(), "-o", "json")

        assert done.code == 7
        assert [row for row in done.json if row["unreadable"] == "it has no id"]


@pytest.mark.parametrize("form", ["table", "tsv", "csv"])
def test_every_format_shows_it(cli: Cli, wire: Wire, form: str) -> None:
    bend(wire, "/jitRequests", spoilt_id("/subscriptions/a?b"))

    done = cli("consumer", "pending", "-o", form, tty=form == "table")

    assert done.code == 7
    assert "unreadable" in done.out
    assert "a?b" in done.out


def test_a_terminal_shows_why(cli: Cli, wire: Wire) -> None:
    bend(wire, "/jitRequests", spoilt_id(None))

    done = cli("consumer", "show", "shop-eu/shop", tty=True, width=100)

    assert done.code == 0
    assert "unreadable" in done.out
    assert "it has no id" in done.err


def test_a_decided_one_does_not_make_the_inbox_incomplete(cli: Cli, wire: Wire) -> None:
    cli("consumer", "deny", SEEDED, *REASON)
    bend(wire, "/jitRequests", spoilt_id(None))

    assert cli("consumer", "pending").code == 0
    assert cli("consumer", "history").code == 7


def test_a_role_row_that_cannot_be_read_is_kept(cli: Cli, wire: Wire) -> None:
    def edit(body: dict[str, Any]) -> None:
        rows = body["properties"]["jitAuthorizationPolicies"]
        rows += [{"principalId": None, "roleDefinitionId": "Owner"}, "odd"]

    wire.rewrite("/jitRequests", edit)

    listed = cli("consumer", "pending", "-o", "json")
    table = cli("consumer", "pending", tty=True, width=160)
    approved = cli("consumer", "approve", SEEDED, *REASON)
    denied = cli("consumer", "deny", SEEDED, *REASON)

    rows = listed.json[0]["roles"]
    assert [(row["roleId"], row["unreadable"]) for row in rows[1:]] == [("Owner", True), ("", True)]
    assert "unreadable row (Owner), unreadable row" in table.out
    assert (approved.code, denied.code) == (5, 0)


@pytest.mark.parametrize("role", ["Owner", "\ud800", "a\x00b", "", None, "x" * 3000])
def test_a_request_for_an_odd_role_is_listed_and_can_be_denied(
    cli: Cli, wire: Wire, role: Any
) -> None:
    def edit(body: dict[str, Any]) -> None:
        for row in body["properties"]["jitAuthorizationPolicies"]:
            row["roleDefinitionId"] = role

    wire.rewrite("/jitRequests", edit)

    assert cli("consumer", "pending", "-o", "yaml").code == 0
    assert cli("consumer", "pending", tty=True).code == 0
    assert cli("consumer", "show", "shop-eu/shop").code == 0
    assert cli("consumer", "deny", SEEDED, *REASON).code == 0


@pytest.mark.parametrize(
    "name", ["maintenance window 7", "window#7, all", "100% of it", "größe-łódź"]
)
def test_a_request_of_an_odd_name_is_listed_and_can_be_denied(
    both: Cli, people: People, name: str
) -> None:
    told = both("publisher", "show", both.file("orders"), "-o", "json").json
    people.file(told["application"]["id"], told["managedResourceGroupId"], name)

    listed = both("consumer", "pending", "orders", "-o", "json")
    denied = both("consumer", "deny", name, *REASON, "-o", "json")

    assert (listed.code, name in [row["name"] for row in listed.json]) == (0, True)
    assert denied.code == 0, denied.err
    assert denied.json[0]["request"]["state"] == "denied"


def test_one_unreadable_request_stops_no_decision_by_id(cli: Cli, wire: Wire) -> None:
    told = cli("consumer", "pending", "-o", "json").json[0]["id"]
    bend(wire, "/jitRequests", as_they_are, add={})

    assert cli("consumer", "deny", told, *REASON).code == 5  # the odd one may be a grant
    assert cli("consumer", "deny", told, *REASON, tty=True, answer="y\n").code == 0


def test_a_name_may_be_that_of_an_unreadable_request(cli: Cli, wire: Wire) -> None:
    bend(wire, "/jitRequests", as_they_are, add={})

    done = cli("consumer", "deny", SEEDED, *REASON)

    assert done.code == 2
    assert f"another request may be named {SEEDED!r}" in done.error


# What a guard rests on


def test_an_equal_request_may_be_unreadable(cli: Cli, wire: Wire) -> None:
    bend(wire, "/jitRequests", as_they_are, add={})
    ask = ("publisher", "request", "orders", "--role", "Contributor")

    asked, new = cli(*ask), cli(*ask, "--new")

    assert (asked.code, new.code) == (5, 0)
    said = "an equal request may exist already: request without an id cannot be read whole"
    assert asked.error == said
    assert "use --new" in asked.err


@pytest.mark.parametrize(
    "odd", [{"applicationResourceId": None}, {"jitRequestState": "Escalated"}], ids=repr
)
def test_an_equal_request_may_have_an_odd_application_or_state(
    cli: Cli, wire: Wire, odd: dict[str, Any]
) -> None:
    name = cli.file()

    def edit(item: Any) -> Any:
        is_it = item["name"] == name
        return {**item, "properties": {**item["properties"], **odd}} if is_it else item

    bend(wire, "/jitRequests", edit)

    done = cli("publisher", "request", "orders", "--role", "Contributor")

    assert (done.code, len(wire.writes)) == (5, 1)
    assert done.error == f"an equal request may exist already: request {name} cannot be read whole"


def test_an_origin_may_be_the_name_of_an_unreadable_request(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    bend(wire, "/jitRequests", as_they_are, add={})
    told = cli("publisher", "show", name, "-o", "json").json["id"]
    approve = ("consumer", "approve", told, *REASON, "--accept", "overlap", "--origin-request-id")

    other, own = cli(*approve, "something-else"), cli(*approve, name)

    assert (other.code, own.code) == (5, 0), own.err
    assert "--origin-request-id may name another request" in other.error
    assert len(wire.decisions) == 1


def test_who_a_denial_endangers_may_be_unreadable(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    odd = {"id": None, "properties": {"jitRequestState": "Approved"}}
    bend(wire, "/mrg-orders/providers/Microsoft.Solutions/jitRequests", as_they_are, add=odd)

    told = cli("publisher", "show", name, "-o", "json").json["id"]
    unasked = cli("consumer", "deny", told, *REASON)
    done = cli("consumer", "deny", told, *REASON, tty=True, answer="y\n")

    assert (unasked.code, done.code) == (5, 0)
    warned = "the same principal may have access through request without an id"
    assert warned in unasked.error
    assert warned in unwrapped(done.err)


def test_what_waits_may_be_unreadable_when_the_mode_changes(cli: Cli, wire: Wire) -> None:
    bend(wire, "/mrg-orders/providers/Microsoft.Solutions/jitRequests", as_they_are, add={})

    done = cli("consumer", "configure", "orders", "--mode", "automatic", "--dry-run")

    assert "1 request may wait for a decision" in done.err


@pytest.mark.everywhere
@pytest.mark.parametrize("part", ["roleAssignmentScheduleRequests", "roleAssignmentApprovals"])
@pytest.mark.parametrize("item", [{}, "odd", {"id": "/providers/x", "properties": {}}], ids=repr)
def test_no_approval_in_pim_is_the_only_one_beside_an_unreadable_one(
    cli: Cli, wire: Wire, part: str, item: Any
) -> None:
    cli.world.set_switch("orders", "update-access", "pim-linked")
    name = cli.file("orders")
    bend(wire, f"/providers/Microsoft.Authorization/{part}", as_they_are, add=item)
    if part == "roleAssignmentApprovals" and isinstance(item, dict) and item:
        item["properties"] = {"stages": ["odd"]}

    listed = cli("consumer", "pending", "--all", "-o", "json")
    forced = cli("consumer", "approve", name, "--route", "pim", *REASON)
    auto = cli("consumer", "approve", name, "--dry-run", "--query", "[].url", *REASON)

    assert [row["routes"] for row in listed.json if row["name"] == name] == [["application"]]
    assert forced.code == 5
    assert "PIM lists something that cannot be read" in forced.error
    assert "/updateAccess" in auto.out


@pytest.mark.everywhere
def test_an_unreadable_request_in_pim_is_a_row(cli: Cli, wire: Wire) -> None:
    bend(wire, "/roleAssignmentScheduleRequests", as_they_are, add={"id": 5})

    done = cli("consumer", "pending", "--all", "-o", "json")

    (row,) = [row for row in done.json if row["unreadable"]]
    assert (done.code, row["routes"], row["knownBy"]) == (7, ["portal"], "PIM")
    assert row["unreadable"] == "its id is 5"


@pytest.mark.parametrize("item", [{}, "odd", {"properties": {"principalId": 5}}], ids=repr)
def test_access_beside_an_unreadable_assignment_is_not_known_to_be_gone(
    cli: Cli, wire: Wire, item: Any
) -> None:
    name = cli.file("orders")
    cli.approve(name)
    before = cli("consumer", "show", "orders", "-o", "json")
    bend(wire, "/roleAssignments", as_they_are, add=item)

    shown = cli("consumer", "show", "orders", "-o", "json")
    revoked = cli("consumer", "revoke", name, *REASON, "--timeout", "5s")

    assert shown.code == 0
    assert [row["unreadable"] for row in shown.json["access"]] == [
        *(row["unreadable"] for row in before.json["access"]),
        True,
    ]
    assert "a role assignment could not be read" in shown.err
    assert revoked.code == 9


# Applications


@pytest.mark.parametrize("odd", ODD_IDS, ids=repr)
def test_an_application_that_cannot_be_read_is_a_row(cli: Cli, wire: Wire, odd: Any) -> None:
    bend(wire, "/providers/Microsoft.Solutions/applications", spoilt_id(odd, "sensors"))

    done = cli("consumer", "apps", "-o", "json")
    table = cli("consumer", "apps", tty=True, width=120)

    unread = [row for row in done.json if row["unreadable"]]
    assert done.code == 7
    assert [(row["name"], row["jit"]) for row in unread] == [("sensors", "unknown")]
    assert table.out.count("unreadable") == 1
    assert cli("consumer", "pending").code == 0


@pytest.mark.parametrize("item", [None, {}, {"id": "/x", "managedBy": "odd"}], ids=repr)
def test_a_group_that_may_be_managed_is_a_row_to_publishers(
    cli: Cli, wire: Wire, item: Any
) -> None:
    bend(wire, "/resourcegroups", as_they_are, add=item)

    for line in ("publisher apps", "publisher history"):
        assert cli(*line.split(), "-o", "json").code == 7
    rows = cli("publisher", "apps", "-o", "json").json
    assert [row for row in rows if row["unreadable"]]


def test_an_eligible_role_that_cannot_be_read_is_a_row(cli: Cli, wire: Wire) -> None:
    def edit(body: dict[str, Any]) -> None:
        body["properties"]["authorizations"].append({"principalId": 5, "roleDefinitionId": "r"})

    wire.rewrite("/applications/orders", edit)

    rows = cli("publisher", "roles", "orders", "-o", "json").json
    (odd,) = [row for row in rows if row["unreadable"]]

    assert (odd["roleId"], odd["mayRequest"]) == ("r", "unknown")
    assert cli("publisher", "request", "orders", "--role", "Contributor").code == 0
    assert cli("publisher", "check", "orders").code == 0


def test_a_role_in_pim_that_cannot_be_read_is_a_row(cli: Cli, wire: Wire) -> None:
    bend(wire, "/roleEligibilityScheduleInstances", as_they_are, add={})

    done = cli("publisher", "roles", "orders", "--pim", "-o", "json")

    assert [row["roleId"] for row in done.json if row["unreadable"]] == [""]
    role = ("--role", "Virtual Machine Contributor", "--reason", "x", "--ticket", "1")
    assert cli("publisher", "request", "orders", *role, "--pim").code in {0, 5}


def test_the_id_of_an_odd_name_is_quoted_on_the_wire(cli: Cli, wire: Wire, people: People) -> None:
    told = cli("publisher", "show", cli.file("orders"), "-o", "json").json
    path = people.file(told["application"]["id"], told["managedResourceGroupId"], "a b#c")

    assert cli("publisher", "show", path, "-o", "json").json["name"] == "a b#c"
    assert any(each.path.endswith(quote("/a b#c")) for each in wire.sent)


@pytest.mark.parametrize("approvers", ["odd", {}, [None], ["x", {"id": None}]], ids=repr)
def test_settings_with_an_unreadable_approver_are_not_written(
    cli: Cli, wire: Wire, approvers: Any
) -> None:
    def edit(body: dict[str, Any]) -> None:
        body["properties"]["jitAccessPolicy"]["jitApprovers"] = approvers

    wire.rewrite("/applications/orders", edit)

    done = cli("consumer", "configure", "contoso-apps/orders", "--max-duration", "4h")

    assert (done.code, wire.writes) == (5, [])
    assert "an approver of orders cannot be read" in done.error
