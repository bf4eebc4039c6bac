from __future__ import annotations

from typing import Any

import pytest

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.clouds import NAMED
from azjit.azure.pacing import Pace
from azjit.azure.redaction import first_line, loggable
from azjit.azure.responses import Answer
from azjit.azure.solutions import Solutions
from azjit.domain.ids import ApplicationId, GroupId, ResourceId
from azjit.domain.polling import Clock as PollClock
from azjit.redaction import without_tokens
from harness import Clock

GROUP = GroupId("/subscriptions/S/resourceGroups/Mrg")
APP = ApplicationId(f"{GROUP}/providers/Microsoft.Solutions/applications/Orders")
HOME = "https://management.azure.com"


@pytest.fixture
def arm(clock: Clock) -> Arm:
    times = PollClock(clock.now, clock.sleep)
    return Arm(None, NAMED["public"], times, Pace(times))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "query", "url"),
    [
        ("/subscriptions/s", {}, "/subscriptions/s?api-version=v"),
        (
            "/subscriptions/s/resourceGroups/Größe(1)_-.x",
            {},
            "/subscriptions/s/resourceGroups/Gr%C3%B6%C3%9Fe(1)_-.x?api-version=v",
        ),
        ("/a b/c?d#e%f", {}, "/a%20b/c%3Fd%23e%25f?api-version=v"),
        (
            "/a",
            {"$filter": "roleName eq 'O''Brien & Söhne #1+2'"},
            "/a?api-version=v&$filter=roleName%20eq%20'O''Brien%20%26%20S%C3%B6hne%20%231%2B2'",
        ),
        (
            "/a",
            {"$filter": "assignedTo('x')", "tenantId": "t"},
            "/a?api-version=v&$filter=assignedTo('x')&tenantId=t",
        ),
    ],
)
def test_address_is_quoted(arm: Arm, path: str, query: dict[str, str], url: str) -> None:
    assert arm.url(path, "v", query) == HOME + url


def test_routes_keep_the_spelling_of_ids() -> None:
    solutions = "/providers/Microsoft.Solutions"
    rights = f"{GROUP}/providers/Microsoft.Authorization"

    assert routes.applications_of("s") == f"/subscriptions/s{solutions}/applications"
    assert routes.requests_of_subscription("s") == f"/subscriptions/s{solutions}/jitRequests"
    assert routes.requests_of_group(GROUP) == f"{GROUP}{solutions}/jitRequests"
    assert routes.request_in(GROUP, "r").text == f"{GROUP}{solutions}/jitRequests/r"
    assert routes.update_access(APP) == f"{APP}/updateAccess"
    assert routes.groups_of("s") == "/subscriptions/s/resourcegroups"
    assert routes.role_definition(GROUP, "g") == f"{rights}/roleDefinitions/g"
    assert routes.role_assignments(GROUP) == f"{rights}/roleAssignments"
    assert routes.permissions(GROUP) == f"{rights}/permissions"


def test_operation_that_was_none_has_no_request_id() -> None:
    assert Answer(204, None, {}).request_id is None


@pytest.mark.parametrize(
    "definition", ["", "@evil.example/x", ".evil.example/x", "/subscriptions/s?x", "https://evil"]
)
def test_definition_that_is_no_id_is_not_asked_for(arm: Arm, definition: str) -> None:
    assert Solutions(arm).definition_roles(definition) is None


def test_tokens_are_taken_out_of_texts() -> None:
    token = "eyJhbGciOiJub25l.eyJvaWQiOiJ4.c2ln"

    assert without_tokens(f"a 'Bearer {token}' b {token} c") == (
        "a '[token removed]' b [token removed] c"
    )
    assert without_tokens("the bearer of this") != ""
    assert without_tokens("eyJ is not one") == "eyJ is not one"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/p", "https://h/p"),
        ("https://h/p?api-version=v&t=1&s=secret", "https://h/p?api-version=v&t=...&s=..."),
        ("https://h/p?$skiptoken=x&tenantId=t", "https://h/p?$skiptoken=...&tenantId=t"),
    ],
)
def test_address_for_the_log_has_no_signature(url: str, shown: str) -> None:
    assert loggable(url) == shown


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("one\ntwo"), "one"),
        (ValueError("  "), "ValueError"),
        (ValueError("x" * 500), "x" * 300),
    ],
)
def test_exception_is_one_line(error: Any, said: str) -> None:
    assert first_line(error) == said


def test_ids_are_told_apart_by_kind_only_in_types() -> None:
    assert ResourceId(APP.text) == APP
