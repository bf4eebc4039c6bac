"""Revoking: only role assignments that are gone confirm it."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.core import Response
from behind import CONTRIBUTOR, MACHINES, People, Proceed, Wire, fails
from harness import Cli

REASON = "work is done"
SECOND = "11111111-aaaa-4bbb-8ccc-000000000001"


def _revoke(cli: Cli, name: str, *more: str, **kwargs: Any) -> Any:
    return cli("consumer", "revoke", name, "--reason", REASON, "-o", "json", *more, **kwargs)


def _approved(cli: Cli, *more: str) -> str:
    name = cli.file("orders", *more)
    cli.approve(name)
    return name


def test_access_is_taken_back_and_a_read_shows_it(both: Cli) -> None:
    name = _approved(both)

    done = _revoke(both, name)

    assert done.code == 0, done.err
    assert [row["result"] for row in done.json] == ["revoked"]
    assert both("consumer", "show", "orders", "-o", "json").json["access"] == []


def test_what_gives_no_access_is_not_revoked(both: Cli) -> None:
    name = both.file("orders")

    done = _revoke(both, name)

    assert done.code == 5
    assert done.error == f"request {name} is pending: it gives no access"


def test_the_second_time_it_is_revoked_already(cli: Cli, wire: Wire) -> None:
    name = _approved(cli)
    _revoke(cli, name)
    sent = len(wire.decisions)

    again = _revoke(cli, name)

    assert again.code == 0
    assert again.json[0]["result"] == "already revoked"
    assert "revoked by bob@contoso.example" in again.json[0]["message"]
    assert len(wire.decisions) == sent


def test_remove_is_sent_and_never_elevate(cli: Cli, wire: Wire) -> None:
    name = _approved(cli)
    wire.sent.clear()

    _revoke(cli, name)

    (body,) = wire.decisions
    assert (body["status"], body["subStatus"]) == ("Remove", "Expired")


def test_the_receipt_tells_that_the_access_was_there(cli: Cli) -> None:
    name = _approved(cli)

    _revoke(cli, name)

    intent, outcome = cli.receipts()[-2:]
    assert (intent["action"], intent["reason"]) == ("revoke", REASON)
    assert intent["details"]["accessBefore"] is True
    assert outcome["outcome"] == "confirmed"


def test_access_that_stays_is_told(cli: Cli) -> None:
    name = _approved(cli)
    cli.world.set_switch("orders", "update-access", "ignored")

    done = _revoke(cli, name, "--timeout", "20s")

    assert done.code == 9
    assert "a read still shows the access" in done.error
    assert "assume that it lasts until 2026-03-02 10:00 UTC" in done.err
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_one_role_gone_of_two_is_not_revoked(cli: Cli, wire: Wire) -> None:
    people = People(cli.world)
    told = cli("consumer", "show", "orders", "-o", "json").json
    rows = [
        {"principalId": people.id_of("alice"), "roleDefinitionId": role}
        for role in (CONTRIBUTOR, MACHINES)
    ]
    people.file(told["id"], told["managedResourceGroupId"], SECOND, rows=rows)
    cli.approve(SECOND, "--accept", "several-rows")
    cli.world.set_switch("orders", "update-access", "ignored")

    def one_less(body: Any) -> None:
        role = body.get("properties", {}).get("roleDefinitionId", "")
        if wire.decisions and role.endswith(CONTRIBUTOR):
            body["properties"]["principalId"] = people.id_of("dave")

    wire.rewrite("/roleAssignments", one_less)

    done = _revoke(cli, SECOND, "--timeout", "10s")

    assert done.code == 9
    assert "still shows the access" in done.error


def test_access_that_has_not_begun_cannot_be_shown_to_be_gone(cli: Cli) -> None:
    name = _approved(cli, "--start", "+3h")

    done = _revoke(cli, name, "--timeout", "10s")

    assert done.code == 9
    assert "it may still begin" in done.error


def test_access_that_cannot_be_read_is_not_called_gone(cli: Cli, wire: Wire) -> None:
    name = _approved(cli)
    wire.on("GET", "/roleAssignments", fails(403, "AuthorizationFailed"))

    done = _revoke(cli, name, "--timeout", "10s")

    assert done.code == 9
    assert "could not be read" in done.error


def test_reads_that_fail_to_the_end_prove_nothing(cli: Cli, wire: Wire) -> None:
    name = _approved(cli)

    def then_unreadable(proceed: Proceed) -> Response:
        answer = proceed()
        wire.on("GET", f"/jitRequests/{name}", fails(503, "ServerBusy"))
        return answer

    wire.on("POST", "/updateAccess", then_unreadable)

    done = _revoke(cli, name, "--timeout", "10s")

    assert done.code == 9
    assert "the last read failed" in done.error


def test_a_request_that_is_no_longer_approved_proves_it(cli: Cli, wire: Wire) -> None:
    name = _approved(cli, "--start", "+3h")

    def expired(body: Any) -> None:
        if len(wire.decisions) > sent:
            body["properties"]["jitRequestState"] = "Expired"

    sent = len(wire.decisions)
    wire.rewrite(f"/jitRequests/{name}", expired)

    done = _revoke(cli, name)

    assert done.code == 0, done.err
    assert done.json[0]["request"]["state"] == "expired"


def test_what_has_ended_is_not_revoked(cli: Cli, wire: Wire) -> None:
    name = _approved(cli)
    cli.later(hours=2)
    wire.sent.clear()

    done = _revoke(cli, name)

    assert done.code == 5
    assert "has already ended" in done.error
    assert wire.decisions == []


def test_tags_rewritten_by_the_publisher_do_not_hinder_it(cli: Cli) -> None:
    name = _approved(cli)
    cli("consumer", "pending")
    request = cli("publisher", "show", name, "-o", "json").json["id"]
    People(cli.world).call("alice", "PATCH", request, {"tags": {"azjit-reason": "other"}})

    assert _revoke(cli, name).code == 0


def test_forbidden_is_not_allowed(cli: Cli) -> None:
    name = _approved(cli)

    assert _revoke(cli, name, "--as", "rita").code == 4
    cli.world.set_switch("orders", "update-access", "forbidden")
    assert _revoke(cli, name).code == 4


def test_a_terminal_asks_first(cli: Cli, wire: Wire) -> None:
    name = _approved(cli)
    wire.sent.clear()

    said_no = cli("consumer", "revoke", name, "--reason", REASON, tty=True, answer="n\n")
    said_yes = cli("consumer", "revoke", name, "--reason", REASON, tty=True, answer="y\n")

    assert (said_no.code, said_yes.code) == (1, 0)
    assert "revoke this request? [y/N]" in said_no.err
    assert len(wire.decisions) == 1
    assert "revoked" in said_yes.out


def test_a_pipe_gets_one_row_of_tabs(cli: Cli) -> None:
    name = _approved(cli)

    done = cli("consumer", "revoke", name, "--reason", REASON)

    assert done.out.split("\t")[:2] == [name, "revoked"]


def test_a_dry_run_sends_nothing(cli: Cli, wire: Wire) -> None:
    name = _approved(cli)
    wire.sent.clear()

    done = _revoke(cli, name, "--dry-run")

    assert done.code == 0
    assert done.json[0]["body"]["status"] == "Remove"
    assert wire.writes == []
