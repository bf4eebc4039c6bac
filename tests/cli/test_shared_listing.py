"""Decisions that one listing confirms, where Azure's limits leave few reads."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from azjit.azure import pacing
from azjit.sandbox.core import Response
from azjit.services.deciding.shared_listing import SharedListing
from behind import ARM, Act, Proceed, Wire, fails
from harness import Cli

LISTING = "/providers/Microsoft.Solutions/jitRequests"
COUNT = 4
FEW = pacing._FEW
Edit = Callable[[list[Any]], None]


@pytest.fixture(autouse=True)
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each listing begin when all decisions of the batch wait for it."""
    begin = SharedListing._list

    def patient(self: SharedListing, subscription: str) -> None:
        until = time.monotonic() + 20
        while len(self._waiting[subscription]) < COUNT and time.monotonic() < until:
            time.sleep(0.005)
        begin(self, subscription)

    monkeypatch.setattr(SharedListing, "_list", patient)
    # All reads that the limits allow are few, so that no sleep of a thread changes that.
    monkeypatch.setattr(pacing, "_FEW", 1000)


def edited(edit: Edit) -> Act:
    """Change the requests of a listing."""

    def act(proceed: Proceed) -> Response:
        answer = proceed()
        body = json.loads(answer.body)
        edit(body["value"])
        return answer._replace(body=json.dumps(body).encode())

    return act


def filed(cli: Cli, at: int) -> str:
    """File a request, and give its id."""
    asked = ["publisher", "request", "orders", "--role", "Contributor", "-o", "json"]
    return str(cli(*asked, "--start", f"+{at + 1}h", "--duration", "30m").json["id"])


def approve(cli: Cli, wire: Wire, listing: Act | None = None) -> tuple[Any, Counter[str], int]:
    """Approve requests by id; give the result, the reads of each, and how many listings."""
    ids = [filed(cli, at) for at in range(COUNT)]
    names = [each.rpartition("/")[2] for each in ids]
    cli.world.set_switch(None, "page-size", "1000")
    wire.sent.clear()
    if listing is not None:
        place = ids[0].partition("/resourceGroups")[0]
        wire.on("GET", f"{place}{LISTING}", listing)

    done = cli("consumer", "approve", *ids, "--reason", "agreed", "-o", "json")

    paths = [call.path for call in wire.sent if call.method == "GET"]
    reads = Counter(path.rpartition("/")[2] for path in paths)
    return (
        done,
        Counter({name: reads[name] for name in names}),
        sum(path.endswith(LISTING) and "/resourceGroups/" not in path for path in paths),
    )


def test_one_listing_confirms_all_that_wait_for_it(cli: Cli, wire: Wire) -> None:
    done, reads, listings = approve(cli, wire)

    assert done.code == 0, done.err
    assert {row["result"] for row in done.json} == {"approved"}
    assert set(reads.values()) == {2}  # for the plan, and right before the call
    assert listings == 1
    outcomes = [each for each in cli.receipts() if each["kind"] == "outcome"][-COUNT:]
    assert {(each["outcome"], each["state"]) for each in outcomes} == {("confirmed", "approved")}


def absent(requests: list[Any]) -> None:
    requests.clear()


def unchanged(requests: list[Any]) -> None:
    for each in requests:
        each["properties"]["jitRequestState"] = "Pending"


def denied(requests: list[Any]) -> None:
    for each in requests:
        each["properties"]["jitRequestState"] = "Denied"


def other_content(requests: list[Any]) -> None:
    for each in requests:
        each["properties"]["jitSchedulingPolicy"]["duration"] = "PT8H"


def other_id(requests: list[Any]) -> None:
    for each in requests:
        each["id"] = each["id"].replace("/jitRequests/", "/jitRequests/0")


@pytest.mark.parametrize("edit", [absent, unchanged, denied, other_content, other_id])
def test_what_a_listing_does_not_confirm_is_read(cli: Cli, wire: Wire, edit: Edit) -> None:
    done, reads, listings = approve(cli, wire, edited(edit))

    assert done.code == 0, done.err
    assert {row["result"] for row in done.json} == {"approved"}
    assert set(reads.values()) == {3}
    assert listings == 1


def test_a_listing_that_fails_confirms_nothing(cli: Cli, wire: Wire) -> None:
    done, reads, listings = approve(cli, wire, fails(403, "AuthorizationFailed"))

    assert done.code == 0, done.err
    assert set(reads.values()) == {3}
    assert listings == 1


def test_a_listing_never_shows_a_decision_that_was_not_made(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "update-access", "ignored")

    done, _, _ = approve(cli, wire)

    assert done.code == 9
    assert {row["result"] for row in done.json} == {"unconfirmed"}


def test_a_listing_of_many_pages_is_left(cli: Cli, wire: Wire) -> None:
    def longer(_: Proceed) -> Response:
        """Answer with an empty page, of which there is always another."""
        paths = (call.path for call in wire.sent if call.path.endswith(LISTING))
        listed = [path for path in paths if "/resourceGroups/" not in path]
        following = f"{ARM}{listed[0]}?api-version=2021-07-01&$skiptoken={len(listed)}"
        body = {"value": [], "nextLink": following}
        return Response(200, {}, json.dumps(body).encode())

    done, reads, listings = approve(cli, wire, longer)

    assert done.code == 0, done.err
    assert set(reads.values()) == {3}
    assert listings == COUNT // 2


def test_with_reads_enough_nothing_is_listed(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "_FEW", FEW)
    ids = [filed(cli, at) for at in range(3)]
    wire.sent.clear()

    done = cli("consumer", "approve", *ids, "--reason", "agreed", "-o", "json")

    assert done.code == 0, done.err
    listed = [call for call in wire.sent if call.path.endswith(LISTING)]
    assert [call for call in listed if "/resourceGroups/" not in call.path] == []
