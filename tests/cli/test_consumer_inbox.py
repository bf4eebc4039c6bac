"""`consumer pending --all`: every request that waits, and what a large tenant costs."""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from azjit.sandbox.core import Response, Sandbox
from azjit.sandbox.kusto.query import parse
from azjit.sandbox.resource_graph.rows import TABLES
from behind import Wire
from harness import Cli, Result

ALL = ("consumer", "pending", "--all")
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
SEEDED = "338a9a54-872d-5f1a-965a-c46f21c219fc"
GRAPH = "/providers/Microsoft.ResourceGraph/resources"


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch, everywhere=True)


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
    assert routes == [["application"], ["application"], ["pim"]]
    assert name in {row["name"] for row in done.json}
    assert "known to PIM only: 1" in done.err


def test_a_terminal_shows_the_route(cli: Cli) -> None:
    shown = cli(*ALL, tty=True, width=120)

    assert "Route" in shown.out
    assert "application" in shown.out


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
    assert "the list is incomplete: Resource Graph looks through 10,000" in done.error
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
    assert "PIM is left out" in done.err


def test_a_service_principal_sees_what_waits(cli: Cli) -> None:
    name = cli.file("orders")

    assert name in rows(cli, environ={"AZJIT_AS": "contoso-ci"})


def forbidden() -> Response:
    body = {"error": {"code": "AuthorizationFailed", "message": "no."}}
    return Response(403, {"Content-Type": "application/json"}, json.dumps(body).encode())


# A large tenant


class Tenant:
    """500 subscriptions, 1,000 applications, 10,000 requests of which 300 wait."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.subscriptions = [str(uuid.UUID(int=n + 1)) for n in range(500)]
        self.applications = [self._application(n) for n in range(1000)]
        self.requests = [self._request(n) for n in range(10_000)]
        self.by_id = {each["id"].lower(): each for each in self.requests}
        self.waiting = [r for r in self.requests if r["properties"]["jitRequestState"] == "Pending"]
        self.manual = [
            a
            for a in self.applications
            if a["properties"]["jitAccessPolicy"]["jitApprovalMode"] == "ManualApprove"
        ]

    def _application(self, number: int) -> dict[str, Any]:
        place = f"/subscriptions/{self.subscriptions[number % 500]}/resourceGroups"
        mode = "ManualApprove" if number % 10 < 7 else "AutoApprove"
        policy = {"jitAccessEnabled": True, "jitApprovalMode": mode, "jitApprovers": []}
        return {
            "id": f"{place}/apps/providers/Microsoft.Solutions/applications/app{number}",
            "name": f"app{number}",
            "type": "microsoft.solutions/applications",
            "location": "westeurope",
            "properties": {
                "managedResourceGroupId": f"{place}/mrg{number}",
                "jitAccessPolicy": policy,
            },
        }

    def _request(self, number: int) -> dict[str, Any]:
        application = self.applications[number % 1000]
        group = application["properties"]["managedResourceGroupId"]
        waits = number < 600 and number % 2 == 0
        name = str(uuid.UUID(int=(7 << 64) | number))
        return {
            "id": f"{group}/providers/Microsoft.Solutions/jitRequests/{name}",
            "name": name,
            "type": "microsoft.solutions/jitrequests",
            "properties": {
                "applicationResourceId": application["id"],
                "jitAuthorizationPolicies": [
                    {"principalId": str(uuid.UUID(int=9)), "roleDefinitionId": CONTRIBUTOR}
                ],
                "jitSchedulingPolicy": {
                    "type": "Once",
                    "duration": "PT1H",
                    "startTime": "2026-03-02T12:00:00Z",
                },
                "jitRequestState": "Pending" if waits else "Approved",
            },
        }

    def answer(self, method: str, path: str, body: bytes) -> Any:
        if path == GRAPH:
            self.calls["index"] += 1
            return self._queried(json.loads(body))
        if "/jitRequests" in path:
            return self._requests_at(path)
        if "/roleDefinitions/" in path:
            return {"id": path, "properties": {"roleName": "Contributor", "permissions": []}}
        if path.startswith("/providers/Microsoft.Authorization"):
            return {"value": []}
        return self._unexpected(method, path)

    def _requests_at(self, path: str) -> Any:
        if path.endswith("/jitRequests"):
            self.calls["list"] += 1
            start = f"{path}/".lower()
            return {"value": [r for r in self.requests if r["id"].lower().startswith(start)]}
        self.calls["read"] += 1
        return self.by_id[path.lower()]

    def _unexpected(self, method: str, path: str) -> Any:
        if path.startswith("/subscriptions"):
            self.calls[f"{method} {re.sub('[0-9a-f-]{36}', '*', path)}"] += 1
            return {"value": []}
        return None

    def _queried(self, body: dict[str, Any]) -> dict[str, Any]:
        query = parse(body["query"], TABLES)
        found = query.run([*self.applications, *self.requests])
        options = body["options"]
        skip, top = int(options.get("$skipToken", 0)), options["$top"]
        assert top <= 1000
        more = {"$skipToken": str(skip + top)} if skip + top < len(found) else {}
        page = found[skip : skip + top]
        told = {"totalRecords": len(found), "count": len(page), "resultTruncated": "false"}
        return {**told, "data": page, **more}


@pytest.fixture
def tenant(monkeypatch: pytest.MonkeyPatch) -> Tenant:
    tenant = Tenant()
    original = Sandbox.handle

    def handle(
        world: Sandbox, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        told = tenant.answer(method, urlsplit(url).path, body)
        if told is None:
            return original(world, method, url, headers, body)
        return Response(200, {"Content-Type": "application/json"}, json.dumps(told).encode())

    monkeypatch.setattr(Sandbox, "handle", handle)
    return tenant


def test_a_large_tenant_costs_what_it_must(cli: Cli, tenant: Tenant) -> None:
    done: Result = cli(*ALL, "-o", "jsonl")

    assert done.code == 0, done.err
    names = [json.loads(line)["name"] for line in done.out.splitlines()]
    assert len(tenant.waiting) == 300
    assert sorted(names) == sorted(each["name"] for each in tenant.waiting)
    assert tenant.calls.pop("index") <= 20
    assert tenant.calls.pop("list") == len(tenant.manual) == 700
    assert tenant.calls.pop("read") == 300
    assert tenant.calls == {}
