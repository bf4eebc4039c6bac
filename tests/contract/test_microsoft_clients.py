"""Microsoft's own clients, unchanged, work with the served sandbox over TLS."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01 import models as rights
from azure.mgmt.managedapplications import ManagedApplicationsMgmtClient
from azure.mgmt.managedapplications import models as wire
from azure.mgmt.resource.resources import ResourceManagementClient

from azjit.sandbox.core import Person, Sandbox
from azjit.sandbox.transports.server import SandboxServer
from azjit.sandbox.transports.workloads import environment

CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


class Password:
    """Signs a person in by password, which azure-identity no longer does without a warning."""

    def __init__(self, server: SandboxServer, person: Person) -> None:
        self.server, self.person = server, person

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        form = {
            "grant_type": "password",
            "client_id": "tests",
            "username": self.person.upn,
            "password": self.person.secret,
            "scope": " ".join(scopes),
        }
        url = f"{self.server.url}/{self.person.tenant_id}/oauth2/v2.0/token"
        body = requests.post(url, data=form, verify=str(self.server.ca_file), timeout=5).json()
        return AccessToken(body["access_token"], int(time.time()) + body["expires_in"])


class Clients:
    """Builds Microsoft's clients for people of the world."""

    def __init__(self, sandbox: Sandbox, server: SandboxServer, people: dict[str, Person]) -> None:
        self.server, self.people = server, people
        places = {item["name"]: item["id"] for item in sandbox.describe()["subscriptions"]}
        self.subscription = places["Contoso Production"]

    def credential(self, alias: str, secret: str | None = None) -> ClientSecretCredential:
        person = self.people[alias]
        return ClientSecretCredential(
            person.tenant_id,
            str(person.app_id),
            secret or person.secret,
            authority=self.server.url,
            disable_instance_discovery=True,
            connection_verify=str(self.server.ca_file),
        )

    def make(self, kind: Any, alias: str, **more: Any) -> Any:
        return kind(
            more.pop("credential", None) or self.credential(alias),
            self.subscription,
            base_url=self.server.url,
            credential_scopes=[f"{self.server.url}/.default"],
            connection_verify=str(self.server.ca_file),
            **more,
        )

    def user(self, kind: Any, alias: str) -> Any:
        """A client for a person, who signs in by password."""
        return self.make(kind, alias, credential=Password(self.server, self.people[alias]))

    def applications(self, alias: str) -> Any:
        return self.make(ManagedApplicationsMgmtClient, alias, api_version="2021-07-01")


@pytest.fixture
def clients(sandbox: Sandbox, server: SandboxServer, people: dict[str, Person]) -> Clients:
    return Clients(sandbox, server, people)


def _definition(clients: Clients, application: str) -> wire.JitRequestDefinition:
    return wire.JitRequestDefinition(
        location="westeurope",
        properties=wire.JitRequestProperties(
            application_resource_id=application,
            jit_authorization_policies=[
                wire.JitAuthorizationPolicies(
                    principal_id=clients.people["fabrikam-ci"].object_id,
                    role_definition_id=CONTRIBUTOR,
                )
            ],
            jit_scheduling_policy=wire.JitSchedulingPolicy(
                type="Once", duration=timedelta(hours=1), start_time=datetime.now(UTC)
            ),
        ),
    )


def test_request_is_made_polled_and_approved(clients: Clients) -> None:
    publisher, consumer = clients.applications("fabrikam-ci"), clients.applications("contoso-ci")
    application = publisher.applications.get("contoso-apps", "orders")

    made = publisher.jit_requests.begin_create_or_update(
        "mrg-orders", "req", _definition(clients, application.id)
    ).result()
    consumer.applications.begin_update_access(
        "contoso-apps",
        "orders",
        wire.UpdateAccessDefinition(
            approver="contoso-ci",
            status="Elevate",
            sub_status="Approved",
            metadata=wire.JitRequestMetadata(origin_request_id=made.name),
        ),
    ).result()

    after = publisher.jit_requests.get("mrg-orders", "req")
    assert (made.properties.jit_request_state, after.properties.jit_request_state) == (
        "Pending",
        "Approved",
    )


def test_listings_page_through(clients: Clients, sandbox: Sandbox) -> None:
    sandbox.set_switch(None, "page-size", "2")

    names = [
        app.name for app in clients.applications("contoso-ci").applications.list_by_subscription()
    ]

    assert names == ["archive", "ledger", "orders", "reports", "shop", "shop"]


def test_missing_request_is_none(clients: Clients) -> None:
    assert clients.applications("fabrikam-ci").jit_requests.get("mrg-orders", "no") is None


def test_rights_are_listed(clients: Clients) -> None:
    client = clients.make(AuthorizationManagementClient, "fabrikam-ci")
    scope = f"/subscriptions/{clients.subscription}/resourceGroups/mrg-orders"

    oid = clients.people["fabrikam-ci"].object_id
    held = list(client.role_assignments.list_for_scope(scope, filter=f"assignedTo('{oid}')"))
    named = list(client.role_definitions.list(scope, filter="roleName eq 'Contributor'"))

    assert [item.role_definition_id[-36:] for item in held] == [
        "b9331d33-8a36-4f8c-b097-4f54124fdb44"
    ]
    assert [item.name for item in named] == [CONTRIBUTOR]


def test_role_assignments_and_definitions_are_written(clients: Clients) -> None:
    owner = clients.user(AuthorizationManagementClient, "bob")
    scope = f"/subscriptions/{clients.subscription}/resourceGroups/contoso-apps"
    role_id, name = "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-000000000000"

    role = owner.role_definitions.create_or_update(
        scope,
        role_id,
        rights.RoleDefinition(
            role_name="Looker",
            description="Looks.",
            permissions=[rights.Permission(actions=["*/read"])],
            assignable_scopes=[f"/subscriptions/{clients.subscription}"],
        ),
    )
    given = owner.role_assignments.create(
        scope,
        name,
        rights.RoleAssignmentCreateParameters(
            role_definition_id=role.id,
            principal_id=clients.people["fabrikam-ci"].object_id,
            principal_type="ServicePrincipal",
        ),
    )
    seen = clients.make(ResourceManagementClient, "fabrikam-ci").resource_groups.get("contoso-apps")
    taken = owner.role_assignments.delete(scope, name)

    assert (given.name, taken.id, seen.name) == (name, given.id, "contoso-apps")
    assert owner.role_assignments.delete(scope, name) is None
    assert owner.role_definitions.delete(scope, role_id).role_name == "Looker"


def test_denials_and_permissions_are_read(clients: Clients) -> None:
    owner = clients.user(AuthorizationManagementClient, "bob")
    group = "mrg-orders"

    (denial,) = owner.deny_assignments.list_for_resource_group(group)
    same = owner.deny_assignments.get_by_id(denial.id)
    granted = list(owner.permissions.list_for_resource_group(group))

    assert same.deny_assignment_name == "System deny assignment of orders"
    assert granted[0].actions == ["*"]


def test_resources_are_found_without_knowing_their_provider(clients: Clients) -> None:
    client = clients.user(ResourceManagementClient, "bob")

    provider = client.providers.get("Microsoft.Solutions")
    versions = {kind.resource_type: kind.api_versions for kind in provider.resource_types}
    listed = [item.name for item in client.resources.list_by_resource_group("contoso-apps")]
    orders = client.resources.get(
        "contoso-apps",
        "Microsoft.Solutions",
        "",
        "applications",
        "orders",
        api_version="2021-07-01",
    )

    assert "2021-07-01" in versions["jitRequests"]
    assert listed == ["archive", "ledger", "orders", "reports"]
    assert orders.properties["jitAccessPolicy"]["jitAccessEnabled"] is True
    assert client.resource_groups.check_existence("contoso-apps")
    assert not client.resource_groups.check_existence("nothing")


def test_groups_are_listed_with_their_manager(clients: Clients) -> None:
    client = clients.make(ResourceManagementClient, "fabrikam-ci")

    groups = {group.name: group.managed_by for group in client.resource_groups.list()}

    assert groups["mrg-orders"].endswith("/applications/orders")


def test_refusals_are_understood(clients: Clients) -> None:
    with pytest.raises(HttpResponseError) as refused:
        clients.applications("fabrikam-ci").applications.begin_delete("contoso-apps", "orders")
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        clients.credential("contoso-ci", "wrong").get_token(f"{clients.server.url}/.default")

    assert refused.value.error is not None
    assert refused.value.error.code == "AuthorizationFailed"


def test_only_loopback_is_served(sandbox: Sandbox, server: SandboxServer, tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        SandboxServer(sandbox, directory=tmp_path, host="0.0.0.0")
    answer = requests.get(
        f"{server.url}/metadata/endpoints?api-version=2022-09-01",
        headers={"Host": "evil.example"},
        verify=str(server.ca_file),
        timeout=5,
    )

    assert answer.status_code == 421


def test_authority_outlives_a_restart(
    sandbox: Sandbox, server: SandboxServer, tmp_path: Any
) -> None:
    before = server.ca_file.read_bytes()

    again = SandboxServer(sandbox, directory=tmp_path / "tls")
    again.stop()

    assert again.ca_file.read_bytes() == before
    assert (tmp_path / "tls" / "server.pem").stat().st_mode & 0o077 == 0


def test_environment_is_for_service_principals(
    sandbox: Sandbox, server: SandboxServer, people: dict[str, Person]
) -> None:
    found = environment(sandbox, server.url, server.ca_file, people["contoso-ci"])

    assert found["AZURE_AUTHORITY_HOST"] == found["AZJIT_CLOUD"] == server.url
    assert found["AZURE_CLIENT_ID"] == people["contoso-ci"].app_id
    with pytest.raises(ValueError, match="bob is a user"):
        environment(sandbox, server.url, server.ca_file, people["bob"])
