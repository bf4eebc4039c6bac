"""PIM: eligibility, activation, and their rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

RIGHTS = "/providers/Microsoft.Authorization"
VERSION = "2020-10-01"
MACHINES = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
NAMES = [f"{number}" * 8 + "-1111-4111-8111-111111111111" for number in range(1, 6)]


class Pim:
    """Calls to PIM, and what alice and carol would send."""

    def __init__(self, azure: Any) -> None:
        self.azure = azure
        self.orders = azure.managed("orders")

    def get(self, alias: str, path: str, scope: str | None = None) -> Any:
        at = self.orders if scope is None else scope
        return self.azure.get(alias, f"{at}{RIGHTS}/{path}", VERSION)

    def body(self, alias: str = "alice", **changed: Any) -> dict[str, Any]:
        expiration = {
            "type": "AfterDuration",
            "endDateTime": None,
            "duration": changed.pop("duration", "PT1H"),
        }
        start = changed.pop("start", self.azure.sandbox.now())
        properties = {
            "principalId": self.azure.people[alias].object_id,
            "roleDefinitionId": f"{self.azure.production}{RIGHTS}/roleDefinitions/{MACHINES}",
            "requestType": "SelfActivate",
            "scheduleInfo": {"startDateTime": start.isoformat(), "expiration": expiration},
            "justification": "INC-1",
            "ticketInfo": {"ticketNumber": "1", "ticketSystem": "Snow"},
        }
        return {"properties": properties | changed}

    def put(self, alias: str = "alice", name: str = NAMES[0], **changed: Any) -> Any:
        scope = changed.pop("scope", self.orders)
        path = f"{scope}{RIGHTS}/roleAssignmentScheduleRequests/{name}"
        return self.azure.call(alias, "PUT", path, self.body(alias, **changed), version=VERSION)

    def post(self, alias: str, verb: str, body: Any = None, name: str = NAMES[0]) -> Any:
        path = f"{self.orders}{RIGHTS}/roleAssignmentScheduleRequests/{name}/{verb}"
        return self.azure.call(alias, "POST", path, body, version=VERSION)

    def carol(self, **changed: Any) -> Any:
        """Carol asks to administrate access in the subscription, which bob approves."""
        return self.put(
            "carol",
            scope=self.azure.production,
            roleDefinitionId=ACCESS_ADMINISTRATOR,
            **changed,
        )

    def has_role(self, alias: str = "alice") -> bool:
        return MACHINES in self.azure.roles("orders", alias)


@pytest.fixture
def pim(azure: Any) -> Pim:
    return Pim(azure)


@pytest.mark.parametrize(
    ("alias", "scope", "member"),
    [("alice", "mrg-orders", "Direct"), ("dave", "mrg-archive", "Group")],
)
def test_own_eligibility_is_seen_from_the_root(
    pim: Pim, alias: str, scope: str, member: str
) -> None:
    found = pim.get(alias, "roleEligibilityScheduleInstances?$filter=asTarget()", "").value

    properties = found[0]["properties"]
    assert [len(found), properties["memberType"]] == [1, member]
    assert properties["scope"].endswith(scope)


def test_listing_for_all_takes_rights_and_shows_what_is_inherited(pim: Pim) -> None:
    everyone = pim.get("bob", "roleEligibilitySchedules").value
    flat = pim.get("bob", "roleEligibilitySchedules?$filter=atScope()", pim.azure.production).value

    inherited = [row["properties"]["memberType"] for row in everyone]
    assert sorted(inherited) == ["Direct", "Inherited"]
    assert [row["properties"]["roleDefinitionId"][-36:] for row in flat] == [ACCESS_ADMINISTRATOR]
    assert pim.get("alice", "roleEligibilitySchedules", "").code == "AuthorizationFailed"


@pytest.mark.parametrize(
    ("clause", "count"),
    [
        ("principalId eq '{alice}'", 1),
        ("principalId eq '{bob}'", 0),
        ("assignedTo('{alice}')", 1),
        (f"atScope() and roleDefinitionId eq '{MACHINES}'", 1),
    ],
)
def test_listing_is_narrowed(pim: Pim, clause: str, count: int) -> None:
    for alias, person in pim.azure.people.items():
        clause = clause.replace(f"{{{alias}}}", person.object_id)

    assert len(pim.get("bob", f"roleEligibilitySchedules?$filter={clause}").value) == count


def test_other_filters_are_refused(pim: Pim) -> None:
    assert pim.get("bob", "roleEligibilitySchedules?$filter=scope eq 'x'").code == "InvalidFilter"


def test_activation_gives_the_role_for_its_time(pim: Pim) -> None:
    made = pim.put()

    assert (made.status, made.properties["status"]) == (201, "Provisioned")
    assert pim.has_role()
    pim.azure.sandbox.move_clock(timedelta(hours=1, seconds=1))
    assert not pim.has_role()


def test_activation_that_starts_later_gives_the_role_then(pim: Pim) -> None:
    start = pim.azure.sandbox.now() + timedelta(hours=1)

    made = pim.put(start=start)

    assert (made.properties["status"], pim.has_role()) == ("ScheduleCreated", False)
    pim.azure.sandbox.move_clock(timedelta(minutes=90))
    assert pim.has_role()


def test_group_makes_its_members_eligible(pim: Pim) -> None:
    scope = pim.azure.managed("archive")

    made = pim.put("dave", scope=scope)

    assert (made.status, made.properties["status"]) == (201, "Provisioned")


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({"justification": " "}, ["JustificationRule"]),
        ({"ticketInfo": None}, ["TicketingRule"]),
        ({"duration": "PT5H"}, ["ExpirationRule"]),
        (
            {"duration": "PT5H", "justification": None, "ticketInfo": {}},
            ["ExpirationRule", "JustificationRule", "TicketingRule"],
        ),
        ({"scheduleInfo": {"expiration": {"type": "NoExpiration"}}}, ["ExpirationRule"]),
    ],
)
def test_rules_that_fail_are_named(pim: Pim, changed: dict[str, Any], rules: list[str]) -> None:
    listed = ",".join(f'"{rule}"' for rule in rules)

    refused = pim.put(**changed)
    validated = pim.post("alice", "validate", pim.body(**changed))

    assert refused.code == "RoleAssignmentRequestPolicyValidationFailed"
    assert refused.body["error"]["message"] == f"The following policy rules failed: [{listed}]"
    assert validated.body == refused.body
    assert not pim.has_role()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"duration": "PT4M"}, "ActiveDurationTooShort"),
        ({"duration": "soon"}, "InvalidRoleAssignmentRequestSchedule"),
        ({"scheduleInfo": "soon"}, "InvalidRoleAssignmentRequestSchedule"),
        ({"roleDefinitionId": "11111111-2222-4333-8444-555555555555"}, "RoleNotFound"),
        ({"principalId": "11111111-2222-4333-8444-555555555555"}, "SubjectNotFound"),
        ({"requestType": "Nothing"}, "InvalidRequestContent"),
        ({"requestType": "SelfExtend"}, "NotImplemented"),
        ({"requestType": None}, "InvalidRequestContent"),
        ({"scope": "/subscriptions/1/resourceGroups/no"}, "SubscriptionNotFound"),
        ({"scope": ""}, "InvalidScope"),
        ({"requestType": "SelfDeactivate"}, "RoleAssignmentDoesNotExist"),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    pim: Pim, changed: dict[str, Any], code: str
) -> None:
    assert pim.put(**changed).code == code


def test_not_eligible(pim: Pim) -> None:
    refused = pim.put("rita")

    assert "EligibilityRule" in refused.body["error"]["message"]


def test_nobody_activates_for_another(pim: Pim) -> None:
    body = pim.body("alice")
    path = f"{pim.orders}{RIGHTS}/roleAssignmentScheduleRequests/{NAMES[0]}"

    assert pim.azure.call("bob", "PUT", path, body, version=VERSION).code == "AuthorizationFailed"


def test_second_activation_exists_already(pim: Pim) -> None:
    pim.put()

    assert pim.put(name=NAMES[1]).code == "RoleAssignmentExists"


def test_role_is_given_back_after_five_minutes(pim: Pim) -> None:
    pim.put()
    early = pim.put(name=NAMES[1], requestType="SelfDeactivate", scheduleInfo=None)
    pim.azure.sandbox.move_clock(timedelta(minutes=6))

    late = pim.put(name=NAMES[2], requestType="SelfDeactivate", scheduleInfo=None)

    assert (early.code, late.properties["status"]) == ("ActiveDurationTooShort", "Revoked")
    assert not pim.has_role()
    assert pim.put(name=NAMES[3]).status == 201


def test_validate_changes_nothing(pim: Pim) -> None:
    seen = pim.post("alice", "validate", pim.body())

    assert (seen.status, seen.properties["requestType"]) == (200, "SelfActivate")
    assert not pim.has_role()


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        ("mfa", "RoleAssignmentRequestPolicyValidationFailed", '["MfaRule"]'),
        ("acrs", "RoleAssignmentRequestAcrsValidationFailed", "claims=%7B%22access_token%22"),
    ],
)
def test_step_up(pim: Pim, value: str, code: str, said: str) -> None:
    pim.azure.sandbox.set_switch(None, "pim-step-up", value)

    refused = pim.carol()

    assert refused.code == code
    assert said in refused.body["error"]["message"]


def test_without_a_licence_all_of_pim_is_refused(pim: Pim) -> None:
    pim.azure.sandbox.set_switch(None, "licence", "none")

    assert pim.put().code == "AadPremiumLicenseRequired"
    assert pim.get("bob", "roleManagementPolicies").code == "AadPremiumLicenseRequired"
    approvals = pim.azure.get("bob", f"{RIGHTS}/roleAssignmentApprovals", "2021-01-01-preview")
    assert approvals.code == "AadPremiumLicenseRequired"


def test_active_roles_tell_how_they_came(pim: Pim) -> None:
    pim.put()
    pim.azure.ask("orders")
    pim.azure.decide("bob", "orders", "req")

    found = pim.get("alice", "roleAssignmentScheduleInstances?$filter=asTarget()").value

    how = {row["properties"]["roleDefinitionId"][-36:]: row for row in found}
    assert {key: row["properties"]["assignmentType"] for key, row in how.items()} == {
        MACHINES: "Activated",
        "b9331d33-8a36-4f8c-b097-4f54124fdb44": "Assigned",
        "b24988ac-6180-42a0-ab88-20f7382dd24c": "Assigned",
    }
    name = how[MACHINES]["name"]
    assert pim.get("alice", f"roleAssignmentScheduleInstances/{name}").status == 200
    assert pim.get("alice", "roleAssignmentScheduleInstances/x").status == 404


def test_policies_change_and_come_back(pim: Pim) -> None:
    scope = pim.azure.production
    path = f"{scope}{RIGHTS}/roleManagementPolicyAssignments"
    found = pim.azure.get("bob", f"{path}?$filter=roleDefinitionId eq '{MACHINES}'", VERSION).value
    policy = found[0]["properties"]["policyId"]
    rules = {rule["id"]: rule for rule in found[0]["properties"]["effectiveRules"]}
    changed = rules["Expiration_EndUser_Assignment"] | {"maximumDuration": "PT1H"}

    def call(method: str, body: Any = None, place: str = policy) -> Any:
        return pim.azure.call("bob", method, place, body, version=VERSION)

    assert call("PATCH", {"properties": {"rules": [changed]}}).status == 200
    assert call("GET").properties["rules"].count(changed) == 1
    assert call("PATCH", {"properties": {"rules": [{"id": "x"}]}}).code == "InvalidPolicy"
    bad = changed | {"maximumDuration": "often"}
    assert call("PATCH", {"properties": {"rules": [bad]}}).code == "InvalidPolicy"
    assert [call("DELETE").status, call("DELETE").status] == [200, 204]
    assert changed not in call("GET").properties["rules"]
    assigned = found[0]["id"]
    assert call("PUT", {"properties": {"policyId": policy}}, assigned).status == 201
    assert call("PUT", {"properties": {"policyId": "x"}}, assigned).code == "InvalidPolicy"
    assert call("GET", place=f"{path}/x_y").status == 404
    assert call("DELETE", place=assigned).status == 204


def test_owner_makes_eligible_and_not(pim: Pim) -> None:
    path = f"{pim.azure.production}{RIGHTS}/roleEligibilityScheduleRequests/{NAMES[0]}"
    body = pim.body("rita", requestType="AdminAssign", scheduleInfo=None)

    def send(method: str, kind: str, alias: str = "bob", verb: str = "") -> Any:
        body["properties"]["requestType"] = kind
        return pim.azure.call(alias, method, path + verb, body, version=VERSION)

    assert send("PUT", "AdminAssign", "carol").code == "AuthorizationFailed"
    assert send("POST", "AdminAssign", verb="/validate").status == 200
    assert send("PUT", "AdminRemove").code == "RoleAssignmentDoesNotExist"
    assert send("PUT", "AdminAssign").status == 201
    assert send("PUT", "AdminAssign").code == "RoleAssignmentExists"
    mine = "roleEligibilitySchedules?$filter=asTarget()"
    assert len(pim.get("rita", mine, "").value) == 1
    assert send("PUT", "AdminRemove").properties["status"] == "Revoked"
    assert pim.get("rita", mine, "").value == []
    assert send("POST", "AdminAssign", verb="/cancel").status == 400
    assert send("PUT", "SelfActivate").status == 501


def test_children_are_where_one_is_eligible(pim: Pim) -> None:
    root = pim.get("alice", "eligibleChildResources", "").value
    everything = pim.get("alice", "eligibleChildResources?$getAllChildren=true", "").value

    assert [item["name"] for item in root] == ["Contoso Production"]
    assert [item["name"] for item in everything] == ["Contoso Production", "mrg-orders"]
