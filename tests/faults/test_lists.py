"""Lists: every page, and only pages of Resource Manager."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from azjit.errors import AzjitError, Failed, NotAllowed, Unavailable
from faults.peer import HOME, VERSION, Peer

PATH = "/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups"
WHAT = "list the resource groups"
FOREIGN = [
    "https://evil.example/next",
    "https://management.azure.com.evil.example/next",
    "https://management.azure.com@evil.example/next",
    "https://evil.example\\@management.azure.com/next",
    "https://management.azure.com:8443/next",
    "https://management.azure.com:port/next",
    "https://[management.azure.com/next",
    "http://management.azure.com/next",
    "//evil.example/next",
    "/next",
    "ftp://management.azure.com/next",
]


def items(peer: Peer) -> list[Any]:
    return list(peer.arm.list(PATH, VERSION, WHAT))


def refused(peer: Peer) -> AzjitError:
    with pytest.raises(AzjitError) as raised:
        items(peer)
    return raised.value


def test_all_pages_are_given_in_order(azure: responses.RequestsMock, peer: Peer) -> None:
    azure.get(
        f"{HOME}{PATH}",
        json={"value": [{"n": 1}], "nextLink": f"{HOME}:443{PATH}?$skiptoken=a%2Fb"},
        match=[responses.matchers.query_param_matcher({"api-version": VERSION})],
    )
    azure.get(
        f"{HOME}:443{PATH}",
        json={"value": [{"n": 2}, "odd"], "nextLink": ""},
        match=[responses.matchers.query_param_matcher({"$skiptoken": "a/b"})],
    )

    assert items(peer) == [{"n": 1}, {"n": 2}, {}]  # of the last nothing can be read


@pytest.mark.parametrize("link", FOREIGN)
def test_link_to_elsewhere_gets_no_token(
    azure: responses.RequestsMock, peer: Peer, link: str
) -> None:
    azure.get(f"{HOME}{PATH}", json={"value": [], "nextLink": link})

    error = refused(peer)

    assert type(error) is Failed
    assert error.message.startswith(
        "could not list the resource groups: Azure's answer points to the foreign address "
    )
    assert error.hint == "nothing was sent there; report this to your network administrator"
    assert len(azure.calls) == 1


def test_list_that_goes_in_a_circle_ends(azure: responses.RequestsMock, peer: Peer) -> None:
    second = f"{HOME}{PATH}?page=2"
    azure.get(f"{HOME}{PATH}", json={"value": [], "nextLink": second})

    error = refused(peer)

    assert type(error) is Unavailable
    assert "points back to an earlier page" in error.message
    assert error.hint
    assert len(azure.calls) == 2


@pytest.mark.parametrize("page", [{}, [], {"value": None}, {"value": {"n": 1}}, "text"])
def test_page_without_a_list_is_not_an_empty_one(
    azure: responses.RequestsMock, peer: Peer, page: object
) -> None:
    azure.get(f"{HOME}{PATH}", json=page)

    error = refused(peer)

    assert type(error) is Unavailable
    assert error.message == "could not list the resource groups: the answer contains no list"
    assert error.hint


def test_second_page_that_is_refused_is_not_left_out(
    azure: responses.RequestsMock, peer: Peer
) -> None:
    azure.get(f"{HOME}{PATH}", json={"value": [{"n": 1}], "nextLink": f"{HOME}/next"})
    azure.get(f"{HOME}/next", json={"error": {"code": "AuthorizationFailed"}}, status=403)

    assert type(refused(peer)) is NotAllowed
