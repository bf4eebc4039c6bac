"""`publisher extend`: the request that begins where a grant ends, and what its approver sees."""

from __future__ import annotations

import json
from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import People, Proceed, Wire, fails
from harness import Cli, Result

EXTEND = ("publisher", "extend")
MRG = "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c79661c3/resourceGroups/mrg-orders"


def granted(cli: Cli, *more: str) -> str:
    name = cli.file("orders", *more)
    cli.approve(name)
    return name


def extended(cli: Cli, *argv: str, code: int = 0) -> Result:
    done = cli(*EXTEND, *argv, "-o", "json")
    assert done.code == code, done.err
    return done


@pytest.mark.parametrize("by_app", [False, True])
def test_it_begins_where_the_grant_ends(both: Cli, by_app: bool) -> None:  # noqa: FBT001 a row
    name = granted(both, "--start", "+1h")

    done = extended(both, "orders" if by_app else name, "--by", "2h", "--reason", "not done")

    new = done.json
    assert (new["state"], new["start"], new["end"]) == (
        "pending",
        "2026-03-02T11:00:00Z",
        "2026-03-02T13:00:00Z",
    )
    assert new["roles"][0]["roleName"] == "Contributor"
    assert new["reasonClaim"] == "not done"
    assert f"continues request {name[:8]}, 3 h together; the maximum is 8 h" in done.err
    assert both.receipts()[-2]["action"] == "request"


def test_its_approver_sees_what_it_continues(cli: Cli) -> None:
    name = granted(cli, "--start", "+1h")
    new = extended(cli, name, "--by", "2h").json["name"]

    judged = cli("consumer", "show", new, "-o", "json").json
    refused = cli("consumer", "approve", new, "--reason", "x")
    asked = cli("consumer", "approve", new, "--reason", "x", tty=True, answer="y\n")
    again = extended(cli, new, "--by", "30m")

    (told,) = [each for each in judged["concerns"] if each["code"] == "continues"]
    assert told["level"] == "warning"
    assert told["text"] == f"it continues request {name[:8]}, 3 h together; the maximum is 8 h"
    assert judged["facts"]["jointSeconds"] == 3 * 3600
    assert (refused.code, asked.code) == (5, 0)
    assert "approve this request, despite continues? [y/N]" in asked.err
    assert again.json["start"] == "2026-03-02T13:00:00Z"


def test_a_dry_run_shows_the_call_and_a_rerun_files_no_second_one(cli: Cli, wire: Wire) -> None:
    name = granted(cli)
    before = len(wire.writes)

    (call,) = extended(cli, name, "--by", "1h", "--dry-run").json
    first = extended(cli, name, "--by", "1h").json["name"]
    again = extended(cli, name, "--by", "1h")
    other = extended(cli, name, "--by", "1h", "--new").json["name"]

    schedule = call["body"]["properties"]["jitSchedulingPolicy"]
    assert schedule == {"type": "Once", "duration": "PT1H", "startTime": "2026-03-02T10:00:00Z"}
    assert again.json["name"] == first != other
    assert "nothing was sent" in again.err
    assert [each.method for each in wire.writes[before:]] == ["PUT", "PUT"]


def test_a_terminal_shows_the_request(cli: Cli) -> None:
    name = granted(cli)

    done = cli(*EXTEND, name, "--by", "1h", tty=True)

    assert done.code == 0
    assert "requests access from Mon 2 Mar 10:00 UTC to Mon 2 Mar 11:00 UTC, 1 h" in done.err
    assert "next: azjit publisher wait" in done.err
    assert "pending\n" in done.out


def rewritten(**changed: Any) -> Any:
    return lambda body: body["properties"].update(changed)


_SECOND_ROW = [
    {"principalId": "e0b19ca5-2516-57b8-9ad2-9e05bfe4a450", "roleDefinitionId": role}
    for role in (
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
    )
]
# What a read of the grant shows instead, and what is said.
NO_GRANTS = {
    "pending": (rewritten(jitRequestState="Pending"), "is pending"),
    "denied": (rewritten(jitRequestState="Denied"), "is denied"),
    "unknown": (rewritten(jitRequestState="Elevating"), "is Elevating"),
    "two roles": (rewritten(jitAuthorizationPolicies=_SECOND_ROW), "cannot be extended"),
    "no end": (rewritten(jitSchedulingPolicy={"type": "Once"}), "cannot be extended"),
    "no application": (rewritten(applicationResourceId="x"), "cannot be extended"),
}


@pytest.mark.parametrize("case", NO_GRANTS)
def test_what_is_no_plain_grant_is_not_extended(cli: Cli, wire: Wire, case: str) -> None:
    name = granted(cli)
    edit, said = NO_GRANTS[case]
    wire.rewrite(f"/jitRequests/{name}", edit)
    before = len(wire.writes)

    done = extended(cli, name, "--by", "1h", code=5)

    assert said in done.error
    assert len(wire.writes) == before


def test_limits_of_time(cli: Cli) -> None:
    name = granted(cli)

    long = extended(cli, name, "--by", "9h", code=5)
    odd = extended(cli, name, "--by", "soon", code=2)
    cli.later(hours=2)
    late = extended(cli, name, "--by", "1h", code=5)

    assert "9 h is longer than orders allows: 8 h" in long.error
    assert odd.out == ""
    assert late.error == f"nothing to extend: request {name} has ended"


def test_a_start_with_parts_of_a_second_leaves_no_overlap(cli: Cli, people: People) -> None:
    app = MRG.replace(
        "mrg-orders", "contoso-apps/providers/Microsoft.Solutions/applications/orders"
    )
    name = "22222222-2222-4222-8222-222222222222"
    people.file(app, MRG, name, start="2026-03-02T09:30:00.2500000Z")
    cli.approve(name)

    done = extended(cli, name, "--by", "1h")

    assert done.json["start"] == "2026-03-02T10:30:01Z"


def test_a_read_after_the_write_that_fails_is_unconfirmed(cli: Cli, wire: Wire) -> None:
    name = granted(cli)

    def unseen(proceed: Proceed) -> Response:
        answer = proceed()
        new = json.loads(answer.body)["name"]
        wire.on("GET", f"/jitRequests/{new}", fails(403, "AuthorizationFailed"))
        return answer

    wire.on("PUT", "/jitRequests/", unseen)

    done = extended(cli, name, "--by", "1h", code=9)

    assert "was sent, but no read shows it" in done.error
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"
