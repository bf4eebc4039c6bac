"""Each fault affects the calls that it matches, and no others."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from azjit.sandbox.core import InjectedFault
from azjit.sandbox.faults.registry import KINDS

READ_ONLY = ("429", "500", "502", "503", "504")


def _fault(azure: Any, kind: str, **more: Any) -> None:
    azure.sandbox.add_fault(InjectedFault(kind, **more))


def _raw(azure: Any, alias: str, method: str, path: str, body: Any = None) -> Any:
    """An answer with what a transport would do to it."""
    headers = {"Authorization": f"Bearer {azure.token(alias)}"}
    url = f"https://management.azure.com{path}?api-version=2021-07-01"
    content = b"" if body is None else json.dumps(body).encode()
    return azure.sandbox.handle(method, url, headers, content)


@pytest.mark.parametrize("kind", READ_ONLY)
def test_status_meets_as_many_calls_as_it_waits_for(azure: Any, kind: str) -> None:
    azure.token("bob")
    _fault(azure, kind, left=2)

    statuses = [azure.get("bob", azure.app("orders")).status for _ in range(3)]

    assert statuses == [int(kind), int(kind), 200]
    assert azure.sandbox.faults() == []


def test_sign_in_is_spared_unless_it_is_meant(azure: Any) -> None:
    _fault(azure, "503")
    assert azure.sign_in("bob").status == 200
    azure.sandbox.clear_faults()

    _fault(azure, "503", match="POST oauth2")

    assert azure.sign_in("bob").status == 503


@pytest.mark.parametrize(
    ("match", "meets"),
    [
        ("PUT", True),
        ("put jitrequests", True),
        ("GET jitRequests", False),
        ("*/jitRequests/req", True),
        ("*/jitRequests", False),
        ("PUT applications/", False),
    ],
)
def test_pattern_names_a_method_and_a_part_of_the_path(
    azure: Any, match: str, *, meets: bool
) -> None:
    _fault(azure, "500", match=match)

    assert azure.ask("orders").status == (500 if meets else 201)


def test_some_calls_may_pass_first(azure: Any) -> None:
    _fault(azure, "500", skip=1)

    assert [azure.get("bob", azure.app("orders")).status for _ in range(2)] == [200, 500]


def test_fault_without_number_stays_until_it_is_cleared(azure: Any) -> None:
    _fault(azure, "502", left=None)
    statuses = [azure.get("bob", azure.app("orders")).status for _ in range(3)]

    cleared = azure.sandbox.clear_faults()

    assert (statuses, cleared) == ([502] * 3, 1)
    assert azure.get("bob", azure.app("orders")).status == 200


def test_status_says_when_to_come_again(azure: Any) -> None:
    _fault(azure, "429")
    _fault(azure, "503", retry_after=7)

    answers = [azure.get("bob", azure.app("orders")) for _ in range(2)]

    assert [answer.headers.get("Retry-After") for answer in answers] == ["1", "7"]
    assert answers[0].code == "SubscriptionRequestsThrottled"


@pytest.mark.parametrize(("has_acted", "status"), [(False, 404), (True, 200)])
def test_status_may_come_after_the_act(azure: Any, *, has_acted: bool, status: int) -> None:
    _fault(azure, "504", has_acted=has_acted)

    assert azure.ask("orders").status == 504
    assert azure.get("bob", azure.request_id("orders", "req")).status == status


@pytest.mark.parametrize(("kind", "status"), [("reset-before", 404), ("reset-after", 200)])
def test_reset_comes_before_or_after_the_act(azure: Any, kind: str, status: int) -> None:
    _fault(azure, kind)

    answer = _raw(
        azure, "alice", "PUT", azure.request_id("orders", "req"), azure.ask_body("orders")
    )

    assert answer.wire == "reset"
    assert azure.get("bob", azure.request_id("orders", "req")).status == status


def test_answer_is_cut_late_or_a_page(azure: Any) -> None:
    for kind, more in (("truncated", {}), ("slow", {"seconds": 3}), ("html", {"status": 502})):
        _fault(azure, kind, **more)

    cut, late, page = (_raw(azure, "bob", "GET", azure.app("orders")) for _ in range(3))

    assert (cut.wire, late.delay, page.status) == ("truncated", 3, 502)
    assert page.headers["Content-Type"] == "text/html"
    assert page.body.startswith(b"<!DOCTYPE html>")


def test_token_is_said_to_have_expired(azure: Any) -> None:
    _fault(azure, "expired-token")

    answer = azure.get("bob", azure.app("orders"))

    assert (answer.status, answer.code) == (401, "ExpiredAuthenticationToken")
    assert azure.get("bob", azure.app("orders")).status == 200


def test_challenge_is_met_by_a_token_with_its_claims(azure: Any) -> None:
    _fault(azure, "claims-challenge", left=None)
    challenge = azure.get("bob", azure.app("orders")).headers["WWW-Authenticate"]
    told = challenge.split('claims="')[1].rstrip('"')

    claims = base64.b64decode(told).decode()
    azure._tokens["bob"] = azure.sign_in("bob", claims=claims).body["access_token"]

    assert 'error="insufficient_claims"' in challenge
    assert azure.get("bob", azure.app("orders")).status == 200
    assert azure.get("carol", azure.app("orders")).status == 401


def test_write_shows_late(azure: Any) -> None:
    _fault(azure, "stale", seconds=20)
    listing = f"{azure.managed('orders')}/providers/Microsoft.Solutions/jitRequests"
    before = len(azure.get("bob", listing).value)

    assert azure.ask("orders").status == 201
    early = azure.get("bob", azure.request_id("orders", "req")).status
    seen = len(azure.get("bob", listing).value)
    azure.sandbox.move_clock(timedelta(seconds=21))

    assert (early, seen) == (404, before)
    assert azure.get("bob", azure.request_id("orders", "req")).status == 200
    assert len(azure.get("bob", listing).value) == before + 1


def test_decision_and_deletion_show_late(azure: Any) -> None:
    azure.ask("orders")
    _fault(azure, "stale", seconds=20)
    azure.decide("bob", "orders", "req")
    assert azure.state("orders") == "Pending"
    azure.sandbox.move_clock(timedelta(seconds=21))
    assert azure.state("orders") == "Approved"

    _fault(azure, "stale", seconds=20)
    azure.call("alice", "DELETE", azure.request_id("orders", "req"))

    assert azure.state("orders") == "Approved"
    azure.sandbox.move_clock(timedelta(seconds=21))
    assert azure.get("bob", azure.request_id("orders", "req")).status == 404


def _operation(azure: Any, answer: Any) -> list[str]:
    link = answer.headers["Azure-AsyncOperation"]
    polls = [azure.get("bob", link) for _ in range(3)]
    return [str(poll.body["status"]) for poll in polls]


def test_operation_fails_and_has_done_nothing(azure: Any) -> None:
    _fault(azure, "operation-fails")
    policy = {"jitAccessEnabled": True, "maximumJitAccessDuration": "PT1H"}

    answer = azure.call(
        "bob", "PATCH", azure.app("orders"), {"properties": {"jitAccessPolicy": policy}}
    )

    assert _operation(azure, answer) == ["Accepted", "Failed", "Failed"]
    failed = azure.get("bob", answer.headers["Azure-AsyncOperation"])
    assert (failed.code, azure.get("bob", answer.headers["Location"]).status) == (
        "ApplianceOperationFailed",
        409,
    )
    found = azure.get("bob", azure.app("orders")).properties["jitAccessPolicy"]
    assert found["maximumJitAccessDuration"] == "PT8H"


def test_operation_never_ends_or_is_hidden(azure: Any) -> None:
    _fault(azure, "operation-hangs")
    _fault(azure, "operation-hides")
    tags = {"tags": {"a": "b"}}

    hangs = azure.call("bob", "PATCH", azure.app("orders"), tags)
    hidden = azure.call("bob", "PATCH", azure.app("orders"), tags)

    assert _operation(azure, hangs) == ["Accepted"] * 3
    assert not {"Location", "Azure-AsyncOperation"} & set(hidden.headers)


def test_links_may_lead_elsewhere(azure: Any) -> None:
    kinds = ("foreign-next-link", "foreign-location", "foreign-operation")
    for kind in kinds:
        _fault(azure, kind)

    listed = azure.get("bob", f"{azure.production}/providers/Microsoft.Solutions/applications")
    first, second = (
        azure.call("bob", "PATCH", azure.app("orders"), {"tags": {}}) for _ in range(2)
    )

    assert listed.body["nextLink"].startswith("https://foreign.example/")
    assert first.headers["Location"].startswith("https://foreign.example/")
    assert second.headers["Azure-AsyncOperation"].startswith("https://foreign.example/")


def test_buckets_run_dry_and_fill_again(azure: Any, clock: Any) -> None:
    _fault(azure, "buckets", left=None, tokens=3)

    answers = [azure.get("bob", azure.app("orders")) for _ in range(4)]
    clock.at += timedelta(seconds=1)
    later = azure.get("bob", azure.app("orders"))

    name = "x-ms-ratelimit-remaining-subscription-reads"
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers[name] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[-1].headers["Retry-After"] == "1"
    assert (later.status, later.headers[name]) == (200, "24")


def test_buckets_are_each_principals_own_and_ones_kind(azure: Any) -> None:
    _fault(azure, "buckets", left=None)

    read, other = (azure.get(who, azure.app("orders")) for who in ("bob", "carol"))
    write = azure.call("bob", "PATCH", azure.app("orders"), {"tags": {}})
    tenants = azure.get("bob", "/tenants", "2022-12-01")

    prefix = "x-ms-ratelimit-remaining"
    assert read.headers[f"{prefix}-subscription-reads"] == "249"
    assert other.headers[f"{prefix}-subscription-reads"] == "249"
    assert other.headers[f"{prefix}-subscription-global-reads"] == "3748"
    assert write.headers[f"{prefix}-subscription-writes"] == "199"
    assert tenants.headers[f"{prefix}-tenant-reads"] == "249"


@pytest.mark.parametrize(
    ("kind", "more"),
    [("other", {}), ("500", {"left": 0}), ("slow", {"seconds": -1}), ("slow", {"has_acted": True})],
)
def test_fault_that_makes_no_sense_is_refused(azure: Any, kind: str, more: Any) -> None:
    with pytest.raises(ValueError, match=r"fault|slow"):
        _fault(azure, kind, **more)


def test_reset_of_the_world_clears_faults(azure: Any) -> None:
    for kind in KINDS:
        _fault(azure, kind)

    azure.sandbox.reset()

    assert azure.sandbox.faults() == []
