"""What a batch of decisions reads: one listing for all names, one reading of the receipts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from azjit.sandbox.core import Response
from azjit.services.deciding import decide
from azjit.store import chain, disk
from behind import Proceed, Wire, fails
from harness import Cli

_REQUESTS = "/providers/Microsoft.Solutions/jitRequests"


def _filed(cli: Cli, count: int) -> list[str]:
    """File requests whose first eight characters differ."""
    names = [f"{at:08x}-1111-4111-8111-111111111111" for at in range(count)]
    for at, name in enumerate(names, 1):
        cli.file("orders", "--start", f"+{at}h", "--duration", "30m", "--name", name)
    return names


def _forget(cli: Cli, wire: Wire) -> None:
    """Make this a machine that has seen none of the requests."""
    for file in (cli.state / "sandbox").iterdir():
        if file.name == "names.json" or file.name.startswith("receipts."):
            file.unlink()
    wire.sent.clear()


def _approve(cli: Cli, *names: str) -> Any:
    return cli("consumer", "approve", *names, "--reason", "agreed", "-o", "json")


def _listings(wire: Wire) -> Counter[str]:
    paths = (call.path for call in wire.sent if call.method == "GET")
    return Counter(path for path in paths if path.endswith(_REQUESTS))


def test_a_batch_by_prefix_lists_each_subscription_once(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch(None, "page-size", "1000")
    names = _filed(cli, 20)
    _forget(cli, wire)

    done = _approve(cli, *(name[:8] for name in names))

    assert done.code == 0, done.err
    assert {row["result"] for row in done.json} == {"approved"}
    assert [row["request"]["name"] for row in done.json] == names
    listings = _listings(wire)
    assert listings
    assert set(listings.values()) == {1}


def test_a_batch_reads_each_application_once_to_judge_and_once_before_it_sends(
    cli: Cli, wire: Wire
) -> None:
    names = _filed(cli, 6)
    wire.sent.clear()

    done = _approve(cli, *names)

    assert done.code == 0, done.err
    reads = [call.path for call in wire.sent if call.method == "GET"]
    of_orders = [path for path in reads if path.endswith("/applications/orders")]
    assert len(of_orders) == 2


def test_the_requests_of_one_application_are_decided_one_after_the_other(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So they share the reads of their application, however many applications there are."""
    monkeypatch.setattr(decide, "BATCH_THREADS", 1)
    names = [
        cli.file(app, "--start", f"+{at}h", "--duration", "30m")
        for at, app in enumerate(["orders", "shop-eu/shop"] * 3, 1)
    ]
    wire.sent.clear()

    done = _approve(cli, *names)

    assert done.code == 0, done.err
    assert [row["request"]["name"] for row in done.json] == [n.rpartition("/")[2] for n in names]
    sent = [call.path.split("/")[-2] for call in wire.sent if call.method == "POST"]
    assert sent == ["orders"] * 3 + ["shop"] * 3


def test_a_batch_reads_the_name_of_a_role_once(cli: Cli, wire: Wire) -> None:
    names = _filed(cli, 6)
    _forget(cli, wire)

    done = _approve(cli, *names)

    assert done.code == 0, done.err
    reads = [call.path for call in wire.sent if "/roleDefinitions/" in call.path]
    assert len(reads) == 1


def test_names_and_approvals_are_read_side_by_side(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch, everywhere=True)
    names = _filed(cli, 2)
    _forget(cli, wire)
    are_listed = Event()
    waited: list[bool] = []

    def list_names(proceed: Proceed) -> Response:
        are_listed.set()
        return proceed()

    def list_approvals(proceed: Proceed) -> Response:
        waited.append(are_listed.wait(20))
        return proceed()

    wire.on("GET", _REQUESTS, list_names)
    wire.on("GET", "/roleAssignmentScheduleRequests", list_approvals, times=1)
    done = _approve(cli, *(name[:8] for name in names))

    assert done.code == 0, done.err
    assert waited == [True]


def test_an_application_that_cannot_be_read_fails_each_of_its_requests(
    cli: Cli, wire: Wire
) -> None:
    names = _filed(cli, 3)
    wire.on("GET", "/applications/orders", fails(403, "AuthorizationFailed"), times=1)

    done = _approve(cli, *names)

    assert done.code == 4
    assert [row["exit"] for row in done.json] == [4, 4, 4]
    assert wire.decisions == []


@pytest.mark.parametrize("are_known", [True, False])
def test_each_request_is_still_read_before_and_after_its_write(
    cli: Cli, wire: Wire, *, are_known: bool
) -> None:
    names = _filed(cli, 5)
    wire.sent.clear()
    if not are_known:
        _forget(cli, wire)

    done = _approve(cli, *names)

    assert done.code == 0, done.err
    reads = Counter(call.path.rpartition("/")[2] for call in wire.sent if call.method == "GET")
    assert [reads[name] for name in names] == [2] * 5


def test_a_list_that_fails_fails_each_name_that_it_was_for(cli: Cli, wire: Wire) -> None:
    names = _filed(cli, 3)
    told = cli("publisher", "show", names[0], "-o", "json").json["id"]
    _forget(cli, wire)
    listing = told.partition("/resourceGroups")[0] + _REQUESTS
    wire.on("GET", listing, fails(403, "AuthorizationFailed"), times=1)

    done = _approve(cli, told, names[1][:8], names[2][:8])

    assert done.code == 7
    assert [row["exit"] for row in done.json] == [0, 7, 7]


def test_the_receipts_are_read_once_for_a_batch(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    names = _filed(cli, 12)
    before = len(cli.receipts())
    read: list[bytes] = []
    decode = chain.decode_entry
    monkeypatch.setattr(chain, "decode_entry", lambda line: read.append(line) or decode(line))

    done = _approve(cli, *names)

    assert done.code == 0, done.err
    made = len(cli.receipts()) - before
    # What was there, once; of each new line, one check when it is added and one reading.
    assert len(read) <= before + 2 * made


def test_no_call_of_a_batch_leaves_before_its_intent_is_flushed(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = _filed(cli, 12)
    flushed: list[bytes] = []
    append = disk.append

    def flush(path: Path, content: bytes) -> None:
        append(path, content)
        flushed.extend(content.splitlines())

    def is_intended(name: str) -> bool:
        return any(name.encode() in line and b'"kind":"intent"' in line for line in list(flushed))

    early: list[str] = []

    def look(proceed: Proceed) -> Response:
        body = wire.sent[-1].body
        early.extend(name for name in names if name in str(body) and not is_intended(name))
        return proceed()

    monkeypatch.setattr(disk, "append", flush)
    wire.on("POST", "/updateAccess", look)
    done = _approve(cli, *names)

    assert done.code == 0, done.err
    assert early == []
    assert len([line for line in flushed if b'"kind":"outcome"' in line]) == 12
