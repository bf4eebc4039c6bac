"""Names of roles and people: they help to read a result, and never stop or deceive a command."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from behind import CONTRIBUTOR, GraphWatch, Wire, cut_before, fails
from harness import Cli

SEEDED = "338a9a54-872d-5f1a-965a-c46f21c219fc"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
REASON = ("--reason", "x")
FAILURES = {
    400: fails(400, "InvalidRoleDefinitionId"),
    401: fails(401, "InvalidAuthenticationToken"),
    403: fails(403, "AuthorizationFailed"),
    404: fails(404, "RoleDefinitionDoesNotExist"),
    409: fails(409, "Conflict"),
    500: fails(500, "InternalServerError"),
    0: cut_before,
}


def kept(cli: Cli) -> dict[str, Any]:
    names: dict[str, Any] = json.loads((cli.state / "sandbox" / "names.json").read_text())
    return names


def keep(cli: Cli, key: str, name: str) -> None:
    """Put a role's name into the cache."""
    cli("publisher", "apps")
    names = kept(cli)
    at = cli.clock.at.isoformat()
    names["roles"][key] = {"id": CONTRIBUTOR, "name": name, "seen": at}
    (cli.state / "sandbox" / "names.json").write_text(json.dumps(names))


def ask_for(wire: Wire, role: object) -> None:
    """Let every request of the seeded application name another role."""

    def edit(body: dict[str, Any]) -> None:
        for row in body["properties"]["jitAuthorizationPolicies"]:
            row["roleDefinitionId"] = role

    wire.rewrite("/jitRequests", edit)


@pytest.mark.parametrize("failure", FAILURES)
def test_no_failure_of_a_roles_name_stops_a_command(cli: Cli, wire: Wire, failure: int) -> None:
    name = cli.file()
    wire.on("GET", "/roleDefinitions/", FAILURES[failure])

    for line in ("pending", "pending --all", "history", "show orders", "pending orders"):
        done = cli("consumer", *line.split(), "-o", "json")
        assert done.code == 0, (line, done.err)
        assert CONTRIBUTOR in done.out
    assert cli("publisher", "show", name).code == 0
    assert cli("publisher", "roles", "orders").code == 0
    accept = ("--accept", "can-give-access")  # what it can do is not known
    assert cli("consumer", "approve", name, *REASON).code == 5
    assert cli("consumer", "approve", name, *REASON, *accept).code == 0
    assert cli("consumer", "deny", SEEDED, *REASON).code == 0


def test_a_role_that_is_no_guid_is_not_looked_up(cli: Cli, wire: Wire) -> None:
    ask_for(wire, "/../Owner")

    done = cli("consumer", "pending", "-o", "json")
    denied = cli("consumer", "deny", SEEDED, *REASON)

    assert (done.code, done.json[0]["roles"][0]["roleId"]) == (0, "/../Owner")
    assert denied.code == 0, denied.err
    assert not [each for each in wire.sent if "roledefinitions" in each.path.lower()]


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_no_failure_of_a_persons_name_stops_a_command(
    cli: Cli, graph: GraphWatch, status: int
) -> None:
    name = cli.file()
    for _ in range(20):
        graph.fails(status, "Request_BadRequest")

    for line in ("pending", "history", "show orders"):
        assert cli("consumer", *line.split(), "--refresh", tty=True).code == 0, line
    assert cli("consumer", "approve", name, "--yes", *REASON, tty=True).code == 0


def test_people_are_looked_up_though_one_id_is_none(
    cli: Cli, wire: Wire, graph: GraphWatch
) -> None:
    def edit(body: dict[str, Any]) -> None:
        body["properties"]["publisherTenantId"] = None
        body["properties"]["createdBy"]["oid"] = "nobody's id"

    wire.rewrite("/jitRequests", edit)

    cli("consumer", "pending", "--refresh", tty=True)

    asked = [body["ids"] for _, path, body in graph.calls if "getByIds" in path]
    assert asked
    assert not any("nobody's id" in ids for ids in asked)


def test_a_decision_shows_the_name_that_azure_tells_now(cli: Cli, wire: Wire) -> None:
    first, second = cli.file(), cli.file("shop-us/shop")
    cli("consumer", "pending")
    wire.rewrite("/roleDefinitions/", lambda body: body["properties"].update(roleName="Renamed"))

    listed = cli("consumer", "pending", "orders", "-o", "json").json
    shown = cli("consumer", "approve", first, *REASON, "-o", "json")
    denied = cli("consumer", "deny", second, *REASON, "-o", "json")

    assert {row["roles"][0]["roleName"] for row in listed} == {"Contributor"}
    for done in (shown, denied):
        assert re.search("^Role +Renamed$", done.err, re.MULTILINE)


def test_a_decision_shows_no_name_that_azure_does_not_tell_now(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    cli("consumer", "pending")
    wire.on("GET", "/roleDefinitions/", fails(500, "InternalServerError"))

    done = cli("consumer", "approve", name, *REASON, "--accept", "can-give-access")

    assert done.code == 0
    assert "Contributor" not in done.err
    assert CONTRIBUTOR in done.err


def test_a_name_is_believed_for_a_day(cli: Cli, wire: Wire) -> None:
    def name_of() -> str:
        rows = cli("consumer", "history", "-o", "json").json
        (row,) = [row for row in rows if row["name"] == SEEDED]
        return str(row["roles"][0]["roleName"])

    told = name_of()
    wire.rewrite("/roleDefinitions/", lambda body: body["properties"].update(roleName="Renamed"))

    today = name_of()
    cli.clock.at = cli.clock.at.replace(day=3)

    assert (told, today, name_of()) == (told, told, "Renamed")
    assert told != "Renamed"


@pytest.mark.parametrize(
    "place",
    [
        "",
        "https://other.example|{tenant}|",
        "https://management.azure.com|33333333-3333-4333-8333-333333333333|",
        "https://management.azure.com|{tenant}|/subscriptions/1/resourcegroups/other|",
    ],
)
def test_a_name_of_another_place_is_not_believed(cli: Cli, place: str) -> None:
    tenant = cli("consumer", "approve", SEEDED, "--dry-run").err.partition("tenant ")[2][:36]
    keep(cli, place.format(tenant=tenant) + CONTRIBUTOR, "Reader")
    name = cli.file()

    rows = cli("consumer", "pending", "-o", "json").json

    (row,) = [row for row in rows if row["name"] == name]
    assert row["roles"][0]["roleName"] == "Contributor"


def test_custom_roles_are_kept_by_scope(cli: Cli, wire: Wire) -> None:
    def custom(body: dict[str, Any]) -> None:
        body["properties"]["type"] = "CustomRole"

    wire.rewrite("/roleDefinitions/", custom)
    cli.file()
    cli("consumer", "pending")

    roles = kept(cli)["roles"]

    assert roles
    assert {key.count("|") for key in roles} == {3}
    assert all("/resourcegroups/mrg-" in key for key in roles)


def test_a_role_whose_name_cannot_be_read_is_not_called_absent(cli: Cli, wire: Wire) -> None:
    other = "aaaaaaaa-0000-4000-8000-000000000001"
    wire.on("GET", "/roleDefinitions/", fails(500, "InternalServerError"))
    ask = ("publisher", "request", "orders", "--role")

    def custom(body: dict[str, Any]) -> None:
        for row in body["properties"].get("authorizations", ()):
            row["roleDefinitionId"] = other

    built_in = cli(*ask, "contributor")
    wire.rewrite("/applications/orders", custom)
    by_name = cli(*ask, "Looker")

    assert (built_in.code, by_name.code) == (0, 7)
    assert "among the eligible roles whose names could be read" in by_name.error
    assert f"next: use the GUID of the role: {other}" in by_name.err
