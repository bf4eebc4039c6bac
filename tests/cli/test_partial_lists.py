"""A subscription that cannot be listed: the rest is shown, with a warning that names it."""

from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.core import Response
from azjit.sandbox.world.people import PRODUCTION, TEST
from behind import Wire, fails
from harness import Cli

SEEDED = "338a9a54-872d-5f1a-965a-c46f21c219fc"
LISTS = f"/subscriptions/{TEST}/providers/Microsoft.Solutions"
GROUPS = f"/subscriptions/{TEST}/resourcegroups"
FAILURES = [
    (403, "AuthorizationFailed"),
    (403, "DisallowedOperation"),
    (409, "MissingSubscriptionRegistration"),
    (409, "ReadOnlyDisabledSubscription"),
    (404, "SubscriptionNotFound"),
    (400, "InvalidApiVersionParameter"),
    (401, "InvalidAuthenticationTokenTenant"),
    (500, "InternalServerError"),
    (503, "ServerTimeout"),
]


@pytest.fixture(params=FAILURES, ids=lambda failure: failure[1])
def closed(request: pytest.FixtureRequest, wire: Wire) -> Wire:
    """One of two subscriptions cannot be listed."""
    for part in (LISTS, GROUPS):
        wire.on("GET", part, fails(*request.param))
    return wire


def in_state(wire: Wire, state: Any) -> None:
    def edit(body: dict[str, Any]) -> None:
        if body.get("subscriptionId") == TEST:
            body["state"] = state

    wire.rewrite("/subscriptions", edit)


@pytest.mark.usefixtures("closed")
def test_lists_show_the_rest_and_end_with_7(cli: Cli) -> None:
    for line in ("consumer pending", "consumer history", "consumer apps", "publisher apps"):
        done = cli(*line.split(), "-o", "tsv")

        assert done.code == 7, (line, done.err)
        assert done.out
        assert TEST not in done.out
        assert f"warning: left out: subscription {TEST}: " in done.err
        assert f"the list is incomplete: subscription {TEST}" in done.error


@pytest.mark.usefixtures("closed")
def test_reads_by_name_find_it_and_end_with_0(cli: Cli) -> None:
    for app in ("orders", "contoso-apps/orders"):
        done = cli("consumer", "show", app, "-o", "json")

        assert done.code == 0, done.err
        assert done.json["name"] == "orders"
        assert f"warning: left out: subscription {TEST}: " in done.err


@pytest.mark.usefixtures("closed")
def test_what_is_not_in_the_rest_is_not_called_absent(cli: Cli) -> None:
    app = cli("consumer", "show", "sensors")
    request = cli("publisher", "show", "12345678")

    assert (app.code, request.code) == (7, 7)
    assert app.error.startswith("no application named 'sensors' in what could be read: subscr")
    assert request.error.startswith("no request '12345678' in what could be read: subscr")


def test_changes_of_what_a_bare_name_means_are_refused(cli: Cli, closed: Wire) -> None:
    for line in (
        "consumer configure orders --max-duration 4h",
        "publisher request orders --role Contributor",
        "publisher request orders --role Reader --pim",
        "publisher refresh-permissions orders",
    ):
        done = cli(*line.split())

        assert done.code == 2, (line, done.err)
        assert "another application may be named 'orders'" in done.error
        assert "next: use GROUP/NAME or the id: contoso-apps/orders\n" in done.err
    assert closed.writes == []
    assert cli.receipts() == []


@pytest.mark.usefixtures("closed")
def test_changes_of_what_group_and_name_mean_are_made(cli: Cli) -> None:
    done = cli("consumer", "configure", "contoso-apps/orders", "--max-duration", "4h")

    assert done.code == 0, done.err
    assert f"warning: left out: subscription {TEST}: " in done.err


@pytest.mark.parametrize("command", ["approve", "deny"])
def test_decisions_on_what_a_name_means_are_refused(cli: Cli, closed: Wire, command: str) -> None:
    done = cli("consumer", command, SEEDED, "--reason", "x")
    given = done.err.partition("next: use the id: ")[2].split("\n")[0]

    assert (done.code, closed.writes) == (2, [])
    assert f"another request may be named {SEEDED!r}" in done.error
    assert cli("consumer", command, given, "--reason", "x").code == 0


def test_decisions_that_all_fail_so_end_with_their_code(cli: Cli, wire: Wire) -> None:
    other = cli.file("orders")
    wire.on("GET", LISTS, fails(403, "AuthorizationFailed"))

    done = cli("consumer", "deny", SEEDED, other, "--reason", "x")

    assert (done.code, wire.decisions) == (2, [])
    assert "azjit: 2 of 2 requests failed\n" in done.err


@pytest.mark.parametrize("state", ["Disabled", "Deleted", "Expired"])
def test_subscriptions_in_no_state_to_be_listed_are_named(cli: Cli, wire: Wire, state: str) -> None:
    in_state(wire, state)

    for line in ("consumer pending", "consumer apps", "publisher apps", "consumer history"):
        done = cli(*line.split(), "-o", "json")
        assert done.code == 7, done.err
        assert f"warning: left out: subscription {TEST} is {state.lower()}\n" in done.err
    assert not [each for each in wire.sent if TEST in each.path]


@pytest.mark.parametrize("state", ["Warned", "PastDue", "enabled", None, 5])
def test_subscriptions_in_other_states_are_listed(cli: Cli, wire: Wire, state: Any) -> None:
    in_state(wire, state)

    done = cli("consumer", "apps", "-o", "json")

    assert (done.code, TEST in done.out) == (0, True)


def test_a_subscription_without_an_id_is_named(cli: Cli, wire: Wire) -> None:
    def edit(body: dict[str, Any]) -> None:
        if body.get("subscriptionId") == TEST:
            body["subscriptionId"] = None

    wire.rewrite("/subscriptions", edit)

    done = cli("consumer", "apps")

    assert done.code == 7
    assert "warning: left out: subscription without an id" in done.err


def test_the_error_of_every_subscription_is_the_error_of_the_list(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/providers/Microsoft.Solutions", fails(403, "AuthorizationFailed"))

    done = cli("consumer", "pending", "-o", "json")

    assert (done.code, done.out) == (4, "")
    assert "left out" not in done.err


def test_an_incomplete_list_does_not_say_that_nothing_waits(cli: Cli, wire: Wire) -> None:
    cli("consumer", "deny", SEEDED, "--reason", "x")
    whole = cli("consumer", "pending", tty=True)
    wire.on("GET", LISTS, fails(403, "AuthorizationFailed"))

    cut = cli("consumer", "pending", tty=True)

    assert "no pending requests" in whole.err
    assert "no pending requests" not in cut.err
    assert cut.code == 7


def test_a_second_page_that_fails_keeps_the_first(cli: Cli, wire: Wire) -> None:
    name = cli.file()

    def cut(proceed: Any) -> Response:
        answer = proceed()
        link = f'"nextLink":"https://management.azure.com/subscriptions/{PRODUCTION}/more"'
        return Response(answer.status, answer.headers, answer.body[:-1] + f",{link}}}".encode())

    wire.on("GET", f"{PRODUCTION}/providers/Microsoft.Solutions/jitRequests", cut)
    wire.on("GET", f"{PRODUCTION}/more", fails(500, "InternalServerError"))

    done = cli("consumer", "pending", "-o", "tsv")

    assert done.code == 7
    assert name in done.out
    assert SEEDED in done.out
