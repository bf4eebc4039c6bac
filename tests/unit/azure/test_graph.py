"""The client of Microsoft Graph: what it sends, to which host, and how it reads answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from azjit.azure.clouds import NAMED, Cloud, graph_of
from azjit.azure.endpoints import cloud_from_metadata
from azjit.azure.graph import Graph
from azjit.azure.network import Network
from azjit.azure.wire.directory import decode_entry, decode_licence
from azjit.domain.directory import Licence
from azjit.errors import AzjitError, Failed, NotSignedIn, Unavailable

HOME = "https://graph.microsoft.com"
Act = Callable[[httpx.Request], httpx.Response]


class Peer:
    """Graph's other end: what was sent, and the answers in turn; the last one stays."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        self.slept: list[float] = []
        self.said: list[str] = []
        self.logged: list[str] = []
        self.claims: list[str | None] = []
        self.acts: list[Act] = []
        self.refusal: Exception | None = None

    def answers(self, *bodies: Any, status: int = 200, **headers: str) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        for body in bodies:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.acts.append(
                lambda _, content=content: httpx.Response(status, headers=told, content=content)
            )

    def get_token(self, *scopes: str, claims: str | None = None, **_: Any) -> AccessToken:
        if self.refusal is not None:
            raise self.refusal
        self.claims.append(claims)
        return AccessToken(f"token for {scopes[0]}", 4_102_444_800)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        return act(request)

    async def aclose(self) -> None:
        pass

    def body(self, at: int) -> Any:
        return json.loads(self.sent[at].content)


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def graph(peer: Peer) -> Iterator[Graph]:
    network = Network(peer.slept.append, peer.said.append, peer.logged.append)
    place = graph_of(NAMED["public"])
    assert place is not None
    client = Graph(place, peer, network, peer)
    yield client
    client.close()


def breaks(error: Exception) -> Act:
    def act(_: httpx.Request) -> httpx.Response:
        raise error

    return act


def test_a_call_carries_a_token_for_graph_and_asks_for_few_properties(
    graph: Graph, peer: Peer
) -> None:
    peer.answers({"value": [{"id": "1"}]})

    found = graph.where("group", "displayName eq 'O''Neil'", "look up O'Neil")

    (request,) = peer.sent
    assert [entry.id.text for entry in found] == ["1"]
    assert request.headers["Authorization"] == f"Bearer token for {HOME}/.default"
    assert request.url.path == "/v1.0/groups"
    assert dict(request.url.params) == {
        "$filter": "displayName eq 'O''Neil'",
        "$select": "id,displayName,mail",
        "$top": "100",
    }
    assert peer.logged[0].startswith(f"GET {HOME}/v1.0/groups?")
    assert "token" not in peer.logged[0]


def test_ids_go_a_thousand_at_a_time(graph: Graph, peer: Peer) -> None:
    peer.answers({"value": [{"id": "a"}]}, {"value": [{"id": "b"}, "odd"]})

    found = graph.by_ids([str(n) for n in [*range(1500), 1]], "look up names")

    assert [len(peer.body(at)["ids"]) for at in (0, 1)] == [1000, 500]
    assert peer.body(0)["types"] == ["user", "group", "servicePrincipal"]
    assert [entry.id.text for entry in found] == ["a", "b"]


@pytest.mark.parametrize("kind", ["users", "servicePrincipals"])
def test_groups_are_checked_twenty_at_a_time(graph: Graph, peer: Peer, kind: str) -> None:
    peer.answers({"value": ["G3"]}, {"value": ["G41"]}, {"value": []})

    found = graph.groups_with(
        "me", [f"g{n}" for n in range(45)], "look up groups", is_service=kind != "users"
    )

    assert found == {"g3", "g41"}
    assert [len(peer.body(at)["groupIds"]) for at in range(3)] == [20, 20, 5]
    assert {request.url.path for request in peer.sent} == {f"/v1.0/{kind}/me/checkMemberGroups"}


def test_pages_are_followed_at_home(graph: Graph, peer: Peer) -> None:
    following = f"{HOME}/v1.0/users?$skiptoken=2"
    peer.answers({"value": [{"id": "1"}], "@odata.nextLink": following}, {"value": [{"id": "2"}]})

    found = graph.where("user", "x", "look up x")

    assert [entry.id.text for entry in found] == ["1", "2"]
    assert str(peer.sent[1].url) == following


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1.0/users",
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com@evil.example/users",
        "https://graph.microsoft.com.evil.example/users",
        7,
    ],
)
def test_a_foreign_page_gets_no_call_and_no_token(graph: Graph, peer: Peer, url: object) -> None:
    peer.answers({"value": [], "@odata.nextLink": url})

    with pytest.raises(Failed, match="foreign address"):
        graph.where("user", "x", "look up x")

    assert len(peer.sent) == 1


def test_pages_that_go_round_end(graph: Graph, peer: Peer) -> None:
    peer.answers({"value": [], "@odata.nextLink": f"{HOME}/v1.0/users?$skiptoken=1"})

    with pytest.raises(Unavailable, match="points back"):
        graph.where("user", "x", "look up x")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_pass_is_tried_again_by_our_sleep(graph: Graph, peer: Peer, status: int) -> None:
    peer.answers({}, status=status)
    peer.answers({}, status=status, Retry_After="5")
    peer.answers({"value": []})

    assert graph.licence("read licences") is Licence.NONE

    assert peer.slept == [0.8, 5.0]
    assert peer.said == [f"Graph answered {status}; trying again in 5 s"]


def test_a_wait_of_minutes_is_told_and_not_sat_out(graph: Graph, peer: Peer) -> None:
    peer.answers({}, status=429, Retry_After="600")

    with pytest.raises(Unavailable) as failed:
        graph.licence("read licences")

    assert peer.slept == []
    assert failed.value.hint == "Azure asks to wait 600 s; try again then"


def test_in_a_hurry_nothing_is_tried_twice(graph: Graph, peer: Peer) -> None:
    peer.answers({}, status=503)

    with pytest.raises(Unavailable):
        graph.by_ids(["1"], "look up names", hurry=True)

    assert (len(peer.sent), peer.slept) == (1, [])


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (httpx.ConnectError("refused"), "graph.microsoft.com was not reached: refused"),
        (httpx.ConnectTimeout(""), "graph.microsoft.com was not reached: the connection timed out"),
        (
            httpx.ProxyError("407 Auth"),
            (
                "graph.microsoft.com was not reached: the proxy requires a user name and password"
                " (407)"
            ),
        ),
        (httpx.ReadTimeout("too slow"), "no usable response (too slow)"),
        (httpx.RemoteProtocolError("cut"), "no usable response (cut)"),
    ],
)
def test_an_outage_is_said_plainly(graph: Graph, peer: Peer, error: Exception, told: str) -> None:
    peer.acts.append(breaks(error))

    with pytest.raises(Unavailable) as failed:
        graph.licence("read licences")

    assert failed.value.message == f"could not read licences: {told}"
    assert peer.logged[0].split(" (")[0].endswith("-> no answer")


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirection_is_not_followed(graph: Graph, peer: Peer, status: int) -> None:
    peer.answers(b"", status=status, Location="https://evil.example/")

    with pytest.raises(Unavailable, match="a redirect"):
        graph.licence("read licences")

    assert len(peer.sent) == 1


def test_a_credential_without_a_token_is_no_sign_in(graph: Graph, peer: Peer) -> None:
    peer.refusal = ClientAuthenticationError("AADSTS65001: no consent")

    with pytest.raises(NotSignedIn, match="could not read licences: AADSTS65001"):
        graph.licence("read licences")

    assert peer.sent == []


def test_a_claims_challenge_is_answered_once(graph: Graph, peer: Peer) -> None:
    challenge = 'Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="'
    peer.answers({}, status=401, WWW_Authenticate=challenge)
    peer.answers({"value": []})

    graph.licence("read licences")

    assert peer.claims == [None, '{"a":1}']


def test_a_malformed_challenge_is_no_crash(graph: Graph, peer: Peer) -> None:
    peer.answers({}, status=401, WWW_Authenticate='Bearer claims="x"')

    with pytest.raises(AzjitError):
        graph.licence("read licences")


def test_the_request_id_of_an_error_is_kept(graph: Graph, peer: Peer) -> None:
    peer.answers({"error": {"code": "X", "message": "no"}}, status=400, request_id="r-1")

    with pytest.raises(Failed) as failed:
        graph.licence("read licences")

    assert (failed.value.code, failed.value.request_id) == ("X", "r-1")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_unreadable_certificates_are_said_plainly(
    peer: Peer, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    place = graph_of(NAMED["public"])
    assert place is not None
    graph = Graph(place, peer, Network(peer.slept.append, peer.said.append, None, str(file)))

    with pytest.raises(Failed, match=r"the certificates in .* could not be read"):
        graph.licence("read licences")

    graph.close()


# Where Graph is


def cloud_of(arm: str, told: str | None) -> Cloud:
    sign_in = {"loginEndpoint": arm, "audiences": [arm]}
    answer = {"name": "own", "authentication": sign_in, "microsoftGraphResourceId": told}
    return cloud_from_metadata(arm, answer)


def test_a_cloud_of_ones_own_tells_its_graph_and_gets_tokens_for_that_only() -> None:
    place = graph_of(cloud_of("https://arm.own.example", "https://graph.own.example/"))

    assert place is not None
    assert (place.arm, place.scope) == (
        "https://graph.own.example",
        "https://graph.own.example/.default",
    )


@pytest.mark.parametrize("told", [None, "", "http://arm.example", "https://graph.other.example"])
def test_a_cloud_that_tells_no_graph_has_none(told: str | None) -> None:
    assert graph_of(cloud_of("https://arm.example", told)) is None


def test_a_served_sandbox_takes_the_tokens_of_the_real_graph() -> None:
    place = graph_of(cloud_of("https://localhost:8443", "https://localhost:8443/"))

    assert place is not None
    assert (place.arm, place.scope) == ("https://localhost:8443", f"{HOME}/.default")


# What is read


def sku(name: str, *, status: str = "Enabled", plan: str = "Success", key: str = "") -> Any:
    return {
        "capabilityStatus": status,
        "servicePlans": [
            {"servicePlanName": name, "servicePlanId": key, "provisioningStatus": plan}
        ],
    }


@pytest.mark.parametrize(
    ("skus", "licence"),
    [
        ([], Licence.NONE),
        ([sku("AAD_PREMIUM")], Licence.NONE),
        ([sku("AAD_PREMIUM_P2")], Licence.P2),
        ([sku("AAD_PREMIUM_P2", status="Warning")], Licence.P2),
        ([sku("AAD_PREMIUM_P2", status="Suspended")], Licence.NONE),
        ([sku("AAD_PREMIUM_P2", plan="Disabled")], Licence.NONE),
        ([sku("renamed", key="EEC0EB4F-6444-4F95-ABA0-50C24D67F998")], Licence.P2),
        ([sku("Entra_Identity_Governance")], Licence.GOVERNANCE),
        ([sku("Entra_Identity_Governance"), sku("AAD_PREMIUM_P2")], Licence.P2),
        ([{}], Licence.NONE),
    ],
)
def test_the_licence_for_pim(skus: list[Any], licence: Licence) -> None:
    assert decode_licence(skus) is licence


@pytest.mark.parametrize(
    ("body", "label"),
    [
        ({"displayName": "Ada", "userPrincipalName": "ada@x"}, "ada@x"),
        ({"displayName": "Ada", "userPrincipalName": "a_y#EXT#@x", "mail": "ada@y"}, "ada@y"),
        ({"displayName": "Ada", "userPrincipalName": "a_y#EXT#@x"}, "Ada"),
        ({"displayName": "Ops", "mail": "ops@x"}, "Ops"),
        ({}, None),
    ],
)
def test_what_somebody_is_called_in_one_column(body: dict[str, str], label: str | None) -> None:
    entry = decode_entry({"id": "1", **body}, "user")

    assert entry is not None
    assert entry.label == label


def test_an_entry_without_an_id_is_none() -> None:
    assert decode_entry({"displayName": "Ada"}) is None
