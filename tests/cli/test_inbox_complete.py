"""`consumer pending --all` says so if its list is incomplete."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from azjit.sandbox.core import Response
from azjit.sandbox.world.people import PRODUCTION
from behind import Act, Proceed, Wire, fails
from harness import Cli, Result, Stream

pytestmark = pytest.mark.everywhere

ALL = ("consumer", "pending", "--all")
SEEDED = "338a9a54-872d-5f1a-965a-c46f21c219fc"
GRAPH = "/providers/Microsoft.ResourceGraph/resources"
APPLICATIONS = f"/subscriptions/{PRODUCTION}/providers/Microsoft.Solutions/applications"
REQUESTS = "/providers/Microsoft.Solutions/jitRequests"
IN_ORDERS = f"/mrg-orders{REQUESTS}"
NOBODYS = "00000000-0000-0000-0000-000000000001"


def names(done: Result) -> set[str]:
    return {row["name"] for row in done.json}


def listed(cli: Cli, *more: str, code: int = 0) -> set[str]:
    done = cli(*ALL, "-o", "json", *more)
    assert done.code == code, done.err
    return names(done)


def bend(
    wire: Wire,
    edit: Callable[[dict[str, Any]], object],
    *,
    of: str = "",
    headers: dict[str, str] | None = None,
) -> None:
    """Change what Resource Graph answers: to the query for applications, for requests, or both."""

    def act(proceed: Proceed) -> Response:
        query = wire.sent[-1].body["query"]
        answer = proceed()
        if f"microsoft.solutions/{of}" not in query:
            return answer
        body = json.loads(answer.body)
        edit(body)
        return Response(
            answer.status, {**answer.headers, **(headers or {})}, json.dumps(body).encode()
        )

    wire.on("POST", GRAPH, act)


def pages(wire: Wire, tokens: list[str | None], *, limited: int | None = None) -> list[int]:
    """Resource Graph lists the requests in pages that end with these tokens, the last for ever."""
    asked: list[int] = []

    def act(proceed: Proceed) -> Response:
        query = wire.sent[-1].body["query"]
        answer = proceed() if not asked else empty_page()
        if "microsoft.solutions/jitrequests" not in query:
            return answer
        asked.append(len(asked))
        assert len(asked) < 20, "it goes on for ever"
        body = json.loads(answer.body)
        token = tokens[min(len(asked), len(tokens)) - 1]
        body |= {"$skipToken": token} if token is not None else {}
        hit = "true" if limited == len(asked) else "false"
        headers = {**answer.headers, "x-ms-tenant-subscription-limit-hit": hit}
        return Response(200, headers, json.dumps(body).encode())

    wire.on("POST", GRAPH, act)
    return asked


def empty_page() -> Response:
    body = {"totalRecords": 1, "count": 0, "resultTruncated": "false", "data": []}
    return Response(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    """Rows that have this in them are not there."""

    def edit(body: dict[str, Any]) -> None:
        rows = [row for row in body["data"] if name not in json.dumps(row)]
        body |= {"data": rows, "count": len(rows), "totalRecords": len(rows)}

    return edit


def without(*keys: str) -> Callable[[dict[str, Any]], None]:
    def edit(body: dict[str, Any]) -> None:
        for row in body["data"]:
            for key in keys:
                row.pop(key, None)

    return edit


# The index is behind


def test_a_mode_that_has_just_changed_is_known(cli: Cli) -> None:
    cli.world.set_switch(None, "resource-graph", "stale")
    cli.later(minutes=10)
    changed = cli(
        *("consumer", "configure", "reports", "--mode", "manual"),
        *("--add-approver", "bob@contoso.example"),
    )
    assert changed.code == 0, changed.err
    name = cli.file("reports")

    assert listed(cli) == {name, SEEDED}


def test_what_waits_in_an_application_that_has_just_become_automatic_is_found(
    cli: Cli, wire: Wire
) -> None:
    name = cli.file("orders")
    bend(wire, drop(name))

    def automatic(app: dict[str, Any]) -> None:
        if app.get("name") == "orders":
            app["properties"]["jitAccessPolicy"]["jitApprovalMode"] = "AutoApprove"

    wire.rewrite(APPLICATIONS, automatic)

    assert name in listed(cli)


def test_an_application_that_the_index_does_not_know_yet_is_found(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    bend(wire, drop("/mrg-orders"))

    assert name in listed(cli)


@pytest.mark.parametrize("key", ["managedResourceGroupId", "jitAccessPolicy"])
@pytest.mark.parametrize("lists", ["answered", "refused"])
def test_what_the_index_lacks_of_an_application_is_read(
    cli: Cli, wire: Wire, key: str, lists: str
) -> None:
    name = cli.file("orders")
    bend(wire, lambda body: (drop(name)(body), without(key)(body)))
    if lists == "refused":
        wire.on("GET", APPLICATIONS, lists_refused)

    assert name in listed(cli)


def lists_refused(proceed: Proceed) -> Response:
    """Reads are answered, lists are not."""
    answer = proceed()
    is_list = "value" in json.loads(answer.body)
    return fails(403, "AuthorizationFailed")(proceed) if is_list else answer


def test_who_may_not_list_applications_is_told_what_may_be_missing(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("GET", APPLICATIONS, lists_refused)

    done = cli(*ALL, "-o", "json")

    assert (done.code, name in names(done)) == (0, True)
    assert "you cannot list the applications of 1 subscriptions" in done.err


def test_a_subscription_that_the_index_does_not_know_yet_is_told(cli: Cli, wire: Wire) -> None:
    bend(wire, drop(PRODUCTION))

    done = cli(*ALL, "-o", "json")

    assert done.code == 0
    assert "subscriptions without an application in Resource Graph were not searched" in done.err
    assert "nothing was looked for" not in cli(*ALL, "--subscription", PRODUCTION).err


def test_a_group_that_is_gone_is_no_gap(cli: Cli, wire: Wire) -> None:
    wire.on("GET", IN_ORDERS, fails(404, "ResourceGroupNotFound"))

    assert listed(cli) == {SEEDED}


def test_a_row_that_its_group_shows_is_no_gap(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("GET", f"/jitRequests/{name}", fails(403, "AuthorizationFailed"))

    assert name in listed(cli)


# The index is cut


def test_fewer_rows_than_it_counts_are_told(cli: Cli, wire: Wire) -> None:
    bend(wire, lambda body: body.update(totalRecords=5000, data=[], count=0), of="jitrequests")

    done = cli(*ALL, "-o", "json")

    assert (done.code, names(done)) == (7, {SEEDED})
    assert "Resource Graph gave 0 of 5000 requests that wait" in done.error


@pytest.mark.parametrize("of", ["jitrequests", "applications"])
def test_rows_without_an_id_are_told(cli: Cli, wire: Wire, of: str) -> None:
    bend(wire, without("id"), of=of)

    done = cli(*ALL, "-o", "json")

    assert done.code == 7
    assert "without an id" in done.error


def test_a_limit_that_an_early_page_tells_counts(cli: Cli, wire: Wire) -> None:
    pages(wire, ["more", None], limited=1)

    done = cli(*ALL, "-o", "json")

    assert done.code == 7
    assert "10,000 subscriptions" in done.error


@pytest.mark.parametrize("tokens", [["same"], ["a", "b"] * 10])
def test_pages_that_go_round_are_told(cli: Cli, wire: Wire, tokens: list[str | None]) -> None:
    asked = pages(wire, tokens)

    done = cli(*ALL, "-o", "json")

    assert (done.code, names(done)) == (7, {SEEDED})
    assert "repeat" in done.error
    assert len(asked) == len(set(tokens)) + 1


def test_the_index_is_read_to_its_last_page(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("azjit.azure.resource_graph._PAGE", 1)
    found = {cli.file("orders", "--new", "--start", f"+{n}h") for n in (1, 2)} | {SEEDED}
    wire.on("GET", REQUESTS, only_reads)

    assert listed(cli) == found


def only_reads(proceed: Proceed) -> Response:
    answer = proceed()
    body = json.loads(answer.body)
    body = {"value": []} if "value" in body else body
    return Response(answer.status, answer.headers, json.dumps(body).encode())


def test_a_quota_that_is_used_up_is_waited_for_before_the_next_query(cli: Cli, wire: Wire) -> None:
    used_up = {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:07"}
    bend(wire, lambda _: None, of="applications", headers=used_up)
    before = len(cli.clock.slept)

    assert listed(cli) == {SEEDED}
    assert cli.clock.slept[before:] == [7.0]


def test_a_query_that_is_throttled_is_asked_again(cli: Cli, wire: Wire) -> None:
    refused = fails(429, "RateLimiting", {"x-ms-user-quota-resets-after": "00:00:03"})
    wire.on("POST", GRAPH, refused, times=1)
    before = len(cli.clock.slept)

    assert listed(cli) == {SEEDED}
    assert 3.0 in cli.clock.slept[before:]


def test_without_the_route_each_subscription_is_listed(cli: Cli, wire: Wire) -> None:
    wire.on("POST", GRAPH, fails(404, "NotFound"))

    done = cli(*ALL, "-o", "json")

    assert (done.code, names(done)) == (0, {SEEDED})
    assert "each subscription is listed" in done.err
    assert cli(*ALL, "--management-group", "contoso-test").code == 3


# Subscriptions that were named


def test_a_named_subscription_that_cannot_be_read_is_told(cli: Cli) -> None:
    done = cli(*ALL, "-o", "json", "--subscription", f"{PRODUCTION},{NOBODYS}")

    assert (done.code, names(done)) == (7, {SEEDED})
    assert NOBODYS in done.error


def test_only_subscriptions_that_cannot_be_read_are_told(cli: Cli) -> None:
    done = cli(*ALL, "-o", "json", "--subscription", NOBODYS)

    assert (done.code, done.json) == (7, [])
    assert NOBODYS in done.error


# Odd and forbidden things


@pytest.mark.parametrize(
    "act",
    [
        fails(400, "BadRequest"),
        fails(409, "Conflict"),
        fails(403, "AuthorizationFailed"),
        fails(404, "SubscriptionNotFound"),
        lambda _: Response(200, {}, b'{"value": [], "nextLink": "https://evil.example/"}'),
    ],
)
def test_an_odd_group_costs_only_itself(cli: Cli, wire: Wire, act: Act) -> None:
    wire.on("GET", IN_ORDERS, act)

    done = cli(*ALL, "-o", "json")

    assert (done.code, names(done)) == (7, {SEEDED})
    assert "the list is incomplete: could not list the requests in mrg-orders" in done.error


@pytest.mark.parametrize("status", [400, 403, 409])
def test_an_odd_row_costs_only_itself(cli: Cli, wire: Wire, status: int) -> None:
    name = cli.file("orders")
    wire.on("GET", f"/jitRequests/{name}", fails(status, "Odd"))
    wire.on("GET", IN_ORDERS, fails(status, "Odd"))

    done = cli(*ALL, "-o", "json")

    assert (done.code, names(done)) == (7, {SEEDED})
    assert f"could not read request {name}" in done.error


@pytest.mark.parametrize(
    ("graph", "part"), [("fresh", IN_ORDERS), ("forbidden", f"{PRODUCTION}{REQUESTS}")]
)
def test_what_came_before_a_list_broke_off_is_kept(
    cli: Cli, wire: Wire, graph: str, part: str
) -> None:
    cli.world.set_switch(None, "resource-graph", graph)
    for hours in (1, 2):
        cli.file("orders", "--new", "--start", f"+{hours}h")
    cli.world.set_switch(None, "page-size", "1")
    bend(wire, drop("/mrg-orders/"), of="jitrequests")
    seen: list[str] = []

    def act(proceed: Proceed) -> Response:
        answer = fails(403, "AuthorizationFailed")(proceed) if seen else proceed()
        rows = json.loads(answer.body).get("value", [])
        waiting = [row for row in rows if row["properties"]["jitRequestState"] == "Pending"]
        seen.extend(row["name"] for row in waiting)
        return answer

    wire.on("GET", part, act)

    done = cli(*ALL, "-o", "json")

    assert done.code == 7
    assert len(seen) == 1
    assert set(seen) <= names(done)


def test_an_item_without_an_id_costs_only_itself(cli: Cli, wire: Wire) -> None:
    name, odd = cli.file("orders"), cli.file("orders", "--new", "--start", "+2h")
    cli.world.set_switch(None, "resource-graph-state", "absent")

    def nameless(one: dict[str, Any]) -> None:
        if one["name"] == odd:
            one["id"] = None

    wire.rewrite(IN_ORDERS, nameless)

    done = cli(*ALL, "-o", "json")

    assert (done.code, names(done)) == (7, {name, SEEDED, ""})
    assert [row["unreadable"] for row in done.json if not row["name"]] == ["it has no id"]


def test_without_applications_requests_are_listed_all_the_same(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch(None, "resource-graph", "forbidden")
    wire.on("GET", APPLICATIONS, fails(403, "AuthorizationFailed"))

    assert SEEDED in listed(cli)


def test_a_subscription_that_cannot_be_listed_is_told(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch(None, "resource-graph", "forbidden")
    requests = f"{PRODUCTION}{REQUESTS}"
    wire.on("GET", requests, fails(403, "AuthorizationFailed"))

    done = cli(*ALL, "-o", "json")

    assert done.code == 7
    assert f"could not list the requests of subscription {PRODUCTION}" in done.error


def test_many_gaps_are_counted(cli: Cli, wire: Wire) -> None:
    cli.world.reset(sizes={"applications": 40})
    wire.on("GET", REQUESTS, fails(403, "AuthorizationFailed"))

    done = cli(*ALL, "-o", "json")

    assert done.code == 7
    assert "items could not be read: mrg-" in done.error
    assert len(done.error) < 300
    assert done.err.count("warning: left out:") > 20


def test_a_slow_read_holds_no_other_row(cli: Cli, wire: Wire) -> None:
    cli.file("orders")
    slow: list[str] = []

    def act(proceed: Proceed) -> Response:
        answer = proceed()
        if not slow:
            slow.append(json.loads(answer.body)["name"])
            time.sleep(0.5)
        return answer

    wire.on("GET", "/jitRequests/", act)

    done = cli(*ALL, "-o", "jsonl")

    rows = [json.loads(line)["name"] for line in done.out.splitlines()]
    assert (len(rows), rows[-1]) == (2, slow[0])


def test_rows_are_written_before_the_rest_is_looked_for(cli: Cli, wire: Wire) -> None:
    out = Stream()
    seen: list[int] = []

    def act(proceed: Proceed) -> Response:
        deadline = time.monotonic() + 5
        while "\n" not in out.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        seen.append(out.getvalue().count("\n"))
        return proceed()

    wire.on("GET", APPLICATIONS, act)

    assert cli(*ALL, "-o", "jsonl", out=out).code == 0
    assert seen[0] == 1
