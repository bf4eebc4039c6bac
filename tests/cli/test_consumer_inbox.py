"""`consumer pending --all`: every pending request, and the calls for a large tenant."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from azjit.sandbox.core import Response
from azjit.sandbox.world.people import PRODUCTION, TEST
from behind import Proceed, Sent, Wire
from harness import Cli, Result

pytestmark = pytest.mark.everywhere

ALL = ("consumer", "pending", "--all")
SEEDED = "338a9a54-872d-5f1a-965a-c46f21c219fc"
GRAPH = "/providers/Microsoft.ResourceGraph/resources"


def rows(cli: Cli, *more: str, code: int = 0, **kwargs: Any) -> dict[str, list[str]]:
    done = cli(*ALL, "-o", "json", *more, **kwargs)
    assert done.code == code, done.err
    return {row["name"]: row["routes"] for row in done.json}


def test_all_that_waits_is_in_one_list(both: Cli) -> None:
    name = both.file("orders")
    both.approve(both.file("orders", "--new", "--start", "+2h"))

    assert rows(both) == {name: ["application"], SEEDED: ["application"]}


def test_a_row_says_that_pim_can_decide_it_too(cli: Cli) -> None:
    cli.world.set_switch("orders", "update-access", "pim-linked")
    name = cli.file("orders")

    assert rows(cli)[name] == ["application", "pim"]


def test_what_pim_has_twice_is_one_row_for_the_application(cli: Cli) -> None:
    cli.world.set_switch("orders", "pim-lists-requests", "ambiguous")
    name = cli.file("orders")

    assert rows(cli)[name] == ["application"]
    assert len(rows(cli)) == 2


def test_what_only_pim_has_is_a_row_of_its_own(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "update-access", "pim-linked")
    name = cli.file("orders")

    def other(body: dict[str, Any]) -> None:
        body["properties"]["principalId"] = "22222222-2222-2222-2222-222222222222"

    wire.rewrite("roleAssignmentScheduleRequests", other)
    done = cli(*ALL, "-o", "json")

    routes = sorted(row["routes"] for row in done.json)
    assert routes == [["application"], ["application"], ["portal"]]
    assert name in {row["name"] for row in done.json}
    assert "only in PIM: 1" in done.err


def only_in_pim(cli: Cli, wire: Wire) -> str:
    """PIM has a request for somebody of whom no JIT request tells; give its name."""
    cli.world.set_switch("orders", "update-access", "pim-linked")
    cli.file("orders")

    def other(body: dict[str, Any]) -> None:
        body["properties"]["principalId"] = "22222222-2222-2222-2222-222222222222"

    wire.rewrite("roleAssignmentScheduleRequests", other)
    (name,) = [name for name, routes in rows(cli).items() if routes == ["portal"]]
    return name


def test_a_person_sees_that_only_the_portal_decides_it(cli: Cli, wire: Wire) -> None:
    name = only_in_pim(cli, wire)

    shown = cli(*ALL, tty=True, width=200)

    assert shown.code == 0, shown.err
    (row,) = [line for line in shown.out.splitlines() if line.startswith(name[:8])]
    assert row.rstrip().endswith("portal")


@pytest.mark.parametrize("route", ["auto", "pim", "application"])
@pytest.mark.parametrize("length", [36, 8])
def test_what_only_pim_has_is_decided_in_the_portal(
    cli: Cli, wire: Wire, route: str, length: int
) -> None:
    name = only_in_pim(cli, wire)
    before = len(wire.writes)

    done = cli("consumer", "approve", name[:length], "--reason", "x", "--route", route)

    assert done.code == 5
    assert f"request {name} exists only in PIM" in done.error
    assert "next: decide it in the portal, PIM > Approve requests; it is for https://" in done.err
    assert [each for each in wire.writes[before:] if each.path != GRAPH] == []


def test_what_pim_lists_without_an_approval_is_shown(cli: Cli, wire: Wire) -> None:
    name = only_in_pim(cli, wire)
    wire.rewrite("/roleAssignmentApprovals", lambda one: one.clear())

    assert name in rows(cli)


def test_pim_finds_an_application_that_no_index_and_no_list_shows(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "update-access", "pim-linked")
    name = cli.file("orders")
    hide(wire, "mrg-orders")

    assert rows(cli)[name] == ["application", "pim"]
    assert name not in rows(cli, "--subscription", TEST)


def test_a_group_of_which_only_pim_tells_and_that_cannot_be_read_is_told(
    cli: Cli, wire: Wire
) -> None:
    cli.world.set_switch("orders", "update-access", "pim-linked")
    cli.file("orders")
    hide(wire, "mrg-orders")
    wire.on("GET", "/resourceGroups/mrg-orders", lambda _: forbidden())

    done = cli(*ALL, "-o", "json")

    assert done.code == 7
    assert "a request that PIM lists: could not read resource group mrg-orders" in done.error


def hide(wire: Wire, part: str) -> None:
    """What has this in it is in no list of applications and not in the index."""

    def act(proceed: Proceed) -> Response:
        answer = proceed()
        body = json.loads(answer.body)
        for key in {"data", "value"} & set(body):
            body[key] = [row for row in body[key] if part not in json.dumps(row)]
        body["totalRecords"] = 0
        return Response(answer.status, answer.headers, json.dumps(body).encode())

    wire.on("POST", GRAPH, act)
    wire.on("GET", f"{PRODUCTION}/providers/Microsoft.Solutions/applications", act)


def test_a_terminal_shows_the_route(cli: Cli) -> None:
    shown = cli(*ALL, tty=True, width=120)

    assert "Route" in shown.out
    assert "  app\n" in shown.out


def test_the_route_is_whole_on_a_narrow_terminal(cli: Cli) -> None:
    cli.later(minutes=65)

    shown = cli(*ALL, tty=True, width=80)

    title, *rows = shown.out.splitlines()
    assert title.endswith("Route")
    assert "For" in title
    assert all(row.endswith("  app") for row in rows)


def test_a_pipe_gets_rows_as_they_are_confirmed(cli: Cli) -> None:
    name = cli.file("orders")

    lines = [line.split("\t")[0] for line in cli(*ALL).out.splitlines()]

    assert sorted(lines) == sorted([name, SEEDED])


def test_a_stale_index_loses_nothing(cli: Cli) -> None:
    cli.world.set_switch(None, "resource-graph", "stale")
    gone, name = cli.file("orders"), cli.file("orders", "--new", "--start", "+2h")
    cli.approve(gone)

    assert set(rows(cli)) == {name, SEEDED}


def test_an_index_without_states_loses_nothing(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch(None, "resource-graph-state", "absent")
    name = cli.file("orders")
    before = len(wire.sent)

    assert set(rows(cli)) == {name, SEEDED}
    reads = [each.path for each in wire.sent[before:] if "/jitRequests/" in each.path]
    assert reads == []  # the lists of the groups have confirmed them


def test_without_resource_graph_each_subscription_is_listed(cli: Cli) -> None:
    cli.world.set_switch(None, "resource-graph", "forbidden")
    name = cli.file("orders")

    done = cli(*ALL, "-o", "json")

    assert done.code == 0
    assert {row["name"] for row in done.json} == {name, SEEDED}
    assert "Resource Graph cannot be used, so each subscription is listed" in done.err


def test_a_management_group_narrows_it(cli: Cli) -> None:
    name = cli.file("orders")

    inside = rows(cli, "--management-group", "contoso-production")

    assert name in inside
    assert name not in rows(cli, "--management-group", "contoso-test")


def test_an_unknown_management_group_is_not_found(cli: Cli) -> None:
    done = cli(*ALL, "--management-group", "nope")

    assert done.code == 3
    assert "the management group 'nope' was not found" in done.error


def test_a_management_group_needs_resource_graph(cli: Cli) -> None:
    cli.world.set_switch(None, "resource-graph", "forbidden")

    assert cli(*ALL, "--management-group", "contoso-test").code == 4


@pytest.mark.parametrize(
    "argv",
    [
        ("consumer", "pending", "orders", "--all"),
        ("consumer", "pending", "--management-group", "g"),
        (*ALL, "--management-group", ""),
        (*ALL, "--management-group", " "),
        (*ALL, "--management-group", "$(group)"),
        (*ALL, "--management-group", "g", "--subscription", "s"),
    ],
)
def test_what_excludes_each_other_is_refused(cli: Cli, argv: tuple[str, ...]) -> None:
    assert cli(*argv).code == 2


def test_too_many_subscriptions_are_told_after_the_rows(cli: Cli) -> None:
    cli.world.set_switch(None, "resource-graph-subscriptions", "1")

    done = cli(*ALL, "-o", "json")

    assert done.code == 7
    assert isinstance(done.json, list)
    assert "the list is incomplete: Resource Graph searches at most 10,000" in done.error
    assert "--management-group" in done.err


def test_a_row_that_may_not_be_read_is_told_after_the_others(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("GET", f"/jitRequests/{name}", lambda _: forbidden())
    wire.on("GET", "/mrg-orders/providers/Microsoft.Solutions/jitRequests", lambda _: forbidden())

    done = cli(*ALL, "-o", "json")

    assert done.code == 7
    assert [row["name"] for row in done.json] == [SEEDED]


def test_an_index_that_throttles_is_waited_for(cli: Cli) -> None:
    cli.world.set_switch(None, "resource-graph-quota", "1")
    name = cli.file("orders")
    slept = len(cli.clock.slept)

    assert name in rows(cli)
    assert sum(cli.clock.slept[slept:]) >= 1


def test_pim_without_a_licence_is_left_out(cli: Cli) -> None:
    name = cli.file("orders")
    cli.world.set_switch(None, "licence", "none")

    done = cli(*ALL, "-o", "json")

    assert done.code == 0
    assert name in {row["name"] for row in done.json}
    assert "PIM is not included" in done.err


def test_a_service_principal_sees_what_waits(cli: Cli) -> None:
    name = cli.file("orders")

    assert name in rows(cli, environ={"AZJIT_AS": "contoso-ci"})


def forbidden() -> Response:
    body = {"error": {"code": "AuthorizationFailed", "message": "no."}}
    return Response(403, {"Content-Type": "application/json"}, json.dumps(body).encode())


# A large tenant: 500 subscriptions, 1,000 applications, 3,000 requests of which 300 wait

# PIM's two lists of what waits for the caller, and the name of the one role.
PIM_AND_ROLE = 3
LARGE = {"subscriptions": 500, "applications": 1000, "requests": 3000, "waiting": 300}


def kind_of(call: Sent) -> str:
    """What a call asks for, whichever thing it is about."""
    path = call.path.lower()
    if path == GRAPH.lower():
        return "index"
    if path.endswith("/jitrequests"):
        return "list" if "/resourcegroups/" in path else "list of a subscription"
    if path.endswith("/providers/microsoft.solutions/applications"):
        return "applications of a subscription"
    if path == "/subscriptions":
        return "subscriptions"
    return "read" if "/jitrequests/" in path else path.split("/providers/")[-1].split("/")[0]


def test_a_large_tenant_costs_what_it_must(cli: Cli, wire: Wire) -> None:
    cli.world.reset(sizes=LARGE)

    done: Result = cli(*ALL, "-o", "jsonl")

    calls = Counter(map(kind_of, wire.sent))
    assert done.code == 0, done.err
    waiting = [json.loads(line) for line in done.out.splitlines()]
    assert len({row["id"] for row in waiting}) == len(waiting) == 300
    assert {row["state"] for row in waiting} == {"pending"}
    apps = cli("consumer", "apps", "-o", "json").json
    assert (len(apps), len({app["subscriptionId"] for app in apps})) == (1000, 500)
    manual = {app["managedResourceGroupId"] for app in apps if app["approvalMode"] == "manual"}
    assert calls.pop("index") <= 20
    assert calls.pop("list") == len(manual)
    assert calls.pop("read") == 300
    # The index may be behind: the settings are read with one list for each subscription.
    assert calls.pop("applications of a subscription") == 500
    # What waits is judged by its application as it is now, and by the definition of all of them.
    judged = {row["application"]["id"] for row in waiting}
    assert calls.pop("microsoft.solutions") == len(judged) + 1
    assert calls == {"microsoft.authorization": PIM_AND_ROLE, "subscriptions": 1}
