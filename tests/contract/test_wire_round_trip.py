"""Reading and writing by azjit keeps all writable values of Microsoft's examples."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from azjit.azure.wire.applications import (
    decode_application,
    decode_policy,
    encode_policy,
)
from azjit.azure.wire.decisions import encode_access_update
from azjit.azure.wire.requests import decode_request, encode_request
from azjit.domain.rules import AccessUpdate, Verdict
from contract import openapi

FILE = (
    openapi.SPECS / "solutions/resource-manager/Microsoft.Solutions/ManagedApplications/stable"
    "/2021-07-01/managedapplications.json"
)
PLACE = "/subscriptions/subid/resourceGroups/rg/providers/Microsoft.Solutions"
Trip = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def applications(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body with what azjit read of it in its place: an application is never written whole."""
    read = decode_application({"id": f"{PLACE}/applications/a", **body})
    group = read.managed_group
    inside = {
        "managedResourceGroupId": group.text if group is not None else None,
        "applicationDefinitionId": read.definition,
        "jitAccessPolicy": encode_policy(read.policy) if read.policy is not None else None,
    }
    return {
        **body,
        "location": read.location,
        "kind": read.kind,
        "properties": {**body["properties"], **inside},
    }


def requests(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return encode_request(decode_request({"id": f"{PLACE}/jitRequests/r", **body}))


def decisions(body: Mapping[str, Any]) -> Mapping[str, Any]:
    about = body["metadata"]
    assert (body["status"], body["subStatus"]) == ("Elevate", "Approved")
    update = AccessUpdate(
        Verdict.APPROVE,
        about["originRequestId"],
        about["requestorId"],
        body["approver"],
        about["tenantDisplayName"],
        about["subjectDisplayName"],
    )
    return encode_access_update(update)


# By the example's name: how a body travels, what declares it in a request and in an answer.
KINDS: tuple[tuple[str, Trip, str, str], ...] = (
    (r"(create\w*|get|list)Application(ById|s\w*)?", applications, "Application", "Application"),
    (r"updateApplication(ById)?", applications, "ApplicationPatchable", "Application"),
    (r"(create\w*|get|list)JitRequests?\w*", requests, *["JitRequestDefinition"] * 2),
    (r"updateJitRequest", requests, "JitRequestPatchable", "JitRequestDefinition"),
    (r"updateAccess", decisions, *["UpdateAccessDefinition"] * 2),
)


def bodies() -> Iterator[Any]:
    for example in sorted(FILE.parent.glob("examples/*.json")):
        for pattern, trip, asked, answered in KINDS:
            if re.fullmatch(pattern, example.stem):
                for label, body, definition in _parts(example, asked, answered):
                    yield pytest.param(trip, body, definition, id=f"{example.stem}-{label}")


def _parts(example: Path, asked: str, answered: str) -> Iterator[tuple[str, Any, str]]:
    content = json.loads(example.read_text())
    if "parameters" in content["parameters"]:
        yield "request", content["parameters"]["parameters"], asked
    for status, answer in content["responses"].items():
        body = answer.get("body")
        for number, item in enumerate(body.get("value", [body]) if body else []):
            yield f"{status}-{number}", item, answered


# Without the files there is one case, which the fixture skips with the reason.
BODIES = list(bodies()) or [pytest.param(None, {}, "", id="no files")]


def writable(value: Any, schema: Mapping[str, Any], file: Path) -> Any:
    """A value without nulls and without what the contract calls read-only."""
    if "$ref" in schema:
        target, declared = openapi._follow(schema["$ref"], file)
        return writable(value, declared, target)
    merged = openapi._merged(schema, file)
    if isinstance(value, list):
        return [writable(item, merged.get("items", {}), merged["home"]) for item in value]
    if not isinstance(value, dict):
        return value
    known = merged["properties"]
    return {
        key: writable(item, known[key][1], known[key][0]) if key in known else item
        for key, item in value.items()
        if item is not None and not (key in known and is_read_only(*known[key]))
    }


def is_read_only(file: Path, schema: Mapping[str, Any]) -> bool:
    if schema.get("readOnly"):
        return True
    return "$ref" in schema and bool(openapi._follow(schema["$ref"], file)[1].get("readOnly"))


def lost(wanted: Any, got: Any, path: str = "") -> list[str]:
    """Where something wanted is missing or another."""
    if isinstance(wanted, dict) and isinstance(got, Mapping):
        return [each for key in wanted for each in lost(wanted[key], got.get(key), f"{path}/{key}")]
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        pairs = enumerate(zip(wanted, got, strict=True))
        return [each for n, (one, other) in pairs for each in lost(one, other, f"{path}/{n}")]
    return [] if wanted == got else [f"{path}: {wanted!r} became {got!r}"]


@pytest.mark.usefixtures("specs")
def test_every_kind_of_example_is_there() -> None:
    assert len(BODIES) > 20
    assert {param.values[0] for param in BODIES} == {applications, requests, decisions}


@pytest.mark.usefixtures("specs")
@pytest.mark.parametrize(("trip", "body", "definition"), BODIES)
def test_writable_properties_of_the_examples_survive(
    trip: Trip, body: Mapping[str, Any], definition: str
) -> None:
    wanted = writable(body, {"$ref": f"#/definitions/{definition}"}, FILE)

    assert wanted
    assert lost(wanted, trip(body)) == []


POLICY = {
    "jitAccessEnabled": True,
    "jitApprovalMode": "manualapprove",
    "jitApprovers": [
        {"id": "1DB8E132E2934DBCB8E1178A61319491", "type": "Group", "displayName": "Approvers"},
        {"id": "2db8e132-e293-4dbc-b8e1-178a61319491"},
        {"id": "no guid", "type": "robot", "level": 3},
        {"displayName": "without an id"},
    ],
    "maximumJitAccessDuration": "PT08H00M00S",
    "somethingNew": {"kept": [1, None]},
}


@pytest.mark.parametrize(
    "policy",
    [
        POLICY,
        POLICY | {"jitApprovalMode": "EveryoneApproves"},
        POLICY | {"maximumJitAccessDuration": "P1M"},
        POLICY | {"jitAccessEnabled": False, "jitApprovers": []},
        {"jitAccessEnabled": True},
    ],
)
def test_settings_survive_in_their_own_spelling(policy: dict[str, Any]) -> None:
    read = decode_policy(policy)

    assert read is not None
    assert lost(policy, encode_policy(read)) == []
    written = json.dumps(encode_policy(read))
    assert written.count('"type"') == json.dumps(policy).count('"type"')


def test_request_survives_in_its_own_spelling() -> None:
    body = {
        "location": "West Europe",
        "tags": {"azjit-reason": "INC-1", "owner": "ops"},
        "properties": {
            "applicationResourceId": f"{PLACE}/APPLICATIONS/Orders",
            "jitAuthorizationPolicies": [
                {
                    "principalId": "1db8e132e2934dbcb8e1178a61319491",
                    "roleDefinitionId": "ECD05A23-931a-4c38-a52b-ac7c4c583334",
                    "condition": "new",
                }
            ],
            "jitSchedulingPolicy": {
                "type": "Once",
                "duration": "PT08H",
                "startTime": "2021-04-22T05:48:30.6661804Z",
            },
        },
    }

    assert lost(body, requests(body)) == []


@pytest.mark.parametrize("kind", ["Once", "Recurring", "Weekly"])
@pytest.mark.parametrize("duration", ["PT1H30M", "P1M", "08:00:00"])
def test_schedule_survives_known_or_not(kind: str, duration: str) -> None:
    schedule = {"type": kind, "duration": duration, "startTime": "the day after"}
    body = {"properties": {"applicationResourceId": "x", "jitSchedulingPolicy": schedule}}

    assert lost(body, requests(body)) == []


def test_application_of_a_marketplace_survives() -> None:
    body = {
        "location": "westeurope",
        "kind": "MarketPlace",
        "plan": {"name": "p", "publisher": "fabrikam", "product": "orders", "version": "1"},
        "properties": {
            "managedResourceGroupId": "/subscriptions/S/resourceGroups/MRG",
            "jitAccessPolicy": POLICY,
        },
    }

    assert lost(body, applications(body)) == []
