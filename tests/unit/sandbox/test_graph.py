"""Microsoft Graph: the directory of each tenant, its queries, its refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

GRAPH = "https://graph.microsoft.com"
EVENTUAL = {"ConsistencyLevel": "eventual"}


class Directory:
    """Calls to Graph on behalf of people of the world."""

    def __init__(self, azure: Any) -> None:
        self.azure = azure
        self.groups = {item["name"]: item["id"] for item in azure.sandbox.describe()["groups"]}
        self._tokens: dict[str, str] = {}

    def call(
        self,
        alias: str,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        if alias not in self._tokens:
            signed = self.azure.sign_in(alias, scope=f"{GRAPH}/.default")
            self._tokens[alias] = signed.body["access_token"]
        sent = {"Authorization": f"Bearer {self._tokens[alias]}", **(headers or {})}
        url = path if path.startswith("https:") else f"{GRAPH}/v1.0{path}"
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.azure.sandbox.handle(method, url, sent, content)
        return _Answer(answer.status, answer.headers, answer.body)

    def get(self, path: str, alias: str = "bob", **headers: str) -> Any:
        return self.call(alias, "GET", path, headers=headers)

    def names(self, path: str, alias: str = "bob", **headers: str) -> list[str]:
        return [item["displayName"] for item in self.get(path, alias, **headers).value]


class _Answer:
    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers = status, headers
        self.body = json.loads(body) if body else None

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])

    @property
    def value(self) -> list[Any]:
        return list(self.body["value"])


@pytest.fixture
def graph(azure: Any) -> Directory:
    return Directory(azure)


def test_me_is_a_person(graph: Directory) -> None:
    assert graph.get("/me").body["mail"] == "bob.brandt@contoso.example"
    assert graph.get("/me", "contoso-ci").code == "BadRequest"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/users/carol@contoso.example", "Carol Cruz"),
        ("/users/CAROL@contoso.example", "Carol Cruz"),
        ("/users(userPrincipalName='carol@contoso.example')", "Carol Cruz"),
        ("/users/{carol}", "Carol Cruz"),
        ("/directoryObjects/{carol}", "Carol Cruz"),
        ("/servicePrincipals/{contoso-ci}", "contoso-ci"),
        ("/groups/{group}", "Contoso Approvers"),
    ],
)
def test_objects_are_found_by_their_keys(graph: Directory, path: str, name: str) -> None:
    path = path.replace("{group}", graph.groups["Contoso Approvers"])
    for alias, person in graph.azure.people.items():
        path = path.replace(f"{{{alias}}}", person.object_id)

    assert graph.get(path).body["displayName"] == name


def test_application_is_found_by_its_client_id(graph: Directory) -> None:
    app = graph.azure.people["contoso-ci"].app_id

    assert graph.get(f"/servicePrincipals(appId='{app}')").body["appId"] == app
    assert (
        graph.get(f"/servicePrincipals(appId='{graph.groups['Contoso Approvers']}')").status == 404
    )


def test_tenants_do_not_see_each_other(graph: Directory) -> None:
    assert graph.get("/users/alice@fabrikam.example").code == "Request_ResourceNotFound"
    assert graph.names("/users", "alice") == ["Alice Ashdown", "Dave Dunn"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("$filter=displayName eq 'Sam Stone'", 2),
        ("$filter=mail eq 'Bob.Brandt@contoso.example' or userPrincipalName eq 'bob.brandt'", 1),
        ("$filter=startswith(displayName,'c') and accountEnabled eq true", 1),
        ("$filter=accountEnabled eq false", 1),
        ("$filter=userPrincipalName in ('bob@contoso.example','rita@contoso.example')", 2),
        ("$filter=(mail eq null)", 0),
        ("$filter=displayName eq 'O''Brien'", 0),
    ],
)
def test_filters(graph: Directory, query: str, count: int) -> None:
    assert len(graph.names(f"/users?{query}")) == count


@pytest.mark.parametrize(
    "query",
    [
        "$filter=endswith(mail,'contoso.example')",
        "$filter=displayName ne 'Bob Brandt'",
        '$search="displayName:stone"',
    ],
)
def test_advanced_queries_need_eventual_consistency(graph: Directory, query: str) -> None:
    assert graph.get(f"/users?{query}").code == "Request_UnsupportedQuery"
    assert graph.get(f"/users?{query}", **EVENTUAL).status == 200


@pytest.mark.parametrize(
    ("search", "count"),
    [
        ('"displayName:sto"', 2),
        ('"displayName:bob" OR "mail:rita"', 2),
        ('"displayName:sam" AND "userPrincipalName:samuel"', 1),
    ],
)
def test_search_finds_words_by_their_start(graph: Directory, search: str, count: int) -> None:
    found = graph.get(f"/users?$search={search}&$count=true", **EVENTUAL)

    assert (len(found.value), found.body["@odata.count"]) == (count, count)


@pytest.mark.parametrize(
    "query",
    [
        "$filter=shoeSize eq '1'",
        "$filter=displayName",
        "$filter=displayName eq bob",
        "$filter=displayName eq 'a' 'b'",
        "$filter=#",
        "$top=0",
        "$top=1000",
        "$expand=manager",
        "$skiptoken=x",
    ],
)
def test_queries_that_are_not_understood_are_400(graph: Directory, query: str) -> None:
    assert graph.get(f"/users?{query}").status == 400


def test_pages_follow_the_link_and_keep_the_options(graph: Directory) -> None:
    found, link = [], "/users?$top=4&$select=displayName&$orderby=displayName desc"
    while link:
        page = graph.get(link)
        found += page.value
        link = page.body.get("@odata.nextLink")

    names = [item["displayName"] for item in found]
    assert names == sorted(names, reverse=True)
    assert len(names) == 6
    assert set(found[0]) == {"displayName"}


def test_page_size_of_the_world_holds_without_top(graph: Directory) -> None:
    graph.azure.sandbox.set_switch(None, "page-size", "2")

    assert len(graph.get("/users").value) == 2


def test_ids_become_objects_of_the_kinds_asked_for(graph: Directory) -> None:
    people = graph.azure.people
    ids = [people[a].object_id for a in ("bob", "contoso-ci", "alice")] + list(
        graph.groups.values()
    )

    def kinds(*types: str) -> list[str]:
        body = {"ids": ids, **({"types": list(types)} if types else {})}
        found = graph.call("bob", "POST", "/directoryObjects/getByIds", body)
        return [item["@odata.type"].rpartition(".")[2] for item in found.value]

    assert kinds() == ["user", "servicePrincipal", "group"]
    assert kinds("user", "group") == ["user", "group"]
    many = graph.call("bob", "POST", "/directoryObjects/getByIds", {"ids": ids * 300})
    assert many.status == 400
    assert graph.call("bob", "POST", "/directoryObjects/getByIds", {}).status == 400
    assert graph.call("bob", "POST", "/directoryObjects/getByIds", []).status == 400


def test_membership_is_transitive(graph: Directory) -> None:
    inside = graph.names("/me/transitiveMemberOf/microsoft.graph.group", "carol")
    platform = graph.get("/groups?$filter=displayName eq 'Contoso Platform'").value[0]["id"]

    assert inside == ["Contoso Approvers", "Contoso Platform"]
    assert graph.names(f"/groups/{platform}/members") == ["Contoso Approvers"]
    assert graph.names(f"/groups/{platform}/transitiveMembers") == [
        "Contoso Approvers",
        "Carol Cruz",
    ]
    assert graph.names("/users/bob@contoso.example/transitiveMemberOf") == []


def test_groups_are_checked_twenty_at_a_time(graph: Directory) -> None:
    ids = list(graph.groups.values())

    def check(alias: str, place: str, named: list[str]) -> Any:
        return graph.call(alias, "POST", f"{place}/checkMemberGroups", {"groupIds": named})

    assert check("carol", "/me", ids).value == [graph.groups["Contoso Approvers"]]
    assert check("bob", "/users/carol@contoso.example", ids).value != []
    ci = graph.azure.people["contoso-ci"].object_id
    assert check("contoso-ci", f"/servicePrincipals/{ci}", ids).value == []
    assert check("carol", "/me", ids * 11).code == "Directory_ResultSizeLimitExceeded"
    everything = graph.call("carol", "POST", "/me/getMemberGroups", {"securityEnabledOnly": False})
    assert len(everything.value) == 2


@pytest.mark.parametrize(
    ("alias", "licence", "is_p2"),
    [("bob", "p2", True), ("bob", "none", False), ("alice", "p2", False)],
)
def test_licences(graph: Directory, alias: str, licence: str, is_p2: bool) -> None:  # noqa: FBT001 a row
    graph.azure.sandbox.set_switch(None, "licence", licence)

    (sku,) = graph.get("/subscribedSkus", alias).value

    plans = {plan["servicePlanName"] for plan in sku["servicePlans"]}
    assert ("AAD_PREMIUM_P2" in plans) is is_p2


def test_forbidden_leaves_only_me(graph: Directory) -> None:
    graph.azure.sandbox.set_switch(None, "graph", "forbidden")

    assert graph.get("/users").code == "Authorization_RequestDenied"
    assert graph.get("/me").status == 200


def test_quota(graph: Directory) -> None:
    graph.azure.sandbox.set_switch(None, "graph-quota", "2")

    answers = [graph.get("/me") for _ in range(3)]
    graph.azure.sandbox.move_clock(timedelta(seconds=10))

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert (answers[2].code, answers[2].headers["Retry-After"]) == ("TooManyRequests", "10")
    assert graph.get("/me").status == 200


def test_errors_carry_their_request(graph: Directory) -> None:
    answer = graph.get("/users/nobody", **{"client-request-id": "mine"})

    inner = answer.body["error"]["innerError"]
    assert (answer.status, answer.code) == (404, "Request_ResourceNotFound")
    assert inner["request-id"] == answer.headers["request-id"]
    assert inner["client-request-id"] == answer.headers["client-request-id"] == "mine"


def test_tokens_of_arm_and_unknown_routes_are_refused(graph: Directory) -> None:
    wrong = graph.azure.call("bob", "GET", f"{GRAPH}/v1.0/me", version=None)

    assert (wrong.status, wrong.code) == (401, "InvalidAuthenticationToken")
    assert graph.get("/nothing").status == 501
