from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.core import Response, Sandbox
from azjit.sandbox.world.people import SUPPORT
from behind import (
    CONTRIBUTOR,
    MACHINES,
    People,
    Proceed,
    Wire,
    cut_after,
    fails,
)
from harness import Cli

GONE = "5f0b5c54-0b54-4d3c-8d0c-1d6a1f6f3a11"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
SHOP = "shop-eu/shop"


def definition_of(cli: Cli) -> str:
    body = cli("publisher", "apps", "-o", "json").json
    shop = next(app for app in body if app["resourceGroup"] == "shop-eu")
    subscription = shop["subscriptionId"]
    return (
        f"/subscriptions/{subscription}/resourceGroups/contoso-catalog/providers"
        "/Microsoft.Solutions/applicationDefinitions/shop-definition"
    )


def add_row(cli: Cli, people: People, principal: str, role: str = CONTRIBUTOR) -> None:
    """The publisher adds a row to the definition, after the applications were deployed."""
    path = definition_of(cli)
    body = people.call("bob", "GET", path)
    row = {"principalId": principal, "roleDefinitionId": role}
    body["properties"]["authorizations"].append(row)
    kept = {key: body[key] for key in ("location", "properties")}
    people.call("bob", "PUT", path, kept)


def codes(result: Any) -> list[str]:
    return [each["code"] for each in result.json]


def check(cli: Cli, app: str, *more: str) -> Any:
    return cli("publisher", "check", app, "-o", "json", *more)


def failing(result: Any) -> list[str]:
    return [each["code"] for each in result.json if each["level"] != "note"]


# check


def test_a_sound_application_passes(cli: Cli) -> None:
    result = check(cli, "orders")

    assert result.code == 0
    assert failing(result) == []


def test_check_on_a_terminal_says_why_and_what_fails(cli: Cli) -> None:
    result = cli("publisher", "check", "ledger", tty=True)

    lines = result.out.splitlines()
    assert result.code == 5
    assert lines[0] == "contoso-apps/ledger: APP001 ledger was deployed without JIT access"
    assert lines[2] == "  fails: azjit publisher request"
    assert lines[3].startswith("  next: deploy the application again")
    assert result.error == "1 finding fails the check of ledger"


def test_check_in_a_pipe_is_a_row_each(cli: Cli) -> None:
    rows = [line.split("\t") for line in cli("publisher", "check", "ledger").out.splitlines()]

    assert rows[0][:3] == ["contoso-apps/ledger", "APP001", "error"]


def test_check_of_an_unknown_application_is_not_found(cli: Cli) -> None:
    assert cli("publisher", "check", "none").code == 3


def test_who_is_in_only_by_a_group_is_told_and_cannot_ask(cli: Cli) -> None:
    result = check(cli, "archive", "--as", "dave")
    asked = cli("publisher", "request", "archive", "--role", "Contributor", "--as", "dave")

    found = next(each for each in result.json if each["code"] == "APP002")
    assert result.code == 5
    assert found["breaks"] == "azjit publisher request"
    assert "only through group" in found["message"]
    assert "to the definition" in found["fix"]
    assert asked.code == 5


def test_a_row_that_was_not_taken_over_is_told_and_refreshed(cli: Cli, people: People) -> None:
    add_row(cli, people, people.id_of("dave"))

    before = check(cli, SHOP)
    refreshed = cli("publisher", "refresh-permissions", SHOP, "--yes", "--as", "bob", "-o", "json")
    after = check(cli, SHOP)

    assert failing(before) == ["APP007"]
    assert refreshed.code == 0
    assert refreshed.json["confirmed"] is True
    assert len(refreshed.json["added"]) == 1
    assert "Contributor for" in refreshed.json["added"][0]
    assert failing(after) == []
    assert [each.get("outcome") for each in cli.receipts()][-1] == "confirmed"


def test_rows_are_compared_where_the_application_tells_them(
    cli: Cli, people: People, wire: Wire
) -> None:
    add_row(cli, people, people.id_of("alice"), MACHINES)
    rows = [
        {"principalId": people.id_of("alice"), "roleDefinitionId": CONTRIBUTOR},
        {"principalId": people.id_of("dave"), "roleDefinitionId": CONTRIBUTOR},
    ]
    wire.rewrite(
        "/resourceGroups/shop-eu/providers/Microsoft.Solutions/applications/shop",
        lambda body: body["properties"].update({"authorizations": rows}),
    )

    result = check(cli, SHOP)

    assert codes(result).count("APP007") == 2
    assert "APP008" in codes(result)


def test_a_role_that_can_grant_access_is_told(cli: Cli, people: People) -> None:
    add_row(cli, people, people.id_of("alice"), OWNER)

    found = [each for each in check(cli, SHOP).json if each["code"] == "APP004"]

    assert [each["message"] for each in found] == ["Owner can give access to others"]
    assert found[0]["level"] == "warning"


def test_a_role_that_is_gone_is_told(cli: Cli, people: People) -> None:
    add_row(cli, people, people.id_of("alice"), GONE)

    assert "APP006" in codes(check(cli, SHOP))


def test_a_role_that_may_not_be_read_is_no_finding(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "roleDefinitions/", fails(403, "AuthorizationFailed"))

    result = check(cli, "orders")

    assert result.code == 0
    assert "whether it grants access is not known" in result.err


def test_a_principal_that_is_gone_is_told_on_both_transports(both: Cli, world: Sandbox) -> None:
    add_row(both, People(world), GONE)

    found = [each for each in check(both, SHOP).json if each["code"] == "APP005"]

    assert [each["message"] for each in found] == [f"principal {GONE} no longer exists"]


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"value": 1}'])
def test_a_directory_that_cannot_be_asked_is_a_note(cli: Cli, wire: Wire, body: bytes) -> None:
    wire.on("POST", "/directoryObjects/getByIds", lambda _: Response(200, {}, body))

    result = check(cli, "orders")

    assert result.code == 0
    assert "APP011" in codes(result)


def test_the_consumers_directory_is_not_asked_about_the_publishers_people(
    cli: Cli, wire: Wire
) -> None:
    answer = Response(200, {}, b'{"value": []}')
    wire.on("POST", "/directoryObjects/getByIds", lambda _: answer)

    assert "APP011" in codes(check(cli, "orders", "--as", "bob"))


def test_an_application_that_may_not_be_read_is_a_note(cli: Cli, world: Sandbox) -> None:
    cli("publisher", "apps")
    world.set_switch("orders", "publisher-read-application", "forbidden")

    result = check(cli, "orders")

    assert result.code == 0
    assert "APP010" in codes(result)


def test_a_definition_that_may_not_be_read_is_a_note(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/applicationDefinitions/", fails(403, "AuthorizationFailed"))

    assert "APP009" in codes(check(cli, SHOP))


def test_a_new_row_of_somebody_who_is_known_may_be_missing_and_is_told(
    cli: Cli, people: People
) -> None:
    alice = next(each for each in cli.world.people() if each.alias == "alice")
    add_row(cli, people, alice.object_id, MACHINES)

    checked = check(cli, SHOP)
    asked = cli("publisher", "request", SHOP, "--role", "Virtual Machine Contributor")

    told = {each["code"]: each for each in checked.json}
    assert (checked.code, told["APP012"]["level"]) == (0, "note")
    assert "does not show its authorizations" in told["APP012"]["message"]
    assert asked.code != 0
    assert "refresh-permissions" in asked.err


def test_a_role_for_a_group_alone_is_told_and_beside_people_a_note(
    cli: Cli, people: People
) -> None:
    add_row(cli, people, SUPPORT.object_id, MACHINES)
    add_row(cli, people, SUPPORT.object_id)

    told = {each["code"]: each for each in check(cli, SHOP).json}

    assert told["APP002"]["message"].startswith("only the group ")
    assert told["APP003"]["level"] == "note"


def test_a_directory_that_fails_is_a_note(cli: Cli, wire: Wire) -> None:
    wire.on("POST", "/directoryObjects/getByIds", fails(500, "InternalServerError"))

    result = check(cli, "orders")

    assert result.code == 0
    assert "APP011" in codes(result)


def test_nothing_is_compared_where_assignments_may_not_be_read(
    cli: Cli, people: People, wire: Wire
) -> None:
    add_row(cli, people, people.id_of("dave"))
    wire.on("GET", "/roleAssignments", fails(403, "AuthorizationFailed"))

    assert "APP007" not in codes(check(cli, SHOP))


def test_a_managed_group_that_is_not_known_is_no_crash(cli: Cli, wire: Wire) -> None:
    wire.rewrite(
        "/Microsoft.Solutions/applications/orders",
        lambda body: body["properties"].pop("managedResourceGroupId"),
    )
    wire.rewrite("/resourcegroups", lambda body: body.pop("managedBy", None))
    app = cli("consumer", "apps", "-o", "json").json

    result = check(cli, next(each["id"] for each in app if each["name"] == "orders"))

    assert result.code == 0


# refresh-permissions


def test_refresh_with_dry_run_shows_the_call(cli: Cli, wire: Wire) -> None:
    result = cli("publisher", "refresh-permissions", SHOP, "--dry-run", "-o", "json")

    assert result.json[0]["method"] == "POST"
    assert result.json[0]["url"].endswith("/refreshPermissions?api-version=2021-07-01")
    assert wire.writes == []


def test_refresh_by_a_publisher_without_the_right_is_not_allowed(cli: Cli) -> None:
    result = cli("publisher", "refresh-permissions", SHOP, "--yes")

    assert result.code == 4
    assert cli.receipts()[-1]["outcome"] == "refused"


def test_refresh_is_not_called_done_where_no_read_shows_it(cli: Cli) -> None:
    argv = ("publisher", "refresh-permissions", "orders", "--yes", "--as", "bob")

    result = cli(*argv, tty=True)

    assert result.code == 9
    assert "no read shows its authorizations" in " ".join(result.err.split())
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_refresh_that_changes_nothing_is_unconfirmed(cli: Cli, people: People, wire: Wire) -> None:
    add_row(cli, people, people.id_of("dave"))
    wire.on("POST", "/refreshPermissions", lambda _: Response(200, {}, b""))

    result = cli("publisher", "refresh-permissions", SHOP, "--yes", "--as", "bob")

    assert result.code == 9
    assert "does not show Contributor for" in result.error


def test_refresh_with_a_lost_answer_is_settled_by_a_read(
    cli: Cli, people: People, wire: Wire
) -> None:
    add_row(cli, people, people.id_of("dave"))
    wire.on("POST", "/refreshPermissions", cut_after, times=1)

    result = cli("publisher", "refresh-permissions", SHOP, "--yes", "--as", "bob", "-o", "json")

    assert result.code == 0
    assert result.json["confirmed"] is True
    assert len([each for each in wire.sent if each.path.endswith("/refreshPermissions")]) == 1


def test_refresh_that_cannot_be_read_back_is_unconfirmed(cli: Cli, wire: Wire) -> None:
    def act(proceed: Proceed) -> Response:
        answer = proceed()
        wire.on("GET", "/applications/shop", fails(403, "AuthorizationFailed"))
        return answer

    wire.on("POST", "/refreshPermissions", act)

    result = cli("publisher", "refresh-permissions", SHOP, "--yes", "--as", "bob")

    assert result.code == 9
    assert "was refreshed, but could not be read" in result.error


def test_a_killed_refresh_is_told_once(cli: Cli, wire: Wire) -> None:
    def killed(_: object) -> Response:
        raise KeyboardInterrupt

    wire.on("POST", "/refreshPermissions", killed, times=1)
    argv = ("publisher", "refresh-permissions", SHOP, "--yes", "--as", "bob")
    assert cli(*argv).code == 130

    first = cli("publisher", "history", "orders", "--as", "bob")
    second = cli("publisher", "history", "orders", "--as", "bob")

    assert "not known; it may be run again" in first.err
    assert "interrupted" not in second.err
