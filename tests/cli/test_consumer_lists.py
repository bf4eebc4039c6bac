"""The lists of a consumer: applications, pending requests, current access, history."""

from __future__ import annotations

from typing import Any

import pytest

import result_keys
from azjit.sandbox.world.people import PRODUCTION, TEST
from behind import MACHINES, People, Wire, fails
from harness import Cli

APPLICATION_KEYS = {
    "id",
    "name",
    "resourceGroup",
    "subscriptionId",
    "managedResourceGroupId",
    "kind",
    "location",
    "publisherTenantId",
    "jit",
    "approvalMode",
    "maximumDuration",
    "approvers",
    "standingAccess",
    "hasIdentity",
    "unreadable",
}
SECOND = "11111111-aaaa-4bbb-8ccc-000000000001"
WAITING = "338a9a54-872d-5f1a-965a-c46f21c219fc"


def _json(cli: Cli, *argv: str, **kwargs: Any) -> Any:
    done = cli("consumer", *argv, "-o", "json", **kwargs)
    assert done.code == 0, done.err
    return done.json


# apps


def test_apps_lists_every_application_with_all_keys(both: Cli) -> None:
    listed = _json(both, "apps")

    assert [set(app) for app in listed] == [APPLICATION_KEYS] * 7
    ledger = next(app for app in listed if app["name"] == "ledger")
    assert (ledger["jit"], ledger["standingAccess"]) == ("off", True)


def test_apps_that_may_not_be_listed_are_no_empty_list(both: Cli) -> None:
    done = both("consumer", "apps", "--subscription", "00000000-0000-4000-8000-000000000000")

    assert done.code in {3, 4}
    assert done.out == ""


@pytest.mark.parametrize("width", [80, 140])
def test_apps_marks_standing_access_on_a_terminal(cli: Cli, width: int) -> None:
    done = cli("consumer", "apps", tty=True, width=width)

    (ledger,) = [line for line in done.out.splitlines() if line.startswith("ledger")]
    assert "standing" in ledger
    assert all(len(line) <= width for line in done.out.splitlines())


def test_apps_are_lines_in_a_pipe(cli: Cli) -> None:
    done = cli("consumer", "apps")

    assert len(done.out.splitlines()) == 7
    assert done.out.splitlines()[0].count("\t") >= 4


# show


def test_show_tells_settings_what_waits_and_who_has_access(both: Cli) -> None:
    active = both.file("orders", "--duration", "2h")
    both.approve(active)
    waits = both.file("orders", "--start", "+4h")

    shown = _json(both, "show", "orders")

    assert set(shown) == APPLICATION_KEYS | {"waiting", "access"}
    assert (shown["approvalMode"], shown["maximumDuration"]) == ("manual", "PT8H")
    assert [request["name"] for request in shown["waiting"]] == [waits]
    (holder,) = shown["access"]
    assert holder["principalName"] == "alice@fabrikam.example"
    assert holder["roleName"] == "Contributor"
    assert (holder["until"], holder["standing"]) == ("2026-03-02T11:00:00Z", False)
    assert holder["requestId"].endswith(active)


def test_show_of_an_unknown_application_is_not_found(both: Cli) -> None:
    done = both("consumer", "show", "ordres")

    assert done.code == 3
    assert "did you mean orders" in done.err


def test_show_of_a_name_that_two_share_names_both(cli: Cli) -> None:
    done = cli("consumer", "show", "shop")

    assert done.code == 2
    assert "shop-eu/shop, shop-us/shop" in done.error


def test_show_tells_that_without_jit_the_publisher_has_standing_access(cli: Cli) -> None:
    done = cli("consumer", "show", "ledger", tty=True)

    assert done.code == 0
    assert "standing, no end" in done.out
    assert "its publisher has standing access, and JIT cannot be enabled later" in " ".join(
        done.err.split()
    )
    shown = _json(cli, "show", "ledger")
    assert shown["jit"] == "off"
    assert {holder["standing"] for holder in shown["access"]} == {True}


@pytest.mark.parametrize("width", [80, 140])
def test_show_fits_a_terminal(cli: Cli, width: int) -> None:
    cli.approve(cli.file("orders", "--duration", "2h"))

    done = cli("consumer", "show", "orders", tty=True, width=width)

    for told in ("manual", "8 h", "Bob Brandt", "Contoso Approvers", "alice@fabrikam.example"):
        assert told in done.out
    assert "11:00" in done.out


def test_show_in_a_pipe_is_one_line(cli: Cli) -> None:
    done = cli("consumer", "show", "orders")

    assert len(done.out.splitlines()) == 1
    assert done.out.startswith("orders\t")


def test_access_that_is_older_than_the_request_has_no_known_end(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders", "--duration", "2h")
    cli.approve(name)

    def older(body: Any) -> None:
        body["properties"]["createdOn"] = "2025-01-01T00:00:00Z"

    wire.rewrite("/roleAssignments", older)

    (holder,) = _json(cli, "show", "orders")["access"]

    assert (holder["standing"], holder["until"]) == (False, None)
    assert "end not known" in cli("consumer", "show", "orders", tty=True).out


def test_access_from_above_the_group_has_no_known_end(cli: Cli, wire: Wire) -> None:
    cli.approve(cli.file("orders", "--duration", "2h"))

    def above(body: Any) -> None:
        inside = body["properties"]
        inside["scope"] = inside["scope"].rsplit("/resourceGroups/", 1)[0]

    wire.rewrite("/roleAssignments", above)

    (holder,) = _json(cli, "show", "orders")["access"]
    assert (holder["standing"], holder["until"]) == (False, None)


def test_what_cannot_be_read_is_not_known(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/roleAssignments", fails(403, "AuthorizationFailed"))
    wire.on("GET", "/jitRequests", fails(403, "AuthorizationFailed"))

    done = cli("consumer", "show", "orders", "-o", "json")

    assert done.code == 0
    assert (done.json["waiting"], done.json["access"]) == (None, None)
    assert "its pending requests are unknown" in done.err
    assert "access is unknown" in done.err


def test_access_is_not_called_standing_when_requests_cannot_be_read(cli: Cli, wire: Wire) -> None:
    cli.approve(cli.file("orders"))
    wire.on("GET", "/jitRequests", fails(403, "AuthorizationFailed"))

    (holder,) = _json(cli, "show", "orders")["access"]

    assert (holder["standing"], holder["until"]) == (False, None)


# pending


def test_pending_lists_what_waits_with_all_keys(both: Cli) -> None:
    name = both.file("orders", "--reason", "INC-1")

    listed = _json(both, "pending")

    assert [list(request) for request in listed] == [result_keys.REQUEST] * 2
    assert {request["name"] for request in listed} == {name, WAITING}
    assert {request["state"] for request in listed} == {"pending"}


def test_pending_of_an_unknown_application_is_not_found(both: Cli) -> None:
    assert both("consumer", "pending", "nowhere").code == 3


def test_pending_shows_how_long_a_request_waits(cli: Cli) -> None:
    cli.file("orders", "--start", "+8h")
    cli.later(hours=3)

    done = cli("consumer", "pending", "orders", tty=True, width=120)

    assert "3 h" in done.out
    assert all(len(line) <= 120 for line in done.out.splitlines())


def test_pending_of_one_application_leaves_the_others_out(cli: Cli) -> None:
    name = cli.file("orders")

    assert [request["name"] for request in _json(cli, "pending", "orders")] == [name]


def test_pending_shows_what_it_does_not_know_too(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.rewrite(
        "/mrg-orders/providers/Microsoft.Solutions/jitRequests",
        lambda body: body["properties"].update(jitRequestState="Deliberating"),
    )

    listed = _json(cli, "pending", "orders")

    assert ["Deliberating"] * len(listed) == [request["state"] for request in listed]
    assert name in {request["name"] for request in listed}


def test_pending_is_told_also_where_the_application_may_not_be_read(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("GET", "/applications/orders", fails(403, "AuthorizationFailed"))

    assert name in {request["name"] for request in _json(cli, "pending")}


def test_pending_without_an_application_is_told_too(cli: Cli, wire: Wire) -> None:
    wire.rewrite(
        "/jitRequests", lambda body: body["properties"].update(applicationResourceId="nothing")
    )

    (request,) = _json(cli, "pending")

    assert request["application"]["id"] == "nothing"


def test_an_application_that_tells_no_roles_is_said_so(cli: Cli, wire: Wire) -> None:
    cli.approve(cli.file("orders"))
    wire.rewrite("/applications", lambda body: body["properties"].pop("authorizations", None))

    done = cli("consumer", "show", "orders", "-o", "json")

    assert "does not list its publisher's principals" in done.err
    assert len(done.json["access"]) == 1


def test_nothing_waiting_is_no_failure(cli: Cli) -> None:
    done = cli("consumer", "pending", "orders", tty=True)

    assert (done.code, done.out) == (0, "")
    assert "no pending requests" in done.err


def test_pending_in_a_pipe_is_a_line_each(cli: Cli) -> None:
    name = cli.file("orders")

    done = cli("consumer", "pending", "orders")

    assert done.out.split("\t")[0] == name


# history


def test_history_lists_the_past_with_all_keys(both: Cli) -> None:
    listed = _json(both, "history", "orders")

    assert [list(request) for request in listed] == [result_keys.REQUEST] * 2
    assert {request["state"] for request in listed} == {"approved", "denied"}


def test_history_of_an_unknown_state_is_usage(both: Cli) -> None:
    done = both("consumer", "history", "--state", "aproved")

    assert done.code == 2
    assert "did you mean approved" in done.err


def test_history_can_be_narrowed(cli: Cli) -> None:
    assert [r["state"] for r in _json(cli, "history", "--state", "denied")] == ["denied"]
    assert [r["name"] for r in _json(cli, "history", "--since", "1d")] == [WAITING]


def test_history_is_a_table_and_lines(cli: Cli) -> None:
    shown = cli("consumer", "history", tty=True)
    piped = cli("consumer", "history")

    assert shown.out.splitlines()[0].startswith("Request")
    assert len(piped.out.splitlines()) == 3


def test_a_publisher_is_not_listed_with_a_role_that_was_not_asked_for(cli: Cli) -> None:
    people = People(cli.world)
    told = _json(cli, "show", "orders")
    row = {"principalId": people.id_of("alice"), "roleDefinitionId": MACHINES}
    people.file(told["id"], told["managedResourceGroupId"], SECOND, rows=[row])
    cli.approve(SECOND)

    (holder,) = _json(cli, "show", "orders")["access"]

    assert holder["roleName"] == "Virtual Machine Contributor"


@pytest.mark.parametrize("width", [80, 140])
def test_a_weekday_is_always_one_to_come(cli: Cli, width: int) -> None:
    cli.file("orders", "--start", "+30h")

    done = cli("consumer", "history", "orders", tty=True, width=width)

    assert "Tue 15:00" in done.out
    assert "24 Feb 10:00" in done.out  # six days ago: a Tuesday, too


@pytest.mark.parametrize("width", [80, 200])
def test_what_waits_shows_no_columns_that_are_for_exports(cli: Cli, width: int) -> None:
    cli.file()

    shown = cli("consumer", "show", "orders", tty=True, width=width).out

    assert "Phase" not in shown
    assert "/subscriptions/" not in shown.split("Pending requests", 1)[1]


@pytest.mark.parametrize(
    "chosen",
    [
        "Contoso Test",
        "contoso test",
        f"Contoso Test,{TEST}",
        TEST.replace("-", "").upper(),
        f"/subscriptions/{TEST}",
    ],
)
@pytest.mark.parametrize("argv", [("apps",), ("pending",), ("pending", "--all")])
def test_a_subscription_is_chosen_by_its_name_too(
    cli: Cli, argv: tuple[str, ...], chosen: str
) -> None:
    by_id = cli("consumer", *argv, "-o", "json", "--subscription", TEST)
    by_name = cli("consumer", *argv, "-o", "json", "--subscription", chosen)

    assert by_name.code == 0, by_name.err
    assert by_name.json == by_id.json


@pytest.mark.parametrize(
    ("chosen", "code", "told"),
    [
        ("Contoso Tset", 3, "did you mean Contoso Test?"),
        ("Pay-As-You-Go Dev/Test", 3, "no subscription named 'Pay-As-You-Go Dev/Test' in reach"),
        ("$(sub)", 2, "--subscription accepts ids or names, separated by commas, not '$(sub)'"),
        ("Twins", 2, f"use an id: {PRODUCTION}, {TEST}"),
    ],
)
def test_a_name_that_no_or_several_subscriptions_have_is_refused(
    cli: Cli, wire: Wire, chosen: str, code: int, told: str
) -> None:
    if chosen == "Twins":
        wire.rewrite("/subscriptions", lambda body: body.update(displayName="Twins"))

    for argv in ("consumer pending", "consumer pending --all", "consumer apps", "doctor"):
        done = cli(*argv.split(), "--subscription", chosen)

        assert (done.code, told in done.err) == (code, True), (argv, done.err)
