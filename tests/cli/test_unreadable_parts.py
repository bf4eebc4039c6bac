"""A part that cannot be read is unknown: no command stops for it, and none takes it for absent."""

from __future__ import annotations

import pytest

from azjit.sandbox.core import Response
from azjit.sandbox.world.people import PRODUCTION
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


def test_a_wait_calls_no_request_deleted_whose_subscription_is_not_found(
    cli: Cli, wire: Wire
) -> None:
    name = cli.file()

    def sleeping() -> None:
        wire.on("GET", name, ELSEWHERE)

    cli.clock.while_sleeping = sleeping

    done = cli("publisher", "wait", name, "--for", "decided", "--timeout", "1m")

    assert done.code == 3
    assert "deleted" not in done.err


def test_no_application_is_called_absent_whose_subscription_is_not_found(
    cli: Cli, wire: Wire
) -> None:
    name = cli.file()
    wire.on("GET", "/applications/orders", ELSEWHERE)

    done = cli("consumer", "approve", name, *REASON)

    assert (done.code, wire.decisions) == (3, [])
    assert "does not exist" not in done.err


def test_an_interrupted_cancellation_is_not_settled_by_a_subscription_that_is_not_found(
    cli: Cli, wire: Wire
) -> None:
    def interrupt(_: Proceed) -> Response:
        raise KeyboardInterrupt

    name = cli.file()
    wire.on("DELETE", name, interrupt, times=1)
    cli("publisher", "cancel", name)
    wire.on("GET", name, ELSEWHERE)

    done = cli("publisher", "history", "orders")

    assert "its outcome is not known yet" in done.err


@pytest.mark.parametrize("code", ["SubscriptionNotFound", "DisallowedOperation"])
def test_the_whole_inbox_is_incomplete_without_a_subscription(
    cli: Cli, wire: Wire, code: str
) -> None:
    lists = f"/subscriptions/{PRODUCTION}/providers/Microsoft.Solutions/applications"
    wire.on("GET", lists, fails(404 if code == "SubscriptionNotFound" else 403, code))

    done = cli("consumer", "pending", "--all", "-o", "json")

    assert (done.code, len(done.json) > 0) == (7, True), done.err


# The application's definition, and its settings


@pytest.fixture
def defined(wire: Wire) -> Wire:
    """Applications tell no eligible roles; only their definitions do."""
    wire.rewrite(
        "/applications",
        lambda body: body["properties"].update(
            authorizations=None,
            applicationDefinitionId="/subscriptions/11111111-1111-1111-1111-111111111111"
            "/resourceGroups/definitions/providers/Microsoft.Solutions/applicationDefinitions/one",
        ),
    )
    return wire


@pytest.mark.parametrize("failure", FAILURES)
def test_a_definition_that_cannot_be_read_stops_no_command(
    cli: Cli, defined: Wire, failure: tuple[int, str]
) -> None:
    defined.on("GET", "/applicationDefinitions/", fails(*failure))

    shown = cli("consumer", "show", "orders")
    asked = cli("publisher", "request", "orders", "--role", "Contributor", "--new")

    assert (shown.code, asked.code) == (0, 0), asked.err
    for done in (shown, asked):
        assert "the eligible roles are unknown" in done.err


@pytest.mark.parametrize("failure", [(400, "Bad"), (409, "Busy"), (500, "InternalServerError")])
def test_settings_that_cannot_be_read_stop_no_read_of_the_requests(
    cli: Cli, wire: Wire, failure: tuple[int, str]
) -> None:
    name = cli.file()
    wire.on("GET", "/applications/orders", fails(*failure))

    for app in ("orders", "contoso-apps/orders"):
        done = cli("publisher", "history", app, "-o", "tsv")

        assert done.code == 0, done.err
        assert name in done.out
        assert "the settings of orders are unknown" in done.err
    assert cli("publisher", "request", "orders", "--role", "Contributor", "--new").code != 0
    assert {each.method for each in wire.writes} == {"PUT"}
    assert len(wire.writes) == 1


# Access


@pytest.mark.parametrize("failure", FAILURES)
def test_access_is_taken_back_though_it_cannot_be_read(
    cli: Cli, wire: Wire, failure: tuple[int, str]
) -> None:
    name = cli.file()
    cli.approve(name)
    sent = len(wire.decisions)
    wire.on("GET", "/roleAssignments", fails(*failure))

    done = cli("consumer", "revoke", name, *REASON)

    assert len(wire.decisions) == sent + 1, done.err
    assert done.code == 9
    assert "is not confirmed to be revoked" in done.err


@pytest.mark.parametrize("failure", [(400, "Bad"), (409, "Busy")])
def test_access_is_unknown_where_its_read_is_refused(
    cli: Cli, wire: Wire, failure: tuple[int, str]
) -> None:
    name = cli.file()
    cli.approve(name)
    for part in ("/roleAssignments", "/permissions"):
        wire.on("GET", part, fails(*failure))

    done = cli("publisher", "show", name, "-o", "json")

    assert done.code == 0, done.err
    assert done.json["access"]["held"] is None


@pytest.mark.parametrize("failure", [(400, "Bad"), (409, "Busy"), (404, "SubscriptionNotFound")])
def test_a_deletion_that_cannot_be_seen_is_unconfirmed(
    cli: Cli, wire: Wire, failure: tuple[int, str]
) -> None:
    name = cli.file()

    def act(proceed: Proceed) -> Response:
        wire.on("GET", name, fails(*failure))
        return proceed()

    wire.on("DELETE", name, act)

    assert cli("publisher", "cancel", name).code == 9


# What a guard rests on


@pytest.mark.parametrize("failure", [(400, "Bad"), (409, "Busy"), (403, "AuthorizationFailed")])
def test_an_equal_request_may_exist_where_none_can_be_listed(
    cli: Cli, wire: Wire, failure: tuple[int, str]
) -> None:
    wire.on("GET", "/jitRequests", fails(*failure))

    done = cli("publisher", "request", "orders", "--role", "Contributor")

    assert (done.code, wire.writes) == (5, [])
    assert "an equal request may exist already" in done.error


@pytest.mark.parametrize("failure", FAILURES)
def test_a_request_that_was_put_and_is_not_read_back_is_unconfirmed(
    cli: Cli, wire: Wire, failure: tuple[int, str]
) -> None:
    def act(proceed: Proceed) -> Response:
        wire.on("GET", "/jitRequests/", fails(*failure))
        return proceed()

    wire.on("PUT", "/jitRequests/", act)

    done = cli("publisher", "request", "orders", "--role", "Contributor")

    assert done.code == 9, done.err


# PIM


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("part", ["/roleEligibilityScheduleInstances", "/roleAssignmentScheduleI"])
def test_one_list_of_pim_that_cannot_be_read_leaves_the_other(
    cli: Cli, wire: Wire, part: str, failure: tuple[int, str]
) -> None:
    wire.on("GET", part, fails(*failure))

    done = cli("publisher", "roles", "orders", "--pim", "-o", "json")

    assert (done.code, len(done.json)) == (7, 1), done.err
    assert "warning: left out: your " in done.err


@pytest.mark.parametrize("failure", FAILURES)
def test_rules_of_pim_that_cannot_be_read_are_azures_to_keep(
    cli: Cli, wire: Wire, failure: tuple[int, str]
) -> None:
    wire.on("GET", "/roleManagementPolicyAssignments", fails(*failure))

    ask = ("publisher", "request", "orders", "--pim", "--role", MACHINES, "--ticket", "1@Snow")
    done = cli(*ask, *REASON)

    assert "PIM's rules could not be read" in done.err
    assert done.code == 0, done.err
