"""`consumer history --activity`: who did what, and which events need attention."""

from __future__ import annotations

import json
from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import People, Wire, fails
from harness import Cli

KEYS = {
    "at",
    "what",
    "who",
    "byPublisher",
    "application",
    "request",
    "role",
    "withoutReceipt",
    "deletedByPublisher",
    "standingAccess",
    "automatic",
    "lastChanged",
    "status",
    "subStatus",
    "operation",
    "target",
    "correlationId",
    "source",
}
LOG = "/eventtypes/management/values"


def told(cli: Cli, *argv: str, code: int = 0) -> list[dict[str, Any]]:
    done = cli("consumer", "history", *argv, "--activity", "-o", "json")
    assert done.code == code, done.err
    rows: list[dict[str, Any]] = done.json
    return rows


def one(rows: list[dict[str, Any]], what: str, request: str | None = None) -> dict[str, Any]:
    """Give the one row that says what was done, to that request if one is named."""
    (row,) = [
        row
        for row in rows
        if row["what"] == what
        and (request is None or (row["request"] or {}).get("name") == request)
    ]
    return row


def decide_elsewhere(cli: Cli, people: People, request: str, by: str = "carol") -> None:
    """Approve as the portal might: no receipt of ours tells of it."""
    shown = cli("publisher", "show", request, "-o", "json").json
    body = {
        "status": "Elevate",
        "subStatus": "Approved",
        "metadata": {"originRequestId": request, "requestorId": people.id_of("alice")},
    }
    people.call(by, "POST", f"{shown['application']['id']}/updateAccess", body)


def test_what_was_done_is_told_with_all_keys(both: Cli) -> None:
    name = both.file("orders", "--duration", "2h")
    both.approve(name)

    rows = told(both, "orders")

    assert [set(row) for row in rows] == [KEYS] * len(rows)
    filed, approved = one(rows, "request filed", name), one(rows, "request approved", name)
    assert (filed["who"]["name"], filed["byPublisher"]) == ("alice@fabrikam.example", True)
    assert (approved["who"]["name"], approved["byPublisher"]) == ("bob@contoso.example", False)
    assert approved["withoutReceipt"] is False
    assert approved["status"] == "Succeeded"
    assert approved["operation"] == "Microsoft.Solutions/applications/updateAccess/action"
    assert approved["request"]["state"] == "approved"
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert filed["correlationId"]


def test_a_role_that_came_with_a_grant_is_told_with_its_holder(cli: Cli) -> None:
    cli.approve(cli.file("orders", "--duration", "2h"))

    given = [row for row in told(cli, "orders", "--since", "1h") if row["what"] == "role given"]

    assert [row["role"]["roleName"] for row in given] == ["Contributor"]
    assert given[0]["role"]["principalName"] == "alice@fabrikam.example"
    assert given[0]["who"] == {"id": None, "name": "Managed Applications service"}


def test_a_role_that_ended_with_its_grant_is_told(cli: Cli) -> None:
    cli.approve(cli.file("orders", "--duration", "1h"))
    cli.later(hours=2)

    assert (
        one(told(cli, "orders", "--since", "90m"), "role taken")["application"]["name"] == "orders"
    )


def test_an_approval_without_a_receipt_stands_out(cli: Cli, people: People) -> None:
    name = cli.file("orders")
    decide_elsewhere(cli, people, name)

    row = one(told(cli, "orders", "--since", "1h"), "request approved")

    assert (row["withoutReceipt"], row["who"]["name"]) == (True, "carol@contoso.example")
    assert (row["request"]["name"], row["request"]["state"]) == (name, "approved")


def test_a_receipt_explains_one_decision_only(cli: Cli, people: People) -> None:
    ours, theirs = cli.file("orders"), cli.file("orders", "--start", "+5h")
    cli.approve(ours)
    decide_elsewhere(cli, people, theirs, by="bob")

    rows = told(cli, "orders", "--since", "1h")

    decided = {row["request"]["name"]: row["withoutReceipt"] for row in rows if row["request"]}
    assert decided[ours] is None or decided[ours] is False
    assert sum(row["withoutReceipt"] is True for row in rows) == 1


def test_a_denial_and_a_revocation_of_ours_have_their_words(cli: Cli) -> None:
    denied, revoked = cli.file("orders"), cli.file("orders", "--duration", "3h")
    cli("consumer", "deny", denied, "--reason", "no", "--yes")
    cli.approve(revoked)
    cli.later(minutes=10)
    cli("consumer", "revoke", revoked, "--reason", "done", "--timeout", "5s", "--yes")

    rows = told(cli, "orders", "--since", "1h")

    assert one(rows, "request denied", denied)["withoutReceipt"] is False
    assert one(rows, "access revoked", revoked)["withoutReceipt"] is False


def test_a_request_that_the_publisher_deleted_stands_out(cli: Cli) -> None:
    name = cli.file("orders")
    cli("publisher", "cancel", name, "--yes")

    row = one(told(cli, "orders"), "request deleted", name)

    assert (row["deletedByPublisher"], row["byPublisher"]) == (True, True)
    assert row["request"]["state"] is None


def test_changed_settings_are_told(cli: Cli) -> None:
    cli("consumer", "configure", "orders", "--max-duration", "4h", "--yes")

    row = one(told(cli, "orders", "--since", "1h"), "application changed")

    assert (row["who"]["name"], row["application"]["name"]) == ("bob@contoso.example", "orders")


def test_without_an_application_all_subscriptions_are_told(cli: Cli) -> None:
    cli("consumer", "configure", "sensors", "--max-duration", "4h", "--allow-no-approver", "--yes")
    cli.file("orders")

    names = {row["application"]["name"] for row in told(cli, "--since", "1h")}

    assert {"orders", "sensors", "shop"} <= names


def test_another_application_of_the_group_is_left_out(cli: Cli) -> None:
    cli("consumer", "configure", "reports", "--max-duration", "3h", "--yes")

    assert {row["application"]["name"] for row in told(cli, "orders")} == {"orders"}


def test_a_state_leaves_what_is_about_other_requests_out(cli: Cli) -> None:
    name = cli.file("orders")

    rows = told(cli, "orders", "--state", "pending")

    assert {row["request"]["name"] for row in rows} == {name}


def test_a_long_log_is_read_to_its_end(cli: Cli) -> None:
    cli.world.set_switch(None, "page-size", "2")

    assert len([row for row in told(cli, "orders") if row["what"] == "request filed"]) == 2


def test_requests_are_listed_where_the_log_is_forbidden(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("GET", LOG, fails(403, "AuthorizationFailed"))

    done = cli("consumer", "history", "orders", "--activity", "-o", "json")

    assert done.code == 7
    assert "the activity log is incomplete" in done.error
    assert "Microsoft.Insights/eventtypes/values/read" in done.err
    assert [line for line in done.err.splitlines() if line.startswith("warning")] == []
    row = one(done.json, "request filed", name)
    assert (row["source"], row["status"], row["who"]["name"]) == (
        "request",
        None,
        "alice@fabrikam.example",
    )


def test_an_approval_without_receipt_is_found_also_without_the_log(cli: Cli, wire: Wire) -> None:
    ours = cli.file("orders")
    cli.approve(ours)
    wire.on("GET", LOG, fails(403, "AuthorizationFailed"))

    rows = told(cli, "orders", code=7)

    assert one(rows, "request approved", ours)["withoutReceipt"] is False
    others = [row for row in rows if row["what"] == "request approved" and row["withoutReceipt"]]
    assert len(others) == 1
    assert one(rows, "request denied")["withoutReceipt"] is True


def test_an_automatic_approval_is_shown_as_that_and_needs_no_receipt(cli: Cli) -> None:
    name = cli.file("reports", "--duration", "1h")
    cli.later(minutes=5)

    row = one(told(cli, "reports"), "request approved", name)
    screen = cli("consumer", "history", "reports", "--activity", tty=True, width=140).out
    (again,) = cli("consumer", "approve", name, "--reason", "x", "-o", "json").json
    view = cli("consumer", "show", name, tty=True).out
    others = [each for each in told(cli, "orders") if each["what"] == "request approved"]

    assert (row["withoutReceipt"], row["automatic"], row["who"]["id"]) == (None, True, None)
    assert "automatic, by the settings" in next(x for x in screen.splitlines() if "approved" in x)
    assert again["message"] == "automatically, by the settings of its application"
    assert "automatically, by the settings" in view
    assert [each["automatic"] for each in others] == [False]


def test_a_call_that_began_is_told_once_with_its_end(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    def doubled(proceed: Any) -> Any:
        answer = proceed()
        listed = json.loads(answer.body)
        listed["value"] += [
            {**each, "eventDataId": f"{each['eventDataId']}-b", "status": {"value": "Started"}}
            for each in listed["value"]
        ]
        return type(answer)(answer.status, answer.headers, json.dumps(listed).encode())

    wire.on("GET", LOG, doubled)

    assert one(told(cli, "orders"), "request filed", name)["status"] == "Succeeded"


def test_a_refused_decision_asks_for_no_receipt(cli: Cli, people: People, wire: Wire) -> None:
    name = cli.file("orders")
    decide_elsewhere(cli, people, name)

    def failed(body: Any) -> None:
        if "updateAccess" in body["operationName"]["value"]:
            body["status"]["value"] = "Failed"

    wire.rewrite(LOG, failed)

    rows = told(cli, "orders", "--since", "1h")

    refused = one([row for row in rows if row["source"] == "activity log"], "request decided")
    assert (refused["status"], refused["withoutReceipt"]) == ("Failed", None)


@pytest.mark.parametrize("odd", [None, 5, "x", {}, {"operationName": 5}], ids=repr)
def test_an_event_that_cannot_be_read_is_a_row(cli: Cli, wire: Wire, odd: Any) -> None:
    name = cli.file()
    cli.approve(name)

    def broken(proceed: Any) -> Any:
        answer = proceed()
        body = json.loads(answer.body)
        body["value"].append(odd)
        return Response(answer.status, answer.headers, json.dumps(body).encode())

    wire.on("GET", LOG, broken, times=1)

    rows = told(cli, "orders", code=7)

    row, *_ = [row for row in rows if row["what"] == "event that cannot be read"]
    assert (row["at"], row["source"]) == (None, "activity log")
    assert one(rows, "request approved", name)


def test_an_event_without_a_time_is_a_row(cli: Cli, wire: Wire) -> None:
    cli.file()
    wire.rewrite(LOG, lambda body: body.update(eventTimestamp="noon"))

    rows = told(cli, "orders", code=7)

    odd = [row for row in rows if row["what"] == "event that cannot be read"]
    assert {row["operation"] for row in odd} >= {"Microsoft.Solutions/jitRequests/write"}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "BadRequest"),
        (403, "AuthorizationFailed"),
        (404, "SubscriptionNotFound"),
        (409, "AuthorizationFailed"),
        (409, "MissingSubscriptionRegistration"),
        (429, "TooManyRequests"),
        (500, "InternalServerError"),
    ],
)
def test_no_failure_of_the_log_takes_the_rows(cli: Cli, wire: Wire, status: int, code: str) -> None:
    name = cli.file()
    cli.approve(name)
    wire.on("GET", LOG, fails(status, code))

    for app in (["orders"], []):
        assert one(told(cli, *app, code=7), "request approved", name)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AuthorizationFailed", "Please register the subscription 'x' with Microsoft.Insights."),
        (
            "MissingSubscriptionRegistration",
            "The subscription is not registered to use namespace 'microsoft.insights'. See x.",
        ),
    ],
)
def test_the_hint_names_the_provider_that_is_not_registered(
    cli: Cli, wire: Wire, code: str, message: str
) -> None:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    wire.on("GET", LOG, lambda _: Response(409, {}, body))

    done = cli("consumer", "history", "orders", "--activity")

    assert done.code == 7
    assert "az provider register --namespace " in done.err
    assert done.err.rpartition("--namespace ")[2].strip().lower() == "microsoft.insights"


def test_a_list_of_requests_that_fails_leaves_the_log(cli: Cli, wire: Wire) -> None:
    cli.approve(cli.file())
    wire.on("GET", "/mrg-orders/providers/Microsoft.Solutions/jitRequests", fails(403, "Denied"))

    rows = told(cli, "orders", code=7)

    assert [row for row in rows if row["source"] == "activity log"]


def test_who_is_told_by_the_log_where_claims_are_missing(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    def bare(body: Any) -> None:
        body["claims"] = None
        body["properties"] = {"requestbody": "not json"}

    wire.rewrite(LOG, bare)

    row = one(told(cli, "orders"), "request filed", name)

    assert row["who"] == {"id": None, "name": "alice@fabrikam.example"}
    assert row["byPublisher"] is None


def test_a_call_without_an_end_is_told_once(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    def begun(proceed: Any) -> Any:
        answer = proceed()
        listed = json.loads(answer.body)
        for each in listed["value"]:
            each["status"] = {"value": "Started"}
        listed["value"] += [{**e, "eventDataId": f"{e['eventDataId']}-b"} for e in listed["value"]]
        return type(answer)(answer.status, answer.headers, json.dumps(listed).encode())

    wire.on("GET", LOG, begun)

    assert one(told(cli, "orders"), "request filed", name)["status"] == "Started"


def test_a_decision_on_a_request_that_is_gone_is_told_without_it(cli: Cli, people: People) -> None:
    name = cli.file("orders")
    decide_elsewhere(cli, people, name)
    shown = cli("publisher", "show", name, "-o", "json").json
    people.call("alice", "DELETE", shown["id"])

    row = one(told(cli, "orders", "--since", "1h"), "request decided")

    assert (row["request"], row["withoutReceipt"]) == (None, True)


def test_a_receipt_explains_a_decision_whose_request_is_gone(cli: Cli, people: People) -> None:
    name = cli.file("orders")
    cli.approve(name)
    shown = cli("publisher", "show", name, "-o", "json").json
    people.call("alice", "DELETE", shown["id"])

    row = one(told(cli, "orders", "--since", "1h"), "request approved", name)

    assert (row["request"]["state"], row["withoutReceipt"]) == (None, False)


def test_a_refused_attempt_of_ours_explains_nothing(cli: Cli, people: People, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("POST", "/updateAccess", fails(403, "AuthorizationFailed"), times=1)
    refused = cli("consumer", "approve", name, "--reason", "x", "--yes")
    assert refused.code == 4
    decide_elsewhere(cli, people, name, by="bob")

    assert one(told(cli, "orders", "--since", "1h"), "request approved")["withoutReceipt"] is True


@pytest.mark.parametrize(
    ("publisher", "rows", "expected"),
    [(None, True, True), ("home", True, True), ("home", False, None)],
)
def test_the_publisher_is_told_by_tenant_else_by_its_principals(
    cli: Cli,
    wire: Wire,
    people: People,
    *,
    publisher: str | None,
    rows: bool,
    expected: bool | None,
) -> None:
    name = cli.file("orders")
    home, alice = people.tenant_of("bob"), people.id_of("alice")

    def changed(body: Any) -> None:
        inside = body.get("properties", {})
        if "publisherTenantId" in inside and "managedResourceGroupId" in inside:
            inside["publisherTenantId"] = home if publisher else None
            if not rows:
                inside.pop("authorizations", None)

    wire.rewrite("/applications", changed)

    row = one(told(cli, "orders"), "request filed", name)

    assert (row["who"]["id"], row["byPublisher"]) == (alice, expected)


@pytest.mark.parametrize("width", [80, 140])
def test_what_stands_out_is_a_word_on_a_terminal(cli: Cli, width: int) -> None:
    cli("publisher", "cancel", cli.file("orders"), "--yes")

    done = cli("consumer", "history", "orders", "--activity", tty=True, width=width)

    assert done.code == 0
    assert "request approved, no" in done.out
    assert "request deleted, by the" in done.out
    assert all(len(line) <= width for line in done.out.splitlines())


def test_a_pipe_gets_a_line_for_each(cli: Cli) -> None:
    done = cli("consumer", "history", "orders", "--activity")

    assert len(done.out.splitlines()) == len(told(cli, "orders"))
    assert "no receipt here" in done.out


def test_an_unknown_application_is_not_found(cli: Cli) -> None:
    assert cli("consumer", "history", "nowhere", "--activity").code == 3


def ignored(cli: Cli) -> str:
    """Approve a request where Azure takes the call and does nothing."""
    cli.world.set_switch("orders", "update-access", "ignored")
    name = cli.file("orders")
    done = cli("consumer", "approve", name, "--reason", "x", "--timeout", "3s")
    assert done.code == 9
    return name


def test_an_approval_that_azure_ignored_is_not_told_as_done(cli: Cli) -> None:
    name = ignored(cli)

    rows = told(cli, "orders", "--since", "1h")

    assert "request approved" not in {row["what"] for row in rows}
    sent = one(rows, "approval sent, not confirmed", name)
    assert (sent["request"]["state"], sent["withoutReceipt"]) == ("pending", False)


def test_a_denial_that_azure_ignored_is_not_told_as_done(cli: Cli) -> None:
    cli.world.set_switch("orders", "update-access", "ignored")
    name = cli.file("orders")
    assert cli("consumer", "deny", name, "--reason", "x", "--timeout", "3s").code == 9

    rows = told(cli, "orders", "--since", "1h")

    assert "request denied" not in {row["what"] for row in rows}
    assert one(rows, "denial sent, not confirmed", name)["request"]["state"] == "pending"


def test_a_revocation_that_azure_ignored_is_not_told_as_done(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "3h")
    cli.approve(name)
    cli.world.set_switch("orders", "update-access", "ignored")
    done = cli("consumer", "revoke", name, "--reason", "x", "--timeout", "3s")
    assert done.code == 9

    rows = told(cli, "orders", "--since", "1h")

    assert "access revoked" not in {row["what"] for row in rows}
    assert one(rows, "revocation sent, not confirmed", name)["withoutReceipt"] is False


def test_an_approval_that_showed_late_is_told_as_done(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")

    def pending(body: Any) -> None:
        body["properties"]["jitRequestState"] = "Pending"

    wire.rewrite(f"/jitRequests/{name}", pending)
    assert cli("consumer", "approve", name, "--reason", "x", "--timeout", "3s").code == 9

    row = one(told(cli, "orders", "--since", "1h"), "request approved", name)

    assert (row["who"]["name"], row["withoutReceipt"]) == ("bob@contoso.example", False)


def test_what_somebody_else_approved_later_is_not_told_as_ours(cli: Cli, people: People) -> None:
    name = ignored(cli)
    cli.world.set_switch("orders", "update-access", "honoured")
    cli.later(minutes=1)
    decide_elsewhere(cli, people, name)

    rows = told(cli, "orders", "--since", "1h")

    assert one(rows, "approval sent, not confirmed", name)["who"]["name"] == "bob@contoso.example"
    approved = one(rows, "request approved", name)
    assert (approved["who"]["name"], approved["withoutReceipt"]) == ("carol@contoso.example", True)


def test_where_two_may_have_decided_neither_is_told_to_have(cli: Cli, people: People) -> None:
    name = cli.file("orders")
    cli.world.set_switch("orders", "update-access", "ignored")
    decide_elsewhere(cli, people, name, by="bob")
    cli.world.set_switch("orders", "update-access", "honoured")
    cli.later(minutes=1)
    decide_elsewhere(cli, people, name)

    rows = told(cli, "orders", "--since", "1h")

    assert [row["what"] for row in rows if row["withoutReceipt"]] == ["request decided"] * 2


def test_who_decided_is_not_guessed_where_the_log_is_forbidden(cli: Cli, people: People) -> None:
    name = cli.file("orders")
    decide_elsewhere(cli, people, name)

    rows = told(cli, "orders", "--since", "1h", "--as", "contoso-ci", code=7)

    row = one(rows, "request approved", name)
    assert (row["who"], row["at"]) == ({"id": None, "name": None}, None)
    assert row["lastChanged"]["by"]["id"] == people.id_of("carol")
    assert row["lastChanged"]["at"] == "2026-03-02T09:00:00Z"


@pytest.mark.parametrize("width", [80, 140])
def test_who_decided_is_not_guessed_on_a_terminal(cli: Cli, people: People, width: int) -> None:
    decide_elsewhere(cli, people, cli.file("orders"))

    done = cli(
        "consumer", "history", "orders", "--activity", "--as", "contoso-ci", tty=True, width=width
    )

    assert "not known; last changed by" in done.out


def test_the_hint_fits_what_is_wrong_with_the_log(cli: Cli, wire: Wire) -> None:
    wire.on("GET", LOG, fails(500, "InternalServerError"))

    done = cli("consumer", "history", "orders", "--activity", "-o", "json")

    assert done.code == 7
    assert "values/read" not in done.err
    assert "InternalServerError" in done.err


@pytest.mark.parametrize("where", ["subscription", "group", "application"])
def test_a_role_given_to_the_publisher_beside_jit_stands_out(
    cli: Cli, people: People, where: str
) -> None:
    people.give(scope_of(cli, where))

    row = one(told(cli, "orders", "--since", "1h"), "role given")

    assert (row["standingAccess"], row["application"]["name"]) == (True, "orders")
    assert row["role"]["principalId"] == people.id_of("alice")
    assert row["role"]["roleName"] == "Contributor"


def test_a_role_given_above_an_application_to_others_is_left_out(cli: Cli, people: People) -> None:
    people.give(scope_of(cli, "group"), "contoso-ci")
    people.give(scope_of(cli, "subscription"), "contoso-ci")

    assert [r for r in told(cli, "orders", "--since", "1h") if r["what"] == "role given"] == []


def test_a_role_above_several_applications_is_told_once(cli: Cli, people: People) -> None:
    people.give(scope_of(cli, "subscription"))

    row = one(told(cli, "--since", "1h"), "role given")

    assert (row["application"], row["standingAccess"]) == (None, True)
    assert "several" in cli("consumer", "history", "--activity", tty=True).out


def test_a_role_that_came_with_a_grant_is_no_standing_access(cli: Cli) -> None:
    cli.approve(cli.file("orders", "--duration", "2h"))

    assert one(told(cli, "orders", "--since", "1h"), "role given")["standingAccess"] is False


@pytest.mark.parametrize("where", ["subscription", "application"])
def test_a_holder_that_the_log_does_not_tell_is_read(
    cli: Cli, people: People, wire: Wire, where: str
) -> None:
    people.give(scope_of(cli, where))
    wire.rewrite(LOG, silent)

    row = one(told(cli, "orders", "--since", "1h"), "role given")

    assert (row["role"]["principalId"], row["standingAccess"]) == (people.id_of("alice"), True)


@pytest.mark.parametrize("width", [80, 140])
def test_a_holder_that_nothing_tells_is_said_not_to_be_told(
    cli: Cli, people: People, wire: Wire, width: int
) -> None:
    given = people.give(scope_of(cli, "application"))
    people.call("bob", "DELETE", given, version="2022-04-01")
    wire.rewrite(LOG, silent)

    done = cli(
        "consumer", "history", "orders", "--since", "1h", "--activity", tty=True, width=width
    )

    said = " ".join(done.out.split())
    assert "role given: not known" in said
    assert "role taken: not known" in said


@pytest.mark.parametrize("width", [80, 140])
def test_what_failed_does_not_look_done(cli: Cli, wire: Wire, width: int) -> None:
    cli("consumer", "configure", "orders", "--max-duration", "4h")

    def failed(body: Any) -> None:
        body["status"]["value"] = "Failed"

    wire.rewrite(LOG, failed)

    done = cli(
        "consumer", "history", "orders", "--since", "1h", "--activity", tty=True, width=width
    )

    assert "failed: application changed" in " ".join(done.out.split())


@pytest.mark.parametrize("width", [80, 140])
def test_times_of_the_past_are_dates_and_whole(cli: Cli, width: int) -> None:
    done = cli("consumer", "history", "orders", "--activity", tty=True, width=width)

    assert "24 Feb 09:00  " in done.out
    assert "24 Feb 0\N{HORIZONTAL ELLIPSIS}" not in done.out


def scope_of(cli: Cli, where: str) -> str:
    """Give the id of the application orders, its own group, or its subscription."""
    told_id = str(cli("consumer", "show", "orders", "-o", "json").json["id"])
    parts = {"subscription": 3, "group": 5, "application": 9}[where]
    return "/".join(told_id.split("/")[:parts])


def silent(body: Any) -> None:
    """Leave out of an event what was sent and answered."""
    body["properties"] = {}
