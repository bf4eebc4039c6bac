"""`publisher roles --pim` and `publisher request --pim`: roles in PIM and their activation."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import Wire
from harness import Cli, Result

MACHINES = "Virtual Machine Contributor"
ASK = ("publisher", "request", "orders", "--pim", "--role", MACHINES)
WHOLE = (*ASK, "--reason", "INC-1", "--ticket", "1@Snow")
NAME = "aaaaaaaa-0000-4000-8000-000000000001"
ROUTE = "/roleAssignmentScheduleRequests/"


def ask(cli: Cli, *more: str, code: int = 0) -> Result:
    done = cli(*WHOLE, "-o", "json", *more)
    assert done.code == code, done.err
    return done


def refusal(code: str, message: str, status: int = 400) -> Response:
    body = {"error": {"code": code, "message": message}}
    return Response(status, {"Content-Type": "application/json"}, json.dumps(body).encode())


def test_roles_lists_what_pim_has_for_the_caller(both: Cli) -> None:
    listed = both("publisher", "roles", "orders", "--pim", "-o", "json").json

    told = [(row["roleName"], row["holding"], row["membership"]) for row in listed]
    assert told == [
        (MACHINES, "eligible", "direct"),
        ("Managed Application Publisher Operator", "active", "direct"),
    ]


def test_roles_through_a_group_say_so(cli: Cli) -> None:
    dave = {"AZJIT_AS": "dave"}

    shown = cli("publisher", "roles", "archive", "--pim", "-o", "json", environ=dave)

    assert [row["membership"] for row in shown.json if row["holding"] == "eligible"] == ["group"]


def test_roles_on_a_terminal_and_in_a_pipe(cli: Cli) -> None:
    shown = cli("publisher", "roles", "orders", "--pim", tty=True, width=100)

    assert "In PIM" in shown.out
    assert "direct" in shown.out
    assert cli("publisher", "roles", "orders", "--pim").out.startswith(f"{MACHINES}\teligible\t")


def test_an_activation_is_told_active_when_pim_lists_it(both: Cli) -> None:
    done = ask(both, "--duration", "2h")

    assert (done.json["state"], done.json["duration"]) == ("active", "PT2H")
    assert done.json["end"] == "2026-03-02T11:00:00Z"
    assert "PIM's rules for Virtual Machine Contributor: at most 4 h" in done.err
    held = both("publisher", "roles", "orders", "--pim", "-o", "json").json
    assert ("active", "activated") in {(row["holding"], row["assignment"]) for row in held}
    intent, outcome = both.receipts()[-2:]
    assert (intent["action"], intent["reason"]) == ("activate", "INC-1")
    assert (outcome["outcome"], outcome["state"]) == ("confirmed", "active")


def test_it_is_validated_first_and_put_once(cli: Cli, wire: Wire) -> None:
    ask(cli, "--name", NAME)

    assert [(each.method, each.path.rsplit("/", 1)[-1]) for each in wire.writes] == [
        ("POST", "validate"),
        ("PUT", NAME),
    ]
    assert wire.writes[0].body == wire.writes[1].body
    told = wire.writes[1].body["properties"]
    assert told["requestType"] == "SelfActivate"
    assert told["ticketInfo"] == {"ticketNumber": "1", "ticketSystem": "Snow"}
    assert told["linkedRoleEligibilityScheduleId"]


def test_a_terminal_shows_the_activation(cli: Cli) -> None:
    shown = cli(*WHOLE, tty=True, width=100)

    assert shown.code == 0
    assert "active" in shown.out
    assert MACHINES in shown.out


def test_dry_run_shows_the_call_and_sends_nothing(cli: Cli, wire: Wire) -> None:
    (planned,) = ask(cli, "--dry-run", "--name", NAME).json

    assert (planned["method"], planned["url"].rsplit("/", 1)[-1]) == (
        "PUT",
        f"{NAME}?api-version=2020-10-01",
    )
    assert wire.writes == []


def test_an_active_role_is_shown_and_nothing_sent(cli: Cli, wire: Wire) -> None:
    ask(cli, "--duration", "2h")
    before = len(wire.writes)

    again = ask(cli)

    assert (again.json["state"], again.json["end"]) == ("active", "2026-03-02T11:00:00Z")
    assert "is already active: nothing was sent" in again.err
    assert [each.method for each in wire.writes[before:]] == ["POST"]


def test_an_active_role_is_shown_with_the_request_that_gave_it(cli: Cli) -> None:
    first = ask(cli, "--duration", "2h", "--name", NAME).json
    told = ("publisher", "request", "orders", "--pim", "--role", MACHINES, "--ticket", "2@Snow")

    again = cli(*told, "--reason", "another", "-o", "json").json

    assert (again["name"], again["justification"], again["ticket"]) == (NAME, "INC-1", "1")
    assert {key: again[key] for key in ("start", "end", "id")} == {
        key: first[key] for key in ("start", "end", "id")
    }


def test_an_active_role_by_no_readable_request_names_none(cli: Cli, wire: Wire) -> None:
    ask(cli, "--duration", "2h")
    wire.on("GET", ROUTE[:-1], lambda _: refusal("AuthorizationFailed", "no", 403))

    again = ask(cli)

    unknown = ("id", "name", "justification", "ticket")
    assert [again.json[key] for key in unknown] == [None] * 4
    assert (again.json["state"], again.json["end"]) == ("active", "2026-03-02T11:00:00Z")
    assert cli(*WHOLE, tty=True, width=100).code == 0


def test_the_next_step_for_an_unknown_role_lists_those_of_pim(cli: Cli) -> None:
    done = cli("publisher", "request", "orders", "--pim", "--role", "Nope", "--reason", "x")

    assert done.code == 3
    assert "list them with: azjit publisher roles APP --pim" in done.err


def test_a_fixed_name_is_the_same_request(cli: Cli, wire: Wire) -> None:
    ask(cli, "--name", NAME)
    before = len(wire.writes)

    assert ask(cli, "--name", NAME).json["state"] == "active"
    assert wire.writes[before:] == []


def test_one_that_waits_for_approval_says_so(cli: Cli, wire: Wire) -> None:
    wire.rewrite(ROUTE, lambda body: body["properties"].update(status="PendingApproval"))

    done = ask(cli)

    assert done.json["state"] == "waiting for approval"
    assert "the activation waits for an approver in PIM; nothing is active yet" in done.err


def test_one_that_is_refused_is_shown_and_ends_so(cli: Cli, wire: Wire) -> None:
    wire.rewrite(ROUTE, lambda body: body["properties"].update(status="Denied"))

    done = ask(cli, code=5)

    assert done.json["state"] == "refused"
    assert "PIM does not activate the role: the request is Denied" in done.error


def test_one_that_never_shows_as_active_is_unconfirmed(cli: Cli, wire: Wire) -> None:
    wire.rewrite("roleAssignmentScheduleInstances", lambda body: body.pop("properties", None))

    done = ask(cli, code=9)

    assert done.json["state"] == "granted"
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_a_role_that_is_active_on_one_resource_only_is_not_active(cli: Cli, wire: Wire) -> None:
    def narrow(body: Any) -> None:
        body["properties"]["scope"] += "/providers/Microsoft.Compute/virtualMachines/one"

    wire.rewrite("roleAssignmentScheduleInstances", narrow)

    assert ask(cli, code=9).json["state"] == "granted"


def test_a_lost_answer_is_read_back(cli: Cli, wire: Wire) -> None:
    def lose(proceed: object) -> Response:
        proceed()  # type: ignore[operator]
        return Response(504, {}, b"")

    wire.on("PUT", ROUTE, lose, times=1)

    assert ask(cli).json["state"] == "active"


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("--ticket", "1"), 2, "PIM requires a justification"),
        (("--reason", "x"), 2, "PIM requires a ticket"),
        (("--reason", "x", "--ticket", "1", "--duration", "5h"), 5, "longer than PIM allows"),
        (("--reason", " ", "--ticket", "1"), 2, "the reason is empty"),
        (("--reason", "x", "--ticket", "@Snow"), 2, "the ticket is empty"),
        (("--reason", "x", "--ticket", "1", "--name", "no"), 2, "malformed name"),
    ],
)
def test_rules_are_kept_before_anything_is_sent(
    cli: Cli, wire: Wire, argv: tuple[str, ...], code: int, said: str
) -> None:
    done = cli(*ASK, *argv)

    assert (done.code, wire.writes) == (code, [])
    assert said in done.error


@pytest.mark.parametrize("role", ["Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"])
def test_a_role_that_one_is_not_eligible_for_is_not_found(cli: Cli, wire: Wire, role: str) -> None:
    done = cli("publisher", "request", "orders", "--pim", "--role", role)

    assert (done.code, wire.writes) == (3, [])


@pytest.mark.parametrize(
    "option",
    [("--new",), ("--wait",), ("--principal", "11111111-1111-1111-1111-111111111111")],
)
def test_options_of_jit_requests_do_not_go_with_pim(cli: Cli, option: tuple[str, ...]) -> None:
    done = cli(*WHOLE, *option)

    assert done.code == 2
    assert "and --pim exclude each other" in done.error


@pytest.mark.parametrize(
    ("code", "message", "exit_code", "hint"),
    [
        ("RoleAssignmentRequestPolicyValidationFailed", '["MfaRule"]', 5, "multi-factor"),
        ("RoleAssignmentRequestPolicyValidationFailed", '["ExpirationRule"]', 5, "--duration"),
        ("RoleAssignmentRequestPolicyValidationFailed", '["EligibilityRule"]', 5, "not eligible"),
        ("RoleAssignmentRequestPolicyValidationFailed", '["NewRule"]', 5, "NewRule"),
        ("ActiveDurationTooShort", "short", 2, "--duration 5m"),
        ("InvalidRoleAssignmentRequestSchedule", "no", 2, "--dry-run"),
        ("InvalidScope", "no", 2, "--dry-run"),
        ("RoleNotFound", "no", 2, "--dry-run"),
        ("SubjectNotFound", "no", 2, "--dry-run"),
        ("InvalidPolicy", "no", 2, "--dry-run"),
        ("ResourceIsLocked", "no", 5, "lock"),
        ("PermissionScopeNotGranted", "no", 4, "permission"),
        ("RoleAssignmentDoesNotExist", "no", 3, "the role is not active"),
    ],
)
def test_each_code_of_pim_has_a_line_and_an_exit(
    cli: Cli, wire: Wire, code: str, message: str, exit_code: int, hint: str
) -> None:
    wire.on("POST", "/validate", lambda _: refusal(code, message))

    done = cli(*WHOLE)

    assert done.code == exit_code
    assert hint in done.err
    assert code in done.err


def test_a_missing_licence_names_it(cli: Cli) -> None:
    cli.world.set_switch(None, "licence", "none")

    done = cli(*WHOLE)

    assert done.code == 5
    assert "P2" in done.err


def test_a_stronger_sign_in_is_asked_for_with_its_claims(cli: Cli) -> None:
    cli.world.set_switch(None, "pim-step-up", "acrs")

    done = cli(*WHOLE)

    assert done.code == 4
    claims = done.err.split("--claims-challenge ")[1].split()[0]
    assert json.loads(base64.b64decode(claims))["access_token"]["acrs"]["value"] == "c1"


def test_a_second_factor_is_asked_for(cli: Cli) -> None:
    cli.world.set_switch(None, "pim-step-up", "mfa")
    dave = {"AZJIT_AS": "dave"}
    argv = ("publisher", "request", "archive", "--pim", "--role", MACHINES, "--reason", "x")

    done = cli(*argv, environ=dave)

    assert done.code == 5
    assert "multi-factor" in done.err
