"""Settings: shown before and after, sent completely, read back, compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import Act, People, Proceed, Wire, cut_after, cut_before, fails, while_asked
from harness import Cli

CHANGE_KEYS = ["application", "changed", "sent", "before", "after", "planned"]
ADA = "aaaaaaaa-0000-4000-8000-00000000000a"
EVE = "eeeeeeee-0000-4000-8000-00000000000e"


def _configure(cli: Cli, *more: str, app: str = "orders", **kwargs: Any) -> Any:
    return cli("consumer", "configure", app, *more, "-o", "json", **kwargs)


def _settings(cli: Cli, app: str = "orders") -> Any:
    shown = cli("consumer", "show", app, "-o", "json").json
    return {key: shown[key] for key in ("approvalMode", "maximumDuration", "approvers")}


def _policy(wire: Wire) -> Any:
    (patch,) = wire.writes
    assert patch.method == "PATCH"
    return patch.body


def test_a_setting_is_changed_and_a_read_shows_it(both: Cli) -> None:
    done = _configure(both, "--max-duration", "4h")

    assert done.code == 0, done.err
    assert list(done.json) == CHANGE_KEYS
    assert (done.json["changed"], done.json["sent"], done.json["planned"]) == (True, True, None)
    assert done.json["before"]["maximumDuration"] == "PT8H"
    assert done.json["after"]["maximumDuration"] == "PT4H"
    assert _settings(both)["maximumDuration"] == "PT4H"


def test_jit_cannot_be_enabled_later(both: Cli) -> None:
    done = _configure(both, "--mode", "manual", app="ledger")

    assert done.code == 5
    assert "JIT access was not enabled when ledger was deployed" in done.error
    assert "standing access" in done.error


def test_the_whole_policy_is_sent_with_the_approvers_just_read(
    cli: Cli, wire: Wire, people: People
) -> None:
    before = _settings(cli)["approvers"]

    _configure(cli, "--max-duration", "90m")

    assert _policy(wire) == {
        "properties": {
            "jitAccessPolicy": {
                "jitAccessEnabled": True,
                "jitApprovalMode": "ManualApprove",
                "jitApprovers": [
                    {"id": people.id_of("bob"), "type": "user", "displayName": "Bob Brandt"},
                    {"id": before[1]["id"], "type": "group", "displayName": "Contoso Approvers"},
                ],
                "maximumJitAccessDuration": "PT1H30M",
            }
        }
    }


@pytest.mark.parametrize("width", [80, 140])
def test_a_terminal_shows_before_and_after_and_asks(cli: Cli, width: int) -> None:
    done = cli(
        "consumer",
        "configure",
        "orders",
        "--max-duration",
        "4h",
        "--mode",
        "automatic",
        tty=True,
        width=width,
        answer="y\n",
    )

    assert done.code == 0, done.err
    assert "8 h  ->  4 h" in done.err
    assert "manual  ->  automatic" in done.err
    assert "change the JIT settings of orders? [y/N]" in done.err
    assert "8 h  ->  4 h" in done.out
    assert "configured, and confirmed by a read" in done.err


def test_no_is_no(cli: Cli, wire: Wire) -> None:
    done = cli("consumer", "configure", "orders", "--max-duration", "4h", tty=True, answer="n\n")

    assert done.code == 1
    assert wire.writes == []


def test_a_pipe_gets_one_line_and_is_not_asked(cli: Cli) -> None:
    done = cli("consumer", "configure", "orders", "--max-duration", "4h")

    assert done.code == 0
    assert done.out.startswith("orders\t")
    assert len(done.out.splitlines()) == 1
    assert "8 h  ->  4 h" in done.err


def test_the_receipt_has_the_settings_before_and_after(cli: Cli) -> None:
    _configure(cli, "--max-duration", "4h")

    intent, outcome = cli.receipts()[-2:]
    assert intent["action"] == "configure"
    assert intent["details"]["before"]["maximumSeconds"] == 28800
    assert intent["details"]["after"]["maximumSeconds"] == 14400
    assert (outcome["outcome"], outcome["state"]) == ("confirmed", "configured")


@pytest.mark.parametrize(
    "same",
    [
        ("--max-duration", "8h"),
        ("--max-duration", "PT480M"),
        ("--mode", "manual"),
        ("--add-approver", "user:BOB"),
        ("--add-approver", "user:BOB=Another Name"),
    ],
)
def test_the_same_settings_send_nothing(
    cli: Cli, wire: Wire, people: People, same: tuple[str, str]
) -> None:
    option, value = same

    done = _configure(cli, option, value.replace("BOB", people.id_of("bob")))

    assert done.code == 0
    assert (done.json["changed"], done.json["sent"]) == (False, False)
    assert wire.writes == []
    assert [e for e in cli.receipts() if e.get("action") == "configure"] == []


def test_a_dry_run_shows_the_change_and_the_call_and_sends_nothing(cli: Cli, wire: Wire) -> None:
    done = _configure(cli, "--max-duration", "4h", "--dry-run")

    assert done.code == 0
    planned = done.json["planned"]
    assert (done.json["changed"], done.json["sent"]) == (True, False)
    assert done.json["after"]["maximumDuration"] == "PT4H"
    assert planned["method"] == "PATCH"
    assert planned["body"]["properties"]["jitAccessPolicy"]["maximumJitAccessDuration"] == "PT4H"
    assert "8 h  ->  4 h" in done.err
    assert "acting as bob@contoso.example" in done.err
    assert wire.writes == []
    assert _settings(cli)["maximumDuration"] == "PT8H"


# Approvers


def test_approvers_are_added_and_removed(cli: Cli, people: People) -> None:
    added = _configure(cli, "--add-approver", f"user:{ADA}=Ada", "--add-approver", f"group:{EVE}")
    bob = people.id_of("bob")
    removed = _configure(
        cli, "--remove-approver", f"user:{bob}", "--remove-approver", f"group:{EVE}"
    )

    assert (added.code, removed.code) == (0, 0)
    names = [each["name"] for each in added.json["after"]["approvers"]]
    assert names == ["Bob Brandt", "Contoso Approvers", "Ada", None]
    names = [each["name"] for each in removed.json["after"]["approvers"]]
    assert names == ["Contoso Approvers", "Ada"]


def test_approvers_are_set_exactly_and_known_names_are_kept(cli: Cli, people: People) -> None:
    bob = people.id_of("bob")

    done = _configure(cli, "--approvers", f"user:{ADA}=Ada, user:{bob.upper()},user:{ADA}")

    assert done.code == 0, done.err
    assert [each["name"] for each in done.json["after"]["approvers"]] == ["Ada", "Bob Brandt"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "nothing to change"),
        (("--mode", "sometimes"), "no approval mode named 'sometimes'"),
        (("--max-duration", "0"), "duration"),
        (("--max-duration", "-2h"), "duration"),
        (("--max-duration", "P1M"), "no exact length"),
        (("--max-duration", "soon"), "duration"),
        (("--add-approver", "robot:" + ADA), "malformed approver"),
        (("--add-approver", f"user:{ADA}="), "malformed approver"),
        (("--remove-approver", f"user:{ADA}"), "is not an approver"),
        (("--approvers", ""), "--approvers is empty"),
        (("--approvers", " , "), "--approvers is empty"),
        (("--approvers", f"user:{ADA},group:{ADA}"), "as a user and as a group"),
        (("--approvers", f"user:{ADA}", "--add-approver", f"user:{EVE}"), "replaces all approvers"),
        (
            ("--add-approver", f"user:{ADA}", "--remove-approver", f"user:{ADA}"),
            "added and removed",
        ),
    ],
)
def test_what_makes_no_sense_is_usage_and_sends_nothing(
    cli: Cli, wire: Wire, options: tuple[str, ...], told: str
) -> None:
    done = _configure(cli, *options)

    assert done.code == 2, done.err
    assert told in done.error
    assert "next: " in done.err
    assert wire.writes == []


def test_manual_without_approvers_is_refused_unless_it_is_meant(cli: Cli, wire: Wire) -> None:
    refused = _configure(cli, "--mode", "manual", app="reports")
    meant = _configure(cli, "--mode", "manual", "--allow-no-approver", app="reports")

    assert refused.code == 5
    assert "--add-approver" in refused.err
    assert (meant.code, meant.json["after"]["approvalMode"]) == (0, "manual")
    assert len(wire.writes) == 1


def test_the_last_approver_does_not_go_by_accident(cli: Cli, people: People) -> None:
    only = ("--remove-approver", f"user:{people.id_of('bob')}")

    refused = _configure(cli, *only, app="archive")
    meant = _configure(cli, "--approvers", "", "--allow-no-approver", app="archive")

    assert refused.code == 5
    assert (meant.code, meant.json["after"]["approvers"]) == (0, [])


def test_manual_with_an_approver_named_at_once_is_fine(cli: Cli) -> None:
    done = _configure(cli, "--mode", "manual", "--add-approver", f"user:{ADA}", app="reports")

    assert done.code == 0, done.err
    after = done.json["after"]
    assert (after["approvalMode"], [one["id"] for one in after["approvers"]]) == ("manual", [ADA])


# Warnings


def test_more_than_eight_hours_is_warned_of(cli: Cli) -> None:
    done = _configure(cli, "--max-duration", "12h")

    assert done.code == 0
    assert "warning: more than 8 hours" in done.err


def test_a_longer_limit_that_was_there_is_not_warned_of_again(cli: Cli) -> None:
    _configure(cli, "--max-duration", "12h")

    done = _configure(cli, "--add-approver", f"user:{ADA}")

    assert "more than 8 hours" not in done.err


@pytest.mark.parametrize(("count", "told"), [(1, "1 request may wait"), (2, "2 requests wait")])
def test_automatic_mode_warns_of_what_waits(cli: Cli, count: int, told: str) -> None:
    for at in range(count):
        cli.file("orders", "--start", f"+{at + 1}h", "--duration", "30m")

    done = _configure(cli, "--mode", "automatic", "--dry-run")

    assert told in done.err


@pytest.mark.parametrize("state", ["Pending", "NotSpecified", "Deliberating", None])
def test_automatic_mode_warns_of_a_request_in_each_state_that_may_wait(
    cli: Cli, wire: Wire, state: str | None
) -> None:
    _ = cli.file("orders")
    wire.rewrite("/jitRequests", lambda body: body["properties"].update({"jitRequestState": state}))

    done = _configure(cli, "--mode", "automatic", "--dry-run")

    assert "wait for a decision" in done.err


UNKNOWN: dict[str, Callable[[Wire], None]] = {
    "no right": lambda wire: wire.on("GET", "/jitRequests", fails(403, "AuthorizationFailed")),
    "an outage": lambda wire: wire.on("GET", "/jitRequests", fails(503, "ServerBusy")),
    "an empty item": lambda wire: wire.rewrite("/jitRequests", lambda body: body.clear()),
    "no state": lambda wire: wire.rewrite(
        "/jitRequests", lambda body: body["properties"].update(jitRequestState=None)
    ),
    "another state": lambda wire: wire.rewrite(
        "/jitRequests", lambda body: body["properties"].update(jitRequestState="Deliberating")
    ),
}


@pytest.mark.parametrize("spoil", UNKNOWN.values(), ids=UNKNOWN)
def test_automatic_mode_needs_a_person_where_it_is_unknown_what_waits(
    cli: Cli, wire: Wire, spoil: Callable[[Wire], None]
) -> None:
    _ = cli.file("orders")
    spoil(wire)

    refused = _configure(cli, "--mode", "automatic")
    methods = {each.method for each in wire.writes}
    asked = _configure(cli, "--mode", "automatic", tty=True, answer="y\n")

    assert (refused.code, refused.out, methods) == (5, "", {"PUT"})
    assert "what waits for a decision is not known" in refused.error
    assert asked.code == 0, asked.err
    assert "for a decision" in asked.err


def test_automatic_mode_with_nothing_waiting_is_quiet(cli: Cli) -> None:
    assert "warning" not in _configure(cli, "--mode", "automatic").err


# What goes wrong


def test_settings_changed_by_another_meanwhile_are_not_overwritten(
    cli: Cli, wire: Wire, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_asked(monkeypatch, lambda: _by_carol(cli, people, "PT2H"))

    done = _configure(cli, "--add-approver", f"user:{ADA}")

    assert done.code == 5
    assert "changed after azjit showed them; nothing was sent" in done.error
    assert [each.body["properties"]["jitAccessPolicy"] for each in wire.writes] == [
        {"jitAccessEnabled": True, "maximumJitAccessDuration": "PT2H"}  # carol's
    ]
    assert [e for e in cli.receipts() if e.get("action") == "configure"] == []


def test_a_reader_may_not_configure(cli: Cli) -> None:
    done = _configure(cli, "--max-duration", "4h", "--as", "rita")

    assert done.code == 4
    assert cli.receipts()[-1]["outcome"] == "refused"
    assert _settings(cli)["maximumDuration"] == "PT8H"


def test_a_change_whose_answer_is_lost_is_read(cli: Cli, wire: Wire) -> None:
    wire.on("PATCH", "/applications/orders", cut_after, times=1)

    done = _configure(cli, "--max-duration", "4h")

    assert done.code == 0, done.err
    assert cli.receipts()[-1]["outcome"] == "confirmed"


def test_a_change_that_never_arrives_is_unconfirmed(cli: Cli, wire: Wire) -> None:
    wire.on("PATCH", "/applications/orders", cut_before)

    done = _configure(cli, "--max-duration", "4h")

    assert done.code == 9
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


@pytest.mark.parametrize(
    "act", [fails(403, "AuthorizationFailed"), fails(404, "OperationNotFound")]
)
def test_an_operation_that_may_not_be_polled_hinders_nothing(
    cli: Cli, wire: Wire, act: Act
) -> None:
    wire.on("GET", "/operationStatuses/", act)

    done = _configure(cli, "--max-duration", "4h")

    assert done.code == 0, done.err
    assert _settings(cli)["maximumDuration"] == "PT4H"


def test_a_change_that_no_read_shows_is_unconfirmed(cli: Cli, wire: Wire) -> None:
    def then_unreadable(proceed: Proceed) -> Response:
        answer = proceed()
        wire.on("GET", "/applications/orders", fails(503, "ServerBusy"))
        return answer

    wire.on("PATCH", "/applications/orders", then_unreadable)

    done = _configure(cli, "--max-duration", "4h")

    assert done.code == 9
    assert "no read worked" in done.error


def test_a_change_that_shows_late_is_waited_for(cli: Cli, wire: Wire) -> None:
    left = iter(range(3))

    def late(body: Any) -> None:
        if wire.writes and next(left, None) is not None:
            body["properties"]["jitAccessPolicy"]["maximumJitAccessDuration"] = "PT8H"

    wire.rewrite("/applications/orders", late)

    assert _configure(cli, "--max-duration", "4h").code == 0


def test_a_mode_that_azjit_does_not_know_is_kept(cli: Cli, wire: Wire) -> None:
    def strange(body: Any) -> None:
        body["properties"]["jitAccessPolicy"]["jitApprovalMode"] = "PeerReview"

    wire.rewrite("/applications/orders", strange)

    done = _configure(cli, "--max-duration", "4h", "--dry-run")

    assert (
        done.json["planned"]["body"]["properties"]["jitAccessPolicy"]["jitApprovalMode"]
        == "PeerReview"
    )


def _by_carol(cli: Cli, people: People, longest: str) -> None:
    told = cli("consumer", "show", "orders", "-o", "json").json["id"]
    policy = {"jitAccessEnabled": True, "maximumJitAccessDuration": longest}
    people.call("carol", "PATCH", told, {"properties": {"jitAccessPolicy": policy}})


def test_several_applications_are_shown_though_one_is_not_found(cli: Cli) -> None:
    argv = ("consumer", "configure", "orders", "no-such-app", "--max-duration", "3h")

    planned = cli(*argv, "--dry-run", tty=True, width=140)
    done = cli(*argv, tty=True, answer="y\n", width=140)

    assert planned.code == 7
    assert "PATCH" in planned.out
    assert "no-such-app: not found" in planned.out
    assert done.code == 7
    assert "3 h" in done.out
    assert "no-such-app" in done.out
