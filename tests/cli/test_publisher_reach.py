"""A publisher with few permissions gets warnings, and can still request access."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from azjit.sandbox.core import Response, Sandbox
from behind import Wire
from harness import Cli

PRODUCTION = "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c79661c3"
MANAGED = f"{PRODUCTION}/resourceGroups/mrg-orders"
ORDERS = (
    f"{PRODUCTION}/resourceGroups/contoso-apps/providers/Microsoft.Solutions/applications/orders"
)
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
NAME = "0f8fad5b-d9cb-469f-a165-70867728950e"
ASK = ("publisher", "request", "orders", "--role", "Contributor", "-o", "json")

Refuse = Callable[..., None]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Make this Azure answer calls whose method and address match with a failure, from now on."""
    answer = Sandbox.handle
    rules: list[tuple[str, str, int]] = []

    def handle(world: Sandbox, method: str, url: str, *rest: object) -> Response:
        for verb, part, status in rules:
            if verb == method and part.lower() in url.lower():
                fault = {"error": {"code": "AuthorizationFailed", "message": "you may not"}}
                return Response(
                    status, {"Content-Type": "application/json"}, json.dumps(fault).encode()
                )
        return answer(world, method, url, *rest)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(Sandbox, "handle", handle)
    return lambda part, method="GET", status=403: rules.append((method, part, status))


def _blind(cli: Cli, app: str = "orders") -> None:
    cli.world.set_switch(app, "publisher-read-application", "forbidden")


def test_an_application_that_may_not_be_read_is_listed_as_unknown(both: Cli) -> None:
    _blind(both)

    apps = both("publisher", "apps", "-o", "json").json

    (orders,) = [app for app in apps if app["name"] == "orders"]
    assert orders == {
        "id": ORDERS,
        "name": "orders",
        "resourceGroup": "contoso-apps",
        "subscriptionId": "fa11d9a1-0ff9-5600-a23b-4ed7c79661c3",
        "managedResourceGroupId": MANAGED,
        "kind": None,
        "location": None,
        "publisherTenantId": None,
        "jit": "unknown",
        "approvalMode": None,
        "maximumDuration": None,
        "approvers": [],
        "standingAccess": None,
        "hasIdentity": None,
        "unreadable": None,
    }


@pytest.mark.parametrize("app", ["orders", MANAGED, ORDERS])
def test_it_can_still_be_asked_for(both: Cli, app: str) -> None:
    _blind(both)

    asked = both("publisher", "request", app, "--role", "Contributor", "-o", "json")

    assert (asked.code, asked.json["state"]) == (0, "pending")
    warnings = [line for line in asked.err.splitlines() if line.startswith("warning: ")]
    assert warnings[0].startswith("warning: the settings of orders are unknown: could not read")
    assert warnings[1:] == [
        "warning: orders does not list its eligible roles: azjit cannot check this role",
        (
            "warning: the settings of orders could not be read: azjit cannot check whether JIT"
            " is enabled and how long access can last"
        ),
    ]


def test_azures_own_refusal_is_told_where_nothing_could_be_checked(cli: Cli) -> None:
    _blind(cli)

    asked = cli(*ASK, "--duration", "9h")

    assert (asked.code, asked.out) == (1, "")
    assert "azure: JitDurationTooLong" in asked.err
    assert [entry.get("outcome") for entry in cli.receipts()] == [None, "refused"]


def test_a_role_nobody_knows_asks_for_its_guid(cli: Cli) -> None:
    _blind(cli)

    asked = cli("publisher", "request", "orders", "--role", "Contributer")

    assert (asked.code, cli.receipts()) == (3, [])
    assert asked.error == "no single role named 'Contributer' in mrg-orders"
    assert asked.err.endswith("  next: use the GUID of the role\n")


def test_roles_that_cannot_be_told(both: Cli) -> None:
    _blind(both)

    shown = both("publisher", "roles", "orders")

    assert (shown.code, shown.out) == (3, "")
    assert shown.error == "orders does not list its eligible roles, and neither does its definition"


def test_applications_are_remembered_where_no_subscription_is_listed(both: Cli) -> None:
    both("publisher", "apps")
    both.world.set_switch(None, "publisher-lists-subscriptions", "no")

    apps = both("publisher", "apps", "--query", "[].name", "-o", "json").json
    asked = both(*ASK)

    assert "orders" in apps
    assert (asked.code, asked.json["state"]) == (0, "pending")


def test_nothing_is_in_reach_of_one_who_never_saw_any(cli: Cli) -> None:
    cli.world.set_switch(None, "publisher-lists-subscriptions", "no")

    shown = cli("publisher", "apps", tty=True)

    assert (shown.code, shown.out) == (0, "")
    assert shown.err.endswith(
        "no managed applications found; sign in to the publisher's tenant: az login\n"
    )


def test_a_managed_group_is_enough_where_no_subscription_is_listed(cli: Cli) -> None:
    cli.world.set_switch(None, "publisher-lists-subscriptions", "no")

    asked = cli("publisher", "request", MANAGED, "--role", "Contributor", "-o", "json")

    assert (asked.code, asked.json["application"]["name"]) == (0, "orders")


def test_one_subscription_that_is_closed_does_not_hide_the_others(cli: Cli, refuse: Refuse) -> None:
    refuse("/subscriptions/e5d838b1-d7d0-5855-98ec-242ecd64dacd/resourcegroups?")

    shown = cli("publisher", "apps", "--query", "[].name", "-o", "json")

    assert shown.code == 7
    assert "orders" in shown.json
    assert "sensors" not in shown.json
    assert (
        "warning: left out: subscription e5d838b1-d7d0-5855-98ec-242ecd64dacd:"
        " you may not read it (AuthorizationFailed)\n" in shown.err
    )


def test_a_named_subscription_that_is_closed_is_an_error(cli: Cli, refuse: Refuse) -> None:
    test = "e5d838b1-d7d0-5855-98ec-242ecd64dacd"
    refuse(f"/subscriptions/{test}/resourcegroups?")

    assert cli("publisher", "apps", "--subscription", test).code == 4


def test_requests_that_may_not_be_listed_are_left_out_and_named(cli: Cli, refuse: Refuse) -> None:
    refuse("/mrg-orders/providers/Microsoft.Solutions/jitRequests?")

    shown = cli("publisher", "history", "--query", "[].application.name", "-o", "json")

    assert (shown.code, shown.json) == (7, ["shop"])
    assert (
        "warning: left out: the requests of contoso-apps/orders: you may not read it"
        " (AuthorizationFailed)\n" in shown.err
    )


def test_a_request_is_filed_only_as_new_where_equal_ones_cannot_be_seen(
    cli: Cli, refuse: Refuse
) -> None:
    refuse("/mrg-orders/providers/Microsoft.Solutions/jitRequests?")

    asked, forced = cli(*ASK), cli(*ASK, "--new")

    assert (asked.code, asked.out) == (5, "")
    assert asked.error.startswith("an equal request may exist already: could not list")
    assert (forced.code, forced.json["state"]) == (0, "pending")


# What was sent and cannot be read


def test_a_request_that_cannot_be_read_back_is_unconfirmed(cli: Cli, refuse: Refuse) -> None:
    refuse("/mrg-orders/providers/Microsoft.Solutions/jitRequests/")

    asked = cli(*ASK)

    assert (asked.code, asked.out) == (9, "")
    assert "was sent, but no read shows it: could not read request" in asked.error
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_a_deletion_that_cannot_be_seen_is_unconfirmed(cli: Cli, refuse: Refuse) -> None:
    name = cli.file()
    answer = Sandbox.handle

    def then_blind(world: Sandbox, method: str, url: str, *rest: object) -> Response:
        told = answer(world, method, url, *rest)  # type: ignore[arg-type]  # passed on
        if method == "DELETE":
            refuse(f"/jitRequests/{name}")
        return told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sandbox, "handle", then_blind)
        gone = cli("publisher", "cancel", name)

    assert (gone.code, gone.out) == (9, "")
    assert f"the deletion of request {name} was sent, but no read shows it" in gone.error
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_an_approval_between_question_and_answer_stops_a_cancellation(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = cli.file()
    answer = Sandbox.handle
    reads: list[str] = []

    def approve_after_the_first_read(
        world: Sandbox, method: str, url: str, *rest: object
    ) -> Response:
        told = answer(world, method, url, *rest)  # type: ignore[arg-type]  # passed on
        if method == "GET" and f"/jitRequests/{name}" in url:
            reads.append(url)
            if len(reads) == 1:
                cli.approve(name)
        return told

    monkeypatch.setattr(Sandbox, "handle", approve_after_the_first_read)
    gone = cli("publisher", "cancel", name)

    assert (gone.code, gone.out) == (5, "")
    assert gone.error == f"request {name} has changed and is approved; nothing was sent"
    assert cli.state_of(name) == "approved"


# Whether access is there


def test_without_role_assignments_permissions_show_the_access(cli: Cli, refuse: Refuse) -> None:
    name = cli.file()
    cli.approve(name)
    refuse("/roleAssignments")

    waited = cli("publisher", "wait", name, "--for", "active", "-o", "json")

    assert waited.code == 0
    assert waited.json["access"] == {"held": True, "proof": "permissions"}


def test_without_either_it_is_not_called_active(cli: Cli, refuse: Refuse) -> None:
    name = cli.file()
    cli.approve(name)
    refuse("/roleAssignments")
    refuse("/Microsoft.Authorization/permissions")

    waited = cli("publisher", "wait", name, "--for", "active", "--timeout", "5m", "-o", "json")
    roles = cli("publisher", "roles", "orders", "--query", "[0].state", "-o", "json")

    assert waited.code == 8
    assert waited.json["access"] == {"held": None, "proof": "unknown"}
    assert waited.error == (
        f"request {name} is approved, but the access could not be read after 5 min of waiting"
        " for active"
    )
    assert roles.json == "approved, access unknown"


def test_permissions_tell_nothing_of_somebody_else(cli: Cli, refuse: Refuse) -> None:
    name = cli.file("orders", "--principal", "2c8a1379-979f-5b5e-917e-b77f361c73e6")
    cli.approve(name, "--accept", "other-principal")
    refuse("/roleAssignments")

    waited = cli("publisher", "wait", name, "--for", "active", "--timeout", "5m", "-o", "json")

    assert (waited.code, waited.json["access"]["proof"]) == (8, "unknown")


def test_waiting_outlives_failures_and_ends_in_6_when_they_last(cli: Cli, refuse: Refuse) -> None:
    name = cli.file("orders", "--duration", "8h")
    cli.clock.while_sleeping = lambda: refuse(f"/jitRequests/{name}", status=503)

    waited = cli("publisher", "wait", name, "--timeout", "20m")

    assert waited.code == 6
    assert waited.error.startswith(f"could not read request {name}")


def test_a_role_whose_name_cannot_be_read_has_the_name_that_is_known_offline(
    cli: Cli, refuse: Refuse, wire: Wire
) -> None:
    refuse("/roleDefinitions/")
    other = "aaaaaaaa-0000-4000-8000-000000000001"

    def names() -> set[str | None]:
        return {each["roleName"] for each in cli("publisher", "roles", "orders", "-o", "json").json}

    def edit(body: Any) -> None:
        for row in body["properties"].get("authorizations", ()):
            row["roleDefinitionId"] = other

    known = names()
    wire.rewrite("/applications/orders", edit)

    assert known == {"Contributor", "Virtual Machine Contributor"}
    assert names() == {None}


def test_a_broken_line_in_the_name_cache_is_passed_over(cli: Cli) -> None:
    cli("publisher", "apps")
    file = cli.state / "sandbox" / "names.json"
    names = json.loads(file.read_text())
    for shelf in ("applications", "requests"):
        names.setdefault(shelf, {})["x"] = {
            "id": "x",
            "name": "31df087a",
            "group": "",
            "managed_group": "y",
            "application": "",
            "seen": "2026-03-02T09:00:00+00:00",
        }
    file.write_text(json.dumps(names))

    apps = cli("publisher", "apps", "--query", "[].name", "-o", "json")
    shown = cli("publisher", "show", "31df087a")

    assert (apps.code, shown.code) == (0, 0)
    assert "31df087a" not in apps.json


# Answers that get lost


def _lose_answers(monkeypatch: pytest.MonkeyPatch, verb: str, *, acts: bool) -> None:
    """Answer each call of a verb with 503, after or instead of doing what it asks."""
    answer = Sandbox.handle

    def handle(world: Sandbox, method: str, url: str, *rest: object) -> Response:
        if method != verb:
            return answer(world, method, url, *rest)  # type: ignore[arg-type]  # passed on
        if acts:
            answer(world, method, url, *rest)  # type: ignore[arg-type]  # passed on
        return Response(503, {"Retry-After": "0"}, b"")

    monkeypatch.setattr(Sandbox, "handle", handle)


def test_a_request_whose_answer_is_lost_is_found_by_a_read(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lose_answers(monkeypatch, "PUT", acts=True)

    asked = cli(*ASK, "--name", NAME)

    assert (asked.code, asked.json["name"], asked.json["state"]) == (0, NAME, "pending")
    assert len([r for r in cli.world.describe()["requests"] if r["name"] == NAME]) == 1
    assert cli.receipts()[-1]["outcome"] == "confirmed"


def test_a_request_that_was_lost_is_not_called_filed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lose_answers(monkeypatch, "PUT", acts=False)

    asked = cli(*ASK, "--name", NAME)

    assert (asked.code, asked.out) == (6, "")
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_a_deletion_whose_answer_is_lost_is_found_by_a_read(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = cli.file()
    _lose_answers(monkeypatch, "DELETE", acts=True)

    assert cli("publisher", "cancel", name, "--query", "[].result").out == "withdrawn\n"


def test_a_deletion_that_was_lost_is_unconfirmed(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    name = cli.file()
    _lose_answers(monkeypatch, "DELETE", acts=False)

    gone = cli("publisher", "cancel", name)

    assert (gone.code, gone.out) == (9, "")
    assert gone.error == f"request {name} should be deleted, but a read shows it as pending"
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_a_request_that_is_read_back_with_other_content_is_unconfirmed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Sandbox.handle

    def handle(world: Sandbox, method: str, url: str, *rest: object) -> Response:
        told = answer(world, method, url, *rest)  # type: ignore[arg-type]  # passed on
        is_read = method == "GET" and f"/jitRequests/{NAME}" in url
        changed = told.body.replace(b'"PT1H"', b'"PT8H"') if is_read else told.body
        return Response(told.status, told.headers, changed)

    monkeypatch.setattr(Sandbox, "handle", handle)

    asked = cli(*ASK, "--name", NAME)

    assert (asked.code, asked.out) == (9, "")
    assert asked.error == f"request {NAME} was sent, but a read shows other contents"
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"
