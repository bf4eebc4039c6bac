"""The activity log: every accepted write, the effects of grants, and its limited filter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

SINCE = "eventTimestamp ge '2026-02-15T00:00:00Z'"
UPDATE = "Microsoft.Solutions/applications/updateAccess/action"


def read(azure: Any, alias: str = "bob", where: str = SINCE, **more: str) -> Any:
    path = f"{azure.production}/providers/Microsoft.Insights/eventtypes/management/values"
    options = "".join(f"&${key}={value}" for key, value in more.items())
    return azure.get(alias, f"{path}?$filter={where}{options}", "2015-04-01")


def events(azure: Any, where: str = SINCE) -> list[Any]:
    found, answer = [], read(azure, where=where)
    while True:
        found += answer.value
        if "nextLink" not in answer.body:
            return found
        answer = azure.get("bob", answer.body["nextLink"])


def operations(azure: Any, where: str = SINCE) -> list[str]:
    return [event["operationName"]["value"] for event in events(azure, where)]


def test_seeded_history_is_logged_newest_first(azure: Any) -> None:
    found = events(azure)

    stamps = [event["eventTimestamp"] for event in found]
    assert stamps == sorted(stamps, reverse=True)
    assert [e["caller"] for e in found if e["operationName"]["value"] == UPDATE] == [
        "bob@contoso.example"
    ] * 2


def test_life_of_a_request_is_logged(azure: Any) -> None:
    azure.sandbox.move_clock(timedelta(seconds=1))
    since = f"eventTimestamp ge '{azure.sandbox.now().isoformat()}'"
    azure.ask("orders", start=(azure.sandbox.now() + timedelta(minutes=5)).isoformat())
    azure.sandbox.move_clock(timedelta(minutes=1))
    azure.decide("bob", "orders", "req")
    azure.sandbox.move_clock(timedelta(hours=2))
    azure.call("alice", "DELETE", azure.request_id("orders", "req"))

    found = events(azure, since.replace("+00:00", "Z"))

    assert [(e["operationName"]["value"].partition("/")[2], e["caller"]) for e in found] == [
        ("jitRequests/delete", "alice@fabrikam.example"),
        ("roleAssignments/delete", "ba4bc2bd-843f-4d61-9d33-199178eae34e"),
        ("roleAssignments/write", "ba4bc2bd-843f-4d61-9d33-199178eae34e"),
        ("applications/updateAccess/action", "bob@contoso.example"),
        ("jitRequests/write", "alice@fabrikam.example"),
    ]
    assert found[0]["resourceId"] == azure.request_id("orders", "req")
    assert found[0]["resourceGroupName"] == "mrg-orders"
    assert azure.people["alice"].object_id in found[2]["properties"]["requestbody"]


def test_correlation_of_the_answer_is_the_logs(azure: Any) -> None:
    body = azure.ask_body("orders")
    answer = azure.call("alice", "PUT", azure.request_id("orders", "r"), body)
    key = answer.headers["x-ms-correlation-request-id"]

    assert operations(azure, f"{SINCE} and correlationId eq '{key}'") == [
        "Microsoft.Solutions/jitRequests/write"
    ]


def test_refused_write_is_not_logged(azure: Any) -> None:
    before = len(events(azure))

    azure.ask("orders", duration="PT20H")
    azure.call("alice", "DELETE", azure.request_id("orders", "never"))

    assert len(events(azure)) == before


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("resourceGroupName eq 'MRG-orders'", True),
        ("resourceGroupName eq 'mrg-order'", False),
        ("resourceProvider eq 'Microsoft.Solutions'", True),
        ("resourceUri eq '{request}'", True),
        ("resourceUri eq '{request}x'", False),
    ],
)
def test_filter_narrows(azure: Any, clause: str, found: bool) -> None:  # noqa: FBT001 a row
    azure.ask("orders", "mine")
    clause = clause.replace("{request}", azure.request_id("orders", "mine"))

    assert (
        "Microsoft.Solutions/jitRequests/write" in operations(azure, f"{SINCE} and {clause}")
    ) is found


@pytest.mark.parametrize(
    "where",
    [
        "",
        "resourceGroupName eq 'x'",
        "eventTimestamp ge 'yesterday'",
        "eventTimestamp ge '2025-01-01T00:00:00Z'",
        f"{SINCE} and caller eq 'x'",
        f"{SINCE} and resourceGroupName eq 'x' and resourceProvider eq 'y'",
        f"{SINCE} or resourceGroupName eq 'x'",
    ],
)
def test_other_filters_are_refused(azure: Any, where: str) -> None:
    assert (read(azure, where=where).status, read(azure, where=where).code) == (400, "BadRequest")


def test_end_of_the_range_and_select(azure: Any) -> None:
    where = f"{SINCE} and eventTimestamp le '2026-02-24T00:00:00Z'"

    found = read(azure, where=where, select="caller,operationName")

    assert len(found.value) == 2
    assert set(found.value[0]) == {"caller", "operationName"}


def test_publisher_may_not_read_the_log(azure: Any) -> None:
    assert read(azure, "alice").code == "AuthorizationFailed"
