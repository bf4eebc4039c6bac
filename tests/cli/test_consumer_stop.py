"""`consumer stop`: manual mode, denials, and who has access still."""

from __future__ import annotations

import pytest

from azjit.sandbox.core import Response
from behind import Proceed, Wire, fails
from harness import Cli, unwrapped

WHY = ("--reason", "INC-1", "-o", "json")


def test_everything_new_is_stopped_and_what_is_there_is_listed(both: Cli) -> None:
    active = both.file("orders")
    both.approve(active)
    pending = both.file("sensors")
    assert both("consumer", "configure", "reports", "--mode", "automatic").code == 0

    done = both("consumer", "stop", "--all", *WHY)

    assert done.code == 0, done.err
    told = {each["application"]: each["result"] for each in done.json["applications"]}
    assert told == {
        "archive": "manual already",
        "ledger": "without JIT",
        "orders": "manual already",
        "reports": "set to manual",
        "shop": "manual already",
        "sensors": "manual already",
    }
    denied = {each["request"]["name"]: each["result"] for each in done.json["denied"]}
    assert denied[pending] == "denied"
    assert set(denied.values()) == {"denied"}
    (access,) = [each for each in done.json["access"] if each["basis"] == "jit"]
    assert access["requestId"].endswith(active)
    assert done.json["waiting"] == []
    assert "bob@contoso.example" in done.json["mayRemove"]
    again = both("consumer", "stop", "--all", *WHY)
    assert (again.code, again.json["denied"]) == (0, [])
    assert {each["reason"] for each in decisions(both)} >= {"INC-1"}


def decisions(cli: Cli) -> list[dict[str, object]]:
    return [each for each in cli.receipts() if each.get("action") == "deny"]


def test_at_a_terminal_it_asks_once_and_shows_what_is_left(cli: Cli) -> None:
    cli.file("orders")
    argv = ("consumer", "stop", "orders", "--reason", "INC-1")

    no = cli(*argv, tty=True, answer="n\n")
    waits = cli("consumer", "pending", "orders", "-o", "json").json
    yes = cli(*argv, tty=True, answer="y\n")

    assert (no.code, len(waits)) == (1, 1)
    assert "stop 1 application: deny 1 request?" in unwrapped(no.err)
    assert yes.code == 0, yes.err
    shown = unwrapped(yes.out)
    assert "Settings Application Approval orders manual already" in shown
    assert "Microsoft documents no revocation" in shown
    assert "Managed Application Publisher Operator" not in shown


def test_a_dry_run_shows_each_call_and_sends_none(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.file("orders")
    assert cli("consumer", "configure", "orders", "--mode", "automatic").code == 0
    wire = Wire(monkeypatch)

    done = cli("consumer", "stop", "orders", "--dry-run", "-o", "json")

    assert done.code == 0, done.err
    assert [each["method"] for each in done.json] == ["PATCH", "POST"]
    assert {each.method for each in wire.sent} == {"GET"}


def test_settings_that_azure_refuses_do_not_keep_requests_from_being_denied(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = cli.file("orders")
    assert cli("consumer", "configure", "orders", "--mode", "automatic").code == 0
    wire = Wire(monkeypatch)
    wire.on("PATCH", "applications/orders", fails(403, "AuthorizationFailed"))

    done = cli("consumer", "stop", "orders", "no-such-app", *WHY)

    assert done.code == 7
    rows = {each["application"]: each for each in done.json["applications"]}
    assert (rows["orders"]["result"], bool(rows["orders"]["message"])) == ("not changed", True)
    assert rows["no-such-app"]["applicationId"] is None
    assert [each["result"] for each in done.json["denied"]] == ["denied"]
    assert cli.state_of(name) == "denied"


def test_a_request_that_is_filed_meanwhile_is_told(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cli.file("orders")
    wire = Wire(monkeypatch)
    filed: list[str] = []

    def meanwhile(proceed: Proceed) -> Response:
        answer = proceed()
        if not filed:
            filed.append("")
            filed[0] = cli.file("orders", "--start", "+3h", "--new")
        return answer

    wire.on("POST", "updateAccess", meanwhile)

    done = cli("consumer", "stop", "orders", *WHY)

    assert [each["request"]["name"] for each in done.json["denied"]] == [first]
    assert done.json["waiting"] == filed
    assert "run azjit consumer stop again" in done.err
    cli.file("orders", "--start", "+6h", "--new")
    filed.clear()
    shown = cli("consumer", "stop", "orders", "--reason", "x", tty=True, answer="y\n", width=120)
    assert "Wait still" in shown.out


@pytest.mark.parametrize("argv", [(), ("orders", "--all")])
def test_it_names_applications_or_all(cli: Cli, argv: tuple[str, ...]) -> None:
    done = cli("consumer", "stop", *argv, *WHY)

    assert (done.code, done.out) == (2, "")


def test_a_dry_run_tells_what_could_not_be_planned(cli: Cli, wire: Wire) -> None:
    cli.file("orders")
    wire.on("GET", "/applications/orders", fails(500, "InternalServerError"))

    done = cli("consumer", "stop", "orders", "--dry-run", "-o", "json")

    assert done.code != 0
    assert "told InternalServerError" in done.err


def test_requests_that_cannot_be_listed_leave_the_settings(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("consumer", "configure", "orders", "--mode", "automatic").code == 0
    wire = Wire(monkeypatch)
    wire.on("GET", "mrg-orders/providers/Microsoft.Solutions/jitRequests", fails(403, "No"))

    done = cli("consumer", "stop", "orders", *WHY)

    assert done.code == 7
    assert [each["result"] for each in done.json["applications"]] == ["set to manual"]
    assert "the requests for orders" in unwrapped(done.err)
