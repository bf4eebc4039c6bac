"""The directory calls of azjit, and the answers to them, match Graph's contract."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from azjit.azure.clouds import NAMED, graph_of
from azjit.azure.graph import Graph
from azjit.azure.network import Network
from azjit.azure.sign_in.caller import caller_of
from azjit.azure.sign_in.sandbox import SandboxCredential
from azjit.azure.sign_in.token_cache import CachedCredential
from azjit.context import Context, Side
from azjit.domain.directory import Licence
from azjit.domain.ids import PrincipalId
from azjit.errors import NotAllowed
from azjit.process import real_process
from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.core import Person, Response, Sandbox
from azjit.sandbox.transports.azure_core import AzureCoreTransport
from azjit.sandbox.transports.in_process import HttpxTransport
from azjit.services.directory_names import Directory
from azjit.settings import resolve
from azjit.store.directory import DirectoryCache
from contract import openapi_graph

pytestmark = pytest.mark.usefixtures("specs")


class Office:
    """The directory as one person of the world sees it, every call of it held to the contract."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox, self._folder = sandbox, folder
        self._open: list[Graph] = []
        self.asides: list[str] = []
        self.calls: list[str] = []

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        answer = self._sandbox.handle(method, url, headers, body)
        openapi_graph.validate_response(method, url, answer.status, answer.body)
        self.calls.append(f"{method} {url.partition('/v1.0')[2].partition('?')[0]}")
        return answer

    def warn(self, text: str) -> None:
        self.asides.append(text)

    def aside(self, text: str) -> None:
        self.asides.append(text)

    def graph(self, alias: str) -> Graph:
        kept = CachedCredential(lambda: self._credential(alias), lambda: datetime.now(UTC), None)
        transport: Any = HttpxTransport(self)  # type: ignore[arg-type] # it answers as the world does
        place = graph_of(NAMED["public"])
        assert place is not None
        graph = Graph(place, kept, Network(time.sleep, print), transport)
        self._open.append(graph)
        return graph

    def directory(self, alias: str) -> Directory:
        caller = caller_of(self._credential(alias).get_token(NAMED["public"].scope).token)
        cache = DirectoryCache(self._folder, caller.tenant, now=lambda: datetime.now(UTC))
        graph = self.graph(alias)
        settings = resolve({"sandbox": True}, {})
        notes: Any = self  # it hears asides only
        context = Context(settings, real_process(), notes, Side.PUBLISHER, reads_names=True)
        context.__dict__ |= {"graph": graph, "directory_cache": cache, "caller": caller}
        return Directory(context)

    def caller(self, alias: str) -> Any:
        return caller_of(self._credential(alias).get_token(NAMED["public"].scope).token)

    def close(self) -> None:
        for graph in self._open:
            graph.close()

    def _credential(self, alias: str) -> SandboxCredential:
        transport = AzureCoreTransport(self._sandbox)
        return SandboxCredential(NAMED["public"], alias, transport, lambda: datetime.now(UTC))


@pytest.fixture
def office(sandbox: Sandbox, tmp_path: Path) -> Iterator[Office]:
    office = Office(sandbox, tmp_path)
    yield office
    office.close()


def test_names_of_every_kind(office: Office, people: dict[str, Person]) -> None:
    directory = office.directory("alice")
    ids = [PrincipalId(people[alias].object_id) for alias in ("dave", "fabrikam-ci", "bob")]

    directory.learn(ids)

    assert [directory.name(each) for each in ids] == ["dave@fabrikam.example", "fabrikam-ci", None]
    assert office.calls == ["POST /directoryObjects/getByIds"]
    kinds = {key: str(kind) for key, kind in (directory.kinds(ids) or {}).items()}
    assert sorted(kinds.values()) == ["service principal", "user"]


def test_users_and_groups_by_condition(office: Office) -> None:
    graph = office.graph("bob")

    users = graph.where("user", "startswith(displayName,'sa')", "look")
    groups = graph.where("group", "displayName eq 'Contoso Approvers' or mail eq 'x'", "look")

    assert [each.name for each in users] == ["Sam Stone", "Sam Stone"]
    assert [each.name for each in groups] == ["Contoso Approvers"]


@pytest.mark.parametrize(
    ("alias", "place"), [("dave", "users"), ("fabrikam-ci", "servicePrincipals")]
)
def test_groups_of_people_and_of_service_principals(
    office: Office, sandbox: Sandbox, alias: str, place: str
) -> None:
    sandbox.set_switch(None, "token-groups", "overage")
    caller = office.caller(alias)
    graph = office.graph("alice")
    listed = graph.where("group", "startswith(displayName,'Fabrikam')", "look")
    ids = [each.id for each in listed]

    placed = office.directory(alias).placed(caller, ids)

    assert caller.groups is None
    assert [placed.is_in(each) for each in ids] == [alias == "dave"] * 2
    assert office.calls[-1] == f"POST /{place}/{caller.id.key}/checkMemberGroups"


def test_entries_and_members_with_what_tells_that_they_can_sign_in(
    office: Office, people: dict[str, Person]
) -> None:
    group, carol = PrincipalId(stable_id("group/platform")), PrincipalId(people["carol"].object_id)
    nina = PrincipalId(stable_id("principal/nina.novak"))
    directory = office.directory("bob")

    entries = directory.entries([group, nina])
    members = [directory.members(group) for _ in range(2)]

    found = {entry.kind: entry.is_enabled for entry in entries.values()}
    assert found == {"group": None, "user": False}
    assert members[0] == members[1]
    assert {(each.id, each.kind, each.is_enabled) for each in members[0]} == {
        (PrincipalId(stable_id("group/approvers")), "group", None),
        (carol, "user", True),
    }
    assert office.calls == [
        "POST /directoryObjects/getByIds",
        f"GET /groups/{group.key}/transitiveMembers",
    ]


@pytest.mark.parametrize(("switch", "licence"), [("p2", Licence.P2), ("none", Licence.NONE)])
def test_licences(office: Office, sandbox: Sandbox, switch: str, licence: Licence) -> None:
    sandbox.set_switch(None, "licence", switch)

    assert office.directory("bob").licence() is licence


def test_without_rights_facts_fail_and_names_do_not(
    office: Office, sandbox: Sandbox, people: dict[str, Person]
) -> None:
    sandbox.set_switch(None, "graph", "forbidden")
    directory = office.directory("bob")
    carol = PrincipalId(people["carol"].object_id)

    assert directory.name(carol) is None
    assert directory.kinds([carol]) is None
    assert len(office.asides) == 1
    with pytest.raises(NotAllowed, match="Insufficient privileges"):
        directory.licence()
