"""Role assignments, role definitions and deny assignments decide every call."""

from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.world.rights import DenyAssignment
from azjit.sandbox.world.world import World

VERSION = "2022-04-01"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
NAME = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER = "aaaaaaaa-0000-4000-8000-000000000002"
RIGHTS = "providers/Microsoft.Authorization"


def _give(
    azure: Any, scope: str, alias: str, role: str = READER, name: str = NAME, **more: Any
) -> Any:
    properties = {
        "principalId": azure.people[alias].object_id,
        "roleDefinitionId": f"{azure.production}/{RIGHTS}/roleDefinitions/{role}",
        **more,
    }
    path = f"{scope}/{RIGHTS}/roleAssignments/{name}"
    return azure.call("bob", "PUT", path, {"properties": properties}, version=VERSION)


def _role(azure: Any, name: str = NAME, alias: str = "bob", **more: Any) -> Any:
    properties = {
        "roleName": "Looker",
        "assignableScopes": [azure.production],
        "permissions": [{"actions": ["Microsoft.Resources/subscriptions/resourceGroups/read"]}],
        **more,
    }
    path = f"{azure.production}/{RIGHTS}/roleDefinitions/{name}"
    return azure.call(alias, "PUT", path, {"properties": properties}, version=VERSION)


def test_role_opens_a_scope_until_it_is_taken(azure: Any) -> None:
    group = f"{azure.production}/resourceGroups/contoso-apps"
    before = azure.get("alice", group).status

    given = _give(azure, group, "alice", description="for a look")
    during = azure.get("alice", group).status
    again = _give(azure, group, "alice")
    path = f"{group}/{RIGHTS}/roleAssignments/{NAME}"
    taken = azure.call("bob", "DELETE", path, version=VERSION)

    assert (before, given.status, during, again.status, taken.status) == (403, 201, 200, 200, 200)
    assert given.properties["description"] == "for a look"
    assert given.properties["createdBy"] == azure.people["bob"].object_id
    assert azure.get("alice", group).status == 403
    assert azure.call("bob", "DELETE", path, version=VERSION).status == 204
    assert azure.get("bob", path, VERSION).status == 404


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"name": "no-guid"}, 400, "InvalidRoleAssignmentId"),
        ({"role": OTHER}, 404, "RoleDefinitionDoesNotExist"),
        ({"principalId": OTHER}, 400, "PrincipalNotFound"),
        ({"principalType": "Group"}, 400, "UnmatchedPrincipalType"),
        ({"principalId": None}, 400, "InvalidRequestContent"),
        ({"name": OTHER}, 409, "RoleAssignmentExists"),
        ({"role": OWNER}, 400, "RoleAssignmentUpdateNotPermitted"),
    ],
)
def test_role_assignment_that_makes_no_sense_is_refused(
    azure: Any, more: dict[str, Any], status: int, code: str
) -> None:
    _give(azure, azure.production, "dave")

    answer = _give(azure, azure.production, "dave", **more)

    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("/resourceGroups/no", "ResourceGroupNotFound"),
        (
            "/resourceGroups/contoso-apps/providers/Microsoft.Solutions/applications/no",
            "ResourceNotFound",
        ),
    ],
)
def test_role_is_given_at_what_is_there(azure: Any, place: str, code: str) -> None:
    assert _give(azure, azure.production + place, "alice").code == code


def test_giving_takes_the_right_to_give(azure: Any) -> None:
    path = f"{azure.production}/{RIGHTS}/roleAssignments/{NAME}"

    for alias in ("carol", "rita", "alice"):
        answer = azure.call(alias, "PUT", path, {}, version=VERSION)
        assert (answer.status, answer.code) == (403, "AuthorizationFailed")


def test_consumer_can_neither_give_nor_take_in_the_managed_group(azure: Any) -> None:
    azure.ask("orders")
    azure.decide("bob", "orders", "req")
    (grant,) = [
        item
        for item in azure.get(
            "bob", f"{azure.managed('orders')}/{RIGHTS}/roleAssignments?$filter=atScope()", VERSION
        ).value
        if item["properties"]["roleDefinitionId"].endswith("20f7382dd24c")
        and item["properties"]["principalId"] == azure.people["alice"].object_id
    ]

    taken = azure.call("bob", "DELETE", grant["id"], version=VERSION)
    given = _give(azure, azure.managed("orders"), "rita")

    assert (taken.code, given.code) == ("DenyAssignmentAuthorizationFailed",) * 2
    assert azure.has_grant("orders")


def test_custom_role_lives_and_dies(azure: Any) -> None:
    group = f"{azure.production}/resourceGroups/contoso-apps"

    made = _role(azure)
    _give(azure, group, "alice", NAME)
    seen = azure.get("alice", group).status
    path = f"{azure.production}/{RIGHTS}/roleDefinitions/{NAME}"
    held = azure.call("bob", "DELETE", path, version=VERSION)
    azure.call("bob", "DELETE", f"{group}/{RIGHTS}/roleAssignments/{NAME}", version=VERSION)
    gone = azure.call("bob", "DELETE", path, version=VERSION)

    assert (made.status, made.properties["type"], seen) == (201, "CustomRole", 200)
    assert (held.status, held.code) == (400, "RoleDefinitionHasAssignments")
    assert (gone.status, azure.call("bob", "DELETE", path, version=VERSION).status) == (200, 204)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "no-guid"}, "InvalidRoleDefinitionId"),
        ({"name": READER}, "RoleDefinitionIsBuiltIn"),
        ({"roleName": "reader"}, "RoleDefinitionWithSameNameExists"),
        ({"roleName": None}, "InvalidRequestContent"),
        ({"assignableScopes": []}, "InvalidRequestContent"),
        ({"permissions": []}, "InvalidRequestContent"),
        ({"permissions": [{"actions": "*"}]}, "InvalidRequestContent"),
    ],
)
def test_role_that_makes_no_sense_is_refused(azure: Any, more: dict[str, Any], code: str) -> None:
    assert _role(azure, **more).code == code


def test_custom_role_is_listed_where_it_may_be_assigned(azure: Any) -> None:
    _role(azure)

    listed = [
        [
            item["properties"]["roleName"]
            for item in azure.get(
                "bob",
                f"{place}/{RIGHTS}/roleDefinitions?$filter=type eq 'CustomRole'",
                VERSION,
            ).value
        ]
        for place in (azure.production, azure.test)
    ]

    assert listed == [["Looker", "JIT Approver"], ["JIT Approver"]]


def _deny(azure: Any, denial: DenyAssignment) -> None:
    now = azure.sandbox.now()
    with azure.sandbox._store.transaction(is_write=True) as connection:
        World(connection, now).deny(denial)


def test_deny_assignment_is_for_whom_and_what_it_says(azure: Any) -> None:
    carol = azure.people["carol"].object_id
    group = f"{azure.production}/resourceGroups/contoso-apps"
    _deny(azure, DenyAssignment(NAME, group, "Hands off", (), (carol,), ("*/write",), ()))
    orders = azure.app("orders")

    refused = azure.call("carol", "PATCH", orders, {"tags": {}})

    assert (refused.status, refused.code) == (403, "DenyAssignmentAuthorizationFailed")
    assert azure.call("bob", "PATCH", orders, {"tags": {}}).status == 202
    assert azure.get("carol", orders).status == 200


def test_deny_assignment_may_spare_what_is_below(azure: Any) -> None:
    group = f"{azure.production}/resourceGroups/contoso-apps"
    _deny(azure, DenyAssignment(NAME, group, "Here only", is_here_only=True))

    assert azure.call("bob", "PATCH", azure.app("orders"), {"tags": {}}).status == 202
    assert _give(azure, group, "alice").code == "DenyAssignmentAuthorizationFailed"


def test_deny_assignments_are_found_by_name_principal_and_id(azure: Any) -> None:
    carol, rita = (azure.people[alias].object_id for alias in ("carol", "rita"))
    _deny(azure, DenyAssignment(NAME, azure.production, "Not Carol", (), (carol,)))
    path = f"{azure.production}/{RIGHTS}/denyAssignments"

    def names(told: str) -> list[str]:
        found = azure.get("bob", f"{path}?$filter={told}", VERSION).value
        return [item["name"] for item in found]

    assert names("denyAssignmentName eq 'Not Carol'") == [NAME]
    assert NAME in names(f"principalId eq '{carol}'")
    assert NAME not in names(f"principalId eq '{rita}'")
    assert names("atScope()") == [NAME]
    assert azure.get("bob", f"{path}/{NAME}", VERSION).body["name"] == NAME
    assert azure.get("bob", f"{path}/{OTHER}", VERSION).code == "DenyAssignmentNotFound"


def test_unknown_route_names_itself(azure: Any) -> None:
    answer = azure.call("bob", "POST", f"{azure.app('orders')}/explode")

    assert answer.status == 501
    assert f"POST {azure.app('orders')}/explode" in answer.body["error"]["message"]


def test_resources_take_the_filters_of_az(azure: Any) -> None:
    def names(told: str) -> list[str]:
        found = azure.get("bob", f"{azure.production}/resources?$filter={told}", "2021-04-01").value
        return sorted(item["name"] for item in found)

    kind = "resourceType eq 'Microsoft.Solutions/applications'"
    assert names(f"resourceGroup eq 'shop-eu' and {kind}") == ["shop"]
    assert names("name eq 'ledger'") == ["ledger"]
    assert (
        azure.get("bob", f"{azure.production}/resources?$filter=x", "2021-04-01").code
        == "InvalidFilterInQueryString"
    )
    assert azure.get("alice", f"{azure.production}/resources", "2021-04-01").status == 200


def test_provider_is_found_by_its_name(azure: Any) -> None:
    path = f"{azure.production}/providers"

    listed = [item["namespace"] for item in azure.get("bob", path, "2021-04-01").value]

    assert "Microsoft.Solutions" in listed
    assert azure.get("bob", f"{path}/Microsoft.No", "2021-04-01").status == 404
