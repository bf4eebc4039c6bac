"""Denying: it never grants, and warns if Azure grants nevertheless."""

from __future__ import annotations

import json
from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import People, Proceed, Wire, cut_after, fails, fails_after
from harness import Cli, unwrapped

REASON = "no change window"
SECOND = "11111111-aaaa-4bbb-8ccc-000000000001"


def _deny(cli: Cli, *names: str, **kwargs: Any) -> Any:
    return cli("consumer", "deny", *names, "--reason", REASON, "-o", "json", **kwargs)


def test_a_request_is_denied_and_a_read_shows_it(both: Cli) -> None:
    name = both.file("orders")

    done = _deny(both, name)

    assert done.code == 0, done.err
    assert [row["result"] for row in done.json] == ["denied"]
    assert both.state_of(name) == "denied"


def test_an_approved_request_is_not_denied(both: Cli) -> None:
    name = both.file("orders")
    both.approve(name)

    done = _deny(both, name)

    assert done.code == 5
    assert done.error == f"request {name} is approved already"
    assert "azjit consumer revoke" in done.err
    assert both.state_of(name) == "approved"


def test_already_denied_says_by_whom_and_when(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _deny(cli, name)

    again = _deny(cli, name)

    assert again.code == 0
    (row,) = again.json
    assert row["result"] == "already denied"
    assert row["message"] == "denied by bob@contoso.example at 2026-03-02 09:00 UTC (receipt)"
    assert len(wire.decisions) == 1


def test_a_terminal_shows_what_is_denied(cli: Cli) -> None:
    name = cli.file("orders")

    done = cli("consumer", "deny", name, "--reason", REASON, tty=True, answer="y\n")

    assert done.code == 0
    assert "deny this request? [y/N]" in done.err
    assert "denied" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_a_pipe_gets_one_row_of_tabs(cli: Cli) -> None:
    name = cli.file("orders")

    done = cli("consumer", "deny", name, "--reason", REASON)

    assert done.out.split("\t")[:4] == [name, "denied", "denied", "orders"]


def test_the_receipt_keeps_the_reason(cli: Cli) -> None:
    name = cli.file("orders")

    _deny(cli, name)

    intent, outcome = cli.receipts()[-2:]
    assert (intent["action"], intent["reason"]) == ("deny", REASON)
    assert (outcome["outcome"], outcome["state"]) == ("confirmed", "denied")


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_nothing_on_the_way_of_a_denial_says_elevate(
    cli: Cli, wire: Wire, more: tuple[str, ...]
) -> None:
    names = [cli.file("orders", "--start", f"+{hours}h") for hours in (1, 3, 5)]
    wire.on("POST", "/updateAccess", fails_after(503, "ServerBusy"), times=1)
    wire.on("POST", "/updateAccess", cut_after, times=1)

    done = _deny(cli, *names, *more)

    assert done.code == 0, done.err
    everything = json.dumps([each.body for each in wire.sent]) + done.out
    assert "elevate" not in everything.lower()
    assert len(wire.decisions) == (0 if more else 3)


def test_a_denial_that_azure_answers_by_granting_is_told_loudly(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _answer_by_granting(cli, wire, name)

    done = _deny(cli, name)

    assert done.code == 5
    (row,) = done.json
    assert row["result"] == "refused"
    assert row["request"]["state"] == "approved"
    assert done.error == (
        f"request {name} is APPROVED, though a denial was sent: its access is granted"
    )
    assert f"azjit consumer revoke {name}" in done.err
    outcome = cli.receipts()[-1]
    assert (outcome["outcome"], outcome["state"]) == ("unconfirmed", "approved")


def test_another_active_request_of_the_same_principal_is_warned_of(cli: Cli) -> None:
    active = cli.file("orders")
    cli.approve(active)
    waits = cli.file("orders", "--start", "+3h")

    unasked = _deny(cli, waits)
    done = _deny(cli, waits, tty=True, answer="y\n")

    assert (unasked.code, done.code) == (5, 0)
    assert "is not denied, because nobody was asked" in unasked.error
    assert f"the same principal has access through request {active}" in " ".join(done.err.split())


@pytest.mark.parametrize("other", ["none", "of another principal", "ended"])
def test_no_other_request_is_no_warning(cli: Cli, other: str) -> None:
    if other == "of another principal":
        told = cli("consumer", "show", "orders", "-o", "json").json
        people = People(cli.world)
        people.file(told["id"], told["managedResourceGroupId"], SECOND, by="fabrikam-ci")
        cli.approve(SECOND)
    if other == "ended":
        cli.approve(cli.file("orders"))
        cli.later(hours=2)
    waits = cli.file("orders", "--start", "+3h")

    done = _deny(cli, waits)

    assert "the same principal" not in done.err


def test_a_listing_that_fails_hinders_only_a_denial_that_nobody_is_asked_about(
    cli: Cli, wire: Wire
) -> None:
    name = cli.file("orders")
    group = "/resourceGroups/mrg-orders/providers/Microsoft.Solutions/jitRequests"
    told = cli("publisher", "show", name, "-o", "json").json["id"]
    wire.on("GET", told, lambda proceed: proceed())
    wire.on("GET", group, fails(403, "AuthorizationFailed"))

    unasked = _deny(cli, name)
    done = _deny(cli, name, tty=True, answer="y\n")

    assert (unasked.code, done.code) == (5, 0)
    assert "whether others are active is unknown" in unasked.error
    assert "whether others are active is unknown" in unwrapped(done.err)


def test_one_that_cannot_be_read_whole_can_still_be_denied(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    def hide(body: Any) -> None:
        body["properties"]["jitAuthorizationPolicies"].append({})
        body["properties"]["jitSchedulingPolicy"]["duration"] = "P1M"

    wire.rewrite(f"/jitRequests/{name}", hide)

    assert _deny(cli, name).code == 0


def test_a_request_of_another_tenant_is_not_denied_from_here(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.rewrite(
        f"/jitRequests/{name}",
        lambda body: body["properties"].update(publisherTenantId="99999999-0000"),
    )

    done = _deny(cli, name)

    assert done.code == 5
    assert wire.decisions == []


def test_a_reader_may_not_deny(cli: Cli) -> None:
    name = cli.file("orders")

    assert _deny(cli, name, "--as", "rita").code == 4
    assert cli.state_of(name) == "pending"


def test_my_own_is_not_denied_but_cancelled(cli: Cli) -> None:
    name = cli.file("orders")

    assert _deny(cli, name, "--as", "alice").code == 5


def test_no_is_no(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    done = cli("consumer", "deny", name, "--reason", REASON, tty=True, answer="n\n")

    assert done.code == 1
    assert wire.decisions == []


def _answer_by_granting(cli: Cli, wire: Wire, name: str) -> None:
    """An Azure that takes any answer for a yes."""
    request = cli("publisher", "show", name, "-o", "json").json
    people = People(cli.world)
    body = {"status": "Elevate", "subStatus": "Approved", "metadata": {"originRequestId": name}}

    def grant(_: Proceed) -> Response:
        people.call("carol", "POST", f"{request['application']['id']}/updateAccess", body)
        return Response(202, {}, b"{}")

    wire.on("POST", "/updateAccess", grant, times=1)
