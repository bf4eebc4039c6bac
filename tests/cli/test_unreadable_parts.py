"""A part that cannot be read is unknown: no command stops for it, and none takes it for absent."""

from __future__ import annotations

import pytest

from azjit.sandbox.core import Response
from behind import Proceed, Wire, fails
from harness import Cli

NAME = "57511795-dbe0-4f1c-8d5e-0123456789ab"
REASON = ("--reason", "x")
MACHINES = "Virtual Machine Contributor"
ELSEWHERE = fails(404, "SubscriptionNotFound")
FAILURES = [(400, "Bad"), (403, "AuthorizationFailed"), (409, "Busy"), (500, "InternalServerError")]


# A subscription that Azure does not find, as it answers to another tenant's


def test_a_deletion_is_not_confirmed_by_a_subscription_that_is_not_found(
    cli: Cli, wire: Wire
) -> None:
    name = cli.file()

    def act(proceed: Proceed) -> Response:
        wire.on("GET", name, ELSEWHERE)
        return proceed()

    wire.on("DELETE", name, act)

    done = cli("publisher", "cancel", name)

    assert done.code == 9, done.err
    assert "the deletion of request" in done.error


def test_nothing_is_filed_where_the_subscription_of_its_name_is_not_found(
    cli: Cli, wire: Wire
) -> None:
    wire.on("GET", NAME, ELSEWHERE)

    done = cli("publisher", "request", "orders", "--role", "Contributor", "--name", NAME)

    assert (done.code, wire.writes) == (3, [])


def test_a_known_request_of_a_subscription_that_is_not_found_is_shown_as_listed(
    cli: Cli, wire: Wire
) -> None:
    name = cli.file()
    cli("publisher", "history", "orders")
    wire.on("GET", name, ELSEWHERE)

    assert cli("publisher", "show", name, "-o", "json").json["name"] == name
