"""Refused requests: one error line, a hint, and nothing sent."""

from __future__ import annotations

import pytest

from behind import Wire
from harness import Cli

NAME = "0f8fad5b-d9cb-469f-a165-70867728950e"
ALICE = "e0b19ca5-2516-57b8-9ad2-9e05bfe4a450"
SUPPORT = "c7e278eb-5e7d-5dc5-8751-d52e4659eae7"
BERLIN = ("--timezone", "Europe/Berlin")
STARTS = "use now, +30m, 22:00, 'sun 02:00' or 2026-12-01T22:00"
LENGTHS = "use 2h, 90m, 1h30m or PT2H"


def _refuse(cli: Cli, *asked: str, person: str = "alice") -> tuple[int, str, str]:
    """Ask, make sure that nothing was sent, and give code, error and next step."""
    before = cli.world.describe()["requests"]

    shown = cli("publisher", "request", *asked, environ={"AZJIT_AS": person})

    assert cli.world.describe()["requests"] == before
    assert (shown.out, cli.receipts()) == ("", [])
    assert "Traceback" not in shown.err
    steps = [line for line in shown.err.splitlines() if line.startswith("  next: ")]
    return shown.code, shown.error, (steps or [""])[-1].removeprefix("  next: ")


RERUN = (
    'use a GUID that each rerun repeats, derived from the name of the job: python3 -c "import'
    " uuid; print(uuid.uuid5(uuid.NAMESPACE_URL, 'my-job'))\""
)
CONTRIBUTOR = ("orders", "--role", "Contributor")


@pytest.mark.parametrize(
    ("text", "said", "step"),
    [
        ("0h", "the duration '0h' is zero", LENGTHS),
        ("PT0S", "the duration 'PT0S' is zero", LENGTHS),
        ("-1h", "the duration '-1h' is negative", LENGTHS),
        ("P1M", "months and years in 'P1M' have no exact length", "use days: 30d"),
        ("1y", "months and years in '1y' have no exact length", "use days: 30d"),
        ("2", "no unit in the duration '2'", "2h or 2m?"),
        ("2 bananas", "malformed duration '2 bananas'", LENGTHS),
        ("99999999h", "the duration '99999999h' is longer than a year", LENGTHS),
        ("9" * 18 + "h", f"the duration '{'9' * 18}h' is longer than a year", LENGTHS),
        ("1.5s", "the duration '1.5s' is not in whole seconds", LENGTHS),
        ("", "empty duration", LENGTHS),
    ],
)
def test_an_odd_duration(cli: Cli, text: str, said: str, step: str) -> None:
    assert _refuse(cli, *CONTRIBUTOR, f"--duration={text}") == (2, said, step)


@pytest.mark.parametrize(
    ("text", "more", "said", "step"),
    [
        (
            "2026-03-02T08:54",
            (),
            "the start '2026-03-02T08:54' has passed",
            "use now, +30m, or a later time",
        ),
        (
            "2019-01-01T00:00Z",
            (),
            "the start '2019-01-01T00:00Z' has passed",
            "use now, +30m, or a later time",
        ),
        ("2099-01-01T00:00Z", (), "the start '2099-01-01T00:00Z' is more than ten years ahead", ""),
        ("25:00", (), "malformed time '25:00'", STARTS),
        ("soon", (), "malformed time 'soon'", STARTS),
        ("-30m", (), "malformed time '-30m'", STARTS),
        ("", (), "empty time", STARTS),
        ("sun", (), "no time of day in 'sun'", "add one: 'sun 02:00'"),
        ("+0m", (), "the duration '0m' is zero", LENGTHS),
        (
            "2026-03-29T02:30",
            BERLIN,
            "02:30 on Sun 29 Mar 2026 in Europe/Berlin does not exist: the clocks go forward",
            "the next time that does is 03:00 (01:00 UTC)",
        ),
        (
            "2026-10-25T02:30",
            BERLIN,
            "02:30 on Sun 25 Oct 2026 in Europe/Berlin happens twice: the clocks go back",
            "use 2026-10-25T00:30Z or 2026-10-25T01:30Z",
        ),
        ("now", ("--timezone", "Europe/Brelin"), "no time zone named 'Europe/Brelin'", ""),
    ],
)
def test_a_start_that_names_no_coming_instant(
    cli: Cli, text: str, more: tuple[str, ...], said: str, step: str
) -> None:
    code, error, told = _refuse(cli, *CONTRIBUTOR, f"--start={text}", *more)

    assert (code, error) == (2, said)
    assert step in told
    assert told


@pytest.mark.parametrize(
    ("more", "said", "step"),
    [
        (("--reason", ""), "the reason is empty", 'add --reason "..."'),
        (("--reason", "  \t"), "the reason is empty", 'add --reason "..."'),
        (("--ticket", ""), "the ticket is empty", 'add --ticket "..."'),
        (
            ("--reason", "x" * 257),
            "the reason has 257 characters; a tag holds at most 256",
            "shorten it",
        ),
        (
            ("--ticket", "x" * 300),
            "the ticket has 300 characters; a tag holds at most 256",
            "shorten it",
        ),
        (
            ("--name", "mine"),
            "malformed name 'mine'",
            RERUN,
        ),
        (
            ("--name", ""),
            "malformed name ''",
            RERUN,
        ),
        (
            ("--name", f"{NAME}/x"),
            f"malformed name '{NAME}/x'",
            RERUN,
        ),
        (
            ("--principal", "alice"),
            "malformed principal 'alice'",
            "use the Entra object id, a GUID",
        ),
        (
            ("--timeout", "5m"),
            "--timeout requires --wait",
            "add --wait, or remove --timeout",
        ),
        (
            ("--wait-for", "active"),
            "--wait-for requires --wait",
            "add --wait, or remove --wait-for",
        ),
        (
            ("--wait", "--wait-for", "ended"),
            "invalid value for '--wait-for': ended",
            "use approved or active; azjit publisher wait has the others",
        ),
        (("--wait", "--timeout", "0s"), "the duration '0s' is zero", LENGTHS),
        (
            ("--request-resource-group", "mrg-orders"),
            "malformed resource id 'mrg-orders'",
            "a resource id begins with /subscriptions/ID/resourceGroups/NAME/...",
        ),
        (
            ("--request-resource-group", "/subscriptions/x"),
            "/subscriptions/x is not the id of a resource group",
            "use /subscriptions/ID/resourceGroups/NAME",
        ),
    ],
)
def test_a_malformed_option(cli: Cli, more: tuple[str, ...], said: str, step: str) -> None:
    assert _refuse(cli, *CONTRIBUTOR, *more) == (2, said, step)


@pytest.mark.parametrize(
    ("asked", "code", "said", "step"),
    [
        (
            ("orders", "--role", "Contributer"),
            3,
            (
                "role 'Contributer' is not among the eligible roles: Contributor,"
                " Virtual Machine Contributor"
            ),
            "did you mean 'Contributor'? list them with: azjit publisher roles APP",
        ),
        (
            ("orders", "--role", "Owner"),
            3,
            (
                "role 'Owner' is not among the eligible roles: Contributor,"
                " Virtual Machine Contributor"
            ),
            "list them with: azjit publisher roles APP",
        ),
        (
            ("orders", "--role", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
            3,
            "role 8e3af657-a8ff-443c-a75c-2fe8c4bcb635 is not among the eligible roles",
            "list them with: azjit publisher roles APP",
        ),
        (
            ("orders", "--role", " "),
            2,
            "the role is empty",
            "use a role, such as --role Contributor",
        ),
        (
            ("orders", "--role", "/roleDefinitions/mine"),
            2,
            "malformed role '/roleDefinitions/mine'",
            "use a name, a GUID or a role definition id",
        ),
        (
            (*CONTRIBUTOR, "--duration", "9h"),
            5,
            "9 h is longer than orders allows: 8 h",
            "request at most --duration 8h",
        ),
        (
            ("ledger", "--role", "Contributor"),
            5,
            "application ledger was deployed without JIT access",
            "its publisher already has standing access; JIT cannot be enabled later",
        ),
        (
            ("shop", "--role", "Contributor"),
            2,
            "2 applications match 'shop': shop-eu/shop, shop-us/shop",
            "use GROUP/NAME or the id",
        ),
        (
            ("nowhere", "--role", "Contributor"),
            3,
            "no application named 'nowhere' in reach",
            "list them with: azjit publisher apps",
        ),
    ],
)
def test_a_request_that_the_application_does_not_allow(
    cli: Cli, asked: tuple[str, ...], code: int, said: str, step: str
) -> None:
    assert _refuse(cli, *asked) == (code, said, step)


def test_over_the_maximum_is_refused_on_both_transports(both: Cli) -> None:
    code, error, _ = _refuse(both, *CONTRIBUTOR, "--duration", "8h1m")

    assert (code, error) == (5, "8 h 1 min is longer than orders allows: 8 h")


def test_a_principal_that_is_named_only_through_a_group(cli: Cli) -> None:
    dave = "1f3ecf9d-181b-52f9-8f1d-eb00f993beeb"

    code, error, step = _refuse(cli, "archive", "--role", "Contributor", person="dave")

    assert code == 5
    assert error == (
        f"dave@fabrikam.example is eligible only through the group {SUPPORT}; Azure requires the"
        " principal itself in the definition of the application"
    )
    role = '"roleDefinitionId": "b24988ac-6180-42a0-ab88-20f7382dd24c"'
    assert step.startswith(f'let the publisher add {{"principalId": "{dave}", {role}}} to')
    assert f'next to {{"principalId": "{SUPPORT}", {role}}}' in step


def test_the_group_itself(cli: Cli) -> None:
    asked = ("archive", "--role", "Contributor", "--principal", SUPPORT)

    code, error, _ = _refuse(cli, *asked, person="dave")

    assert code == 5
    assert error == (
        f"principal {SUPPORT} is a group that dave@fabrikam.example is in; Azure requires the"
        " user or service principal itself"
    )


def test_a_principal_that_is_not_named(cli: Cli) -> None:
    assert _refuse(cli, *CONTRIBUTOR, "--principal", NAME) == (
        5,
        f"principal {NAME} is not named for this role in the application's definition",
        "list the named principals: azjit publisher roles APP",
    )


def test_a_dry_run_refuses_what_the_real_one_would(cli: Cli) -> None:
    code, _, _ = _refuse(cli, *CONTRIBUTOR, "--duration", "9h", "--dry-run")

    assert code == 5


def test_a_consumer_may_not_file(cli: Cli) -> None:
    asked = ("orders", "--role", "Contributor", "--principal", ALICE)
    before = cli.world.describe()["requests"]

    shown = cli("publisher", "request", *asked, environ={"AZJIT_AS": "bob"})

    assert shown.code == 4
    assert cli.world.describe()["requests"] == before
    assert [entry.get("outcome") for entry in cli.receipts()] == [None, "refused"]


def test_without_a_licence_azures_refusal_names_it(cli: Cli) -> None:
    cli.world.set_switch(None, "licence", "none")

    shown = cli("publisher", "request", *CONTRIBUTOR, "--name", NAME)

    assert (shown.code, shown.out) == (5, "")
    assert "Microsoft Entra ID P2" in shown.err
    assert [entry.get("outcome") for entry in cli.receipts()] == [None, "refused"]


def test_nobody_by_that_name_in_the_sandbox(cli: Cli) -> None:
    assert _refuse(cli, *CONTRIBUTOR, person="mallory")[0] == 4


@pytest.mark.parametrize(
    ("given", "said", "next_step"),
    [
        (("orders",), "missing ", "choose one of: azjit publisher roles orders"),
        (("--role", "Contributor"), "no application is named", "name one: APP, or --apps FILE"),
        ((), "missing ", "choose one of: azjit publisher roles APP"),
    ],
)
def test_a_missing_argument_is_named(
    cli: Cli, given: tuple[str, ...], said: str, next_step: str
) -> None:
    code, error, step = _refuse(cli, *given)

    assert code == 2
    assert error.startswith(said)
    assert step == next_step


@pytest.mark.parametrize(
    ("written", "said"),
    [("P1M", "a maximum duration of 'P1M', which azjit cannot read"), ("", "no maximum duration")],
)
def test_a_maximum_that_cannot_be_read_is_not_called_absent(
    cli: Cli, wire: Wire, written: str, said: str
) -> None:
    wire.rewrite(
        "/applications/orders",
        lambda body: body["properties"]["jitAccessPolicy"].update(maximumJitAccessDuration=written),
    )

    done = cli("publisher", "request", "orders", "--role", "Contributor", "--dry-run")

    assert done.code == 0, done.err
    assert f"orders has {said}" in done.err
