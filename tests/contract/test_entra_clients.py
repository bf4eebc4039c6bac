"""Microsoft's clients for PIM, Resource Graph and Graph work against the sandbox's server."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization import AuthorizationManagementClient

from azjit.sandbox.core import Person, Sandbox
from azjit.sandbox.transports.server import SandboxServer

# msgraph-sdk calls what its own runtime has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")

MACHINES = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
NAME = "11111111-1111-4111-8111-111111111111"


class SignedIn:
    """A credential that signs in with a password: approving takes a person."""

    def __init__(self, server: SandboxServer, person: Person) -> None:
        self._server, self._person = server, person

    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        form = {
            "grant_type": "password",
            "username": self._person.upn,
            "password": self._person.secret,
            "scope": scopes[0],
        }
        url = f"{self._server.url}/{self._person.tenant_id}/oauth2/v2.0/token"
        answer = requests.post(url, data=form, verify=str(self._server.ca_file), timeout=10)
        return AccessToken(answer.json()["access_token"], int(time.time()) + 3000)


class Clients:
    """Builds Microsoft's clients for people of the world."""

    def __init__(self, sandbox: Sandbox, server: SandboxServer, people: dict[str, Person]) -> None:
        self.server, self.people = server, people
        places = {item["name"]: item["id"] for item in sandbox.describe()["subscriptions"]}
        self.subscription = places["Contoso Production"]
        self.orders = f"/subscriptions/{self.subscription}/resourceGroups/mrg-orders"

    def credential(self, alias: str) -> SignedIn:
        return SignedIn(self.server, self.people[alias])

    def authorization(self, alias: str, version: str) -> Any:
        return AuthorizationManagementClient(
            self.credential(alias),
            self.subscription,
            api_version=version,
            base_url=self.server.url,
            credential_scopes=[f"{self.server.url}/.default"],
            connection_verify=str(self.server.ca_file),
        )

    def ask_graph(self, alias: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
        """What a piece of work finds with msgraph-sdk; its connections are closed at its end."""
        return asyncio.run(self._ask_graph(alias, work))

    async def _ask_graph(self, alias: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
        msgraph = pytest.importorskip("msgraph", reason="msgraph-sdk is not installed")
        core, httpx = pytest.importorskip("msgraph_core"), pytest.importorskip("httpx")
        kiota = pytest.importorskip(
            "kiota_authentication_azure.azure_identity_authentication_provider"
        )
        provider = kiota.AzureIdentityAuthenticationProvider(
            self.credential(alias),
            scopes=["https://graph.microsoft.com/.default"],
            allowed_hosts=["localhost"],
        )
        trusted = ssl.create_default_context(cafile=str(self.server.ca_file))
        # The middleware does not close the transport below it, so it is kept and closed here.
        transport = httpx.AsyncHTTPTransport(verify=trusted)
        client = core.GraphClientFactory.create_with_default_middleware(
            client=httpx.AsyncClient(transport=transport),
            options=msgraph.graph_request_adapter.options,  # they turn its own /me into Graph's
        )
        adapter = msgraph.GraphRequestAdapter(provider, client=client)
        adapter.base_url = f"{self.server.url}/v1.0"
        try:
            return await work(msgraph.GraphServiceClient(request_adapter=adapter))
        finally:
            await transport.aclose()


@pytest.fixture
def clients(sandbox: Sandbox, server: SandboxServer, people: dict[str, Person]) -> Clients:
    return Clients(sandbox, server, people)


def _activation(clients: Clients, **changed: Any) -> Any:
    from azure.mgmt.authorization.v2020_10_01 import models  # noqa: PLC0415 next to its use

    values: dict[str, Any] = {
        "principal_id": clients.people["alice"].object_id,
        "role_definition_id": f"{clients.orders}/providers/Microsoft.Authorization"
        f"/roleDefinitions/{MACHINES}",
        "request_type": "SelfActivate",
        "justification": "INC-1",
        "ticket_info": models.RoleAssignmentScheduleRequestPropertiesTicketInfo(ticket_number="1"),
        "schedule_info": models.RoleAssignmentScheduleRequestPropertiesScheduleInfo(
            start_date_time=datetime.now(UTC),
            expiration=models.RoleAssignmentScheduleRequestPropertiesScheduleInfoExpiration(
                type="AfterDuration", duration="PT1H"
            ),
        ),
    }
    return models.RoleAssignmentScheduleRequest(**(values | changed))


def test_eligible_role_is_activated(clients: Clients) -> None:
    client = clients.authorization("alice", "2020-10-01")

    mine = list(
        client.role_eligibility_schedule_instances.list_for_scope(
            clients.orders, filter="asTarget()"
        )
    )
    with pytest.raises(HttpResponseError) as refused:
        client.role_assignment_schedule_requests.create(
            clients.orders, NAME, _activation(clients, justification=None)
        )
    made = client.role_assignment_schedule_requests.create(
        clients.orders, NAME, _activation(clients)
    )
    active = [
        item.role_definition_id[-36:]
        for item in client.role_assignment_schedule_instances.list_for_scope(
            clients.orders, filter="asTarget()"
        )
        if item.assignment_type == "Activated"
    ]

    assert [item.role_definition_id[-36:] for item in mine] == [MACHINES]
    assert refused.value.error is not None
    assert refused.value.error.code == "RoleAssignmentRequestPolicyValidationFailed"
    assert (made.status, active) == ("Provisioned", [MACHINES])


def test_policies_are_read(clients: Clients) -> None:
    client = clients.authorization("bob", "2020-10-01")

    found = {
        item.role_definition_id[-36:]: item
        for item in client.role_management_policy_assignments.list_for_scope(clients.orders)
    }
    rules = {rule.id: rule for rule in found[MACHINES].effective_rules}

    assert rules["Expiration_EndUser_Assignment"].maximum_duration == "PT4H"
    assert rules["Enablement_EndUser_Assignment"].enabled_rules == ["Justification", "Ticketing"]


def test_linked_request_is_approved_through_pim(clients: Clients, sandbox: Sandbox) -> None:
    from azure.mgmt.authorization.v2021_01_01_preview import models  # noqa: PLC0415 the same

    sandbox.set_switch("orders", "update-access", "pim-linked")
    place = f"{clients.orders}/providers/Microsoft.Solutions/jitRequests/{NAME}"
    _ask(clients, place)
    client = clients.authorization("bob", "2021-01-01-preview")

    approvals = list(client.role_assignment_approval.list(filter="asApprover()"))
    stage = approvals[0].stages[0]
    done = client.role_assignment_approval_step.patch(
        approvals[0].name,
        stage.name,
        models.RoleAssignmentApprovalStepProperties(review_result="Approve", justification="ok"),
    )

    assert (len(approvals), done.status, done.review_result) == (1, "Completed", "Approve")
    assert _state(clients, place) == "Approved"


def test_resources_are_queried(clients: Clients) -> None:
    resourcegraph = pytest.importorskip(
        "azure.mgmt.resourcegraph", reason="azure-mgmt-resourcegraph is not installed"
    )
    from azure.mgmt.resourcegraph.models import (  # noqa: PLC0415 only where it is installed
        QueryRequest,
        QueryRequestOptions,
    )

    client = resourcegraph.ResourceGraphClient(
        clients.credential("bob"),
        base_url=clients.server.url,
        credential_scopes=[f"{clients.server.url}/.default"],
        connection_verify=str(clients.server.ca_file),
    )
    query = (
        "resources | where type =~ 'microsoft.solutions/applications'"
        " | project id, name, subscriptionId | order by id asc"
    )
    names, token = [], None
    while True:
        options = QueryRequestOptions(top=3, skip_token=token, result_format="objectArray")
        page = client.resources(QueryRequest(query=query, options=options))
        names += [row["name"] for row in page.data]
        token = page.skip_token
        if token is None:
            break

    assert len(names) == page.total_records == 7
    assert {"orders", "sensors", "ledger"} <= set(names)


def test_directory_is_read(clients: Clients) -> None:
    async def read(client: Any) -> tuple[Any, Any, Any]:
        from msgraph.generated.directory_objects.get_by_ids import (  # noqa: PLC0415 if installed
            get_by_ids_post_request_body as body,
        )

        ids = [person.object_id for person in clients.people.values()]
        asked = body.GetByIdsPostRequestBody(ids=ids, types=["user"])
        return (
            await client.me.get(),
            await client.directory_objects.get_by_ids.post(asked),
            await client.subscribed_skus.get(),
        )

    me, found, skus = clients.ask_graph("bob", read)

    assert me.mail == "bob.brandt@contoso.example"
    assert sorted(item.display_name for item in found.value) == [
        "Bob Brandt",
        "Carol Cruz",
        "Rita Rossi",
    ]
    assert "AAD_PREMIUM_P2" in {plan.service_plan_name for plan in skus.value[0].service_plans}


def test_errors_of_graph_are_understood(clients: Clients, sandbox: Sandbox) -> None:
    error = pytest.importorskip("kiota_abstractions.api_error").APIError

    with pytest.raises(error) as missing:
        clients.ask_graph("bob", lambda client: client.users.by_user_id("nobody").get())
    sandbox.set_switch(None, "graph", "forbidden")
    with pytest.raises(error) as forbidden:
        clients.ask_graph("bob", lambda client: client.users.get())

    assert missing.value.error.code == "Request_ResourceNotFound"
    assert forbidden.value.error.code == "Authorization_RequestDenied"


def _ask(clients: Clients, place: str) -> None:
    application = f"/subscriptions/{clients.subscription}/resourceGroups/contoso-apps"
    body = {
        "properties": {
            "applicationResourceId": f"{application}/providers/Microsoft.Solutions"
            "/applications/orders",
            "jitAuthorizationPolicies": [
                {
                    "principalId": clients.people["alice"].object_id,
                    "roleDefinitionId": MACHINES,
                }
            ],
            "jitSchedulingPolicy": {
                "type": "Once",
                "duration": "PT1H",
                "startTime": (datetime.now(UTC) + timedelta(minutes=1)).isoformat(),
            },
        }
    }
    assert _call(clients, "alice", "PUT", place, body).status_code == 201


def _state(clients: Clients, place: str) -> str:
    return str(_call(clients, "bob", "GET", place).json()["properties"]["jitRequestState"])


def _call(
    clients: Clients, alias: str, method: str, place: str, body: Any = None
) -> requests.Response:
    token = clients.credential(alias).get_token(f"{clients.server.url}/.default").token
    return requests.request(
        method,
        f"{clients.server.url}{place}?api-version=2021-07-01",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        verify=str(clients.server.ca_file),
        timeout=10,
    )
