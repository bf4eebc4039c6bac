"""Approving: checked first, sent once, and reported only after a read shows it."""

from __future__ import annotations

from typing import Any

import pytest

import result_keys
from behind import MACHINES, People, Wire, first, while_asked
from harness import Cli, unwrapped

REASON = "INC-42, agreed by phone"
APPROVE = ("consumer", "approve")
SECOND = "11111111-aaaa-4bbb-8ccc-000000000001"


def _approve(cli: Cli, *names: str, **kwargs: Any) -> Any:
    return cli(*APPROVE, *names, "--reason", REASON, "-o", "json", **kwargs)


def _places(cli: Cli, app: str = "orders") -> tuple[str, str]:
    told = cli("consumer", "show", app, "-o", "json").json
    return told["id"], told["managedResourceGroupId"]


def test_a_request_is_approved_and_a_read_shows_it(both: Cli) -> None:
    name = both.file("orders", "--reason", "INC-1")

    done = _approve(both, name)

    assert done.code == 0, done.err
    assert [row["result"] for row in done.json] == ["approved"]
    assert both.state_of(name) == "approved"


def test_a_refused_request_is_refused_on_both_transports(both: Cli) -> None:
    name = both.file("orders")
    both("consumer", "deny", name, "--reason", "no window")

    done = _approve(both, name)

    assert done.code == 5
    assert done.error == f"cannot approve request {name}: it is denied"
    assert both.state_of(name) == "denied"


def test_json_has_all_keys_and_nothing_of_azure(cli: Cli) -> None:
    name = cli.file("orders")

    (row,) = _approve(cli, name).json

    assert list(row) == result_keys.DECISION
    assert (row["asked"], row["action"], row["exit"]) == (name, "approve", 0)
    assert row["request"]["state"] == "approved"
    assert "properties" not in str(row)


def test_a_pipe_gets_one_row_of_tabs(cli: Cli) -> None:
    name = cli.file("orders")

    done = cli(*APPROVE, name, "--reason", REASON)

    fields = done.out.rstrip("\n").split("\t")
    assert fields[:4] == [name, "approved", "approved", "orders"]


@pytest.mark.parametrize("width", [80, 140])
def test_a_terminal_shows_the_request_first_and_asks(cli: Cli, width: int) -> None:
    name = cli.file("orders", "--reason", "INC-1")

    done = cli(*APPROVE, name, "--reason", REASON, tty=True, width=width, answer="y\n")

    assert done.code == 0
    for told in ("Contributor", "alice@fabrikam.example", "INC-1", "orders", "1 h"):
        assert told in done.err
    assert "acting as bob@contoso.example" in done.err
    assert "approve this request? [y/N]" in done.err
    assert "approved" in done.out
    assert all(len(line) <= width for line in done.out.splitlines())


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yeah, no\n"])
def test_anything_but_yes_sends_nothing(cli: Cli, wire: Wire, answer: str) -> None:
    name = cli.file("orders")

    done = cli(*APPROVE, name, "--reason", REASON, tty=True, answer=answer)

    assert done.code == 1
    assert wire.decisions == []
    assert [entry for entry in cli.receipts() if entry.get("action") == "approve"] == []


def test_without_a_terminal_nobody_is_asked(cli: Cli) -> None:
    name = cli.file("orders")

    done = cli(*APPROVE, name, "--reason", REASON, answer="n\n")

    assert done.code == 0
    assert "[y/N]" not in done.err


def test_a_missing_reason_is_asked_for_at_a_terminal(cli: Cli) -> None:
    name = cli.file("orders")

    done = cli(*APPROVE, name, "--yes", tty=True, answer="agreed by phone\n")

    assert done.code == 0
    (intent,) = [entry for entry in cli.receipts() if entry.get("action") == "approve"]
    assert intent["reason"] == "agreed by phone"


@pytest.mark.parametrize("reason", [(), ("--reason", ""), ("--reason", " \n ")])
def test_no_reason_is_usage_elsewhere(cli: Cli, wire: Wire, reason: tuple[str, ...]) -> None:
    name = cli.file("orders")

    done = cli(*APPROVE, name, *reason)

    assert done.code == 2
    assert "reason" in done.error
    assert wire.decisions == []


def test_the_receipt_has_intent_and_outcome_and_all_that_was_decided_on(
    cli: Cli, people: People
) -> None:
    name = cli.file("orders", "--reason", "INC-1", "--ticket", "T-9")

    _approve(cli, name)

    intent, outcome = cli.receipts()[-2:]
    assert (intent["kind"], intent["action"], intent["reason"]) == ("intent", "approve", REASON)
    assert intent["actor"]["name"] == "bob@contoso.example"
    assert intent["target"].endswith(name)
    details = intent["details"]
    assert details["rows"][0][0] == people.id_of("alice")
    assert details["createdBy"] == people.id_of("alice")
    assert details["scheduleType"] == "once"
    assert details["claims"] == {"reason": "INC-1", "ticket": "T-9"}
    assert details["originRequestId"] == name
    assert (outcome["id"], outcome["kind"]) == (intent["id"], "outcome")
    assert (outcome["outcome"], outcome["state"]) == ("confirmed", "approved")
    assert outcome["request_id"]


@pytest.mark.parametrize(
    "reason", ["x" * 2000, "größer \N{SNOWMAN} \N{PARTY POPPER}", "first\nsecond\ttab"]
)
def test_the_reason_is_kept_in_full(cli: Cli, reason: str) -> None:
    name = cli.file("orders")

    done = cli(*APPROVE, name, "--reason", reason)

    assert done.code == 0, done.err
    (intent,) = [entry for entry in cli.receipts() if entry.get("action") == "approve"]
    assert intent["reason"] == reason


def test_the_intent_is_on_the_disk_before_the_call(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    seen: list[Any] = []
    wire.on("POST", "/updateAccess", first(lambda: seen.extend(cli.receipts()[-1:])))

    _approve(cli, name)

    (entry,) = seen
    assert (entry["kind"], entry["action"]) == ("intent", "approve")


def test_what_is_sent_is_documented_and_complete(cli: Cli, wire: Wire, people: People) -> None:
    name = cli.file("orders")

    _approve(cli, name)

    assert wire.decisions == [
        {
            "approver": people.id_of("bob"),
            "metadata": {
                "originRequestId": name,
                "requestorId": people.id_of("alice"),
                "tenantDisplayName": people.tenant_of("alice"),
                "subjectDisplayName": "alice@fabrikam.example",
            },
            "status": "Elevate",
            "subStatus": "Approved",
        }
    ]


def test_another_origin_can_be_sent_and_is_in_the_receipt(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    request = cli("publisher", "show", name, "-o", "json").json["id"]

    done = _approve(cli, name, "--origin-request-id", request)

    assert done.code == 0, done.err
    assert wire.decisions[0]["metadata"]["originRequestId"] == request
    intents = [entry for entry in cli.receipts() if entry.get("action") == "approve"]
    assert intents[0]["details"]["originRequestId"] == request


def test_one_origin_for_several_requests_is_usage(cli: Cli, wire: Wire) -> None:
    names = cli.file("orders"), cli.file("reports", "--start", "+1h")

    done = _approve(cli, *names, "--origin-request-id", names[0])

    assert done.code == 2
    assert wire.decisions == []


def test_already_approved_says_by_whom_and_when_from_the_receipts(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    _approve(cli, name)
    cli.later(minutes=30)

    again = _approve(cli, name)

    assert again.code == 0
    (row,) = again.json
    assert row["result"] == "already approved"
    assert row["message"] == "approved by bob@contoso.example at 2026-03-02 09:00 UTC (receipt)"
    assert len(wire.decisions) == 1


def test_already_approved_elsewhere_says_what_azure_tells(cli: Cli, people: People) -> None:
    name = cli.file("orders")
    request = cli("publisher", "show", name, "-o", "json").json
    body = {"status": "Elevate", "subStatus": "Approved", "metadata": {"originRequestId": name}}
    people.call("carol", "POST", f"{request['application']['id']}/updateAccess", body)

    (row,) = _approve(cli, name).json

    assert row["result"] == "already approved"
    assert row["message"].startswith("not in these receipts; last changed in Azure by ")
    assert row["message"].endswith(" UTC")


def test_a_dry_run_shows_the_call_and_who_acts_and_sends_nothing(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    done = _approve(cli, name, "--dry-run")

    assert done.code == 0
    (planned,) = done.json
    assert planned["method"] == "POST"
    assert planned["url"].endswith("/applications/orders/updateAccess?api-version=2021-07-01")
    assert planned["body"]["status"] == "Elevate"
    assert "acting as bob@contoso.example" in done.err
    assert wire.decisions == []
    assert cli.state_of(name) == "pending"


def test_a_dry_run_at_a_terminal_asks_nothing(cli: Cli) -> None:
    name = cli.file("orders")

    done = cli(*APPROVE, name, "--reason", REASON, "--dry-run", tty=True)

    assert done.code == 0
    assert "[y/N]" not in done.err


def test_a_request_of_many_parts_is_shown_whole_before_it_is_decided(
    cli: Cli, people: People
) -> None:
    app, group = _places(cli)
    rows = [
        {"principalId": people.id_of("fabrikam-ci"), "roleDefinitionId": role}
        for role in ("b24988ac-6180-42a0-ab88-20f7382dd24c", MACHINES)
    ]
    people.file(app, group, SECOND, rows=rows, kind="Recurring")

    done = _approve(cli, SECOND, "--accept", "recurring,several-rows,other-principal")

    assert done.code == 0, done.err
    for told in ("Contributor", "Virtual Machine Contributor", people.id_of("fabrikam-ci")):
        assert told in done.err
    assert "recurring" in done.err
    assert "it asks for 2 roles at once" in done.err
    assert "another principal than the one that filed it" in unwrapped(done.err)
    (intent,) = [entry for entry in cli.receipts() if entry.get("action") == "approve"]
    assert [row[1] for row in intent["details"]["rows"]] == [
        row["roleDefinitionId"] for row in rows
    ]
    assert intent["details"]["scheduleType"] == "recurring"


def test_more_than_the_application_now_allows_is_warned_of(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "8h")
    cli("consumer", "configure", "orders", "--max-duration", "2h")

    done = _approve(cli, name)

    assert "it asks for 8 h, but orders now allows 2 h" in unwrapped(done.err)


def test_a_request_rewritten_since_it_was_shown_is_not_decided(
    cli: Cli, wire: Wire, people: People
) -> None:
    name = cli.file("orders", "--reason", "harmless")
    cli("consumer", "pending")
    request = cli("publisher", "show", name, "-o", "json").json["id"]
    people.call("alice", "PATCH", request, {"tags": {"azjit-reason": "something else"}})

    done = _approve(cli, name)

    assert done.code == 5
    assert "changed since azjit showed it to you" in done.error
    assert wire.decisions == []


def test_it_can_be_decided_when_it_was_looked_at_again(cli: Cli, people: People) -> None:
    name = cli.file("orders", "--reason", "harmless")
    cli("consumer", "pending")
    request = cli("publisher", "show", name, "-o", "json").json["id"]
    people.call("alice", "PATCH", request, {"tags": {"azjit-reason": "something else"}})
    cli("consumer", "pending")

    assert _approve(cli, name).code == 0


def test_a_request_put_again_while_it_is_on_the_screen_is_not_decided(
    cli: Cli, wire: Wire, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, group = _places(cli)
    people.file(app, group, SECOND)

    def swap() -> None:
        people.file(app, group, SECOND, duration="PT8H")

    while_asked(monkeypatch, swap)
    done = cli(*APPROVE, SECOND, "--reason", REASON, tty=True, answer="y\n")

    assert done.code == 5
    assert "changed after azjit showed it" in " ".join(done.err.split())
    assert wire.decisions == []


def test_one_approved_by_another_meanwhile_is_not_sent_again(
    cli: Cli, wire: Wire, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = cli.file("orders")
    app, _ = _places(cli)
    body = {"status": "Elevate", "subStatus": "Approved", "metadata": {"originRequestId": name}}
    while_asked(monkeypatch, lambda: people.call("carol", "POST", f"{app}/updateAccess", body))

    done = cli(*APPROVE, name, "--reason", REASON, tty=True, answer="y\n")

    assert done.code == 0
    assert done.out.splitlines()[1].split()[1] == "already"
    assert len(wire.decisions) == 1  # carol's


def test_my_own_request_is_not_decided(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    done = _approve(cli, name, "--as", "alice")

    assert done.code == 5
    assert "is your own" in done.error
    assert wire.decisions == []


def test_a_publisher_may_not_approve_a_colleagues_request(cli: Cli, people: People) -> None:
    app, group = _places(cli)
    people.file(app, group, SECOND, by="fabrikam-ci")

    done = _approve(cli, SECOND, "--as", "alice")

    assert done.code == 4
    assert cli.state_of(SECOND) == "pending"


def test_a_reader_is_told_in_one_line_that_it_is_not_allowed(cli: Cli) -> None:
    name = cli.file("orders")

    done = _approve(cli, name, "--as", "rita", "--accept", "not-an-approver")

    assert done.code == 4
    assert done.json[0]["result"] == "not allowed"
    assert len([line for line in done.err.splitlines() if line.startswith("azjit: ")]) == 1
    assert cli.receipts()[-1]["outcome"] == "refused"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("publisherTenantId", "99999999-0000-4000-8000-000000000000", "comes from tenant"),
        ("jitRequestState", "Deliberating", "it is Deliberating"),
        ("jitRequestState", "NotSpecified", "it is not specified"),
        ("jitRequestState", None, "an unknown state"),
        ("jitRequestState", "Expired", "it is expired"),
        ("jitRequestState", "Canceled", "it is canceled"),
        ("applicationResourceId", "nothing", "has no application"),
        ("jitAuthorizationPolicies", [], "a role that could not be read"),
        ("jitAuthorizationPolicies", [{"roleDefinitionId": MACHINES}], "could not be read"),
        ("jitSchedulingPolicy", {"type": "Once", "duration": "P1M"}, "no readable start"),
    ],
)
def test_what_is_not_as_it_should_be_is_not_decided(
    cli: Cli, wire: Wire, key: str, value: Any, told: str
) -> None:
    name = cli.file("orders")
    wire.rewrite(f"/jitRequests/{name}", lambda body: body["properties"].update({key: value}))

    done = _approve(cli, name)

    assert done.code == 5, done.err
    assert told in done.error
    assert wire.decisions == []


def test_a_row_that_cannot_be_read_beside_one_that_can_is_not_approved(
    cli: Cli, wire: Wire
) -> None:
    name = cli.file("orders")

    def hide(body: Any) -> None:
        body["properties"]["jitAuthorizationPolicies"].append({"roleDefinitionId": MACHINES})

    wire.rewrite(f"/jitRequests/{name}", hide)

    done = _approve(cli, name)

    assert done.code == 5
    assert "asks for a role that could not be read" in done.error
    assert wire.decisions == []


def test_a_request_in_a_foreign_group_is_not_decided(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    reports, _ = _places(cli, "reports")
    wire.rewrite(
        f"/jitRequests/{name}",
        lambda body: body["properties"].update(applicationResourceId=reports),
    )

    done = _approve(cli, name)

    assert done.code == 5
    assert "is not in the managed resource group of reports" in done.error
    assert wire.decisions == []


def test_a_request_for_an_application_that_is_gone_is_not_decided(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    orders, _ = _places(cli)
    wire.rewrite(
        f"/jitRequests/{name}",
        lambda body: body["properties"].update(applicationResourceId=f"{orders}-gone"),
    )

    done = _approve(cli, name)

    assert done.code == 5
    assert "is for an application that does not exist" in done.error


def test_a_request_whose_time_has_passed_is_not_approved(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders", "--duration", "1h")
    wire.rewrite(
        f"/jitRequests/{name}", lambda body: body["properties"].update(jitRequestState="Pending")
    )
    cli.later(hours=2)

    done = _approve(cli, name)

    assert done.code == 5
    assert "has passed" in done.error


def test_an_unknown_request_is_not_found(cli: Cli) -> None:
    done = _approve(cli, "deadbeef-0000-4000-8000-000000000000")

    assert done.code == 3
    assert done.json[0]["result"] == "not found"


@pytest.mark.parametrize("name", ["short", "../../etc/passwd", "/subscriptions//x"])
def test_a_malformed_request_is_usage(cli: Cli, wire: Wire, name: str) -> None:
    done = _approve(cli, name)

    assert done.code == 2
    assert wire.writes == []
