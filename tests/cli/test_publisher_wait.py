"""Waiting for a request: each goal, and the states that rule it out."""

from __future__ import annotations

import pytest

from behind import Wire, fails
from harness import Cli

DENIED = "31df087a-d458-5b34-ba82-5e1dd049c4ac"
NOBODY = "00000000-0000-4000-8000-000000000000"
ENDED = "19a5fea8-ffc3-5341-a8f8-eb3e83e56b89"


def _wait(cli: Cli, name: str, goal: str, *more: str, **kwargs: object) -> object:
    asked = ("publisher", "wait", name, "--for", goal, "-o", "json", *more)
    return cli(*asked, **kwargs)  # type: ignore[arg-type]  # passed on as they are


def _deny(cli: Cli, name: str) -> None:
    assert cli("consumer", "deny", name, "--reason", "no", "--yes").code == 0


def _approve_while_sleeping(cli: Cli, name: str) -> None:
    def approve() -> None:
        cli.clock.while_sleeping = None
        cli.approve(name)

    cli.clock.while_sleeping = approve


@pytest.mark.parametrize("goal", ["decided", "approved", "active"])
def test_an_approval_that_comes_meanwhile_is_seen(both: Cli, goal: str) -> None:
    name = both.file()
    _approve_while_sleeping(both, name)

    waited = _wait(both, name, goal)

    assert (waited.code, waited.json["state"]) == (0, "approved")


def test_wait_on_a_terminal_shows_progress_and_the_request(cli: Cli) -> None:
    name = cli.file()
    _approve_while_sleeping(cli, name)

    waited = cli("publisher", "wait", name, "--for", "active", tty=True)

    assert waited.code == 0
    assert "waiting until Mon 2 Mar 10:00 UTC at the latest\n" in waited.err
    assert "waiting for active, at most 1 h: request a0000000 is pending" in waited.err
    assert "active\n" in waited.out


def test_wait_in_a_pipe_says_no_progress(cli: Cli) -> None:
    name = cli.file()

    waited = cli("publisher", "wait", name, "--timeout", "20s")

    assert waited.code == 8
    assert waited.out.startswith(f"{name}\tpending\torders\t")
    assert "waiting for approved:" not in waited.err


def test_wait_by_query(cli: Cli) -> None:
    waited = cli("publisher", "wait", ENDED, "--for", "ended", "--query", "phase")

    assert (waited.code, waited.out) == (0, "ended\n")


def test_the_goal_is_approval_when_none_is_said(cli: Cli) -> None:
    name = cli.file()
    cli.approve(name)

    assert cli("publisher", "wait", name).code == 0


def test_an_approval_whose_time_is_over_is_no_approval(both: Cli) -> None:
    waited = _wait(both, ENDED, "approved")

    assert (waited.code, waited.json["phase"]) == (5, "ended")
    assert waited.error == (f"request {ENDED} was approved, but ended at 2026-02-24 14:00 UTC")
    assert both.clock.slept == []


@pytest.mark.parametrize("goal", ["approved", "active", "ended"])
def test_a_denied_request_exits_5_and_is_shown(both: Cli, goal: str) -> None:
    waited = _wait(both, DENIED, goal)

    assert (waited.code, waited.json["state"]) == (5, "denied")
    assert waited.error == f"request {DENIED} is denied"
    assert both.clock.slept == []


def test_any_decision_reaches_decided(cli: Cli) -> None:
    name = cli.file()
    _deny(cli, name)

    waited = _wait(cli, name, "decided")

    assert (waited.code, waited.json["state"]) == (0, "denied")


@pytest.mark.parametrize(("goal", "code"), [("approved", 5), ("decided", 0), ("ended", 5)])
def test_a_request_that_expires_undecided(cli: Cli, goal: str, code: int) -> None:
    name = cli.file("orders", "--duration", "10m")

    waited = _wait(cli, name, goal)

    assert (waited.code, waited.json["state"]) == (code, "expired")


@pytest.mark.parametrize("goal", ["approved", "decided", "active"])
def test_a_request_that_stays_pending_exits_8(both: Cli, goal: str) -> None:
    name = both.file("orders", "--duration", "8h")

    waited = _wait(both, name, goal, "--timeout", "10m")

    assert (waited.code, waited.json["state"]) == (8, "pending")
    assert waited.error == f"request {name} is pending after 10 min of waiting for {goal}"
    assert f"next: continue: azjit publisher wait {name} --for {goal}" in waited.err


def test_active_waits_for_the_start(cli: Cli) -> None:
    name = cli.file("orders", "--start", "+20m")
    cli.approve(name)

    waited = _wait(cli, name, "active")

    assert waited.code == 0
    assert waited.json["access"] == {"held": True, "proof": "role assignment"}
    assert sum(cli.clock.slept) == pytest.approx(1200, abs=30)


@pytest.mark.parametrize(("goal", "needed"), [("active", "2h15m"), ("ended", "3h15m")])
def test_a_timeout_before_the_start_is_refused_with_the_one_needed(
    cli: Cli, goal: str, needed: str
) -> None:
    name = cli.file("orders", "--start", "+2h")

    waited = _wait(cli, name, goal, "--timeout", "5m")

    assert (waited.code, waited.out, cli.clock.slept) == (2, "", [])
    assert waited.error == (
        f"waiting 5 min for {goal} ends before request {name} starts, at 2026-03-02 11:00 UTC"
    )
    assert f"use --timeout {needed}, or leave --timeout out" in waited.err
    assert _wait(cli, DENIED, goal, "--timeout", "5m").code == 5


def test_without_a_timeout_the_wait_lasts_to_the_end(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "4h")
    cli.approve(name)
    cli.world.set_switch("orders", "late-approval", "runs-whole-length")

    waited = _wait(cli, name, "ended")

    assert (waited.code, waited.json["phase"]) == (0, "ended")
    assert sum(cli.clock.slept) == pytest.approx(4 * 3600, abs=60)


def test_who_can_decide_is_said_of_what_waits(cli: Cli, wire: Wire) -> None:
    names = [cli.file("orders"), cli.file("orders", "--start", "+2h"), cli.file("reports")]
    cli.later(minutes=15)
    both = cli("publisher", "wait", *names, "--timeout", "1s", "-o", "none")
    quiet = cli("publisher", "wait", names[0], "--timeout", "1s", "-o", "none", "-q")
    wire.on("GET", "/applications/orders", fails(403, "AuthorizationFailed"))
    unread = cli("publisher", "wait", names[0], "--timeout", "1s", "-o", "none")

    who = "orders can be decided by Bob Brandt, Contoso Approvers\n"
    assert both.err.count(who) == 1
    assert "reports" not in both.err
    assert who not in quiet.err
    assert "who can decide it could not be read\n" in unread.err


def test_several_are_watched_together_and_each_has_a_row(both: Cli) -> None:
    late, soon = both.file("orders", "--start", "+40m"), both.file("orders", "--duration", "30m")
    for name in (late, soon):
        both.approve(name)

    waited = both("publisher", "wait", late, soon, soon, "--for", "active", "-o", "json")

    assert (waited.code, {row["name"] for row in waited.json}) == (0, {late, soon})
    assert all(row["access"]["held"] for row in waited.json)
    assert sum(both.clock.slept) == pytest.approx(40 * 60, abs=60)


def test_several_of_which_some_fail_exit_7(cli: Cli) -> None:
    good, gone = cli.file("orders"), cli.file("orders", "--start", "+2h")
    cli.approve(good)

    def cancel() -> None:
        cli.clock.while_sleeping = None
        cli("publisher", "cancel", gone)

    cli.clock.while_sleeping = cancel

    mixed = cli("publisher", "wait", good, gone, DENIED, "--for", "approved", "-o", "json")
    alike = cli("publisher", "wait", DENIED, ENDED, "--for", "active", tty=True, width=100)

    assert (mixed.code, len(mixed.json)) == (7, 3)
    assert f"request {gone} was deleted during the wait" in mixed.err
    assert f"request {DENIED} is denied" in mixed.err
    assert "azjit: 2 of 3 requests failed\n" in mixed.err
    assert (alike.code, len(alike.out.splitlines())) == (5, 3)
    assert cli("publisher", "wait", good, NOBODY).code == 7
    assert cli("publisher", "wait", NOBODY, NOBODY.replace("8", "9")).code == 3


def test_active_is_ruled_out_when_the_time_is_over(cli: Cli) -> None:
    waited = _wait(cli, ENDED, "active")

    assert (waited.code, waited.json["phase"]) == (5, "ended")
    assert waited.error == f"request {ENDED} ended before a read showed its access"


def test_ended_is_computed(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "30m")
    cli.approve(name)

    waited = _wait(cli, name, "ended")

    assert (waited.code, waited.json["state"], waited.json["phase"]) == (0, "approved", "ended")
    assert sum(cli.clock.slept) == pytest.approx(1800, abs=30)


def test_a_request_that_is_withdrawn_meanwhile_exits_3(cli: Cli) -> None:
    name = cli.file()

    def cancel() -> None:
        cli.clock.while_sleeping = None
        cli("publisher", "cancel", name)

    cli.clock.while_sleeping = cancel

    waited = _wait(cli, name, "approved")

    assert (waited.code, waited.out) == (3, "")
    assert waited.error == f"request {name} was deleted during the wait"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--for", "lunch"), "invalid value for '--for'"),
        (("--timeout", "0s"), "the duration '0s' is zero"),
        (("--timeout", "P1M"), "months and years in 'P1M' have no exact length"),
        (("--timeout", "10"), "no unit in the duration '10'"),
    ],
)
def test_a_goal_or_timeout_that_cannot_be_read(cli: Cli, more: tuple[str, ...], said: str) -> None:
    waited = cli("publisher", "wait", ENDED, *more)

    assert (waited.code, waited.out) == (2, "")
    assert waited.error.startswith(said)
    assert "\n  next: " in waited.err


def test_an_unknown_request_exits_3(both: Cli) -> None:
    waited = _wait(both, "00000000", "approved")

    assert (waited.code, waited.error) == (3, "no request '00000000' in reach")
