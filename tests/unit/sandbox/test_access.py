"""Who can do what, and who can sign in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from azjit.sandbox.core import Sandbox, UnknownHost
from azjit.sandbox.entra.tokens import sign


@pytest.mark.parametrize(
    ("alias", "path", "status"),
    [
        ("alice", "{orders}", 200),
        ("dave", "{orders}", 403),
        ("rita", "{orders}", 200),
        ("contoso-ci", "{orders}", 200),
        ("alice", "{sub}/providers/Microsoft.Solutions/applications", 403),
        ("bob", "{sub}/providers/Microsoft.Solutions/applications", 200),
        ("alice", "{sub}/resourceGroups/contoso-apps", 403),
        ("alice", "{sub}/resourceGroups/mrg-orders", 200),
        ("dave", "{sub}/resourceGroups/mrg-orders", 403),
        ("dave", "{sub}/resourceGroups/mrg-archive", 200),
        ("contoso-ci", "{sub}/resourceGroups/mrg-orders", 403),
        ("bob", "{sub}/resourceGroups/nowhere", 404),
        ("bob", "/subscriptions/00000000-0000-0000-0000-000000000001", 404),
    ],
)
def test_reading_takes_a_role_that_reads(azure: Any, alias: str, path: str, status: int) -> None:
    place = path.format(orders=azure.app("orders"), sub=azure.production)

    assert azure.get(alias, place).status == status


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        ("rita", "AuthorizationFailed"),
        ("alice", "AuthorizationFailed"),
        ("bob", None),
        ("carol", None),
        ("contoso-ci", None),
    ],
)
def test_deciding_takes_the_action_at_the_application(
    azure: Any, alias: str, code: str | None
) -> None:
    azure.ask("orders")

    answer = azure.decide(alias, "orders", "req")

    assert answer.status == (202 if code is None else 403)
    assert code is None or answer.code == code


def test_consumer_cannot_write_in_the_managed_group(azure: Any) -> None:
    body = azure.ask_body("orders")

    answer = azure.call("bob", "PUT", azure.request_id("orders", "req"), body)

    assert (answer.status, answer.code) == (403, "DenyAssignmentAuthorizationFailed")


def test_publisher_stands_on_the_managed_group_of_an_application_without_jit(azure: Any) -> None:
    assert azure.has_grant("ledger")
    assert not azure.has_grant("orders")


def test_role_assignments_of_a_group_count_for_its_members(azure: Any) -> None:
    assert azure.roles("archive", "dave") == {"b9331d33-8a36-4f8c-b097-4f54124fdb44"}


def test_role_assignments_at_scope_leave_out_what_is_below(azure: Any) -> None:
    path = f"{azure.production}/providers/Microsoft.Authorization/roleAssignments"

    every = azure.get("bob", path, "2022-04-01")
    here = azure.get("bob", f"{path}?$filter=atScope()", "2022-04-01")

    assert "nextLink" in every.body
    assert len(here.value) == 4


def test_unknown_filter_is_refused(azure: Any) -> None:
    path = f"{azure.production}/providers/Microsoft.Authorization/roleAssignments"

    assert azure.get("bob", f"{path}?$filter=foo()", "2022-04-01").status == 400


def test_role_definitions_are_found_by_name_and_by_id(azure: Any) -> None:
    path = f"{azure.managed('orders')}/providers/Microsoft.Authorization/roleDefinitions"

    named = azure.get("alice", f"{path}?$filter=roleName eq 'contributor'", "2022-04-01").value

    assert [item["properties"]["roleName"] for item in named] == ["Contributor"]
    assert azure.get("alice", f"{path}/{named[0]['name']}", "2022-04-01").body == named[0]
    assert azure.get("alice", f"{path}/unknown", "2022-04-01").status == 404


def test_deny_assignment_names_who_is_excluded(azure: Any) -> None:
    path = f"{azure.managed('orders')}/providers/Microsoft.Authorization/denyAssignments"

    (found,) = azure.get("bob", path, "2022-04-01").value

    excluded = {item["id"] for item in found["properties"]["excludePrincipals"]}
    assert excluded == {azure.people[name].object_id for name in ("alice", "fabrikam-ci")}


def test_permissions_need_some_role_at_the_scope(azure: Any) -> None:
    path = f"{azure.managed('orders')}/providers/Microsoft.Authorization/permissions"

    assert azure.get("contoso-ci", path, "2022-04-01").status == 200
    assert azure.get("dave", path, "2022-04-01").status == 403


def test_publisher_sees_the_customers_subscription_and_only_managed_groups(azure: Any) -> None:
    listed = azure.get("alice", "/subscriptions", "2022-12-01").value
    groups = azure.get("alice", f"{azure.production}/resourceGroups", "2021-04-01").value

    assert {item["displayName"] for item in listed} == {"Contoso Production", "Contoso Test"}
    assert listed[0]["managedByTenants"] == [{"tenantId": azure.people["alice"].tenant_id}]
    assert listed[0]["tenantId"] == azure.people["bob"].tenant_id
    assert {group["name"] for group in groups} == {
        "mrg-orders",
        "mrg-reports",
        "mrg-ledger",
        "mrg-shop-eu",
        "mrg-shop-us",
    }
    assert all("managedBy" in group for group in groups)


def test_tenants_are_the_callers(azure: Any) -> None:
    (tenant,) = azure.get("alice", "/tenants", "2022-12-01").value

    assert tenant["tenantId"] == azure.people["alice"].tenant_id


def test_missing_token_says_where_to_sign_in(azure: Any) -> None:
    answer = azure.call(None, "GET", azure.production)

    assert answer.status == 401
    tenant = azure.people["bob"].tenant_id
    assert f"https://login.microsoftonline.com/{tenant}" in answer.headers["WWW-Authenticate"]


def test_token_expires_in_real_time_not_in_the_worlds(azure: Any, clock: Any) -> None:
    azure.token("bob")
    azure.sandbox.move_clock(timedelta(days=2))
    moved = azure.get("bob", azure.production)

    clock.at += timedelta(hours=1)

    assert moved.status == 200
    assert azure.get("bob", azure.production).code == "ExpiredAuthenticationToken"


def test_token_for_another_audience_is_refused(azure: Any) -> None:
    token = azure.sign_in("bob", scope="https://graph.microsoft.com/.default").body["access_token"]

    answer = azure.call(None, "GET", azure.production, headers={"authorization": f"Bearer {token}"})

    assert answer.code == "InvalidAuthenticationTokenAudience"


@pytest.mark.parametrize("token", ["x", "a.b.c", "Zm9v.Zm9v.Zm9v"])
def test_token_of_another_make_is_refused(azure: Any, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}

    answer = azure.call(None, "GET", azure.production, headers=headers)

    assert answer.code == "InvalidAuthenticationToken"


def test_token_of_a_foreign_tenant_is_refused(azure: Any, sandbox: Sandbox) -> None:
    claims = {
        "aud": "https://management.azure.com/",
        "iss": "https://login.microsoftonline.com/elsewhere/",
        "tid": "elsewhere",
        "oid": "nobody",
        "appid": "none",
        "nbf": 0,
        "exp": 4_000_000_000,
    }
    with sandbox._world() as world:
        headers = {"Authorization": f"Bearer {sign(world, claims)}"}

    answer = azure.call(None, "GET", azure.production, headers=headers)

    assert (answer.status, answer.code) == (401, "InvalidAuthenticationTokenTenant")


@pytest.mark.parametrize(
    ("alias", "changed", "status", "code"),
    [
        ("contoso-ci", {"client_secret": "no"}, 401, 7000215),
        ("contoso-ci", {"client_id": "no"}, 400, 700016),
        ("bob", {"password": "no"}, 400, 50126),
        ("bob", {"username": "no"}, 400, 50034),
        ("bob", {"grant_type": "no"}, 400, 70003),
        ("bob", {"scope": ""}, 400, 90014),
        ("bob", {"scope": "https://example.com/.default"}, 400, 500011),
    ],
)
def test_wrong_credentials_are_refused_in_entras_words(
    azure: Any, alias: str, changed: dict[str, str], status: int, code: int
) -> None:
    answer = azure.sign_in(alias, **changed)

    assert (answer.status, answer.body["error_codes"]) == (status, [code])
    assert f"AADSTS{code}" in answer.body["error_description"]


def test_unknown_tenant_is_refused(azure: Any) -> None:
    url = "https://login.microsoftonline.com/nowhere/v2.0/.well-known/openid-configuration"

    assert azure.call(None, "GET", url).body["error_codes"] == [90002]


def test_unknown_host_is_not_answered(sandbox: Sandbox) -> None:
    with pytest.raises(UnknownHost, match=r"example\.com"):
        sandbox.handle("GET", "https://example.com/", {}, b"")
