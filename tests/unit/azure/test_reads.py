"""Reads of scopes and definitions: what is sent, and which parts of the answer are used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from azjit.azure.authorization import Authorization
from azjit.azure.resources import ManagedGroup, Resources
from azjit.azure.solutions import Solutions
from azjit.domain.access import Permissions
from azjit.domain.applications import RoleGrant
from azjit.domain.calls import Call
from azjit.domain.ids import ApplicationId, GroupId, PrincipalId, RoleId
from azjit.errors import Failed
from faults.peer import HOME, Peer

GROUP = GroupId("/subscriptions/s/resourceGroups/mrg")
APP = ApplicationId(
    "/subscriptions/s/resourceGroups/apps/providers/Microsoft.Solutions/applications/orders"
)
RIGHTS = f"{HOME}{GROUP}/providers/Microsoft.Authorization"


@pytest.fixture
def azure() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


@pytest.fixture
def peer(azure: responses.RequestsMock) -> Iterator[Peer]:
    peer = Peer(azure)
    yield peer
    peer.close()


def asked(**query: str) -> Any:
    return responses.matchers.query_param_matcher(query)


def test_only_groups_that_an_application_manages_count(
    azure: responses.RequestsMock, peer: Peer
) -> None:
    cluster = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/x/y"
    azure.get(
        f"{HOME}/subscriptions/s/resourcegroups",
        json={
            "value": [
                {"id": GROUP.text, "managedBy": APP.text.upper()},
                {"id": f"{GROUP}2", "managedBy": cluster},
                {"id": f"{GROUP}3", "managedBy": "odd"},
                {"id": f"{GROUP}4"},
                {"id": f"{GROUP}5", "managedBy": ""},
                {"id": None, "managedBy": APP.text},
                {"id": f"{GROUP}6", "managedBy": [5]},
                "odd",
            ]
        },
    )

    found = list(Resources(peer.arm).managed_groups("s"))

    assert [each for each in found if each.unreadable is None] == [
        ManagedGroup(GROUP, APP),
        ManagedGroup(None, APP),
    ]
    assert [each.unreadable for each in found if each.unreadable is not None] == [
        "its group is managed by 'odd'",
        "its group is managed by [5]",
        "its group has no content",
    ]


@pytest.mark.parametrize(
    ("manager", "found"), [(APP.text, APP), (GROUP.text, None), ("odd", None), (None, None)]
)
def test_manager_of_a_group_is_an_application_or_none(
    azure: responses.RequestsMock, peer: Peer, manager: str | None, found: ApplicationId | None
) -> None:
    azure.get(f"{HOME}{GROUP}", json={"id": GROUP.text, "managedBy": manager})

    assert Resources(peer.arm).manager_of(GROUP) == found


def test_subscriptions_have_a_state(azure: responses.RequestsMock, peer: Peer) -> None:
    listed = [
        {"subscriptionId": "s", "state": "Warned", "displayName": "Apps"},
        {"subscriptionId": "t"},
        {},
        "odd",
    ]
    azure.get(f"{HOME}/subscriptions", json={"value": listed})

    found = list(Resources(peer.arm).subscriptions())

    assert found == [("s", "Warned", "Apps"), ("t", "", ""), ("", "", ""), ("", "", "")]
    assert [each.may_be_listed for each in found] == [True, True, False, False]


def test_permissions_are_the_callers_own(azure: responses.RequestsMock, peer: Peer) -> None:
    azure.get(f"{RIGHTS}/permissions", json={"value": [{"actions": ["*/read"]}, {}]})

    assert Authorization(peer.arm).permissions(GROUP) == [
        Permissions(actions=("*/read",)),
        Permissions(),
    ]


def test_role_is_looked_up_by_its_quoted_name(azure: responses.RequestsMock, peer: Peer) -> None:
    version = {"api-version": "2022-04-01"}
    azure.get(
        f"{RIGHTS}/roleDefinitions",
        json={"value": [{"name": "g", "properties": {"roleName": "Bob's & Ada's"}}]},
        match=[asked(**version, **{"$filter": "roleName eq 'Bob''s & Ada''s'"})],
    )

    (found,) = Authorization(peer.arm).roles_named(GROUP, "Bob's & Ada's")

    assert found.name == "Bob's & Ada's"


@pytest.mark.parametrize(
    ("principal", "tenant", "query"),
    [
        (None, None, {}),
        ("P", None, {"$filter": "assignedTo('p')"}),
        ("P", "t", {"$filter": "assignedTo('p')", "tenantId": "t"}),
    ],
)
def test_assignments_are_asked_for_one_principal_or_all(
    azure: responses.RequestsMock,
    peer: Peer,
    principal: str | None,
    tenant: str | None,
    query: dict[str, str],
) -> None:
    azure.get(
        f"{RIGHTS}/roleAssignments",
        json={"value": [{"properties": {"principalId": "p", "roleDefinitionId": "r"}}, {}]},
        match=[asked(**{"api-version": "2022-04-01"}, **query)],
    )
    who = PrincipalId(principal) if principal else None

    found, odd = Authorization(peer.arm).assignments(GROUP, who, tenant)

    assert (found.principal, found.role) == (PrincipalId("p"), RoleId("r"))
    assert (found.is_whole, odd.is_whole) == (True, False)


@pytest.mark.parametrize(
    ("properties", "rows"),
    [
        ({"authorizations": [{"principalId": "p", "roleDefinitionId": "r"}]}, True),
        ({}, False),
        (None, False),
    ],
)
def test_definition_tells_the_eligible_roles(
    azure: responses.RequestsMock, peer: Peer, properties: Any, *, rows: bool
) -> None:
    definition = f"{GROUP}/providers/Microsoft.Solutions/applicationDefinitions/d"
    azure.get(f"{HOME}{definition}", json={"id": definition, "properties": properties})

    found = Solutions(peer.arm).definition_roles(definition)

    assert found == ((RoleGrant(PrincipalId("p"), RoleId("r")),) if rows else None)


def test_path_that_would_lead_away_gets_no_token(peer: Peer) -> None:
    error = peer.refused(Call("GET", f"{HOME}@evil.example/x", "read it"))

    assert type(error) is Failed
    assert error.message == "refused to send the token to a host other than management.azure.com"
    assert peer.credential.questions == []
