"""A lost, failed or throttled answer: the state is read, and the call is not repeated."""

from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import Act, People, Proceed, Wire, cut_after, cut_before, fails, fails_after
from harness import Cli

DECIDE = "/updateAccess"


def _approve(cli: Cli, name: str, *more: str) -> Any:
    return cli("consumer", "approve", name, "--reason", "agreed", "-o", "json", *more)


def _outcome(cli: Cli) -> tuple[str, str | None]:
    last = cli.receipts()[-1]
    assert last["kind"] == "outcome"
    return last["outcome"], last["state"]


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(cut_after, id="reset"),
        pytest.param(fails_after(500, "InternalServerError"), id="500"),
        pytest.param(fails_after(503, "ServerBusy"), id="503"),
        pytest.param(fails_after(504, "GatewayTimeout"), id="504"),
    ],
)
def test_azure_has_acted_though_its_answer_is_lost(cli: Cli, wire: Wire, act: Act) -> None:
    name = cli.file("orders")
    wire.on("POST", DECIDE, act)

    done = _approve(cli, name)

    assert done.code == 0, done.err
    assert done.json[0]["result"] == "approved"
    assert len(wire.decisions) == 1
    assert _outcome(cli) == ("confirmed", "approved")


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(cut_before, id="reset"),
        pytest.param(fails(500, "InternalServerError"), id="500"),
        pytest.param(fails(503, "ServerBusy", {"Retry-After": "1"}), id="503"),
    ],
)
def test_azure_has_not_acted_and_nobody_says_it_did(cli: Cli, wire: Wire, act: Act) -> None:
    name = cli.file("orders")
    wire.on("POST", DECIDE, act)

    done = _approve(cli, name, "--timeout", "20s")

    assert done.code == 9
    assert done.json[0]["result"] == "unconfirmed"
    assert f"request {name} is not approved" in done.error
    assert "portal.azure.com" in done.err
    assert len(wire.decisions) == 1
    assert _outcome(cli) == ("unconfirmed", "pending")


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "5"}])
def test_throttled_is_not_acted_and_not_sent_again(
    cli: Cli, wire: Wire, headers: dict[str, str]
) -> None:
    name = cli.file("orders")
    wire.on("POST", DECIDE, fails(429, "TooManyRequests", headers))

    done = _approve(cli, name)

    assert done.code == 6
    assert len(wire.decisions) == 1
    assert _outcome(cli) == ("failed", None)


def test_a_proxy_that_throttles_what_azure_has_done_loses_no_decision(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("POST", DECIDE, fails_after(429, "TooManyRequests"))

    done = _approve(cli, name)

    assert done.code == 0, done.err
    assert _outcome(cli) == ("confirmed", "approved")


@pytest.mark.parametrize("act", [cut_before, fails(429, "TooManyRequests")])
def test_what_somebody_else_decided_meanwhile_is_not_called_ones_own(
    cli: Cli, wire: Wire, people: People, act: Act
) -> None:
    name = cli.file("orders")
    application = cli("publisher", "show", name, "-o", "json").json["application"]["id"]
    body = {"status": "Elevate", "subStatus": "Approved", "metadata": {"originRequestId": name}}

    def carol_first(proceed: Proceed) -> Response:
        people.call("carol", "POST", f"{application}{DECIDE}", body)
        return act(proceed)

    wire.on("POST", DECIDE, carol_first, times=1)

    done = _approve(cli, name)

    (row,) = done.json
    assert (done.code, row["result"]) == (0, "already approved")
    assert f"last changed in Azure by {people.id_of('carol')}" in row["message"]
    assert _outcome(cli) == ("unconfirmed", "approved")


def test_reads_that_fail_for_a_while_are_made_again(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("POST", DECIDE, _then_reads_fail(wire, name, times=12))

    done = _approve(cli, name)

    assert done.code == 0, done.err
    assert _outcome(cli) == ("confirmed", "approved")


def test_an_approval_that_no_read_shows_is_neither_done_nor_failed(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("POST", DECIDE, _then_reads_fail(wire, name, times=1000))

    done = _approve(cli, name, "--timeout", "30s")

    assert done.code == 9
    assert "its state could not be read" in done.error
    assert _outcome(cli) == ("unconfirmed", None)


def test_an_operation_that_may_not_be_polled_loses_no_decision(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "confirm-delay-seconds", "5")
    name = cli.file("orders")
    wire.on("GET", "/operationResults/", fails(403, "AuthorizationFailed"))

    done = _approve(cli, name)

    assert done.code == 0, done.err
    assert _outcome(cli) == ("confirmed", "approved")


def test_an_operation_that_fails_is_told_and_not_called_approved(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "update-access", "ignored")
    name = cli.file("orders")
    wire.on("GET", "/operationResults/", fails(400, "NotToday"))

    done = _approve(cli, name, "--timeout", "10s")

    assert done.code == 9
    assert "told NotToday" in done.error


def test_an_operation_that_never_ends_does_not_hide_the_decision(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "confirm-delay-seconds", "60")
    name = cli.file("orders")
    wire.on("GET", "/operationResults/", fails_not)

    done = _approve(cli, name, "--timeout", "10m")

    assert done.code == 0, done.err
    assert "Azure has not finished to approve request" in done.err


def test_a_state_on_the_way_is_waited_for(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    left = iter(["Approving"] * 4)

    def on_the_way(body: Any) -> None:
        if wire.decisions:
            state = next(left, body["properties"]["jitRequestState"])
            body["properties"]["jitRequestState"] = state

    wire.rewrite(f"/jitRequests/{name}", on_the_way)

    done = _approve(cli, name)

    assert done.code == 0, done.err


def test_a_state_that_stays_unknown_is_told_as_it_is(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    def strange(body: Any) -> None:
        if wire.decisions:
            body["properties"]["jitRequestState"] = "Deliberating"

    wire.rewrite(f"/jitRequests/{name}", strange)

    done = _approve(cli, name, "--timeout", "10s")

    assert done.code == 9
    assert "a read still shows it as Deliberating" in done.error
    assert _outcome(cli) == ("unconfirmed", "Deliberating")


def test_one_that_is_decided_otherwise_is_refused(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    def denied(body: Any) -> None:
        if wire.decisions:
            body["properties"]["jitRequestState"] = "Denied"

    wire.rewrite(f"/jitRequests/{name}", denied)

    done = _approve(cli, name)

    assert done.code == 5
    assert done.error.startswith(f"request {name} is denied, though it was to be approved")


def test_a_request_that_vanishes_is_not_called_approved(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "update-access", "ignored")
    name = cli.file("orders")
    wire.on("POST", DECIDE, _then_reads_fail(wire, name, times=1000, status=404))

    done = _approve(cli, name)

    assert done.code == 9
    assert "its state could not be read" in done.error


@pytest.mark.parametrize("timeout", ["10s", "45s", "3m"])
def test_the_wait_is_as_long_as_it_was_asked_to_be(cli: Cli, timeout: str) -> None:
    cli.world.set_switch("orders", "update-access", "ignored")
    name = cli.file("orders")
    cli.clock.slept.clear()

    done = _approve(cli, name, "--timeout", timeout)

    assert done.code == 9
    wanted = {"10s": 10, "45s": 45, "3m": 180}[timeout]
    assert wanted <= sum(cli.clock.slept) <= wanted + 1


def fails_not(_: Proceed) -> Response:
    """An operation that is never done."""
    return Response(202, {"Retry-After": "15"}, b"")


def _then_reads_fail(wire: Wire, name: str, *, times: int, status: int = 503) -> Act:
    def act(proceed: Any) -> Any:
        answer = proceed()
        wire.on("GET", f"/jitRequests/{name}", fails(status, "Nothing"), times=times)
        return answer

    return act
