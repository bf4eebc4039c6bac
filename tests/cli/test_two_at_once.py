"""What somebody else does while a write waits for its second attempt is never overwritten."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from azjit.domain.ids import PrincipalId
from behind import Act, People, Sent, Wire, fails, fails_after, first
from harness import Cli, unwrapped

BUSY = fails(503, "ServerBusy", {"Retry-After": "8"})
GROUP = "group:fb840ab2-7a89-5369-8de0-27797f1605cf"


def meanwhile(cli: Cli, act: Callable[[], object]) -> None:
    """Do something the next time that a command waits."""

    def once() -> None:
        cli.clock.while_sleeping = None
        act()

    cli.clock.while_sleeping = once


def writes(wire: Wire, method: str) -> int:
    return [each.method for each in wire.writes].count(method)


def outcome(cli: Cli, action: str) -> Any:
    intents = [each["id"] for each in cli.receipts() if each.get("action") == action]
    (last,) = [
        each for each in cli.receipts() if each["kind"] == "outcome" and each["id"] == intents[-1]
    ]
    return last["outcome"]


def approvers(cli: Cli) -> set[str]:
    told = cli("consumer", "show", "orders", "-o", "json").json["approvers"]
    return {each["id"] for each in told}


def test_a_request_that_was_approved_meanwhile_is_not_deleted(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    wire.on("DELETE", "/jitRequests/", BUSY, times=1)
    meanwhile(cli, lambda: cli.approve(name))

    gone = cli("publisher", "cancel", name)

    assert (gone.code, writes(wire, "DELETE")) == (9, 1)
    assert "should be deleted, but a read shows it as approved" in gone.error
    assert outcome(cli, "cancel") == "unconfirmed"


@pytest.mark.parametrize("act", [lambda proceed: proceed(), fails_after(504, "GatewayTimeout")])
def test_a_deletion_of_what_was_approved_in_between_is_not_called_withdrawn(
    cli: Cli, wire: Wire, act: Act
) -> None:
    name = cli.file()
    wire.on("DELETE", "/jitRequests/", lambda go: first(lambda: cli.approve(name))(lambda: act(go)))

    gone = cli("publisher", "cancel", name)

    assert (gone.code, gone.out) == (9, "")
    assert "it was approved meanwhile, and a read shows it" in gone.error
    assert outcome(cli, "cancel") == "unconfirmed"


def test_access_through_another_request_is_no_sign_of_an_approval(cli: Cli) -> None:
    cli.approve(cli.file())
    name = cli.file("orders", "--new")

    gone = cli("publisher", "cancel", name, "-o", "json")

    assert (gone.code, gone.json[0]["result"]) == (0, "withdrawn")


def test_a_lost_deletion_is_not_called_withdrawn_where_access_cannot_be_read(
    cli: Cli, wire: Wire
) -> None:
    name = cli.file()
    wire.on("GET", "/roleAssignments", fails(403, "AuthorizationFailed"))
    wire.on("GET", "/permissions", fails(403, "AuthorizationFailed"))
    wire.on("DELETE", "/jitRequests/", fails_after(504, "GatewayTimeout"), times=1)

    gone = cli("publisher", "cancel", name)

    assert gone.code == 9
    assert "whether it was approved in the meantime could not be read" in gone.error


@pytest.mark.parametrize(
    ("act", "code"), [(fails_after(504, "GatewayTimeout"), 9), (lambda proceed: proceed(), 0)]
)
def test_a_deletion_before_the_start_does_not_hide_an_approval_in_between(
    cli: Cli, wire: Wire, act: Act, code: int
) -> None:
    name = cli.file("orders", "--start", "+1h")
    wire.on("DELETE", "/jitRequests/", lambda go: first(lambda: cli.approve(name))(lambda: act(go)))

    gone = cli("publisher", "cancel", name)

    # No role assignment shows access that is still to begin.
    assert gone.code == code
    assert "whether it was approved in the meantime could not be read" in unwrapped(gone.err)


def test_settings_that_somebody_else_changed_meanwhile_stay(cli: Cli, wire: Wire) -> None:
    wire.on("PATCH", "/applications/orders", BUSY, times=1)
    removed: list[Any] = []
    carol = ("consumer", "configure", "orders", "--remove-approver", GROUP, "--as", "carol")
    meanwhile(cli, lambda: removed.append(cli(*carol)))

    done = cli("consumer", "configure", "orders", "--max-duration", "4h")

    assert (done.code, removed[0].code, writes(wire, "PATCH")) == (9, 0, 2)
    assert "a read shows other settings" in done.error
    assert PrincipalId(GROUP.removeprefix("group:")).key not in approvers(cli)


def test_a_field_that_azjit_only_keeps_is_not_put_back(cli: Cli, wire: Wire) -> None:
    wire.on("PATCH", "/applications/orders", BUSY, times=1)

    def new_field(body: Any) -> None:
        if writes(wire, "PATCH"):
            body["properties"]["jitAccessPolicy"]["newField"] = "set by somebody else"

    wire.rewrite("/applications/orders", new_field)

    done = cli("consumer", "configure", "orders", "--max-duration", "4h")

    assert (done.code, writes(wire, "PATCH")) == (9, 1)


MACHINES = ("--role", "Virtual Machine Contributor", "--reason", "INC-1", "--ticket", "1@Snow")
WRITES = {
    ("PUT", "/jitRequests/"): ("publisher", "request", "orders", "--role", "Contributor"),
    ("PUT", "/roleAssignmentScheduleRequests/"): (
        *("publisher", "request", "orders", "--pim"),
        *MACHINES,
    ),
    ("PATCH", "/applications/"): ("consumer", "configure", "orders", "--max-duration", "4h"),
}


@pytest.mark.parametrize(("method", "part"), WRITES)
@pytest.mark.parametrize(
    ("act", "sent"), [(BUSY, 2), (fails(429, "TooManyRequests"), 2), (fails_after(503, "Busy"), 1)]
)
def test_a_write_is_sent_again_only_if_a_read_shows_that_nothing_was_done(
    cli: Cli, wire: Wire, method: str, part: str, *, act: Act, sent: int
) -> None:
    wire.on(method, part, act, times=1)

    done = cli(*WRITES[method, part])

    assert (done.code, writes(wire, method)) == (0, sent), done.err
    calls = [each.method for each in wire.sent if part in each.path]
    first_write = calls.index(method)
    assert calls[first_write + 1] == "GET"


def test_a_deletion_is_sent_again_only_after_a_read(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    wire.on("DELETE", "/jitRequests/", BUSY, times=1)

    gone = cli("publisher", "cancel", name)

    assert (gone.code, writes(wire, "DELETE")) == (0, 2)
    calls = [each.method for each in wire.sent if each.path.endswith(name)]
    assert calls[calls.index("DELETE") :] == ["DELETE", "GET", "DELETE", "GET"]


@pytest.mark.parametrize(("status", "code"), [(429, 6), (503, 9)])
def test_a_write_that_azure_never_takes_ends(cli: Cli, wire: Wire, status: int, code: int) -> None:
    wire.on("PATCH", "/applications/orders", fails(status, "Busy"))

    done = cli("consumer", "configure", "orders", "--max-duration", "4h")

    assert (done.code, writes(wire, "PATCH")) == (code, 5), done.err


CLAIMS = base64.b64encode(b'{"access_token":{"acrs":{"essential":true}}}').decode()
# Conditional access asks for a stronger sign-in to write.
CHALLENGE = fails(
    401,
    "InvalidAuthenticationToken",
    {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{CLAIMS}"'},
)
APPROVE = ("consumer", "approve", "--reason", "agreed")
CHALLENGED = {
    **WRITES,
    ("DELETE", "/jitRequests/"): ("publisher", "cancel"),
    ("POST", "/updateAccess"): APPROVE,
    ("PUT", "/stages/"): (*APPROVE, "--route", "pim"),
    ("POST", "/refreshPermissions"): (
        "publisher",
        "refresh-permissions",
        "shop-eu/shop",
        "--as",
        "bob",
    ),
}


def is_it(call: Sent, method: str, part: str) -> bool:
    return call.method == method and part.lower() in call.path.lower()


def challenged(cli: Cli, method: str, part: str) -> Any:
    """Run the command that makes a write, on a new request if it needs one."""
    argv = CHALLENGED[method, part]
    if {"approve", "cancel"} & {*argv}:
        if "pim" in argv:
            cli.world.set_switch("orders", "pim-lists-requests", "yes")
            cli.world.set_switch("orders", "update-access", "pim-linked")
        argv = (*argv, cli.file())
    return cli(*argv)


@pytest.mark.everywhere
@pytest.mark.parametrize(("method", "part"), CHALLENGED)
def test_a_write_is_sent_with_a_newer_token_only_after_a_read(
    cli: Cli, wire: Wire, method: str, part: str
) -> None:
    wire.on(method, part, CHALLENGE, times=1)

    done = challenged(cli, method, part)

    sent = [at for at, each in enumerate(wire.sent) if is_it(each, method, part)][-2:]
    # No read of Bob's shows the rows of the definition.
    assert (done.code, len(sent)) == (9 if "refresh" in part else 0, 2), done.err
    assert "GET" in [each.method for each in wire.sent[slice(*sent)]]


@pytest.mark.everywhere
@pytest.mark.parametrize(("method", "part"), CHALLENGED)
def test_a_write_that_no_token_may_make_is_refused_and_said_so(
    cli: Cli, wire: Wire, method: str, part: str
) -> None:
    wire.on(method, part, CHALLENGE)

    done = challenged(cli, method, part)

    assert (done.code, sum(is_it(each, method, part) for each in wire.sent)) == (4, 2)
    assert "Azure refused the token" in done.err
    assert cli.receipts()[-1]["outcome"] == "refused"


def test_a_newer_token_does_not_decide_what_changed_meanwhile(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    denied = first(lambda: cli("consumer", "deny", name, "--reason", "no", "--as", "carol"))
    wire.on("POST", "/updateAccess", lambda go: (denied(go), CHALLENGE(go))[1], times=1)

    done = cli(*APPROVE, name)

    assert (done.code, cli.state_of(name)) == (5, "denied"), done.err


def test_a_newer_token_does_not_put_back_what_somebody_changed(cli: Cli, wire: Wire) -> None:
    carol = ("consumer", "configure", "orders", "--remove-approver", GROUP, "--as", "carol")
    wire.on("PATCH", "/applications/orders", lambda go: (cli(*carol), CHALLENGE(go))[1], times=1)

    done = cli("consumer", "configure", "orders", "--max-duration", "4h")

    assert (done.code, writes(wire, "PATCH")) == (9, 2), done.err
    assert PrincipalId(GROUP.removeprefix("group:")).key not in approvers(cli)


def test_a_refusal_after_a_lost_answer_is_not_called_refused(cli: Cli, wire: Wire) -> None:
    wire.on("PATCH", "/applications/orders", BUSY, times=1)
    wire.on("PATCH", "/applications/orders", fails(403, "AuthorizationFailed"))

    done = cli("consumer", "configure", "orders", "--max-duration", "4h")

    # The first attempt may still be carried out.
    assert (done.code, writes(wire, "PATCH")) == (9, 2), done.err
    assert outcome(cli, "configure") == "unconfirmed"


def test_a_receipt_of_one_does_not_hide_that_azure_names_another(cli: Cli, wire: Wire) -> None:
    name, carol = cli.file(), People(cli.world).id_of("carol")
    cli.approve(name)
    wire.rewrite(f"/{name}", lambda body: body["properties"].update(updatedBy={"oid": carol}))

    again = cli(*APPROVE, name, "-o", "json")

    said = again.json[0]["message"]
    assert "approved by bob@contoso.example" in said
    assert f"last changed in Azure by {carol}" in said
