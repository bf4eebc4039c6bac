"""Builds applications and JIT requests, as the service stores them, from their facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from azjit.sandbox.base.ids import group_id, place_of, solutions_id
from azjit.sandbox.entra.tokens import AZURE_CLI
from azjit.sandbox.world.people import CONTRIBUTOR, Group, Person
from azjit.sandbox.world.world import DEFINITION, JIT_REQUEST, Resource

LOCATION = "westeurope"
Rows = list[dict[str, str]]


def rows(principals: Iterable[str], roles: Sequence[str] = (CONTRIBUTOR,)) -> Rows:
    """Give authorizations: each of the roles for each of the principals."""
    return [
        {"principalId": each, "roleDefinitionId": role} for each in principals for role in roles
    ]


def jit_policy(
    longest: str, *approvers: Person | Group, mode: str = "ManualApprove"
) -> dict[str, Any]:
    """Give the JIT settings of an application."""
    return {
        "jitAccessEnabled": True,
        "jitApprovalMode": mode,
        "jitApprovers": [
            {
                "id": approver.object_id,
                "type": "group" if isinstance(approver, Group) else "user",
                "displayName": approver.name,
            }
            for approver in approvers
        ],
        "maximumJitAccessDuration": longest,
    }


@dataclass(frozen=True, slots=True)
class Creation:
    """Who created a resource, and when."""

    by: Person
    at: str

    def identity(self) -> dict[str, str]:
        """Give the creator as `createdBy` names one."""
        return self.by.identity(self.by.app_id or AZURE_CLI)

    def system_data(self) -> dict[str, str]:
        """Give the resource's systemData while nobody has changed it."""
        return self.by.system_data(self.at)


def definition(
    place: tuple[str, str],
    name: str,
    properties: dict[str, Any],
    creation: Creation,
    location: str = LOCATION,
    tags: dict[str, str] | None = None,
) -> Resource:
    """Build a managed application definition in a group of a subscription."""
    key = solutions_id(*place, "applicationDefinitions", name)
    body = {
        "id": key,
        "name": name,
        "type": "Microsoft.Solutions/applicationDefinitions",
        "location": location,
        "tags": tags or {},
        "properties": properties,
        "systemData": creation.system_data(),
    }
    return Resource(key.lower(), DEFINITION, *place, name, body)


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """The facts of a managed application."""

    name: str
    group: str
    subscription: str
    managed: str
    policy: dict[str, Any] | None
    rows: Rows
    publisher: str
    creation: Creation
    definition: str | None = None
    location: str = LOCATION
    kind: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Give the application's body in ARM."""
        identity = {key: v for key, v in self.creation.identity().items() if key != "puid"}
        properties: dict[str, Any] = {
            "managedResourceGroupId": group_id(self.subscription, self.managed),
            "parameters": {},
            "outputs": {},
            "provisioningState": "Succeeded",
            "jitAccessPolicy": self.policy,
            "publisherTenantId": self.publisher,
            "managementMode": "Managed",
            "createdBy": identity,
            "updatedBy": identity,
        }
        kind = self.kind or ("MarketPlace" if self.definition is None else "ServiceCatalog")
        body: dict[str, Any] = {
            "id": solutions_id(self.subscription, self.group, "applications", self.name),
            "name": self.name,
            "type": "Microsoft.Solutions/applications",
            "location": self.location,
            "tags": self.tags,
            "kind": kind,
            "properties": properties,
            "systemData": self.creation.system_data(),
        }
        if self.definition is not None:
            properties["applicationDefinitionId"] = self.definition
        else:
            properties["authorizations"] = self.rows
            body["plan"] = {
                "name": "standard",
                "publisher": "fabrikam",
                "product": f"fabrikam-{self.name}",
                "version": "1.0.0",
            }
        properties |= self.more
        return body


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """The facts of a JIT request, with its history."""

    name: str
    application: str
    managed: str
    rows: Rows
    start: str
    duration: str
    publisher: str
    creation: Creation
    moves: Sequence[Sequence[str]]
    kind: str = "Once"
    location: str = LOCATION
    tags: dict[str, str] = field(default_factory=dict)

    def resource(self) -> Resource:
        """Give the request as the world stores it."""
        place = place_of(self.managed)
        key = solutions_id(*place, "jitRequests", self.name)
        who = self.creation.identity()
        body = {
            "id": key,
            "name": self.name,
            "type": "Microsoft.Solutions/jitRequests",
            "location": self.location,
            "tags": self.tags,
            "properties": {
                "applicationResourceId": self.application,
                "jitAuthorizationPolicies": self.rows,
                "jitSchedulingPolicy": {
                    "type": self.kind,
                    "duration": self.duration,
                    "startTime": self.start,
                },
                "provisioningState": "Succeeded",
                "jitRequestState": self.moves[0][1],
                "publisherTenantId": self.publisher,
                "createdBy": who,
                "updatedBy": who,
            },
            "systemData": self.creation.system_data(),
        }
        private = {"moves": [list(move) for move in self.moves]}
        return Resource(key.lower(), JIT_REQUEST, *place, self.name, body, private)
