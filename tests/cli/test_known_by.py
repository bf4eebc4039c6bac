"""How each shown state is known: one key, and a fixed set of words."""

from __future__ import annotations

from typing import Any

import pytest

from behind import CONTRIBUTOR, Wire, fails, first
from harness import Cli

FORBIDDEN = fails(403, "AuthorizationFailed")


def told(cli: Cli, *argv: str, code: int = 0) -> Any:
    done = cli(*argv, "-o", "json")
    assert done.code == code, done.err
    return done.json


def role(cli: Cli, app: str = "orders") -> dict[str, Any]:
    """Give what alice's first role is now."""
    first: dict[str, Any] = told(cli, "publisher", "roles", app)[0]
    return first


def approved(cli: Cli, *, minutes: int = 20) -> str:
    """Approve a request of two hours, some time ago."""
    name = cli.file("orders", "--duration", "2h")
    cli.approve(name)
    cli.later(minutes=minutes)
    return name


def revoked(cli: Cli) -> str:
    name = approved(cli)
    assert cli("consumer", "revoke", name, "--reason", "done").code == 0
    return name


def test_an_eligible_role_is_known_by_role_assignment(both: Cli) -> None:
    assert (role(both)["state"], role(both)["knownBy"]) == ("eligible", "role assignment")


def test_a_pending_and_a_scheduled_role_are_known_by_the_request(cli: Cli) -> None:
    name = cli.file("orders", "--start", "+1h")

    assert (role(cli)["state"], role(cli)["knownBy"]) == ("pending", "request state")

    cli.approve(name)

    assert (role(cli)["state"], role(cli)["knownBy"]) == ("scheduled", "request state")


def test_an_active_role_is_known_by_what_shows_it(cli: Cli, wire: Wire) -> None:
    approved(cli)

    assert (role(cli)["state"], role(cli)["knownBy"]) == ("active", "role assignment")

    wire.on("GET", "/roleAssignments", FORBIDDEN)

    assert (role(cli)["state"], role(cli)["knownBy"]) == ("active", "permissions")


def test_what_no_read_could_tell_is_said_to_be_unknown(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/roleAssignments", FORBIDDEN)
    wire.on("GET", "/permissions", FORBIDDEN)

    assert (role(cli)["state"], role(cli)["knownBy"]) == ("eligible, access unknown", "unknown")

    name = cli.file("orders", "--start", "+1h")
    cli.approve(name)

    told_now = role(cli)["state"], role(cli)["knownBy"]
    assert told_now == ("scheduled, access unknown", "request state")


@pytest.mark.parametrize("width", [80, 140])
def test_a_terminal_tells_how_a_role_is_known(cli: Cli, width: int) -> None:
    done = cli("publisher", "roles", "orders", tty=True, width=width)

    assert "Known by" in done.out
    assert done.out.count("assignment") == 4


def test_the_state_of_a_request_is_known_by_the_request(cli: Cli) -> None:
    name = cli.file("orders")

    rows = [
        told(cli, "publisher", "show", name),
        told(cli, "publisher", "wait", name, "--timeout", "1s", code=8),
        *told(cli, "publisher", "history", "orders"),
        *told(cli, "consumer", "history", "orders"),
        *told(cli, "consumer", "pending"),
        *told(cli, "consumer", "show", "orders")["waiting"],
    ]

    assert {row["knownBy"] for row in rows} == {"request state"}
    assert "(known by: request state)" in cli("publisher", "show", name, "--full", tty=True).out
    assert "known by" not in cli("publisher", "show", name, tty=True).out
    assert "State" in cli("consumer", "history", tty=True).out


def test_a_decision_is_known_by_the_request(cli: Cli) -> None:
    first, second = cli.file("orders"), cli.file("shop-eu/shop", "--start", "+3h")

    (yes,) = told(cli, "consumer", "approve", first, "--reason", "x")
    (again,) = told(cli, "consumer", "approve", first, "--reason", "x")
    (no,) = told(cli, "consumer", "deny", second, "--reason", "x")

    assert {row["knownBy"] for row in (yes, again, no)} == {"request state"}


def test_a_decision_that_did_not_show_is_known_by_nothing(cli: Cli) -> None:
    cli.world.set_switch("orders", "update-access", "ignored")

    (row,) = told(
        cli, "consumer", "approve", cli.file("orders"), "--reason", "x", "--timeout", "3s", code=9
    )

    assert (row["result"], row["knownBy"]) == ("unconfirmed", None)


def test_a_revocation_is_known_by_role_assignment(cli: Cli) -> None:
    name = approved(cli)

    (row,) = told(cli, "consumer", "revoke", name, "--reason", "done")
    (again,) = told(cli, "consumer", "revoke", name, "--reason", "done")

    assert (row["result"], row["knownBy"]) == ("revoked", "role assignment")
    assert row["request"]["access"] == {"held": False, "proof": "role assignment"}
    assert (row["request"]["state"], row["request"]["knownBy"]) == ("approved", "request state")
    assert (again["result"], again["knownBy"]) == ("already revoked", "role assignment")


@pytest.mark.parametrize("width", [80, 140])
def test_a_revoked_row_does_not_say_plainly_approved(cli: Cli, width: int) -> None:
    done = cli("consumer", "revoke", approved(cli), "--reason", "x", "--yes", tty=True, width=width)

    table = done.out.splitlines()[-3:]
    assert "approved," in "".join(table)
    assert "assignment" in "".join(table)


def test_what_a_cancellation_took_away_is_known_by_what_showed_it(cli: Cli) -> None:
    cli.world.set_switch("orders", "delete-request", "drops-grant")

    (waiting,) = told(cli, "publisher", "cancel", cli.file("orders"))
    (active,) = told(cli, "publisher", "cancel", approved(cli), "--delete")

    assert (waiting["result"], waiting["knownBy"]) == ("withdrawn", "request state")
    assert (active["result"], active["knownBy"]) == ("withdrawn, access is gone", "role assignment")
    assert active["request"]["access"] == {"held": False, "proof": "role assignment"}


def test_who_has_access_is_known_by_role_assignment(cli: Cli) -> None:
    approved(cli)

    (holder,) = told(cli, "consumer", "show", "orders")["access"]

    assert holder["knownBy"] == "role assignment"
    shown = cli("consumer", "show", "orders", tty=True).out
    assert "Access of the publisher now, by role assignment" in shown
    assert "Pending requests" in shown


def test_roles_in_pim_are_known_by_pim(cli: Cli) -> None:
    asked = ("--role", "Virtual Machine Contributor", "--pim", "--reason", "x", "--ticket", "T")

    activated = told(cli, "publisher", "request", "orders", *asked)

    assert activated["knownBy"] == "PIM"
    assert {row["knownBy"] for row in told(cli, "publisher", "roles", "orders", "--pim")} == {"PIM"}


def test_a_role_activated_in_pim_has_no_known_end_for_the_consumer(cli: Cli) -> None:
    asked = ("--role", "Virtual Machine Contributor", "--pim", "--reason", "x", "--ticket", "T")
    assert cli("publisher", "request", "orders", *asked, "--duration", "2h").code == 0

    (holder,) = told(cli, "consumer", "show", "orders")["access"]

    assert (holder["standing"], holder["until"]) == (False, None)
    shown = cli("consumer", "show", "orders", tty=True).out
    assert "end not known" in shown
    assert "standing" not in shown


def test_a_grant_whose_request_was_deleted_has_no_known_end(cli: Cli) -> None:
    cli.world.set_switch("orders", "delete-request", "keeps-grant")
    assert cli("publisher", "cancel", approved(cli), "--delete").code == 9

    (holder,) = told(cli, "consumer", "show", "orders")["access"]

    assert (holder["standing"], holder["until"]) == (False, None)


def test_access_that_came_soon_after_may_still_come(cli: Cli, wire: Wire) -> None:
    wire.rewrite("/roleAssignments", nobody)
    name = approved(cli, minutes=10)

    assert role(cli)["state"] == "approved, not yet effective"
    assert "not active yet" in cli("publisher", "show", name, tty=True).out


def test_access_that_is_long_overdue_is_not_said_to_be_coming(cli: Cli, wire: Wire) -> None:
    wire.rewrite("/roleAssignments", nobody)
    name = approved(cli)

    assert role(cli)["state"] == "approved, no access now"
    shown = cli("publisher", "show", name, tty=True).out
    assert "not active: it ended, or never began" in shown
    assert "left" not in shown


def test_after_a_revocation_nothing_says_that_access_is_there_or_coming(cli: Cli) -> None:
    name = revoked(cli)

    assert role(cli)["state"] == "approved, no access now"
    shown = cli("publisher", "show", name, tty=True).out
    assert "left" not in shown
    assert "Revoked" in shown
    assert "revoked" in cli("consumer", "history", "orders", tty=True).out
    (request,) = told(cli, "consumer", "history", "orders", "--state", "approved", "--since", "1h")
    assert request["revokedAt"] == "2026-03-02T09:20:00Z"
    waited = cli("publisher", "wait", name, "--for", "ended", "--timeout", "1s")
    assert waited.code == 8
    assert "its access ended or never began (role assignment)" in waited.error


def test_an_ended_request_does_not_speak_of_its_revocation(cli: Cli) -> None:
    name = revoked(cli)
    cli.later(hours=3)

    assert told(cli, "publisher", "show", name)["revokedAt"] is None


def test_a_request_that_was_taken_back_explains_no_access(cli: Cli) -> None:
    revoked(cli)
    cli.approve(cli.file("orders", "--duration", "1h", "--new"))

    (holder,) = told(cli, "consumer", "show", "orders")["access"]

    assert holder["until"] == "2026-03-02T10:20:00Z"
    assert role(cli)["until"] == "2026-03-02T10:20:00Z"


def nobody(body: Any) -> None:
    """Make an assignment somebody else's."""
    body["properties"]["principalId"] = "00000000-0000-4000-8000-000000000009"


def on_one_machine(body: Any) -> None:
    """Let a role be assigned on one resource in the managed group, which a listing shows, too."""
    properties = body.get("properties", {})
    if properties.get("roleDefinitionId", "").endswith(CONTRIBUTOR):
        properties["scope"] += "/providers/Microsoft.Compute/virtualMachines/one"


def test_a_role_on_one_resource_is_no_access_to_the_group(cli: Cli, wire: Wire) -> None:
    name = approved(cli)
    wire.rewrite("/roleAssignments", on_one_machine)

    waited = cli("publisher", "wait", name, "--for", "active", "--timeout", "20s")

    assert waited.code == 8
    assert role(cli)["state"] == "approved, no access now"


def test_a_role_on_one_resource_is_no_reason_to_doubt_a_revocation(cli: Cli, wire: Wire) -> None:
    name = approved(cli)
    cli.world.set_switch("orders", "update-access", "ignored")
    wire.on(
        "POST", "/updateAccess", first(lambda: wire.rewrite("/roleAssignments", on_one_machine))
    )

    assert cli("consumer", "revoke", name, "--reason", "done").code == 0
