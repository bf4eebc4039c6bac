"""The route of a decision: the callback of the application, or an approval in PIM."""

from __future__ import annotations

import json
from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import Proceed, Wire, cut_before, fails, fails_after
from harness import Cli, Result

pytestmark = pytest.mark.everywhere

WORDS = {"approve": "approved", "deny": "denied"}
RESULTS = {"approve": "Approve", "deny": "Deny"}


def linked(cli: Cli, app: str = "orders") -> None:
    cli.world.set_switch(app, "update-access", "pim-linked")


def decide(cli: Cli, verb: str, name: str, *more: str, **kwargs: object) -> Result:
    return cli("consumer", verb, name, "--reason", "because", "-o", "json", *more, **kwargs)  # type: ignore[arg-type]


@pytest.mark.parametrize("verb", ["approve", "deny"])
@pytest.mark.parametrize("route", ["auto", "pim"])
def test_pim_decides_where_it_lists_one_approval(both: Cli, verb: str, route: str) -> None:
    linked(both)
    name = both.file("orders")

    done = decide(both, verb, name, "--route", route)

    assert done.code == 0, done.err
    (row,) = done.json
    assert (row["result"], row["route"]) == (WORDS[verb], "pim")
    assert both.state_of(name) == WORDS[verb]
    intent, outcome = both.receipts()[-2:]
    assert (intent["details"]["route"], outcome["outcome"]) == ("pim", "confirmed")
    assert intent["details"]["approval"]
    assert intent["details"]["originRequestId"] is None


@pytest.mark.parametrize("route", ["application", "pim"])
def test_who_is_asked_sees_the_route(cli: Cli, route: str) -> None:
    linked(cli)
    name = cli.file("orders")

    argv = ("consumer", "approve", name, "--reason", "x", "--route", route)
    asked = cli(*argv, tty=True, width=120, answer="n\n")

    words = {"application": "its application (updateAccess)", "pim": "approval "}
    assert f"{name[:8]}: through {words[route]}" in asked.err


def test_the_default_is_auto(cli: Cli) -> None:
    linked(cli)

    assert decide(cli, "approve", cli.file("orders")).json[0]["route"] == "pim"


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_the_review_is_put_as_the_examples_have_it(cli: Cli, wire: Wire, verb: str) -> None:
    linked(cli)
    name = cli.file("orders")
    before = len(wire.writes)

    decide(cli, verb, name, "--route", "pim")

    (sent,) = wire.writes[before:]
    assert (sent.method, "/stages/" in sent.path) == ("PUT", True)
    expected = {"reviewResult": RESULTS[verb], "justification": "because"}
    assert sent.body == {"properties": expected}


def test_a_review_that_is_not_understood_is_sent_bare(cli: Cli, wire: Wire) -> None:
    linked(cli)
    cli.world.set_switch(None, "pim-review-body", "unwrapped")
    name = cli.file("orders")
    before = len(wire.writes)

    done = decide(cli, "approve", name, "--route", "pim")

    assert done.code == 0, done.err
    assert [each.method for each in wire.writes[before:]] == ["PUT", "PATCH"]
    assert wire.writes[-1].body == {"reviewResult": "Approve", "justification": "because"}


@pytest.mark.parametrize(
    ("status", "code", "sent"),
    [
        (400, "JustificationRequired", ["PUT", "PATCH"]),
        (400, "InvalidRoleAssignmentRequest", ["PUT", "PATCH"]),
        (405, "MethodNotAllowed", ["PUT"]),
        (415, "UnsupportedMediaType", ["PUT"]),
        (403, "AuthorizationFailed", ["PUT"]),
    ],
)
def test_only_a_400_makes_a_second_write(
    cli: Cli, wire: Wire, status: int, code: str, sent: list[str]
) -> None:
    linked(cli)
    name = cli.file("orders")
    wire.on("PUT", "/stages/", fails(status, code))
    before = len(wire.writes)

    done = decide(cli, "approve", name)

    assert [each.method for each in wire.writes[before:]] == sent
    assert (done.code == 0) == (status == 400)


def test_nothing_on_a_denial_could_grant(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")
    before = len(wire.writes)

    decide(cli, "deny", name)

    assert "elevate" not in str(wire.writes[before:]).lower()
    assert "Approve" not in str([each.body for each in wire.writes[before:]])


def test_without_an_approval_auto_takes_the_application(cli: Cli) -> None:
    name = cli.file("orders")

    done = decide(cli, "approve", name, "--route", "auto")

    assert (done.code, done.json[0]["route"]) == (0, "application")
    assert cli.receipts()[-2]["details"]["route"] == "application"


def test_without_an_approval_pim_finds_nothing(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    before = len(wire.writes)

    done = decide(cli, "approve", name, "--route", "pim")

    assert done.code == 3
    assert done.error == f"PIM lists no approval of yours for request {name}"
    assert wire.writes[before:] == []


def test_two_approvals_are_never_picked_from(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "pim-lists-requests", "ambiguous")
    name = cli.file("orders")
    before = len(wire.writes)

    refused = decide(cli, "approve", name, "--route", "pim")

    assert refused.code == 5
    assert "several approvals in PIM match" in refused.error
    assert wire.writes[before:] == []
    assert decide(cli, "approve", name).json[0]["route"] == "application"


def test_two_requests_alike_are_never_picked_from(cli: Cli) -> None:
    linked(cli)
    first = cli.file("orders")
    cli.file("orders", "--new", "--start", "+3h")

    assert decide(cli, "deny", first, "--route", "pim").code == 5


def only_one_is_listed(wire: Wire, *, index: int = 0, tells_times: bool = True) -> None:
    """PIM lists one request of orders only."""

    def act(proceed: Proceed) -> Response:
        answer = proceed()
        body = json.loads(answer.body)
        rows = [row for row in body["value"] if "mrg-orders" in row["properties"]["scope"]]
        body["value"] = rows[index : index + 1]
        for row in body["value"]:
            if not tells_times:
                del row["properties"]["scheduleInfo"]
        return Response(answer.status, answer.headers, json.dumps(body).encode())

    wire.on("GET", "roleAssignmentScheduleRequests", act)


def test_an_approval_that_fits_two_requests_decides_neither_of_them(cli: Cli, wire: Wire) -> None:
    linked(cli)
    both = [cli.file("orders", "--new", "--start", "2026-03-02T12:00Z") for _ in range(2)]
    only_one_is_listed(wire)
    before = len(wire.writes)

    for name in both:
        refused = decide(cli, "approve", name, "--route", "pim")

        assert refused.code == 5
        assert "other pending requests for the same role and principal" in refused.error
    assert wire.writes[before:] == []
    listed = cli("consumer", "pending", "--all", "-o", "json").json
    assert {tuple(row["routes"]) for row in listed} == {("application",)}


@pytest.mark.parametrize("listed", [0, 1])
def test_auto_decides_what_was_named_where_an_approval_fits_two(
    cli: Cli, wire: Wire, listed: int
) -> None:
    cli.world.set_switch("orders", "pim-lists-requests", "yes")
    both = [cli.file("orders", "--new", "--start", "2026-03-02T12:00Z") for _ in range(2)]
    only_one_is_listed(wire, index=listed)

    done = decide(cli, "approve", both[0])

    assert done.json[0]["route"] == "application"
    assert [cli.state_of(name) for name in both] == ["approved", "pending"]


def test_an_approval_that_tells_no_times_is_not_taken(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")
    only_one_is_listed(wire, tells_times=False)
    before = len(wire.writes)

    refused = decide(cli, "approve", name, "--route", "pim")

    assert refused.code == 5
    assert "has another time" in refused.error
    assert wire.writes[before:] == []
    assert decide(cli, "approve", name).json[0]["route"] == "application"


def test_where_the_others_cannot_be_listed_auto_takes_the_application(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")
    wire.on("GET", "/mrg-orders/providers/Microsoft.Solutions/jitRequests", lists_refused)

    done = decide(cli, "approve", name, "--accept", "overlap")

    assert done.json[0]["route"] == "application"
    assert "PIM is not used, because its approval may belong to another request" in done.err


def lists_refused(proceed: Proceed) -> Response:
    """Reads are answered, lists are not."""
    answer = proceed()
    is_list = "value" in json.loads(answer.body)
    return fails(403, "AuthorizationFailed")(proceed) if is_list else answer


def test_an_approval_for_another_time_is_not_taken(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")

    def later(body: dict[str, object]) -> None:
        schedule = body["properties"]["scheduleInfo"]  # type: ignore[index]
        schedule["expiration"]["duration"] = "PT8H"

    wire.rewrite("roleAssignmentScheduleRequests", later)

    done = decide(cli, "approve", name, "--route", "pim")

    assert done.code == 5
    assert "has another time" in done.error


def test_an_approval_that_was_answered_meanwhile_is_not_answered_again(
    cli: Cli, wire: Wire
) -> None:
    linked(cli)
    name = cli.file("orders")
    wire.rewrite("/stages/", lambda body: body["properties"].update(status="Completed"))
    before = len(wire.writes)

    done = decide(cli, "approve", name, "--route", "pim")

    assert done.code == 5
    assert "no longer waits for you: it is Completed" in done.error
    assert wire.writes[before:] == []


TAKEN = "RoleAssignmentApprovalCompleted"


def test_what_somebody_else_decided_the_same_in_that_moment_is_done(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")
    wire.on("PUT", "/stages/", fails_after(409, TAKEN))

    done = decide(cli, "approve", name)

    assert done.code == 0, done.err
    (row,) = done.json
    assert (row["result"], row["request"]["state"]) == ("already approved", "approved")
    assert cli.receipts()[-1]["outcome"] == "refused"


def test_what_somebody_else_decided_otherwise_in_that_moment_is_refused(
    cli: Cli, wire: Wire
) -> None:
    linked(cli)
    name = cli.file("orders")

    def other_decides(proceed: Proceed) -> Response:
        wire.rewrite(
            f"/jitRequests/{name}", lambda one: one["properties"].update(jitRequestState="Denied")
        )
        return fails(409, TAKEN)(proceed)

    wire.on("PUT", "/stages/", other_decides)

    done = decide(cli, "approve", name)

    assert done.code == 5
    assert "denied" in done.error
    assert done.json[0]["request"]["state"] == "denied"


def test_a_refusal_that_changed_nothing_is_told_as_it_is(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")
    wire.on("PUT", "/stages/", fails(409, TAKEN))

    done = decide(cli, "approve", name)

    assert (done.code, done.json[0]["request"]["state"]) == (5, "pending")
    assert TAKEN in done.err


def test_a_decision_of_pim_that_does_not_show_is_unconfirmed(cli: Cli) -> None:
    linked(cli)
    cli.world.set_switch("orders", "confirm-delay-seconds", "600")
    name = cli.file("orders")

    done = decide(cli, "approve", name, "--route", "pim", "--timeout", "5s")

    assert (done.code, done.json[0]["result"]) == (9, "unconfirmed")
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


@pytest.fixture
def answered(cli: Cli) -> str:
    """A request that PIM took an approval of, and that does not show it for a long time."""
    linked(cli)
    cli.world.set_switch("orders", "confirm-delay-seconds", "6000")
    name = cli.file("orders")
    assert decide(cli, "approve", name, "--timeout", "5s").code == 9
    return name


def test_what_pim_took_is_not_sent_again_by_another_route(
    cli: Cli, wire: Wire, answered: str
) -> None:
    before = len(wire.writes)

    done = decide(cli, "approve", answered)

    assert done.code == 9
    assert f"request {answered} was approved in PIM (approval " in done.error
    assert "but a read still shows it as pending" in done.error
    assert wire.writes[before:] == []


@pytest.mark.parametrize("route", ["auto", "pim"])
def test_the_opposite_of_what_pim_took_is_refused(
    cli: Cli, wire: Wire, answered: str, route: str
) -> None:
    before = len(wire.writes)

    done = decide(cli, "deny", answered, "--route", route)

    assert done.code == 5
    assert "was approved in PIM" in done.error
    assert "azjit does not answer it through another route" in done.error
    assert wire.writes[before:] == []


def test_another_route_is_taken_past_pim_only_by_name(cli: Cli, wire: Wire, answered: str) -> None:
    done = decide(cli, "deny", answered, "--route", "application", "--timeout", "1s")

    assert "warning: request" in done.err
    assert "was answered in PIM before (approve, approval" in done.err
    assert wire.writes[-1].path.endswith("/updateAccess")


def test_an_answer_that_was_lost_on_the_way_to_pim_is_sent_again(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")
    wire.on("PUT", "/stages/", cut_before, times=1)
    decide(cli, "approve", name, "--timeout", "1s")

    done = decide(cli, "approve", name)

    assert (done.code, done.json[0]["route"]) == (0, "pim")


def test_an_answer_that_is_still_awaited_is_given_to_the_same_approval(
    cli: Cli, wire: Wire, answered: str
) -> None:
    wire.rewrite(
        "/stages/", lambda one: one["properties"].update(status="InProgress", assignedToMe=True)
    )
    wire.on("PUT", "/stages/", fails(409, TAKEN))
    before = len(wire.writes)

    decide(cli, "approve", answered)

    (sent,) = wire.writes[before:]
    assert "/stages/" in sent.path


def test_where_pim_cannot_be_asked_auto_says_so(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")
    cli.world.set_switch("orders", "update-access", "honoured")
    wire.on("GET", "/roleAssignmentApprovals", fails(403, "AuthorizationFailed"))

    done = decide(cli, "approve", name)

    assert (done.code, done.json[0]["route"]) == (0, "application")
    assert "PIM is not used: could not list your approvals in PIM" in done.err


def test_where_pim_fails_auto_says_so(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("GET", "/roleAssignmentApprovals", fails(500, "InternalServerError"))

    done = decide(cli, "approve", name)

    assert (done.code, done.json[0]["route"]) == (0, "application")
    assert "PIM is not used" in done.err


def test_a_stage_that_another_person_answers_is_not_taken(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")

    def others(approval: dict[str, Any]) -> None:
        for stage in approval["properties"].get("stages", []):
            stage["properties"]["assignedToMe"] = False

    wire.rewrite("/roleAssignmentApprovals", others)

    assert decide(cli, "approve", name, "--route", "pim").code == 5
    listed = cli("consumer", "pending", "--all", "-o", "json").json
    assert {tuple(row["routes"]) for row in listed} == {("application",)}


def test_auto_does_not_take_an_approval_for_another_time(cli: Cli, wire: Wire) -> None:
    cli.world.set_switch("orders", "pim-lists-requests", "yes")
    name = cli.file("orders")

    def later(body: dict[str, Any]) -> None:
        body["properties"]["scheduleInfo"]["startDateTime"] = "2026-03-02T23:00:00Z"

    wire.rewrite("roleAssignmentScheduleRequests", later)

    assert decide(cli, "approve", name).json[0]["route"] == "application"


def test_a_service_principal_is_told_why_not(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")
    before = len(wire.writes)

    done = decide(
        cli, "approve", name, "--route", "pim", "--yes", environ={"AZJIT_AS": "contoso-ci"}
    )

    assert done.code == 5
    assert "a service principal cannot decide in PIM" in done.error
    assert wire.writes[before:] == []


def test_who_is_no_approver_finds_nothing(cli: Cli) -> None:
    linked(cli)
    name = cli.file("orders")

    done = decide(cli, "approve", name, "--route", "pim", environ={"AZJIT_AS": "rita"})

    assert done.code == 3


def test_dry_run_shows_the_review_and_sends_nothing(cli: Cli, wire: Wire) -> None:
    linked(cli)
    name = cli.file("orders")
    before = len(wire.writes)

    done = decide(cli, "approve", name, "--route", "pim", "--dry-run")

    (planned,) = done.json
    assert planned["method"] == "PUT"
    assert planned["url"].endswith("?api-version=2021-01-01-preview")
    assert planned["body"]["properties"]["reviewResult"] == "Approve"
    assert wire.writes[before:] == []


def test_an_origin_goes_with_the_application(cli: Cli) -> None:
    linked(cli)
    name = cli.file("orders")

    done = decide(cli, "approve", name, "--route", "pim", "--origin-request-id", "x")

    assert done.code == 2


def test_where_pim_has_no_licence_auto_takes_the_application(cli: Cli) -> None:
    name = cli.file("orders")
    cli.world.set_switch(None, "licence", "none")

    assert decide(cli, "approve", name).json[0]["route"] == "application"


def test_where_pim_has_no_licence_the_route_says_so(cli: Cli) -> None:
    name = cli.file("orders")
    cli.world.set_switch(None, "licence", "none")

    done = decide(cli, "approve", name, "--route", "pim")

    assert done.code == 5
    assert "P2" in done.err
