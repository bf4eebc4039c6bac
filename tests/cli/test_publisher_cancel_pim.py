"""`publisher cancel --pim`: an activation is ended, a request withdrawn, as a read shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from azjit.sandbox.core import Response
from azjit.sandbox.pim import rules
from behind import Proceed, Wire, cut_after, cut_before, fails, first, while_asked
from harness import Cli, Result

MRG = "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c79661c3/resourceGroups/mrg-orders"
MACHINES = "Virtual Machine Contributor"
GUID = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
ASK = ("publisher", "request", "orders", "--pim", "--role", MACHINES, "--reason", "x")
WHOLE = (*ASK, "--ticket", "1@Snow", "-o", "json")
END = ("publisher", "cancel", "orders", "--pim", "-o", "json")
ROUTE = "/roleAssignmentScheduleRequests/"


def activated(cli: Cli) -> str:
    """Activate the role, six minutes ago."""
    done = cli(*WHOLE)
    assert done.json["state"] == "active", done.err
    cli.later(minutes=6)
    return str(done.json["name"])


def waiting(cli: Cli, patch: pytest.MonkeyPatch) -> str:
    """Ask for the role where it needs an approval, which no policy of the world demands."""
    approver = next(one.object_id for one in cli.world.people() if one.alias == "bob")
    patch.setattr(rules, "approvers_of", lambda *_: (approver,))
    done = cli(*WHOLE)
    assert done.json["state"] == "waiting for approval", done.err
    return str(done.json["name"])


def held(cli: Cli) -> list[str]:
    rows = cli("publisher", "roles", "orders", "--pim", "-o", "json").json
    return [row["roleName"] for row in rows if row["assignment"] == "activated"]


def ended(cli: Cli, *more: str, code: int = 0, **kwargs: Any) -> Result:
    done = cli(*END, *more, **kwargs)
    assert done.code == code, done.err
    return done


def test_an_activation_is_ended_and_a_read_shows_it(both: Cli) -> None:
    activated(both)

    done = ended(both, "--reason", "done")

    assert (done.json["state"], done.json["pimStatus"]) == ("ended", "Revoked")
    assert (done.json["start"], done.json["end"]) == (
        "2026-03-02T09:00:00Z",
        "2026-03-02T09:06:00Z",
    )
    assert held(both) == []
    intent, outcome = both.receipts()[-2:]
    assert (intent["action"], intent["reason"]) == ("deactivate", "done")
    assert intent["details"]["state"] == "active"
    assert (outcome["outcome"], outcome["state"]) == ("confirmed", "ended")


def test_the_call_says_what_microsofts_contract_requires(cli: Cli, wire: Wire) -> None:
    activated(cli)
    before = len(wire.writes)

    ended(cli, "--role", MACHINES.lower())

    (sent,) = wire.writes[before:]
    assert (sent.method, sent.path.partition(ROUTE)[0]) == (
        "PUT",
        f"{MRG}/providers/Microsoft.Authorization",
    )
    told = sent.body["properties"]
    assert told.pop("roleDefinitionId").endswith(GUID)
    assert list(told) == ["principalId", "requestType"]
    assert told["requestType"] == "SelfDeactivate"


def test_a_person_is_asked_and_a_script_needs_yes(cli: Cli, wire: Wire) -> None:
    activated(cli)
    before = len(wire.writes)

    unasked = ended(cli, sure=False, code=2)
    no = cli(*END[:-2], tty=True, answer="n\n")
    planned = ended(cli, "--dry-run", sure=False)
    untouched = len(wire.writes) == before
    yes = cli(*END[:-2], tty=True, answer="y\n", width=100)

    assert "add --yes" in unasked.err
    assert no.code == 1
    assert f"end the activation of {MACHINES} in mrg-orders, active until" in " ".join(
        no.err.split()
    )
    assert [call["method"] for call in planned.json] == ["PUT"]
    assert untouched
    assert yes.code == 0
    assert "ended (known by: PIM)" in yes.out


def test_a_request_that_waits_is_withdrawn(both: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    name = waiting(both, monkeypatch)

    (call,) = ended(both, "--dry-run").json
    done = ended(both, "--reason", "not needed")

    assert (call["method"], call["url"].partition("?")[0].rsplit("/", 2)[1:]) == (
        "POST",
        [name, "cancel"],
    )
    assert (done.json["name"], done.json["pimStatus"]) == (name, "Canceled")
    assert both.receipts()[-2]["reason"] == "not needed"
    assert (both.receipts()[-1]["outcome"], held(both)) == ("confirmed", [])
    assert "nothing to cancel" in ended(both, code=5).error


def test_what_is_active_ends_before_what_the_same_role_waits_for(cli: Cli) -> None:
    later = cli(*WHOLE, "--start", "+3h", "--duration", "1h").json["name"]
    activated(cli)

    done = ended(cli)
    (call,) = ended(cli, "--dry-run").json

    assert (done.json["pimStatus"], held(cli)) == ("Revoked", [])
    assert call["url"].partition("?")[0].endswith(f"/{later}/cancel")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "nothing to cancel: PIM lists no activation of yours in mrg-orders"),
        (("--role", "Owner"), "nothing to cancel: PIM lists no activation of 'Owner' of yours"),
    ],
)
def test_what_is_assigned_for_good_is_no_activation(
    cli: Cli, wire: Wire, more: tuple[str, ...], said: str
) -> None:
    done = ended(cli, *more, code=5)

    assert done.error.startswith(said)
    assert wire.writes == []


def test_two_that_fit_are_listed_and_none_is_ended(cli: Cli, wire: Wire) -> None:
    activated(cli)
    path = "/roleAssignmentScheduleInstances"

    def twice(proceed: Proceed) -> Response:
        answer = proceed()
        body = json.loads(answer.body)
        other = json.dumps(body["value"]).replace(GUID, "11111111-1111-4111-8111-111111111111")
        body["value"] += json.loads(other)
        return Response(answer.status, answer.headers, json.dumps(body).encode())

    wire.on("GET", path, twice)
    before = len(wire.writes)

    both = ended(cli, code=2)
    ended(cli, "--role", MACHINES, code=2)
    one = ended(cli, "--role", GUID, "--dry-run")

    assert GUID in both.error
    assert "11111111-1111-4111-8111-111111111111" in both.error
    assert len(one.json) == 1
    assert len(wire.writes) == before


def test_pim_ends_nothing_in_the_first_five_minutes(cli: Cli) -> None:
    cli(*WHOLE)

    done = ended(cli, code=5)

    assert "PIM ends no activation in its first five minutes" in done.error
    assert "try again at 2026-03-02 09:05 UTC" in done.err
    assert cli.receipts()[-1]["outcome"] == "refused"


# What happens at the call, and: how it ends, what the receipt has, whether the role is active.
FATES = {
    "the answer is lost": (cut_after, 0, "confirmed", False),
    "the call is lost, and sent again": (cut_before, 0, "confirmed", False),
    "Azure forbids it": (fails(403, "AuthorizationFailed"), 4, "refused", True),
    "it had ended": (fails(400, "RoleAssignmentDoesNotExist"), 9, "unconfirmed", True),
}


@pytest.mark.parametrize("fate", FATES)
def test_only_a_read_says_that_it_ended(cli: Cli, wire: Wire, fate: str) -> None:
    activated(cli)
    act, code, outcome, is_active = FATES[fate]
    wire.on("PUT", ROUTE, act, times=1)

    ended(cli, code=code)

    assert cli.receipts()[-1]["outcome"] == outcome
    assert bool(held(cli)) is is_active


def test_one_that_somebody_else_ended_meanwhile_has_ended(cli: Cli, wire: Wire) -> None:
    activated(cli)
    instances = "/roleAssignmentScheduleInstances"

    def gone(proceed: Proceed) -> Response:
        wire.rewrite(
            instances, lambda body: body["properties"].update(roleDefinitionId=CONTRIBUTOR)
        )
        return fails(400, "RoleAssignmentDoesNotExist")(proceed)

    wire.on("PUT", ROUTE, gone, times=1)

    done = ended(cli)

    assert "was not active any more" in done.err
    assert cli.receipts()[-1]["outcome"] == "refused"


CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


def test_a_role_that_pim_still_lists_is_not_called_ended(cli: Cli, wire: Wire) -> None:
    activated(cli)
    ignored = Response(201, {}, b"{}")
    wire.on("PUT", ROUTE, lambda _: ignored, times=1)

    done = ended(cli, code=9)

    assert "PIM may still list the role as active" in done.error
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_a_role_of_which_a_row_cannot_be_read_is_not_called_ended(cli: Cli, wire: Wire) -> None:
    activated(cli)
    spoil = lambda body: body["properties"].pop("roleDefinitionId")  # noqa: E731 - one step
    path = "/roleAssignmentScheduleInstances"
    wire.on("PUT", ROUTE, first(lambda: wire.rewrite(path, spoil)), times=1)

    ended(cli, code=9)


def test_no_read_at_all_is_unconfirmed(cli: Cli, wire: Wire) -> None:
    activated(cli)
    refused = fails(403, "AuthorizationFailed")
    path = "/roleAssignmentScheduleInstances"
    wire.on("PUT", ROUTE, first(lambda: wire.on("GET", path, refused)), times=1)

    done = ended(cli, code=9)

    assert f"the end of {MACHINES} was sent, but no read shows it" in done.error


def test_an_approval_before_the_withdrawal_stops_it(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = waiting(cli, monkeypatch)

    def granted() -> None:
        wire.rewrite(f"{ROUTE}{name}", lambda body: body["properties"].update(status="Provisioned"))

    while_asked(monkeypatch, granted)

    done = ended(cli, code=5)

    assert f"request {name} does not wait any more; nothing was sent" in done.error


def test_an_approval_that_overtakes_the_withdrawal_is_told(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = waiting(cli, monkeypatch)

    def granted(_: Proceed) -> Response:
        wire.rewrite(f"{ROUTE}{name}", lambda body: body["properties"].update(status="Provisioned"))
        return Response(200, {}, b"")

    wire.on("POST", "/cancel", granted, times=1)

    done = ended(cli, code=9)

    assert "but PIM says Provisioned" in done.error
    assert "the role may be active" in done.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--pim", "--delete"), "--delete and --pim exclude each other"),
        (("--role", MACHINES), "--role requires --pim"),
    ],
)
def test_options_that_do_not_go_together(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    done = cli("publisher", "cancel", "orders", *argv)

    assert (done.code, done.error) == (2, said)


@pytest.mark.parametrize(("acts", "said"), [(True, "Revoked"), (False, "no such request")])
def test_an_interrupted_end_is_settled(cli: Cli, wire: Wire, acts: bool, said: str) -> None:  # noqa: FBT001 a row
    activated(cli)

    def stop(proceed: Proceed) -> Response:
        if acts:
            proceed()
        raise KeyboardInterrupt

    wire.on("PUT", ROUTE, stop, times=1)

    cut = ended(cli, code=130)
    after = cli("publisher", "roles", "orders", "--pim")

    assert "the end of activation" in cut.err
    assert f"a read now shows: {said}" in after.err
