"""People by name: approvers, names in tables, the cache, and groups."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import GraphWatch, People
from harness import Cli, Result

CI = "fabrikam-ci"


def configure(cli: Cli, *options: str, **kwargs: Any) -> Result:
    return cli(
        "consumer", "configure", "orders", *options, "--yes", "--dry-run", "-o", "json", **kwargs
    )


def approvers_sent(done: Result) -> list[dict[str, str]]:
    assert done.code == 0, done.err
    policy = done.json["planned"]["body"]["properties"]["jitAccessPolicy"]
    found: list[dict[str, str]] = policy["jitApprovers"]
    return found


# Who is meant


@pytest.mark.parametrize(
    "text", ["carol@contoso.example", "carol.cruz@contoso.example", "Carol Cruz", "CAROL CRUZ"]
)
def test_an_approver_is_found_by_sign_in_name_mail_or_name(
    both: Cli, people: People, text: str
) -> None:
    done = configure(both, "--approvers", text)

    carol = {"id": people.id_of("carol"), "type": "user", "displayName": "Carol Cruz"}
    assert approvers_sent(done) == [carol]


def test_a_group_is_found_by_name_and_a_user_by_a_bare_id(cli: Cli, people: People) -> None:
    done = configure(cli, "--approvers", f"Contoso Platform,{people.id_of('rita')}")

    found = [(each["type"], each["displayName"]) for each in approvers_sent(done)]
    assert found == [("group", "Contoso Platform"), ("user", "Rita Rossi")]


def test_ids_with_a_kind_need_no_directory(cli: Cli, people: People, graph: GraphWatch) -> None:
    configure(cli, "--approvers", f"user:{people.id_of('carol')}=Carol")

    assert graph.calls == []


def test_an_approver_is_removed_by_name(cli: Cli) -> None:
    done = configure(cli, "--remove-approver", "bob@contoso.example")

    assert [each["displayName"] for each in approvers_sent(done)] == ["Contoso Approvers"]


GONE = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize("text", ["Ada Gone", "ada gone", "user:Ada Gone", GONE, f"user:{GONE}"])
def test_an_approver_who_is_gone_is_removed_by_what_the_settings_hold(
    cli: Cli, graph: GraphWatch, text: str
) -> None:
    added = cli(
        "consumer", "configure", "orders", "--add-approver", f"user:{GONE}=Ada Gone", "--yes"
    )

    done = configure(cli, "--remove-approver", text)

    assert added.code == 0, added.err
    names = [each["displayName"] for each in approvers_sent(done)]
    assert names == ["Bob Brandt", "Contoso Approvers"]
    assert graph.calls == []


def test_an_approver_is_removed_by_name_where_the_directory_is_closed(cli: Cli) -> None:
    cli.world.set_switch(None, "graph", "forbidden")

    done = configure(cli, "--remove-approver", "Bob Brandt")

    assert [each["displayName"] for each in approvers_sent(done)] == ["Contoso Approvers"]


def test_of_several_approvers_with_a_name_none_is_removed(cli: Cli) -> None:
    other = "22222222-2222-4222-8222-222222222222"
    adding = [f"user:{GONE}=Ada", "--add-approver", f"group:{other}=Ada"]
    added = cli("consumer", "configure", "orders", "--add-approver", *adding, "--yes")

    done = configure(cli, "--remove-approver", "Ada")

    assert (added.code, done.code) == (0, 2)
    assert done.error == f"2 approvers are named 'Ada': Ada user:{GONE}; Ada group:{other}"


@pytest.mark.parametrize("text", [GONE, "Rita Rossi"])
def test_who_is_no_approver_cannot_be_removed(cli: Cli, text: str) -> None:
    done = configure(cli, "--remove-approver", text)

    assert done.code == 2
    assert done.error.endswith("is not an approver")


def test_of_several_with_a_name_none_is_picked(cli: Cli) -> None:
    done = configure(cli, "--add-approver", "Sam Stone")

    assert done.code == 2
    assert done.error.startswith("2 are named 'Sam Stone': Sam Stone sam.stone@contoso.example")
    assert "Sam Stone samuel.stone@contoso.example user:" in done.error


def test_nobody_of_a_name_is_3_and_near_names_are_told(cli: Cli) -> None:
    done = configure(cli, "--add-approver", "Carol Crux")

    assert (done.code, done.error) == (3, "no user or group 'Carol Crux' in your directory")
    assert "next: did you mean 'Carol Cruz'? use ids" in done.err


def test_nobody_near_is_only_told(cli: Cli) -> None:
    done = configure(cli, "--add-approver", "user:Zoe")

    assert done.code == 3
    assert "did you mean" not in done.err


def test_a_quote_in_a_name_is_doubled(cli: Cli, graph: GraphWatch) -> None:
    done = configure(cli, "--add-approver", "Pat O'Neil")

    assert done.code == 3
    assert "O%27%27Neil" in graph.calls[0][1]


def test_a_service_principal_is_no_approver(cli: Cli, people: People) -> None:
    done = configure(cli, "--add-approver", people.id_of("contoso-ci"))

    assert done.code == 2
    assert "is a service principal: only users and groups can approve" in done.error


def test_a_disabled_user_is_warned_of(cli: Cli) -> None:
    done = configure(cli, "--add-approver", "Nina Novak")

    assert done.code == 0
    assert "warning: nina.novak@contoso.example is disabled" in done.err


def test_without_rights_a_name_cannot_be_looked_up(cli: Cli) -> None:
    cli.world.set_switch(None, "graph", "forbidden")

    done = configure(cli, "--add-approver", "Carol Cruz")

    assert done.code == 4
    assert done.error.startswith("could not look up Carol Cruz: Insufficient privileges")
    assert "azure: Authorization_RequestDenied" in done.err
    assert "next: use ids: user:ID or group:ID; reading the directory needs" in done.err


# What Graph answers


def test_a_permission_that_graph_wants_is_named(cli: Cli, graph: GraphWatch) -> None:
    graph.fails(403, "PermissionScopeNotGranted", "Authorization failed.")

    done = configure(cli, "--add-approver", "Carol Cruz")

    assert "User.ReadBasic.All and GroupMember.Read.All" in done.err
    assert "PIM" not in done.err


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (400, "Request_BadRequest", 1),
        (401, "InvalidAuthenticationToken", 4),
        (403, "Authorization_RequestDenied", 4),
        (403, "PermissionScopeNotGranted", 4),
        (404, "Request_ResourceNotFound", 3),
        (400, "AadPremiumLicenseRequired", 5),
        (500, "UnknownError", 6),
    ],
)
def test_an_error_of_graph_is_one_line_with_its_code(
    cli: Cli, graph: GraphWatch, status: int, code: str, exit_code: int
) -> None:
    graph.fails(status, code, "The tenant told so.")

    done = configure(cli, "--add-approver", "Carol Cruz")

    assert done.code == exit_code
    assert done.error == "could not look up Carol Cruz: The tenant told so."
    assert f"azure: {code}" in done.err
    assert "next: " in done.err


def test_throttling_is_waited_out_as_graph_asks(cli: Cli, graph: GraphWatch) -> None:
    graph.fails(429, "TooManyRequests", Retry_After="7")

    done = configure(cli, "--approvers", "Carol Cruz")

    assert done.code == 0
    assert cli.clock.slept == [7.0]
    assert "Graph answered 429; trying again in 7 s" in done.err


def test_throttling_that_does_not_end_is_6(cli: Cli, graph: GraphWatch) -> None:
    for _ in range(5):
        graph.fails(429, "TooManyRequests", "Too many requests.", Retry_After="2")

    done = configure(cli, "--approvers", "Carol Cruz")

    assert (done.code, cli.clock.slept) == (6, [2.0] * 4)
    assert "next: Graph asks" in done.err or "next: Azure asks to wait 2 s" in done.err


def test_a_page_that_leads_elsewhere_is_not_followed(cli: Cli, graph: GraphWatch) -> None:
    page = {"value": [], "@odata.nextLink": "https://evil.example/v1.0/users"}
    graph.answers_next(Response(200, {}, json.dumps(page).encode()))

    done = configure(cli, "--approvers", "Carol Cruz")

    assert done.code == 1
    assert "points to the foreign address" in done.error
    assert len(graph.calls) == 1


def test_all_pages_are_read(both: Cli) -> None:
    both.world.set_switch(None, "page-size", "1")

    done = configure(both, "--add-approver", "Sam Stone")

    assert done.error.startswith("2 are named")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"value": 1}'])
def test_what_is_no_list_is_6(cli: Cli, graph: GraphWatch, body: bytes) -> None:
    graph.answers_next(Response(200, {}, body))

    assert configure(cli, "--approvers", "Carol Cruz").code == 6


# Names in tables


def roles(cli: Cli, *options: str, **kwargs: Any) -> Result:
    done = cli("publisher", "roles", "orders", *options, **kwargs)
    assert done.code == 0, done.err
    return done


def named(result: Result) -> set[str]:
    return {each["principalName"] for each in result.json}


def by_ids(graph: GraphWatch) -> list[list[str]]:
    return [body["ids"] for _, path, body in graph.calls if path.endswith("getByIds")]


def test_a_table_shows_names_and_asks_once_for_all(
    both: Cli, people: People, graph: GraphWatch
) -> None:
    done = roles(both, "-o", "table")

    assert CI in done.out
    assert by_ids(graph) == [[people.id_of(CI)]]


def test_names_are_kept_for_a_day(cli: Cli, graph: GraphWatch) -> None:
    roles(cli, tty=True)
    cli.clock.at += timedelta(hours=23)
    roles(cli, tty=True)
    assert len(graph.calls) == 1
    cli.clock.at += timedelta(hours=2)

    roles(cli, tty=True)

    assert len(graph.calls) == 2


def test_json_and_a_pipe_ask_nobody_but_show_what_is_known(cli: Cli, graph: GraphWatch) -> None:
    before = named(roles(cli, "-o", "json"))
    roles(cli)
    assert graph.calls == []
    roles(cli, tty=True)

    after = named(roles(cli, "-o", "json"))

    assert (None in before, CI in after) == (True, True)
    assert len(graph.calls) == 1


def test_refresh_asks_anew_in_any_format(cli: Cli, graph: GraphWatch) -> None:
    roles(cli, tty=True)

    done = roles(cli, "--refresh", "-o", "json")

    assert CI in named(done)
    assert len(by_ids(graph)) == 2


def test_without_rights_ids_are_shown_and_nobody_asks_again(
    cli: Cli, people: People, graph: GraphWatch
) -> None:
    cli.world.set_switch(None, "graph", "forbidden")

    first, second = roles(cli, tty=True, width=200), roles(cli, tty=True, width=200)

    assert people.id_of(CI) in first.out
    assert first.err.count("people are shown as ids") == 1
    assert len(graph.calls) == 1
    assert second.err.count("people are shown as ids") == 1
    assert "asks it again after a day, or with --refresh" in second.err


def test_that_names_are_not_asked_for_is_said_to_a_person_only(cli: Cli) -> None:
    cli.world.set_switch(None, "graph", "forbidden")
    roles(cli, tty=True)

    done = roles(cli, "-o", "table")

    assert "people are shown" not in done.err


def test_people_of_another_tenant_stay_ids(cli: Cli, graph: GraphWatch) -> None:
    cli.file()
    cli("consumer", "pending", tty=True)

    assert graph.calls == []


# Only through a group


def test_a_token_that_lists_no_groups_is_completed_by_the_directory(
    both: Cli, people: People, graph: GraphWatch
) -> None:
    both.world.set_switch(None, "token-groups", "overage")

    done = both(
        "publisher", "request", "archive", "--role", "Contributor", environ={"AZJIT_AS": "dave"}
    )

    dave = people.id_of("dave")
    assert done.code == 5
    assert done.error.startswith("dave@fabrikam.example is eligible only through the group")
    assert f'next: let the publisher add {{"principalId": "{dave}"' in done.err
    assert [path for _, path, _ in graph.calls] == [f"/users/{dave}/checkMemberGroups"]


def test_roles_explain_the_group_and_the_row_that_is_missing(cli: Cli) -> None:
    cli.world.set_switch(None, "token-groups", "overage")

    done = cli("publisher", "roles", "archive", tty=True, environ={"AZJIT_AS": "dave"}, width=300)

    assert "group only" in done.out
    assert "Fabrikam Support" in done.out
    assert "eligible only through the group Fabrikam Support (" in done.err
    assert 'next to {"principalId"' in done.err


def test_groups_unknown_without_rights_are_said_to_be_unknown(cli: Cli) -> None:
    cli.world.set_switch(None, "token-groups", "overage")
    cli.world.set_switch(None, "graph", "forbidden")

    on_screen = cli("publisher", "roles", "archive", tty=True, environ={"AZJIT_AS": "dave"})
    done = cli("publisher", "roles", "archive", "-o", "json", environ={"AZJIT_AS": "dave"})

    assert done.code == 0, done.err
    assert {each["mayRequest"] for each in done.json} == {"unknown"}
    assert "people are shown as ids" in on_screen.err


def test_a_refusal_says_that_the_groups_are_not_known(cli: Cli) -> None:
    cli.world.set_switch(None, "token-groups", "overage")
    cli.world.set_switch(None, "graph", "forbidden")
    asked = ("publisher", "request", "archive", "--role", "Contributor")

    done = cli(*asked, tty=True, width=300, environ={"AZJIT_AS": "dave"})

    assert done.code == 5
    assert "whether dave@fabrikam.example is in an eligible group is unknown" in done.err


# More names


def test_an_approver_without_a_name_gets_one_in_the_table(
    cli: Cli, people: People, graph: GraphWatch
) -> None:
    rita = people.id_of("rita")
    done = cli("consumer", "configure", "orders", "--add-approver", f"user:{rita}", "--yes")
    assert done.code == 0, done.err

    shown = cli("consumer", "show", "orders", tty=True)

    assert "rita@contoso.example" in shown.out
    assert by_ids(graph) == [[rita]]


def test_many_requests_need_one_call_for_their_names(
    cli: Cli, people: People, graph: GraphWatch
) -> None:
    for hour in ("12:00", "14:00", "16:00"):
        cli.file("orders", "--start", hour, environ={"AZJIT_AS": CI})

    shown = cli("publisher", "history", "orders", tty=True, width=160)

    assert shown.out.count(CI) == 3
    assert by_ids(graph) == [[people.id_of(CI)]]


def test_graph_that_is_not_reached_is_asked_again_after_ten_minutes(
    cli: Cli, graph: GraphWatch
) -> None:
    graph.fails(503, "ServiceUnavailable")
    first = roles(cli, tty=True)
    roles(cli, tty=True)
    asked = len(graph.calls)
    cli.clock.at += timedelta(minutes=11)

    later = roles(cli, tty=True)

    assert "people are shown as ids: could not look up names" in first.err
    assert (asked, cli.clock.slept) == (1, [])
    assert CI in later.out


def test_a_broken_cache_is_no_failure(cli: Cli) -> None:
    roles(cli, tty=True)
    file = cli.state / "sandbox" / "directory.json"
    assert CI in file.read_text()
    for content in (
        "{",
        "[]",
        '{"version": 1, "items": []}',
        '{"version": 1, "items": {"a": 1, "b": ["x"], "c": ["x", "y"]}}',
    ):
        file.write_text(content)

        assert CI in roles(cli, tty=True).out


def unnamed(cli: Cli) -> None:
    """Make carol an approver by her id only."""
    cli(
        "consumer", "configure", "orders", "--approvers", f"user:{People(cli.world).id_of('carol')}"
    )


def test_an_approver_without_a_name_has_one_wherever_it_is_shown(both: Cli) -> None:
    unnamed(both)

    apps = both("consumer", "apps", tty=True, width=140)
    screen = both(
        *("consumer", "configure", "orders", "--max-duration", "4h", "--yes"), tty=True, width=140
    )

    assert "carol@contoso.example" in apps.out
    assert "user:carol@contoso.example" in screen.err
    assert "user:carol@contoso.example" in screen.out


def test_a_name_that_is_only_shown_is_not_written_into_the_settings(cli: Cli) -> None:
    unnamed(cli)
    assert "carol@contoso.example" in cli("consumer", "apps", tty=True, width=140).out

    done = configure(cli, "--max-duration", "4h", tty=True)

    assert [each.get("displayName") for each in approvers_sent(done)] == [None]


# Without the SDK of Graph


def test_without_the_sdk_of_graph_ids_are_enough(
    cli: Cli, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = [name for name in sys.modules if name.partition(".")[0] == "msgraph"]
    for name in ("msgraph", "msgraph.graph_service_client", *loaded):
        monkeypatch.setitem(sys.modules, name, None)
    carol = people.id_of("carol")
    lines = (
        "consumer pending",
        "consumer show orders",
        "publisher roles orders",
        "publisher check orders",
        "publisher request orders --role Contributor --duration 1h",
        f"consumer configure orders --add-approver user:{carol} --yes",
        "consumer approve 338a9a54 --reason x --yes",
    )

    for line in lines:
        done = cli(*line.split(), tty=True, sure=False)
        assert done.code == 0, (line, done.err)

    assert cli.state_of("338a9a54") == "approved"
    checked = cli("doctor", "--app", "orders", "-o", "json")
    (names,) = [each for each in checked.json if each["code"] == "DOC015"]
    assert names["message"].endswith("the package msgraph-sdk is not installed")
    named = configure(cli, "--add-approver", "carol@contoso.example")
    assert named.error.endswith("the package msgraph-sdk is not installed")
    assert "use ids, such as user:ID" in named.err
