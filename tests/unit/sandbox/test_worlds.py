"""Worlds of any size: seeded, read from a file, written to a file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from azjit.sandbox.core import Sandbox
from azjit.sandbox.seeding.schema_check import PATH

SMALL = """
version: 1
tenants:
  - {name: Maker, domain: maker.example}
  - {name: Owner, domain: owner.example}
subscriptions:
  - {name: Main, tenant: Owner}
people:
  - {alias: mia, tenant: Maker}
  - {alias: otto, tenant: Owner}
  - {alias: bot, tenant: Owner, kind: servicePrincipal}
groups:
  - {name: Judges, tenant: Owner, members: [otto]}
roles:
  - {name: Restarter, actions: [Microsoft.Compute/virtualMachines/restart/action], scopes: [Main]}
assignments:
  - {principal: Judges, role: Owner, scope: Main}
  - {principal: bot, role: Reader, scope: Main}
applications:
  - name: kiln
    group: pots
    subscription: Main
    authorizations:
      - {principal: mia, role: Restarter}
    jitAccessPolicy:
      jitAccessEnabled: true
      jitApprovalMode: ManualApprove
      jitApprovers: [{id: Judges}]
      maximumJitAccessDuration: PT4H
    allowedActions: [Microsoft.Resources/tags/write]
    switches: {update-access: ignored}
requests:
  - application: kiln
    name: first
    authorizations: [{principal: mia, role: Restarter}]
    start: -10m
    duration: PT1H
    state: Approved
    created: {at: -30m}
"""


def test_small_world_is_as_its_file_says(azure: Any) -> None:
    azure.sandbox.reset(content=yaml.safe_load(SMALL))
    azure.people = {person.alias: person for person in azure.sandbox.people()}
    (place,) = azure.sandbox.describe()["subscriptions"]
    managed = f"/subscriptions/{place['id']}/resourceGroups/mrg-kiln"

    request = azure.get("otto", f"{managed}/providers/Microsoft.Solutions/jitRequests/first")
    rights = f"{managed}/providers/Microsoft.Authorization"
    held = azure.get("mia", f"{rights}/permissions", "2022-04-01").value
    (denial,) = azure.get("bot", f"{rights}/denyAssignments", "2022-04-01").value

    assert request.properties["jitRequestState"] == "Approved"
    assert ["Microsoft.Compute/virtualMachines/restart/action"] in [row["actions"] for row in held]
    assert denial["properties"]["permissions"][0]["notActions"] == [
        "*/read",
        "Microsoft.Resources/tags/write",
    ]
    assert azure.sandbox.switches("kiln")["update-access"] == "ignored"


def test_export_is_read_back_the_same(azure: Any, tmp_path: Path, clock: Any) -> None:
    azure.ask("orders", duration="PT2H")
    azure.decide("bob", "orders", "req")
    azure.decide("bob", "orders", "req", "Remove", "Denied")
    azure.call("alice", "PATCH", azure.request_id("orders", "req"), {"tags": {"a": "b"}})
    azure.sandbox.set_switch("orders", "policy-patch", "ignored")
    text = "".join(azure.sandbox.export())

    other = Sandbox(tmp_path / "other.db", now=clock)
    other.reset(content=yaml.safe_load(text))
    again = "".join(other.export())
    before, after = azure.sandbox.describe(), other.describe()
    other.close()

    assert again == text
    assert after == before


def test_export_is_what_the_published_schema_says(azure: Any) -> None:
    schema = json.loads(PATH.read_text())
    Draft202012Validator.check_schema(schema)

    told = yaml.safe_load("".join(azure.sandbox.export()))

    assert list(Draft202012Validator(schema).iter_errors(told)) == []
    assert list(Draft202012Validator(schema).iter_errors(yaml.safe_load(SMALL))) == []


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({}, "needs 'version'"),
        ([], "must be of type object"),
        ({"version": 2}, "version must be one of 1"),
        ({"version": True}, "version must be of type integer"),
        ({"version": 1, "apps": []}, "has no 'apps'"),
        ({"version": 1, "people": [{"alias": ""}]}, r"people\[0\] needs 'tenant'"),
        ({"version": 1, "people": [{"alias": "", "tenant": "x"}]}, "must not be empty"),
        ({"version": 1, "people": [{"alias": "a", "tenant": "x"}]}, "no tenant 'x'"),
        ({"version": 1, "switches": {"a": []}}, "switches.a must be of type string or integer"),
        ({"version": 1, "switches": {"a": "b"}}, "the world has no switch 'a'"),
        (
            {"version": 1, "assignments": [{"principal": "x", "role": "Owner", "scope": "/"}]},
            "no person or group 'x'",
        ),
        (
            {"version": 1, "assignments": [{"principal": "bob", "role": "x", "scope": "/"}]},
            "no role 'x'",
        ),
        (
            {
                "version": 1,
                "requests": [
                    {"application": "x", "authorizations": [], "start": "now", "duration": "PT1H"}
                ],
            },
            "'now' has the wrong form",
        ),
        (
            {
                "version": 1,
                "requests": [
                    {"application": "x", "authorizations": [], "start": "-1h", "duration": "PT1H"}
                ],
            },
            "'x' names 0 applications",
        ),
    ],
)
def test_file_that_is_wrong_is_refused_and_changes_nothing(
    azure: Any, told: Any, message: str
) -> None:
    before = azure.sandbox.describe()

    with pytest.raises(ValueError, match=message):
        azure.sandbox.reset(content=told)

    assert azure.sandbox.describe() == before


def test_fleet_grows_to_the_number_asked_for(azure: Any) -> None:
    azure.sandbox.reset(sizes={"applications": 30, "requests": 200})

    world = azure.sandbox.describe()
    states = Counter(request["state"] for request in world["requests"])

    assert world["counts"] == {"applications": 30, "requests": 200}
    assert set(states) >= {"Approved", "Denied", "Expired", "Pending"}


@pytest.mark.parametrize(
    "size",
    [
        {"applications": 6},
        {"applications": 1001},
        {"requests": 2},
        {"subscriptions": 1},
        {"subscriptions": 1001},
        {"waiting": 0},
    ],
)
def test_fleet_of_another_size_is_refused(azure: Any, size: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a world has"):
        azure.sandbox.reset(sizes=size)


def test_no_more_can_wait_than_are_asked_for(azure: Any) -> None:
    with pytest.raises(ValueError, match="20 of 7 new requests cannot be waiting"):
        azure.sandbox.reset(sizes={"requests": 10, "waiting": 20})


def test_fleet_is_spread_over_subscriptions_and_so_many_wait(azure: Any) -> None:
    size = {"applications": 40, "requests": 300, "subscriptions": 10, "waiting": 25}
    azure.sandbox.reset(sizes=size)

    world = azure.sandbox.describe()
    places = Counter(app["id"].split("/")[2] for app in world["applications"])
    states = Counter(request["state"] for request in world["requests"])

    assert len(places) == 10
    assert states["Pending"] == 25
    assert sum(states.values()) == 300


def test_file_may_ask_for_a_fleet(azure: Any) -> None:
    azure.sandbox.reset(content={"version": 1, "fleet": {"applications": 10, "requests": 20}})

    assert azure.sandbox.describe()["counts"] == {"applications": 10, "requests": 20}
