"""The answers of the sandbox match Microsoft's OpenAPI files, and the checker finds faults."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests  # noqa: TC002 the tests need it at run time, as the fixtures do

from azjit.sandbox.core import Person, Sandbox
from contract import openapi

pytestmark = pytest.mark.usefixtures("specs")

ARM = "https://management.azure.com"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
SOLUTIONS, RIGHTS = "api-version=2021-07-01", "api-version=2022-04-01"
ORDERS = "{sub}/resourceGroups/contoso-apps/providers/Microsoft.Solutions/applications/orders"
DEFINITION = (
    "{sub}/resourceGroups/contoso-catalog/providers/Microsoft.Solutions"
    "/applicationDefinitions/shop-definition"
)
REQUEST = "{sub}/resourceGroups/mrg-orders/providers/Microsoft.Solutions/jitRequests/req"
PLACE = REQUEST.format(sub="/subscriptions/s")
MANAGED = "{sub}/resourceGroups/mrg-orders/providers/Microsoft.Authorization"
READS = (
    "/providers/Microsoft.Solutions/operations?" + SOLUTIONS,
    ORDERS + "?" + SOLUTIONS,
    "{sub}/providers/Microsoft.Solutions/applications?" + SOLUTIONS,
    "{sub}/resourceGroups/contoso-apps/providers/Microsoft.Solutions/applications?" + SOLUTIONS,
    DEFINITION + "?" + SOLUTIONS,
    "{sub}/providers/Microsoft.Solutions/applicationDefinitions?" + SOLUTIONS,
    "{sub}/providers/Microsoft.Solutions/jitRequests?" + SOLUTIONS,
    "{sub}/resourceGroups/mrg-orders/providers/Microsoft.Solutions/jitRequests?" + SOLUTIONS,
    REQUEST + "?" + SOLUTIONS,
    MANAGED + "/roleAssignments?$filter=atScope()&" + RIGHTS,
    MANAGED + "/roleDefinitions?$filter=roleName eq 'Reader'&" + RIGHTS,
    MANAGED + "/roleDefinitions/" + CONTRIBUTOR + "?" + RIGHTS,
    MANAGED + "/permissions?" + RIGHTS,
    MANAGED + "/denyAssignments?" + RIGHTS,
)


class Checked:
    """Sends each call to the sandbox and holds both sides of it to the contract."""

    def __init__(
        self, sandbox: Sandbox, session: requests.Session, people: dict[str, Person]
    ) -> None:
        self.session, self.people = session, people
        places = {item["name"]: item["id"] for item in sandbox.describe()["subscriptions"]}
        self.sub = f"/subscriptions/{places['Contoso Production']}"

    def __call__(self, alias: str, method: str, path: str, body: Any = None) -> requests.Response:
        url = ARM + path.format(sub=self.sub)
        content = b"" if body is None else json.dumps(body).encode()
        openapi.validate_request(method, url, content)
        headers = {"Authorization": f"Bearer {self._token(alias)}"}
        answer = self.session.request(method, url, data=content, headers=headers)
        openapi.validate_response(method, url, answer.status_code, answer.content)
        return answer

    def _token(self, alias: str) -> str:
        person = self.people[alias]
        form = {
            "grant_type": "password",
            "username": person.upn,
            "password": person.secret,
            "scope": f"{ARM}/.default",
        }
        url = f"https://login.microsoftonline.com/{person.tenant_id}/oauth2/v2.0/token"
        return str(self.session.post(url, data=form).json()["access_token"])

    def ask(self) -> requests.Response:
        body = {
            "location": "westeurope",
            "properties": {
                "applicationResourceId": ORDERS.format(sub=self.sub),
                "jitAuthorizationPolicies": [
                    {
                        "principalId": self.people["alice"].object_id,
                        "roleDefinitionId": CONTRIBUTOR,
                    }
                ],
                "jitSchedulingPolicy": {
                    "type": "Once",
                    "duration": "PT1H",
                    "startTime": "2099-01-01T00:00:00Z",
                },
            },
        }
        return self("alice", "PUT", f"{REQUEST}?{SOLUTIONS}", body)


@pytest.fixture
def checked(sandbox: Sandbox, session: requests.Session, people: dict[str, Person]) -> Checked:
    return Checked(sandbox, session, people)


@pytest.mark.parametrize("path", READS)
def test_reads_are_as_declared(checked: Checked, path: str) -> None:
    checked.ask()

    assert checked("bob", "GET", path).status_code == 200


@pytest.mark.parametrize("name", ["orders", "nothing"])
def test_refusals_are_as_declared(checked: Checked, name: str) -> None:
    path = ORDERS.replace("orders", name)

    assert checked("dave", "GET", f"{path}?{SOLUTIONS}").status_code == 403
    assert checked("bob", "GET", f"{path}?{SOLUTIONS}").status_code in {200, 404}


def test_life_of_a_request_is_as_declared(checked: Checked) -> None:
    decision = {
        "approver": "bob",
        "status": "Elevate",
        "subStatus": "Approved",
        "metadata": {"originRequestId": "req"},
    }

    statuses = [
        checked.ask().status_code,
        checked.ask().status_code,
        checked("alice", "PATCH", f"{REQUEST}?{SOLUTIONS}", {"tags": {"a": "b"}}).status_code,
        checked("bob", "POST", f"{ORDERS}/updateAccess?{SOLUTIONS}", decision).status_code,
        checked("alice", "DELETE", f"{REQUEST}?{SOLUTIONS}").status_code,
        checked("alice", "DELETE", f"{REQUEST}?{SOLUTIONS}").status_code,
    ]

    assert statuses == [201, 200, 200, 202, 200, 204]


def test_actions_of_an_application_are_as_declared(checked: Checked) -> None:
    policy = {"jitAccessEnabled": True, "jitApprovalMode": "AutoApprove"}
    patch = {"properties": {"jitAccessPolicy": policy}}

    statuses = [
        checked("bob", "PATCH", f"{ORDERS}?{SOLUTIONS}", patch).status_code,
        checked("bob", "POST", f"{ORDERS}/refreshPermissions?{SOLUTIONS}").status_code,
        checked("bob", "POST", f"{ORDERS}/listAllowedUpgradePlans?{SOLUTIONS}").status_code,
        checked("bob", "POST", f"{ORDERS}/listTokens?{SOLUTIONS}", {}).status_code,
        checked("bob", "DELETE", f"{ORDERS}?{SOLUTIONS}").status_code,
    ]

    assert statuses == [202, 202, 200, 200, 202]


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("PUT", REQUEST, {"properties": {}}, "required"),
        ("PUT", REQUEST, {"properties": None, "justification": "x"}, "justification"),
        ("PATCH", REQUEST, {"properties": {}}, "properties"),
        ("POST", ORDERS + "/updateAccess", {"Status": "Elevate"}, "Status"),
        ("POST", ORDERS + "/updateAccess", None, "needs a body"),
        ("POST", ORDERS + "/refreshPermissions", {"a": 1}, "takes no body"),
        ("PATCH", ORDERS, {"properties": {"provisioningState": "x"}}, "provisioningState"),
    ],
)
def test_judge_finds_what_breaks_the_contract(
    method: str, path: str, body: Any, message: str
) -> None:
    url = f"{ARM}{path.format(sub='/subscriptions/s')}?{SOLUTIONS}"

    with pytest.raises(openapi.Broken, match=message):
        openapi.validate_request(method, url, body)


def test_judge_knows_no_undeclared_route() -> None:
    with pytest.raises(openapi.Undeclared):
        openapi.find("GET", f"{ARM}/nothing/known?{SOLUTIONS}")
    with pytest.raises(openapi.Undeclared):
        openapi.find("POST", f"{ARM}{PLACE}/cancel?{SOLUTIONS}")
    with pytest.raises(openapi.Undeclared):
        openapi.find("GET", f"{ARM}{PLACE}?api-version=2017-09-01")


def test_judge_refuses_an_answer_of_the_wrong_kind() -> None:
    url = f"{ARM}{PLACE}?{SOLUTIONS}"

    with pytest.raises(openapi.Broken, match="declares no 202"):
        openapi.validate_response("GET", url, 202, {})
    with pytest.raises(openapi.Broken, match="properties/jitAuthorizationPolicies"):
        openapi.validate_response(
            "GET", url, 200, {"properties": {"jitAuthorizationPolicies": "x"}}
        )
