"""Requesting access: what is sent, what is shown, and what is not sent twice."""

from __future__ import annotations

import re

import pytest

from harness import Cli

NAME = "0f8fad5b-d9cb-469f-a165-70867728950e"
ALICE = "e0b19ca5-2516-57b8-9ad2-9e05bfe4a450"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
PRODUCTION = "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c79661c3"
ORDERS = (
    f"{PRODUCTION}/resourceGroups/contoso-apps/providers/Microsoft.Solutions/applications/orders"
)
REQUESTS = f"{PRODUCTION}/resourceGroups/mrg-orders/providers/Microsoft.Solutions/jitRequests"
ACTING = "acting as alice@fabrikam.example (user, tenant 43d6cf76-e6b5-5558-9d34-e89982865423)\n"
BERLIN = ("--timezone", "Europe/Berlin")


def _ask(cli: Cli, *more: str, app: str = "orders", **kwargs: object) -> object:
    asked = ("publisher", "request", app, "--role", "Contributor", "-o", "json", *more)
    return cli(*asked, **kwargs)  # type: ignore[arg-type]  # passed on as they are


def _world(cli: Cli) -> object:
    return cli.world.describe()["requests"]


def test_a_request_is_filed_and_shown_on_both_transports(both: Cli) -> None:
    asked = both(
        "publisher",
        "request",
        "orders",
        "--role",
        "contributor",
        "--duration",
        "2h",
        "--reason",
        "disk full",
        "--ticket",
        "INC-7",
        tty=True,
    )

    name = both("publisher", "history", "orders", "-o", "json").json[0]["name"]
    assert asked.code == 0
    assert asked.err == (
        "SANDBOX: nothing here is real\nacting as alice@fabrikam.example (user, tenant\n"
        "    43d6cf76-e6b5-5558-9d34-e89982865423)\nrequests access from Mon 2 Mar 09:00 UTC to"
        f" Mon 2 Mar 11:00 UTC, 2 h\nnext: azjit publisher wait {name[:8]} --for active\n"
    )
    assert [re.sub("  +", "  ", line) for line in asked.out.splitlines()[:8]] == [
        f"Request  {name}",
        "State  pending",
        "Until  Mon 2 Mar 11:00 UTC",
        "Role  Contributor",
        f"  for  alice@fabrikam.example ({ALICE})",
        "Start  Mon 2 Mar 09:00 UTC",
        "Length  2 h",
        "Application  contoso-apps/orders",
    ]


def test_a_request_in_a_pipe(cli: Cli) -> None:
    asked = cli("publisher", "request", "orders", "--role", "Contributor", "--name", NAME)

    assert asked.out == (
        f"{NAME}\tpending\torders\tContributor\talice@fabrikam.example"
        "\t2026-03-02T09:00:00Z\tPT1H\t2026-03-02T09:00:00Z\t\t2026-03-02T10:00:00Z\tpending"
        f"\tcontoso-apps\t{REQUESTS}/{NAME}\n"
    )


def test_a_request_by_query(cli: Cli) -> None:
    asked = cli(
        "publisher", "request", "orders", "--role", "Contributor", "--query", "[state, duration]"
    )

    assert asked.out.split() == ["pending", "PT1H"]


def test_the_duration_is_an_hour_when_none_is_said(cli: Cli) -> None:
    assert _ask(cli).json["duration"] == "PT1H"


@pytest.mark.parametrize(
    "role",
    [
        CONTRIBUTOR,
        CONTRIBUTOR.upper(),
        f"{PRODUCTION}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}",
        f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}/",
        " CONTRIBUTOR ",
    ],
)
def test_a_role_by_each_of_its_names_is_sent_as_the_application_writes_it(
    cli: Cli, role: str
) -> None:
    asked = cli("publisher", "request", "orders", "--role", role, "-o", "json")

    assert asked.code == 0, asked.err
    assert asked.json["roles"][0]["roleId"] == CONTRIBUTOR


def test_a_request_for_another_named_principal(cli: Cli) -> None:
    robot = "2c8a1379-979f-5b5e-917e-b77f361c73e6"

    asked = _ask(cli, "--principal", robot)

    assert asked.json["roles"][0]["principalId"] == robot
    assert asked.json["createdBy"]["id"] == ALICE


def test_receipts_hold_the_intent_before_and_the_outcome_after(cli: Cli) -> None:
    reason = "disk full on node 7; " + "x" * 230

    _ask(cli, "--reason", reason, "--ticket", "INC-7", "--name", NAME)

    intent, outcome = cli.receipts()
    assert (intent["kind"], intent["action"], intent["reason"]) == ("intent", "request", reason)
    assert intent["target"] == f"{REQUESTS}/{NAME}"
    assert intent["actor"]["id"] == ALICE
    assert intent["details"] == {
        "application": ORDERS,
        "rows": [[ALICE, CONTRIBUTOR]],
        "start": "2026-03-02T09:00:00+00:00",
        "durationSeconds": 3600.0,
        "ticket": "INC-7",
    }
    assert (outcome["kind"], outcome["id"]) == ("outcome", intent["id"])
    assert (outcome["outcome"], outcome["state"]) == ("confirmed", "pending")


def test_a_dry_run_shows_the_exact_request_and_sends_nothing(both: Cli) -> None:
    before = _world(both)

    planned = _ask(
        both,
        "--start",
        "22:00",
        "--duration",
        "90m",
        "--reason",
        "why",
        "--name",
        NAME,
        "--dry-run",
    )

    (call,) = planned.json
    assert planned.code == 0
    assert ACTING in planned.err
    assert call["method"] == "PUT"
    assert call["url"].endswith(f"{REQUESTS}/{NAME}?api-version=2021-07-01")
    assert call["body"] == {
        "location": "westeurope",
        "tags": {"azjit-reason": "why"},
        "properties": {
            "applicationResourceId": ORDERS,
            "jitAuthorizationPolicies": [{"principalId": ALICE, "roleDefinitionId": CONTRIBUTOR}],
            "jitSchedulingPolicy": {
                "type": "Once",
                "duration": "PT1H30M",
                "startTime": "2026-03-02T22:00:00Z",
            },
        },
    }
    assert (_world(both), both.receipts()) == (before, [])


def test_a_dry_run_does_not_wait(cli: Cli) -> None:
    planned = _ask(cli, "--dry-run", "--wait", tty=True)

    assert (planned.code, cli.clock.slept) == (0, [])
    assert "waiting" not in planned.err


# Times


@pytest.mark.parametrize(
    ("start", "more", "at", "said"),
    [
        ("now", (), "2026-03-02T09:00:00Z", "now"),
        ("08:56", (), "2026-03-02T09:00:00Z", "now"),
        ("+30m", (), "2026-03-02T09:30:00Z", "Mon 2 Mar 09:30 UTC"),
        ("08:54", (), "2026-03-03T08:54:00Z", "tomorrow 08:54 UTC, in 23 h 54 min"),
        ("22:00", BERLIN, "2026-03-02T21:00:00Z", "today 22:00 CET (21:00 UTC), in 12 h"),
        ("sun 02:00", BERLIN, "2026-03-08T01:00:00Z", "Sun 8 Mar 02:00 CET (01:00 UTC)"),
        ("2026-07-01T12:00", BERLIN, "2026-07-01T10:00:00Z", "Wed 1 Jul 12:00 CEST (10:00 UTC)"),
        ("2026-03-02T10:30Z", BERLIN, "2026-03-02T10:30:00Z", "Mon 2 Mar 11:30 CET (10:30 UTC)"),
    ],
)
def test_a_start_is_said_back_in_local_time_and_utc(
    cli: Cli, start: str, more: tuple[str, ...], at: str, said: str
) -> None:
    asked = _ask(cli, "--start", start, *more)

    assert asked.code == 0, asked.err
    assert f"start: {said}\n" in asked.err
    assert asked.json["start"] == at


def test_the_whole_span_is_said_in_local_time_and_utc(cli: Cli) -> None:
    asked = _ask(cli, "--start", "23:30", "--duration", "1h", *BERLIN)

    assert (
        "requests access from Mon 2 Mar 23:30 CET (22:30 UTC) to Tue 3 Mar 00:30 CET"
        " (Mon 2 Mar 23:30 UTC), 1 h\n" in asked.err
    )


def test_a_time_near_a_clock_change_is_warned_of(cli: Cli) -> None:
    asked = _ask(cli, "--start", "2026-03-29T05:00", *BERLIN)

    assert asked.code == 0
    assert "warning: the clocks in Europe/Berlin go forward at Sun 29 Mar 03:00 CEST" in asked.err
    assert asked.json["start"] == "2026-03-29T03:00:00Z"


def test_now_is_the_worlds_now(both: Cli) -> None:
    both.later(hours=26)

    asked = _ask(both)

    assert (asked.json["start"], asked.json["state"]) == ("2026-03-03T11:00:00Z", "pending")


# Once only


def test_an_equal_pending_request_is_shown_and_nothing_sent(both: Cli) -> None:
    name = _ask(both).json["name"]
    before, receipts = _world(both), both.receipts()

    again = _ask(both)

    assert (again.code, again.json["name"]) == (0, name)
    assert (
        f"an equal request is already pending: {name}; nothing was sent (--new files another)\n"
        in again.err
    )
    assert (_world(both), both.receipts()) == (before, receipts)


def test_an_approved_request_that_covers_the_time_is_shown(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "4h")
    cli.approve(name)
    before = _world(cli)

    again = _ask(cli, "--start", "+1h", "--duration", "2h")

    assert (again.code, again.json["name"]) == (0, name)
    assert f"an equal request is already approved: {name}" in again.err
    assert _world(cli) == before


@pytest.mark.parametrize(
    "more",
    [
        ("--new",),
        ("--duration", "2h"),
        ("--start", "+3h"),
        ("--principal", "2c8a1379-979f-5b5e-917e-b77f361c73e6"),
        ("--role", "Virtual Machine Contributor"),
    ],
)
def test_another_request_is_filed_beside_a_pending_one(cli: Cli, more: tuple[str, ...]) -> None:
    name = _ask(cli).json["name"]

    other = _ask(cli, *more)

    assert other.code == 0
    assert other.json["name"] != name


def test_an_approved_request_that_ends_too_early_does_not_cover(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "1h")
    cli.approve(name)

    assert _ask(cli, "--duration", "2h").json["name"] != name


def test_a_rerun_by_name_is_the_same_request(both: Cli) -> None:
    first = _ask(both, "--name", NAME)
    both.later(minutes=20)
    before, receipts = _world(both), both.receipts()

    again = _ask(both, "--name", NAME)

    assert (first.code, again.code, again.json["name"]) == (0, 0, NAME)
    assert f"request {NAME} is already pending: nothing was sent\n" in again.err
    assert (_world(both), both.receipts()) == (before, receipts)


def test_a_rerun_after_the_end_is_no_approval(both: Cli) -> None:
    _ask(both, "--name", NAME)
    both.approve(NAME)
    both.later(hours=3)
    before = _world(both)

    again = _ask(both, "--name", NAME)
    waited = _ask(both, "--name", NAME, "--wait")

    error = f"request {NAME} was approved, but ended at 2026-03-02 10:00 UTC"
    assert (again.code, again.error, again.json["phase"]) == (5, error, "ended")
    assert (waited.code, waited.error, waited.json["phase"]) == (5, error, "ended")
    assert _world(both) == before


@pytest.mark.parametrize("spelling", [NAME.upper(), NAME.replace("-", "")])
def test_a_name_is_one_however_it_is_spelled(cli: Cli, spelling: str) -> None:
    _ask(cli, "--name", NAME)
    before = _world(cli)

    again = _ask(cli, "--name", spelling)

    assert (again.code, again.json["name"], _world(cli)) == (0, NAME, before)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--duration", "2h"), "for 1 h, not 2 h"),
        (("--start", "+2h"), "from 2026-03-02 09:00 UTC, not 2026-03-02 11:00 UTC"),
        (("--role", "Virtual Machine Contributor"), "for another role or principal"),
        (("--principal", "2c8a1379-979f-5b5e-917e-b77f361c73e6"), "for another role or principal"),
    ],
)
def test_a_name_that_stands_for_something_else_is_refused(
    cli: Cli, more: tuple[str, ...], said: str
) -> None:
    _ask(cli, "--name", NAME)
    before, receipts = _world(cli), cli.receipts()

    other = _ask(cli, "--name", NAME, *more)

    assert (other.code, other.out) == (5, "")
    assert other.error == f"request {NAME} already exists with other contents: {said}"
    assert (_world(cli), cli.receipts()) == (before, receipts)


def test_a_rerun_of_a_denied_request_shows_it_and_exits_5(cli: Cli) -> None:
    _ask(cli, "--name", NAME)
    cli("consumer", "deny", NAME, "--reason", "no", "--yes")

    again = _ask(cli, "--name", NAME)

    assert (again.code, again.json["state"]) == (5, "denied")
    assert again.error == f"request {NAME} is denied"


# Waiting at once


def test_wait_reaches_the_approval_of_the_automatic_mode(both: Cli) -> None:
    asked = _ask(both, "--wait", app="reports")

    assert (asked.code, asked.json["state"]) == (0, "approved")
    assert both.clock.slept


def test_wait_sees_somebody_approve(cli: Cli) -> None:
    cli.clock.while_sleeping = lambda: cli.approve(NAME) if len(cli.clock.slept) == 3 else None

    asked = _ask(cli, "--wait", "--name", NAME)

    assert (asked.code, asked.json["state"]) == (0, "approved")


def test_wait_for_one_that_is_denied_exits_5(cli: Cli) -> None:
    def deny() -> None:
        cli.clock.while_sleeping = None
        cli("consumer", "deny", NAME, "--reason", "no", "--yes")

    cli.clock.while_sleeping = deny

    asked = _ask(cli, "--wait", "--name", NAME)

    assert (asked.code, asked.json["state"]) == (5, "denied")
    assert asked.error == f"request {NAME} is denied"


def test_wait_gives_up_after_its_timeout_with_8(cli: Cli) -> None:
    asked = _ask(cli, "--wait", "--timeout", "90s", "--duration", "8h", "--name", NAME)

    assert (asked.code, asked.json["state"]) == (8, "pending")
    assert asked.error == f"request {NAME} is pending after 1 min 30 s of waiting for active"
    assert sum(cli.clock.slept) == pytest.approx(90)


def test_wait_lasts_to_the_end_when_nothing_is_said(cli: Cli) -> None:
    asked = _ask(cli, "--wait", "--duration", "8h", tty=True)

    assert (asked.code, asked.error.split()[-1]) == (5, "expired")
    assert sum(cli.clock.slept) == pytest.approx(8 * 3600)
    assert "waiting until Mon 2 Mar 17:00 UTC at the latest\n" in asked.err
    assert "orders can be decided by Bob Brandt, Contoso Approvers\n" in asked.err
    assert "waiting for active, at most 8 h: request a0000000 is pending" in asked.err


@pytest.mark.parametrize(
    ("more", "phase"), [((), "approved"), (("--wait-for", "approved"), "scheduled")]
)
def test_wait_ends_when_the_access_is_there(cli: Cli, more: tuple[str, ...], phase: str) -> None:
    def approve() -> None:
        cli.clock.while_sleeping = None
        cli.approve(NAME)

    cli.clock.while_sleeping = approve

    asked = _ask(cli, "--wait", "--start", "+2h", "--name", NAME, *more, tty=True)
    shown = cli("publisher", "show", NAME, "-o", "json").json

    assert (asked.code, shown["phase"]) == (0, phase)
    assert ("starts in 1 h 59 min" in asked.err) is (phase == "approved")


# The start and what is waited for, and what is needed instead.
TOO_SHORT = [
    (("--start", "+2h", "--timeout", "1h"), "2h15m"),
    (("--start", "11:00", "--timeout", "119m59s"), "2h15m"),
]


@pytest.mark.parametrize(("more", "needed"), TOO_SHORT)
def test_a_timeout_before_the_start_is_refused(
    cli: Cli, more: tuple[str, ...], needed: str
) -> None:
    before = _world(cli)

    asked = _ask(cli, "--wait", *more)

    assert (asked.code, asked.out, _world(cli)) == (2, "", before)
    assert "for active ends before the request starts, at 2026-03-02 11:00 UTC" in asked.error
    assert f"use --timeout {needed}, or leave --timeout out" in asked.err
    assert _ask(cli, "--wait", "--wait-for", "approved", *more).code == 8
