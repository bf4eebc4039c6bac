"""Concerns hold up an approval that nobody is asked about, and are named where somebody is."""

from __future__ import annotations

from typing import Any

import pytest

import result_keys
from azjit.domain.concerns import CODES
from behind import CONTRIBUTOR, MACHINES, People, Wire, fails, while_asked
from harness import Cli, unwrapped

REASON = ("--reason", "agreed")
FIRST = "11111111-aaaa-4bbb-8ccc-000000000001"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def approve(cli: Cli, *argv: str, **kwargs: Any) -> Any:
    return cli("consumer", "approve", *argv, *REASON, **kwargs)


def codes(cli: Cli, app: str = "orders") -> dict[str, str]:
    (waiting,) = cli("consumer", "pending", app, "-o", "json").json
    return {each["code"]: each["level"] for each in waiting["concerns"]}


def bent(wire: Wire, name: str, **properties: Any) -> None:
    """Let a request say something else, as its publisher may have filed it."""

    def edit(body: Any) -> None:
        if body.get("name") == name:
            body["properties"].update(properties)

    wire.rewrite("/jitRequests", edit)


def rows(people: People, *roles: str, alias: str = "alice") -> list[dict[str, str]]:
    return [
        {
            "principalId": people.id_of(alias),
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
        }
        for role in roles
    ]


def test_what_a_role_can_do_through_resources_is_said_once(cli: Cli) -> None:
    name = cli.file("orders")

    shown = cli("consumer", "show", name, tty=True)
    told = cli("consumer", "show", name, "-o", "json").json["concerns"]

    assert unwrapped(shown.out).count("act through resources") == 1
    assert "acts-through" in {each["code"] for each in told}


@pytest.fixture(params=["over-maximum", "recurring", "can-give-access", "name-conflict"])
def blocked(request: pytest.FixtureRequest, cli: Cli, wire: Wire, people: People) -> Any:
    """A request with a blocker, and with its codes."""
    if request.param == "over-maximum":
        name = cli.file("orders", "--duration", "8h")
        cli("consumer", "configure", "orders", "--max-duration", "2h")
        return name, ["over-maximum"]
    name = cli.file("orders")
    if request.param == "name-conflict":
        bent(wire, name, jitAuthorizationPolicies=rows(people, MACHINES))
        wire.rewrite(
            f"/roleDefinitions/{MACHINES}",
            lambda body: body["properties"].update(type="CustomRole"),
        )
        return name, ["name-conflict"]
    if request.param == "recurring":
        start = cli("publisher", "show", name, "-o", "json", "--query", "start").json
        policy = {"type": "Recurring", "startTime": start, "duration": "PT1H"}
        bent(wire, name, jitSchedulingPolicy=policy)
        return name, ["recurring"]
    bent(wire, name, jitAuthorizationPolicies=rows(people, OWNER))
    return name, ["not-eligible", "can-give-access"]


def test_a_blocker_refuses_an_approval_until_each_is_accepted(
    cli: Cli, wire: Wire, blocked: tuple[str, list[str]]
) -> None:
    name, found = blocked

    unasked = approve(cli, name, "-o", "json")
    sent_first = list(wire.decisions)
    accepted = approve(cli, name, "--accept", ",".join(found))

    assert (unasked.code, accepted.code) == (5, 0), accepted.err
    assert unasked.json[0]["result"] == "refused"
    assert sent_first == []
    assert all(f"({code})" in unasked.error for code in found)
    assert f"--accept {','.join(found)}" in unwrapped(unasked.err)


def test_a_batch_takes_no_blocker(cli: Cli, wire: Wire, blocked: tuple[str, list[str]]) -> None:
    name, found = blocked
    ordinary = cli.file("shop-eu/shop", "--start", "+1h", "--duration", "1h")
    accept = ("--accept", ",".join((*found, "overlap")))

    done = approve(cli, name, ordinary, *accept)
    listed = cli(
        "consumer", "approve", "-", *REASON, *accept, "--max", "1", answer=f"{name}\n", sure=True
    )

    assert done.code == 7
    assert "approve it by itself" in unwrapped(done.err)
    assert len(wire.decisions) == 1
    assert listed.code == 5


def test_a_batch_takes_a_warning_that_is_accepted(cli: Cli) -> None:
    names = [cli.file(app, "--start", "+26h") for app in ("orders", "shop-us/shop")]

    unasked, done = approve(cli, *names), approve(cli, *names, "--accept", "far-start")

    assert (unasked.code, done.code) == (5, 0), done.err


def test_the_question_names_what_an_approval_would_accept(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders", "--start", "+26h")

    no = approve(cli, name, tty=True, answer="n\n")
    yes = approve(cli, name, tty=True, answer="y\n")

    assert "approve this request, despite far-start? [y/N]" in unwrapped(no.err)
    assert (no.code, yes.code) == (1, 0)
    assert len(wire.decisions) == 1


def test_yes_at_a_terminal_asks_nobody(cli: Cli) -> None:
    name = cli.file("orders", "--start", "+26h")

    assert approve(cli, name, "--yes", tty=True).code == 5


def test_a_denial_and_a_revocation_are_never_held_up(cli: Cli) -> None:
    far, given = cli.file("orders", "--start", "+26h"), cli.file("shop-us/shop")
    cli.approve(given)

    denied = cli("consumer", "deny", far, *REASON)
    revoked = cli("consumer", "revoke", given, *REASON)

    assert (denied.code, revoked.code) == (0, 0)


def test_a_concern_that_appears_after_the_question_refuses(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = cli.file("orders", "--duration", "8h")

    def settings() -> None:
        def edit(body: Any) -> None:
            body["properties"]["jitAccessPolicy"]["maximumJitAccessDuration"] = "PT2H"

        wire.rewrite("/applications/orders", edit)

    while_asked(monkeypatch, settings)
    done = approve(cli, name, tty=True, answer="y\n")

    assert done.code == 5
    assert "since azjit showed it to you" in unwrapped(done.err)
    assert "(over-maximum)" in unwrapped(done.err)
    assert wire.decisions == []


def test_a_concern_that_appears_unattended_refuses_unless_it_is_accepted(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = cli.file("orders"), cli.file("shop-us/shop", "--duration", "2h")
    while_asked(monkeypatch, lambda: cli.later(minutes=31))

    refused = approve(cli, first)
    taken = approve(cli, second, "--accept", "little-time-left")

    assert (refused.code, taken.code) == (5, 0), taken.err
    assert "(little-time-left)" in refused.error


def test_the_table_json_and_the_receipt_have_the_same_sheet(cli: Cli) -> None:
    name = cli.file("orders", "--start", "+26h", "--reason", "index")

    table = cli("consumer", "pending", "orders", tty=True, width=140)
    (waiting,) = cli("consumer", "pending", "orders", "-o", "json").json
    cli.approve(name, "--accept", "far-start")

    assert "warning: far-start" in table.out
    told = {each["code"]: each["level"] for each in waiting["concerns"]}
    assert told == {"far-start": "warning", "acts-through": "note", "policy-exempt": "note"}
    assert waiting["facts"]["lengthSeconds"] == waiting["durationSeconds"]
    assert waiting["facts"]["claims"] == {"reason": "index", "ticket": None}
    (intent,) = [one for one in cli.receipts() if one.get("action") == "approve"]
    assert intent["details"]["accepted"] == ["far-start"]
    assert {each["code"] for each in intent["details"]["concerns"]} == set(told)
    assert intent["details"]["facts"]["claims"] == {"reason": "index", "ticket": None}


def test_what_was_not_judged_has_no_sheet(cli: Cli) -> None:
    name = cli.file("orders")

    shown = cli("publisher", "show", name, "-o", "json").json

    assert list(shown) == result_keys.REQUEST
    assert (shown["concerns"], shown["facts"]) == (None, None)


def test_the_view_says_what_a_role_can_do(cli: Cli, wire: Wire, people: People) -> None:
    name = cli.file("orders")
    bent(wire, name, jitAuthorizationPolicies=rows(people, OWNER, CONTRIBUTOR))

    done = approve(cli, name, "--dry-run")

    words = unwrapped(done.err)
    assert "can do anything, can give access to others" in words
    assert "can do nearly anything" in words
    assert "cannot give access to others" in words


def test_several_roles_for_somebody_else_are_warned_of(
    cli: Cli, wire: Wire, people: People
) -> None:
    name = cli.file("orders")
    both = rows(people, CONTRIBUTOR, MACHINES, alias="fabrikam-ci")
    bent(wire, name, jitAuthorizationPolicies=both)

    assert {"several-rows", "other-principal"} <= set(codes(cli))


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("/roleDefinitions/", "can-give-access"),
        ("/mrg-orders/providers/Microsoft.Solutions/jitRequests", "overlap"),
    ],
)
def test_what_cannot_be_read_is_no_reason_to_approve(
    cli: Cli, wire: Wire, part: str, code: str
) -> None:
    name = cli.file("orders")
    told = cli("publisher", "show", name, "-o", "json").json["id"]
    wire.on("GET", told, lambda proceed: proceed())
    wire.on("GET", part, fails(403, "AuthorizationFailed"))

    done = approve(cli, told)

    assert done.code == 5
    assert f"({code})" in done.error
    assert wire.decisions == []


@pytest.mark.parametrize("text", ["far-begin", "", "own-request", "ended", "far-start,"])
def test_only_what_can_be_accepted_is(cli: Cli, text: str) -> None:
    done = approve(cli, FIRST, "--accept", text)

    assert done.code == 2
    assert "can be accepted" in done.error


@pytest.mark.parametrize("tty", [True, False])
def test_no_refusal_can_be_accepted(cli: Cli, wire: Wire, *, tty: bool) -> None:
    name = cli.file("orders")
    every = ",".join(each.code for each in CODES if each.can_be_accepted)

    done = approve(cli, name, "--as", "alice", "--accept", every, tty=tty, answer="y\n")

    assert done.code in {4, 5}
    assert wire.decisions == []


def test_pending_is_ordered_by_start(cli: Cli) -> None:
    late = cli.file("orders", "--start", "+5h")
    early = cli.file("orders", "--start", "+1h")

    listed = cli("consumer", "pending", "orders", "-o", "json").json

    assert [each["name"] for each in listed] == [early, late]


def test_a_batch_shows_whole_views_of_doubtful_ones_and_of_all_with_full(cli: Cli) -> None:
    plain = cli.file("orders")
    odd = cli.file("shop-us/shop", "--start", "+26h")

    short = approve(cli, plain, odd, tty=True, answer="n\n")
    full = approve(cli, plain, odd, "--full", tty=True, answer="n\n")

    assert (short.err.count("Until  "), short.err.count("Content digest")) == (1, 0)
    assert full.err.count("Content digest") == 2
    question = "approve 2 requests: Contributor for 2 applications, longest"
    assert question in unwrapped(short.err)
    assert "1 with warnings?" in unwrapped(short.err)
