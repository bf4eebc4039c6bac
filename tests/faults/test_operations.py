"""Long-running operations: followed on the same host only, and finished only if they say so."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from requests import exceptions as http

from azjit.domain.calls import Call
from azjit.errors import AnswerLost, AzjitError, Failed
from faults.peer import DECIDE, HOME, PATCH, PUT, Peer, url_of

Azure = responses.RequestsMock
STATUS = f"{HOME}/subscriptions/s/providers/Microsoft.Solutions/locations/here/operationStatuses/o"


def begin(azure: Azure, call: Call, status: int, body: Any = None, **headers: str) -> None:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    azure.add(call.method, url_of(call), json=body, status=status, headers=told)


def refused(peer: Peer, call: Call) -> AzjitError:
    with pytest.raises(AzjitError) as raised:
        peer.settle(call)
    return raised.value


@pytest.mark.parametrize("status", [200, 201, 202])
def test_status_address_is_followed_until_it_succeeds(
    azure: Azure, peer: Peer, status: int
) -> None:
    begin(azure, PATCH, status, Azure_AsyncOperation=STATUS, Retry_After="15")
    azure.get(STATUS, json={"status": "Accepted"}, status=202, headers={"Retry-After": "1"})
    azure.get(STATUS, json={"status": "Running"})
    azure.get(STATUS, json={"status": "succeeded"})

    assert peer.settle(PATCH) is True
    assert peer.clock.slept == [15, 1, 2]


def test_location_is_followed_until_it_is_no_202(azure: Azure, peer: Peer) -> None:
    begin(azure, DECIDE, 202, {"status": "Elevate"}, Location=STATUS)
    azure.get(STATUS, status=202, headers={"x-ms-retry-after-ms": "20"})
    azure.get(STATUS, status=204)

    assert peer.settle(DECIDE) is True
    assert peer.clock.slept == [2, 0.02]


def test_status_address_wins_over_location(azure: Azure, peer: Peer) -> None:
    begin(azure, DECIDE, 202, Location=f"{HOME}/other", Azure_AsyncOperation=STATUS)
    azure.get(STATUS, json={"status": "Succeeded"})

    assert peer.settle(DECIDE) is True


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_answer_without_an_address_began_no_operation(
    azure: Azure, peer: Peer, status: int
) -> None:
    begin(azure, PUT, status)

    assert peer.settle(PUT) is True
    assert len(azure.calls) == 1


def test_location_of_a_finished_call_is_none_to_follow(azure: Azure, peer: Peer) -> None:
    begin(azure, PUT, 201, Location=f"{HOME}/the/new/resource")

    assert peer.settle(PUT) is True
    assert len(azure.calls) == 1


@pytest.mark.parametrize("body", [None, {}, [], {"properties": {}}])
def test_status_address_without_a_status_ends_by_its_code(
    azure: Azure, peer: Peer, body: Any
) -> None:
    begin(azure, PATCH, 202, Azure_AsyncOperation=STATUS)
    azure.get(STATUS, json=body, status=202)
    azure.get(STATUS, json=body, status=200)

    assert peer.settle(PATCH) is True


@pytest.mark.parametrize(
    ("status", "fault", "words", "code"),
    [
        ("Failed", {"code": "JobFailed", "message": "the job broke"}, "the job broke", "JobFailed"),
        ("Canceled", None, "no reason given", None),
        ("Cancelled", {}, "no reason given", None),
    ],
)
def test_operation_that_fails_is_a_failure(
    azure: Azure, peer: Peer, status: str, fault: Any, words: str, code: str | None
) -> None:
    begin(azure, PATCH, 202, Azure_AsyncOperation=STATUS)
    azure.get(STATUS, json={"status": status, "error": fault}, headers={"x-ms-request-id": "i"})

    error = refused(peer, PATCH)

    assert type(error) is Failed
    assert (
        error.message == f"could not configure orders: Azure's operation {status.lower()}: {words}"
    )
    assert (error.code, error.request_id) == (code, "i")
    assert error.hint == "read the state before trying again"


def test_operation_that_never_ends_is_left_in_time(azure: Azure, peer: Peer) -> None:
    begin(azure, PATCH, 202, Azure_AsyncOperation=STATUS, Retry_After="600")
    azure.get(STATUS, json={"status": "Running"}, headers={"Retry-After": "0"})

    assert peer.settle(PATCH) is False
    assert peer.clock.slept[:2] == [30, 2]
    assert sum(peer.clock.slept) == 300


@pytest.mark.parametrize(
    "address", ["https://evil.example/o", "http://management.azure.com/o", "/subscriptions/s/o"]
)
@pytest.mark.parametrize("header", ["Location", "Azure_AsyncOperation"])
def test_operation_elsewhere_gets_no_token_and_the_write_is_lost(
    azure: Azure, peer: Peer, header: str, address: str
) -> None:
    begin(azure, DECIDE, 202, **{header: address})

    error = refused(peer, DECIDE)

    # Azure accepted the call before: only a read of the request tells what became of it.
    assert type(error) is AnswerLost
    assert "foreign address" in error.message
    assert error.hint == "Azure accepted the call; read the state before trying again"
    assert len(azure.calls) == 1


@pytest.mark.parametrize(
    "seen",
    [
        {"status": 403, "json": {"error": {"code": "AuthorizationFailed", "message": "no."}}},
        {"status": 404, "json": {"error": {"code": "NotFound", "message": "no."}}},
        {"status": 500, "body": "<html>"},
        {"status": 200, "body": '{"status": "Succ'},
        {"body": http.ConnectionError("gone")},
    ],
    ids=["forbidden", "missing", "broken", "truncated", "unreached"],
)
def test_operation_that_cannot_be_followed_leaves_the_write_open(
    azure: Azure, peer: Peer, seen: dict[str, Any]
) -> None:
    begin(azure, DECIDE, 202, Location=STATUS)
    azure.get(STATUS, **seen)

    error = refused(peer, DECIDE)

    assert type(error) is AnswerLost
    assert error.message.startswith("could not follow Azure's operation to approve request r: ")
    assert sum(call.request.method == "POST" for call in azure.calls) == 1
