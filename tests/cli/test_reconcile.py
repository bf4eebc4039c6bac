"""After a command was killed, the next one reads, records and reports the outcome."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import Act, People, Proceed, Wire, fails
from harness import Cli, unwrapped

KILLED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
import pytest
from behind import Wire
from harness import Cli, Clock, opened

state, when, *argv = sys.argv[1:]

def die(proceed):
    if when == "after":
        proceed()
    os.kill(os.getpid(), signal.SIGKILL)

clock = Clock()
with opened(Path(state) / "sandbox" / "world.sqlite", clock) as world:
    wire = Wire(pytest.MonkeyPatch())
    wire.on("POST", "/updateAccess", die)
    wire.on("PATCH", "/applications/", die)
    Cli(Path(state), clock, world, {"AZJIT_SANDBOX": "1"})(*argv)
"""


def _kill(cli: Cli, when: str, *argv: str) -> None:
    """Run a command in a process of its own that dies inside the call."""
    here = Path(__file__).parents[1]
    found = [str(here), *(path for path in sys.path if path)]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(cli.state), when, *argv],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(found)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def _interrupted(
    cli: Cli, wire: Wire, name: str, *, acts: bool = True, verb: str = "approve"
) -> None:
    wire.on("POST", "/updateAccess", _ctrl_c(acts=acts), times=1)
    done = cli("consumer", verb, name, "--reason", "agreed")
    assert done.code == 130, done.err


def _ctrl_c(*, acts: bool) -> Act:
    def act(proceed: Proceed) -> Response:
        if acts:
            proceed()
        raise KeyboardInterrupt

    return act


def _outcomes(cli: Cli) -> list[Any]:
    return [entry for entry in cli.receipts() if entry["kind"] == "outcome"][1:]


@pytest.mark.parametrize(("verb", "word"), [("approve", "approved"), ("deny", "denied")])
def test_a_decision_killed_after_azure_acted_is_found_by_the_next_command(
    cli: Cli, verb: str, word: str
) -> None:
    name = cli.file("orders")

    _kill(cli, "after", "consumer", verb, name, "--reason", "agreed")
    next_one = cli("consumer", "pending")
    and_after = cli("consumer", "pending")

    earlier = f"an earlier {verb} of {name} by bob@contoso.example"
    told = f"{earlier} was interrupted; a read now shows: {word}"
    assert told in " ".join(next_one.err.split())
    (outcome,) = _outcomes(cli)
    assert (outcome["outcome"], outcome["state"]) == ("confirmed", word)
    assert outcome["reconciled"] is True
    assert "interrupted" not in and_after.err


def test_one_killed_before_azure_acted_stays_open_while_it_may_yet_act(cli: Cli) -> None:
    name = cli.file("orders")

    _kill(cli, "before", "consumer", "approve", name, "--reason", "agreed")
    soon = cli("consumer", "pending")
    cli.later(minutes=11)
    later = cli("consumer", "pending")
    last = cli("consumer", "pending")

    assert "it is still pending, and may yet be decided" in " ".join(soon.err.split())
    assert "a read now shows: pending" in " ".join(later.err.split())
    (outcome,) = _outcomes(cli)
    assert (outcome["outcome"], outcome["state"]) == ("unconfirmed", "pending")
    assert "interrupted" not in last.err


def test_settings_killed_in_between_are_found(cli: Cli) -> None:
    _kill(cli, "after", "consumer", "configure", "orders", "--max-duration", "4h")

    done = cli("consumer", "apps")

    assert "an earlier configure of orders" in done.err
    assert "a read now shows: configured" in " ".join(done.err.split())
    assert cli.receipts()[-1]["outcome"] == "confirmed"


def test_a_file_of_settings_killed_in_between_is_found_and_goes_on(
    cli: Cli, wire: Wire, tmp_path: Path
) -> None:
    apps = cli("consumer", "apps", "-o", "json").json
    wanted = [each["id"] for each in apps if each["name"] in {"orders", "archive"}]
    file = tmp_path / "settings.yaml"
    file.write_text("".join(f"- application: {one}\n  maximum: 3h\n" for one in wanted))
    ask = ("consumer", "configure", "--file", str(file), "-o", "json")

    _kill(cli, "after", *ask)
    done = cli(*ask)

    assert "a read now shows: configured" in " ".join(done.err.split())
    assert [row["result"] for row in done.json] == ["nothing to change", "configured"]
    assert [each["outcome"] for each in cli.receipts() if each["kind"] == "outcome"] == [
        "confirmed",
        "confirmed",
    ]
    assert len(wire.writes) == 1


def test_settings_killed_before_they_arrived_are_told_as_they_are(cli: Cli) -> None:
    _kill(cli, "before", "consumer", "configure", "orders", "--max-duration", "4h")

    done = cli("consumer", "apps")

    assert "a read now shows: other settings" in " ".join(done.err.split())
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_ctrl_c_leaves_the_intent_for_the_next_command(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    _interrupted(cli, wire, name)
    assert cli.receipts()[-1]["kind"] == "intent"
    done = cli("consumer", "history")

    assert "a read now shows: approved" in " ".join(done.err.split())


def test_it_is_decided_again_if_the_first_time_came_to_nothing(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _interrupted(cli, wire, name, acts=False)

    done = cli("consumer", "approve", name, "--reason", "agreed", "-o", "json")

    assert done.code == 0, done.err
    assert done.json[0]["result"] == "approved"


def test_approving_again_after_a_kill_says_by_whom(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _interrupted(cli, wire, name)

    done = cli("consumer", "approve", name, "--reason", "agreed", "-o", "json")

    assert done.json[0]["result"] == "already approved"
    assert "approved by bob@contoso.example" in done.json[0]["message"]


def test_a_revocation_cut_short_is_read_too(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    cli.approve(name)
    _interrupted(cli, wire, name, verb="revoke")

    done = cli("consumer", "history")

    assert "a read now shows: access is gone" in " ".join(done.err.split())
    assert cli.receipts()[-1]["outcome"] == "confirmed"


def test_a_revocation_of_what_has_not_begun_stays_unconfirmed(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders", "--start", "+3h")
    cli.approve(name)
    _interrupted(cli, wire, name, verb="revoke")

    done = cli("consumer", "history")

    assert "no access now" in done.err
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_another_person_who_may_read_it_settles_it(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _interrupted(cli, wire, name)

    done = cli("publisher", "history")
    after = cli("consumer", "history")

    assert "by bob@contoso.example was interrupted; a read now shows: approved" in " ".join(
        done.err.split()
    )
    assert cli.receipts()[-1]["outcome"] == "confirmed"
    assert "interrupted" not in after.err


@pytest.mark.parametrize(("status", "code"), [(403, "AuthorizationFailed"), (404, "Nowhere")])
def test_what_another_cannot_read_waits_for_the_one_who_can(
    cli: Cli, wire: Wire, status: int, code: str
) -> None:
    name = cli.file("orders")
    _interrupted(cli, wire, name)
    wire.on("GET", f"/jitRequests/{name}", fails(status, code), times=1)

    told = cli("publisher", "apps")
    is_open = cli.receipts()[-1]["kind"] == "intent"
    settled = cli("consumer", "apps")

    assert told.code == 0
    assert "its outcome is not known yet" in " ".join(told.err.split())
    assert is_open
    assert "a read now shows: approved" in " ".join(settled.err.split())


def test_others_are_not_told_for_ever(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _interrupted(cli, wire, name)
    wire.on("GET", f"/jitRequests/{name}", fails(403, "AuthorizationFailed"), times=1)
    cli.later(days=2)

    others = cli("publisher", "apps")
    own = cli("consumer", "apps")

    assert "interrupted" not in others.err
    assert "interrupted" in own.err


def test_its_own_actor_is_told_for_a_week_and_then_it_is_closed(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _interrupted(cli, wire, name)
    wire.on("GET", f"/jitRequests/{name}", fails(403, "AuthorizationFailed"))

    early = cli("consumer", "apps")
    cli.later(days=8)
    last = cli("consumer", "apps")
    after = cli("consumer", "apps")

    assert "its outcome is not known yet" in " ".join(early.err.split())
    assert "could not be read for days" in " ".join(last.err.split())
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"
    assert "interrupted" not in after.err


def test_one_of_another_cloud_is_left_alone(cli: Cli, served: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _interrupted(cli, wire, name)

    there = served("consumer", "apps")
    here = cli("consumer", "apps")

    assert "it was done elsewhere" in there.err
    assert "a read now shows: approved" in " ".join(here.err.split())


def test_receipts_that_cannot_be_searched_stop_no_reading(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _interrupted(cli, wire, name)
    broken = cli.state / "sandbox" / "receipts.lock"
    broken.unlink(missing_ok=True)
    broken.mkdir()

    done = cli("consumer", "apps")

    assert done.code == 0
    assert "could not be searched" in done.err


def test_a_cancellation_of_an_approved_request_may_leave_its_access(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    cli.approve(name)
    wire.on("DELETE", f"/jitRequests/{name}", _ctrl_c(acts=True), times=1)
    cut = cli("publisher", "cancel", name, "--delete", "--yes")

    done = cli("publisher", "history")

    assert cut.code == 130
    assert "gone, but its access may last" in " ".join(done.err.split())
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_a_cancellation_cut_short_is_read(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("DELETE", f"/jitRequests/{name}", _ctrl_c(acts=True), times=1)
    cli("publisher", "cancel", name, "--yes")

    done = cli("publisher", "history")

    assert "a read now shows: gone, by whom is not known" in unwrapped(done.err)
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_a_request_cut_short_is_read(cli: Cli, wire: Wire) -> None:
    wire.on("PUT", "/jitRequests/", _ctrl_c(acts=True), times=1)
    cli("publisher", "request", "orders", "--role", "Contributor")

    done = cli("publisher", "history")

    assert "a read now shows: pending" in " ".join(done.err.split())
    assert cli.receipts()[-1]["outcome"] == "confirmed"


@pytest.fixture
def carol_decides(cli: Cli, wire: Wire, people: People) -> Any:
    """A function that interrupts bob's decision before Azure has it, and lets carol decide."""

    def act(name: str, verb: str) -> None:
        shown = cli("publisher", "show", name, "-o", "json").json
        _interrupted(cli, wire, name, acts=False, verb=verb)
        words = {"approve": ("Elevate", "Approved"), "deny": ("Remove", "Denied")}
        status, sub_status = words.get(verb, ("Remove", "NotSpecified"))
        body = {"status": status, "subStatus": sub_status, "metadata": {"originRequestId": name}}
        people.call("carol", "POST", f"{shown['application']['id']}/updateAccess", body)

    return act


@pytest.mark.parametrize(("verb", "word"), [("approve", "approved"), ("deny", "denied")])
def test_what_somebody_else_decided_is_not_credited_to_who_was_killed(
    cli: Cli, people: People, carol_decides: Any, verb: str, word: str
) -> None:
    name = cli.file("orders")
    carol_decides(name, verb)

    settled = cli("consumer", "pending")
    again = cli("consumer", verb, name, "--reason", "agreed", "-o", "json")

    assert f"a read now shows: {word}, by whom is not known: Azure names" in unwrapped(settled.err)
    outcome = cli.receipts()[-1]
    assert (outcome["outcome"], outcome["state"]) == ("unconfirmed", word)
    message = again.json[0]["message"]
    assert message.startswith("not confirmed as what bob@contoso.example sent")
    assert f"last changed in Azure by {people.id_of('carol')}" in message


def test_what_somebody_else_revoked_is_not_credited_to_who_was_killed(
    cli: Cli, carol_decides: Any
) -> None:
    name = cli.file("orders")
    cli.approve(name)
    carol_decides(name, "revoke")

    settled = cli("consumer", "pending")

    assert "a read now shows: access is gone, by whom is not known" in unwrapped(settled.err)
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_nobody_is_credited_where_azure_still_names_who_filed_the_request(
    cli: Cli, wire: Wire
) -> None:
    cli.world.set_switch("orders", "decision-updated-by", "filer")
    name = cli.file("orders")
    _interrupted(cli, wire, name)

    settled = cli("consumer", "pending")

    assert "by whom is not known: Azure names" in unwrapped(settled.err)
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_settings_that_somebody_else_made_are_not_credited_to_who_was_killed(
    cli: Cli, wire: Wire
) -> None:
    wire.on("PATCH", "/applications/orders", _ctrl_c(acts=False), times=1)
    argv = ("consumer", "configure", "orders", "--max-duration", "4h")
    assert cli(*argv).code == 130
    assert cli(*argv, "--as", "carol").code == 0

    assert [entry["outcome"] for entry in _outcomes_of(cli, "configure")] == [
        "unconfirmed",
        "confirmed",
    ]


def test_what_was_settled_later_is_told_with_the_time_it_was_sent(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders", "--duration", "2h")
    _interrupted(cli, wire, name)
    cli.later(hours=1)

    again = cli("consumer", "approve", name, "--reason", "agreed", "-o", "json")

    assert (
        "approved by bob@contoso.example at 2026-03-02 09:00 UTC (receipt)"
        in (again.json[0]["message"])
    )


def _outcomes_of(cli: Cli, action: str) -> list[Any]:
    intents = {entry["id"] for entry in cli.receipts() if entry.get("action") == action}
    return [each for each in cli.receipts() if each["kind"] == "outcome" and each["id"] in intents]
