"""Cancelling a request: deleted, and reported only as a read shows it."""

from __future__ import annotations

import pytest

import result_keys
from azjit.sandbox.core import Response
from behind import Proceed, Wire, fails
from harness import Cli

DENIED = "31df087a-d458-5b34-ba82-5e1dd049c4ac"
ENDED = "19a5fea8-ffc3-5341-a8f8-eb3e83e56b89"
PENDING = "338a9a54-872d-5f1a-965a-c46f21c219fc"
ALICE = "acting as alice@fabrikam.example (user, tenant 43d6cf76-e6b5-5558-9d34-e89982865423)\n"
MRG = "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c79661c3/resourceGroups/mrg-orders"
SANDBOX = "SANDBOX: nothing here is real\n"


def _cancel(cli: Cli, name: str, *more: str, **kwargs: object) -> object:
    asked = ("publisher", "cancel", name, "-o", "json", *more)
    return cli(*asked, **kwargs)  # type: ignore[arg-type]  # passed on as they are


def _names(cli: Cli) -> set[str]:
    return {request["name"] for request in cli.world.describe()["requests"]}


def _last(cli: Cli) -> tuple[str, str | None]:
    outcome = cli.receipts()[-1]
    assert outcome["kind"] == "outcome"
    return outcome["outcome"], outcome["state"]


@pytest.mark.parametrize("switch", ["keeps-grant", "drops-grant"])
def test_a_pending_request_is_withdrawn(both: Cli, switch: str) -> None:
    both.world.set_switch("orders", "delete-request", switch)
    name = both.file()

    gone = _cancel(both, name, "--reason", "not needed any more")

    (row,) = gone.json
    assert (gone.code, row["result"], row["request"]["state"]) == (0, "withdrawn", "deleted")
    assert gone.err == SANDBOX + ALICE
    assert name not in _names(both)
    assert _last(both) == ("confirmed", "withdrawn")


def test_the_receipt_of_a_cancellation_holds_reason_and_state(cli: Cli) -> None:
    name = cli.file()

    _cancel(cli, name, "--reason", " not needed any more ")

    intent, outcome = cli.receipts()[-2:]
    assert (intent["kind"], intent["action"]) == ("intent", "cancel")
    assert intent["target"].endswith(f"/jitRequests/{name}")
    assert intent["reason"] == "not needed any more"
    assert intent["details"]["state"] == "pending"
    assert outcome["id"] == intent["id"]


def test_access_that_goes_with_its_request_is_given_back(both: Cli) -> None:
    both.world.set_switch("orders", "delete-request", "drops-grant")
    name = both.file()
    both.approve(name)

    gone = _cancel(both, name, "--delete")

    assert (gone.code, gone.json[0]["result"]) == (0, "withdrawn, access is gone")
    assert _last(both) == ("confirmed", "withdrawn, access is gone")


def test_access_that_stays_is_not_called_gone(both: Cli) -> None:
    name = both.file()
    both.approve(name)

    gone = _cancel(both, name, "--delete")

    assert (gone.code, gone.out) == (9, "")
    assert gone.error == (
        f"request {name} is deleted, but no read shows that its access is gone: a read still"
        " shows it"
    )
    assert gone.err.endswith(
        "  next: assume that the access lasts from 2026-03-02 09:00 to 2026-03-02 10:00 UTC; ask"
        " the consumer to check\n"
    )
    assert name not in _names(both)
    assert _last(both) == ("unconfirmed", None)


# When it starts, whether a person is at a terminal, and what is typed after the name.
KEPT = [
    ((), False, ("-o", "json")),
    ((), False, ("-o", "json", "--dry-run")),
    (("--start", "+2h"), False, ("-o", "json", "-q")),
    ((), True, ()),
]


@pytest.mark.parametrize(("start", "tty", "more"), KEPT)
def test_what_was_approved_is_not_deleted_by_default(
    cli: Cli,
    wire: Wire,
    start: tuple[str, ...],
    tty: bool,  # noqa: FBT001 - pytest passes it
    more: tuple[str, ...],
) -> None:
    name = cli.file("orders", *start)
    cli.approve(name)
    written = len(wire.writes)

    kept = cli("publisher", "cancel", name, *more, tty=tty, answer="y\n")

    request = f"{MRG}/providers/Microsoft.Solutions/jitRequests/{name}"
    lines = kept.err.splitlines()
    assert kept.code == 5
    assert f"request {name} is approved, and Microsoft does not" in " ".join(kept.err.split())
    assert f"  request: {request}" in lines
    assert (
        f'  command: azjit consumer revoke {request} --reason "given back by the publisher"'
        in lines
    )
    (link,) = [line for line in lines if line.startswith("  portal: ")]
    assert link.startswith(
        "  portal: https://portal.azure.com/#@b2ece393-446a-5439-9713-016f816356b9/"
    )
    (access,) = [line for line in lines if line.startswith("  access: ")]
    day = "2026-03-02"
    hours = ("11:00", "12:00") if start else ("09:00", "10:00")
    assert access.endswith(f"), {day} {hours[0]} UTC to {day} {hours[1]} UTC")
    assert len(wire.writes) == written
    if tty:
        assert kept.out == ""
    else:
        (row,) = kept.json
        assert (row["result"], row["exit"], row["request"]["name"]) == ("refused", 5, name)


@pytest.mark.parametrize("state", ["Elevating", "NotSpecified"])
def test_what_may_give_access_is_not_deleted_by_default(cli: Cli, wire: Wire, state: str) -> None:
    name = cli.file()
    wire.rewrite(
        f"/jitRequests/{name}", lambda body: body["properties"].update(jitRequestState=state)
    )

    done = _cancel(cli, name, "--dry-run")

    assert done.code == (5 if state == "Elevating" else 0), done.err


@pytest.mark.parametrize(("status", "code"), [(403, 5), (401, 4)])
def test_a_tenant_that_cannot_be_read_leaves_the_link_without_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    name = cli.file()
    cli.approve(name)
    request = f"{MRG}/providers/Microsoft.Solutions/jitRequests/{name}"
    wire = Wire(monkeypatch)

    def refused(proceed: Proceed) -> Response:
        is_list = wire.sent[-1].path == "/subscriptions"
        return fails(status, "InvalidAuthenticationToken")(proceed) if is_list else proceed()

    wire.on("GET", "/subscriptions", refused)

    kept = _cancel(cli, request)

    assert kept.code == code
    assert ("portal: https://portal.azure.com/#resource/subscriptions/" in kept.err) is (code == 5)


@pytest.mark.parametrize("switch", ["keeps-grant", "drops-grant"])
def test_access_that_is_still_to_come_is_not_called_gone(cli: Cli, switch: str) -> None:
    cli.world.set_switch("orders", "delete-request", switch)
    name = cli.file("orders", "--start", "+2h")
    cli.approve(name)

    gone = _cancel(cli, name, "--delete")

    assert (gone.code, gone.out) == (9, "")
    assert "azjit cannot tell before its start whether it still begins" in gone.error
    assert _last(cli) == ("unconfirmed", None)


@pytest.mark.parametrize(("name", "said"), [(DENIED, "denied"), (ENDED, "ended")])
def test_what_is_over_cannot_be_cancelled(both: Cli, name: str, said: str) -> None:
    before = _names(both)

    gone = _cancel(both, name)

    assert (gone.code, gone.out) == (5, "")
    assert gone.error == f"nothing to cancel: request {name} is {said}"
    assert gone.err.endswith(
        "  next: list the open requests: azjit publisher history --state pending,approved\n"
    )
    assert (_names(both), both.receipts()) == (before, [])


@pytest.mark.parametrize(("name", "code"), [(DENIED, 5), (PENDING, 2)])
def test_a_cancellation_that_is_not_sent_looks_up_no_role(
    cli: Cli, wire: Wire, name: str, code: int
) -> None:
    gone = _cancel(cli, name, sure=False)

    assert gone.code == code
    assert not [sent.path for sent in wire.sent if "/roleDefinitions/" in sent.path]


def test_an_unknown_request_exits_3(both: Cli) -> None:
    gone = _cancel(both, "00000000-0000-4000-8000-000000000000")

    assert (gone.code, gone.out, both.receipts()) == (3, "", [])


def test_a_second_cancellation_finds_nothing(cli: Cli) -> None:
    name = cli.file()
    _cancel(cli, name)

    assert _cancel(cli, name).code == 3


def test_a_cancelled_request_in_a_pipe(cli: Cli) -> None:
    name = cli.file()

    gone = cli("publisher", "cancel", name)

    assert gone.out.startswith(f"{name}\twithdrawn\tdeleted\torders\t")


def test_a_cancelled_request_on_a_terminal(cli: Cli) -> None:
    name = cli.file()

    gone = cli("publisher", "cancel", name, "--yes", tty=True)

    title, row = gone.out.splitlines()
    assert title.split()[:3] == ["Request", "Result", "State"]
    assert row.split()[1:4] == ["withdrawn", "deleted", "orders"]


def test_a_cancelled_request_by_query(cli: Cli) -> None:
    name = cli.file()

    assert cli("publisher", "cancel", name, "--query", "[].result").out == "withdrawn\n"


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_cancelled_request_is_shown_and_not_deleted(
    cli: Cli, wire: Wire, more: tuple[str, ...]
) -> None:
    name = cli.file()
    state = {"jitRequestState": "Canceled"}
    wire.rewrite(f"/jitRequests/{name}", lambda body: body["properties"].update(state))

    gone = _cancel(cli, name, *more)

    assert (gone.code, gone.json[0]["result"]) == (0, "already cancelled")
    assert gone.err == SANDBOX
    assert name in _names(cli)


def test_the_keys_of_a_row(cli: Cli) -> None:
    (row,) = _cancel(cli, cli.file()).json

    assert list(row) == result_keys.DECISION


def test_a_dry_run_shows_the_call_and_sends_nothing(both: Cli) -> None:
    name = both.file()
    receipts = both.receipts()

    planned = _cancel(both, name, "--dry-run")

    (call,) = planned.json
    assert planned.code == 0
    assert planned.err == f"{SANDBOX}{ALICE}dry run: nothing was sent\n"
    assert (call["method"], call["body"]) == ("DELETE", None)
    assert call["url"].endswith(f"/jitRequests/{name}?api-version=2021-07-01")
    assert name in _names(both)
    assert both.receipts() == receipts


def test_that_access_may_outlast_the_request_is_said_before(cli: Cli) -> None:
    name = cli.file()
    cli.approve(name)

    asked = cli("publisher", "cancel", name, "--delete", tty=True, answer="n\n")
    planned = _cancel(cli, name, "--delete", "--dry-run")

    told = "its access may continue"
    assert told in asked.err
    assert asked.err.index(told) < asked.err.index("[y/N]")
    assert "until 2026-03-02 10:00 UTC" in " ".join(asked.err.split())
    assert told in planned.err
    assert name in _names(cli)


def test_a_person_at_a_terminal_is_asked(cli: Cli) -> None:
    name = cli.file()

    no = cli("publisher", "cancel", name, tty=True, answer="n\n")
    still_there = name in _names(cli)
    yes = cli("publisher", "cancel", name, tty=True, answer="y\n")

    assert (no.code, no.out, still_there) == (1, "", True)
    assert f"cancel request {name}, which is pending? [y/N]" in no.err
    assert (yes.code, name in _names(cli)) == (0, False)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "the reason is empty"),
        ("x" * 2001, "the reason has 2001 characters; the limit is 2000"),
    ],
)
def test_an_odd_reason_is_refused(cli: Cli, reason: str, said: str) -> None:
    name = cli.file()

    gone = _cancel(cli, name, "--reason", reason)

    assert (gone.code, gone.out) == (2, "")
    assert gone.error.startswith(said)
    assert name in _names(cli)


def test_a_request_of_another_tenant_may_not_be_deleted(cli: Cli) -> None:
    name = cli.file()

    gone = _cancel(cli, name, environ={"AZJIT_AS": "bob"})

    assert (gone.code, gone.out) == (4, "")
    assert name in _names(cli)
    assert _last(cli) == ("refused", None)
