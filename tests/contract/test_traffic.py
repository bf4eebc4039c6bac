"""The check of the tests' traffic finds faults, also in Microsoft's own examples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import traffic
from azjit.sandbox.core import Response
from contract import openapi
from traffic import Call

pytestmark = pytest.mark.usefixtures("specs")

VERSIONS = ("2021-07-01", "2022-04-01", "2020-10-01", "2021-01-01-preview")
ARM = "https://management.azure.com"
REQUEST = (
    f"{ARM}/subscriptions/s/resourceGroups/g/providers/Microsoft.Solutions/jitRequests/r"
    "?api-version=2021-07-01"
)
# Microsoft's own examples that are not what Microsoft's own schema says.
BROKEN_EXAMPLES = {
    "PutRoleDefinition": "wraps the role in `roleDefinition`, in a body beside the declared one",
    "PatchRoleAssignmentApprovalStepById": "wraps the review in `properties`",
    "PutRoleAssignmentApprovalStepById": "the same",
    "ScopePatchRoleAssignmentApprovalStepById": "the same",
    "ScopePutRoleAssignmentApprovalStepById": "the same",
}


def _call(method: str, url: str, body: Any = None, answer: Response | None = None) -> Call:
    content = b"" if body is None else json.dumps(body).encode()
    return Call(method, url, "azjit/1", content, answer or Response(200, {}, b"{}"))


def test_our_own_requests_have_nothing_undeclared() -> None:
    (fault,) = traffic.faults_of(_call("PATCH", REQUEST, {"tags": {}, "justification": "x"}))

    assert "'justification' was unexpected" in fault


def test_answers_are_judged_too() -> None:
    (fault,) = traffic.faults_of(_call("GET", REQUEST, answer=Response(202, {}, b"{}")))

    assert "declares no 202" in fault


def test_route_without_contract_must_be_named() -> None:
    (fault, _) = traffic.faults_of(_call("GET", f"{ARM}/something/new?api-version=2021-07-01"))

    assert fault.startswith("no contract, and not named as such")
    assert traffic.faults_of(_call("GET", f"{ARM}/subscriptions?api-version=2022-12-01")) == []


def test_answer_of_a_fault_is_let_be() -> None:
    page = Response(200, {}, b"<html>", fault="html")

    assert traffic.faults_of(_call("GET", REQUEST, answer=page)) == []


def test_excuse_of_others_is_none_for_azjit() -> None:
    url = REQUEST.replace("jitRequests/r", "applications/a/updateAccess")
    body = {"Status": "Elevate", "SubStatus": "Approved", "Metadata": {}}
    theirs = Call("POST", url, "azsdk", json.dumps(body).encode(), Response(202, {}, b""))

    assert any("'Status'" in fault for fault in traffic.faults_of(_call("POST", url, body)))
    assert not any("request POST" in fault for fault in traffic.faults_of(theirs))


def _examples() -> Iterator[tuple[str, openapi.Operation, dict[str, Any]]]:
    for version in VERSIONS:
        for operation in openapi._operations(version):
            for told in operation.spec.get("x-ms-examples", {}).values():
                file = Path(operation.file).parent / told["$ref"]
                yield file.stem, operation, json.loads(file.read_text(encoding="utf-8-sig"))


def _faults(operation: openapi.Operation, example: dict[str, Any]) -> Iterator[str]:
    for parameter in openapi._parameters(operation):
        sent = example["parameters"]
        told = sent.get("body", sent.get(parameter["name"]))
        if parameter["in"] == "body" and told is not None:
            try:
                openapi._check(told, openapi._validator(operation.key, "request"), "request")
            except openapi.Broken as fault:
                yield str(fault)
    for status, answer in example["responses"].items():
        responses = operation.spec["responses"]
        if status in responses and "schema" in responses[status] and "body" in answer:
            validator = openapi._validator(operation.key, status)
            try:
                openapi._check(answer["body"], validator, status)
            except openapi.Broken as fault:
                yield str(fault)


def test_broken_examples_of_microsoft_are_named() -> None:
    broken = {name for name, operation, example in _examples() if list(_faults(operation, example))}

    assert broken == set(BROKEN_EXAMPLES)
