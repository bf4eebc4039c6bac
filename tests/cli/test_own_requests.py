"""A request of the caller's own is not decided, also where it is for a group of the caller."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from azjit.sandbox.entra import tokens
from behind import GraphWatch, Wire
from harness import Cli, unwrapped

APPROVERS = "fb840ab2-7a89-5369-8de0-27797f1605cf"  # carol is in it, bob is not
VERBS = ("approve", "deny")
OTHER = "not-eligible,other-principal,group-principal"  # as a group for which somebody files is
CAROL = {"AZJIT_AS": "carol"}


@pytest.fixture
def for_group(cli: Cli, wire: Wire) -> str:
    """A request whose role is for the group of approvers."""
    name = cli.file()

    def edit(body: Any) -> None:
        if body.get("name") == name:
            (row,) = body["properties"]["jitAuthorizationPolicies"]
            row["principalId"] = APPROVERS

    wire.rewrite("/jitRequests", edit)
    wire.sent.clear()
    return name


@pytest.fixture
def overage(cli: Cli) -> None:
    """Tokens that list no groups, because they are too many."""
    cli.world.set_switch(None, "token-groups", "overage")


def decide(cli: Cli, verb: str, name: str, *more: str, **kwargs: Any) -> Any:
    accept = ("--accept", OTHER) if verb == "approve" else ()
    return cli("consumer", verb, name, "--reason", "agreed", *accept, *more, **kwargs)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("tokens", ["listed", "overage"])
def test_what_is_for_a_group_of_the_caller_is_refused(
    cli: Cli, wire: Wire, for_group: str, *, verb: str, tokens: str
) -> None:
    cli.world.set_switch(None, "token-groups", tokens)

    alone = decide(cli, verb, for_group, environ=CAROL)
    asked = decide(cli, verb, for_group, environ=CAROL, tty=True, answer="y\n")

    assert (alone.code, asked.code, wire.decisions) == (5, 5, [])
    assert "is your own" in alone.error


@pytest.fixture
def old_token(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], None]:
    """Give tokens that are two hours old, as az does, with the groups of that time."""

    def give(groups: list[str]) -> None:
        claims = tokens.validity

        def older(at: datetime) -> dict[str, Any]:
            told = claims(at)
            return {**told, "iat": told["iat"] - 7200}

        monkeypatch.setattr(tokens, "validity", older)
        monkeypatch.setattr(tokens, "_groups", lambda *_: {"groups": groups})

    return give


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("before", "graph", "why"),
    [
        ([], "allowed", "is your own"),
        ([], "forbidden", "may be your own"),
        ([APPROVERS], "forbidden", "is your own"),
    ],
)
def test_groups_of_an_old_token_are_asked_anew(
    cli: Cli,
    wire: Wire,
    for_group: str,
    old_token: Callable[[list[str]], None],
    *,
    verb: str,
    before: list[str],
    graph: str,
    why: str,
) -> None:
    old_token(before)
    cli.world.set_switch(None, "graph", graph)

    done = decide(cli, verb, for_group, environ=CAROL)

    assert (done.code, wire.decisions) == (5, [])
    assert f"{why}:" in unwrapped(done.err)


@pytest.mark.parametrize("verb", VERBS)
def test_a_group_that_the_caller_has_left_is_not_the_callers_own(
    cli: Cli, for_group: str, old_token: Callable[[list[str]], None], verb: str
) -> None:
    old_token([APPROVERS])

    assert decide(cli, verb, for_group).code == 0


@pytest.mark.usefixtures("overage")
@pytest.mark.parametrize("verb", VERBS)
def test_what_is_for_another_group_is_decided(cli: Cli, for_group: str, verb: str) -> None:
    assert decide(cli, verb, for_group).code == 0


@pytest.mark.usefixtures("overage")
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("tty", [False, True])
def test_unknown_counts_as_own_where_nobody_is_asked(
    cli: Cli, wire: Wire, for_group: str, *, verb: str, tty: bool
) -> None:
    cli.world.set_switch(None, "graph", "forbidden")

    done = decide(cli, verb, for_group, "--yes", tty=tty)

    assert (done.code, wire.decisions) == (5, [])
    assert "may be your own" in unwrapped(done.err)
    assert APPROVERS in unwrapped(done.err)


@pytest.mark.usefixtures("overage")
@pytest.mark.parametrize("verb", VERBS)
def test_a_person_who_is_asked_is_told_what_is_not_known(
    cli: Cli, wire: Wire, for_group: str, verb: str
) -> None:
    cli.world.set_switch(None, "graph", "forbidden")

    no = decide(cli, verb, for_group, tty=True, width=200, answer="n\n")
    yes = decide(cli, verb, for_group, tty=True, width=200, answer="y\n")

    told = f"it is for {APPROVERS}, and whether that is a group with bob@contoso.example"
    assert told in no.err
    assert no.err.index(told) < no.err.index("[y/N]")
    assert (no.code, yes.code, len(wire.decisions)) == (1, 0, 1)


@pytest.mark.usefixtures("overage")
def test_the_directory_is_asked_anew_for_each_command(
    cli: Cli, graph: GraphWatch, for_group: str
) -> None:
    for _ in range(2):
        decide(cli, "approve", for_group, "--dry-run")

    assert [path.endswith("/checkMemberGroups") for path in graph.paths] == [True, True]


@pytest.mark.usefixtures("overage")
def test_a_batch_asks_about_a_group_once(cli: Cli, wire: Wire, graph: GraphWatch) -> None:
    names = [cli.file("orders", "--start", f"+{at}h", "--duration", "30m") for at in (1, 2, 3)]

    def edit(body: Any) -> None:
        if body.get("name") in names:
            body["properties"]["jitAuthorizationPolicies"][0]["principalId"] = APPROVERS

    wire.rewrite("/jitRequests", edit)

    done = cli("consumer", "deny", *names, "--reason", "no")

    assert (done.code, len(graph.paths)) == (0, 1)


@pytest.mark.usefixtures("overage")
def test_no_directory_is_asked_about_who_filed_the_request(cli: Cli, graph: GraphWatch) -> None:
    assert decide(cli, "approve", cli.file()).code == 0
    assert graph.calls == []


@pytest.mark.usefixtures("overage")
def test_a_service_principal_in_no_group_decides(cli: Cli, for_group: str) -> None:
    assert decide(cli, "approve", for_group, environ={"AZJIT_AS": "contoso-ci"}).code == 0


@pytest.mark.usefixtures("overage")
def test_a_revocation_asks_nobody(cli: Cli, graph: GraphWatch, for_group: str) -> None:
    assert decide(cli, "approve", for_group, tty=True, answer="y\n").code == 0
    graph.calls.clear()

    decide(cli, "revoke", for_group, "--timeout", "10s")

    assert graph.calls == []
