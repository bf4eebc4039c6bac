"""Holds the traffic of every test to Microsoft's contracts, in both directions.

A pytest plugin: each call that reaches a sandbox in this process, through whichever transport, is
judged when its test ends, and a test whose traffic breaks a contract fails. What has no contract,
and what may break one, is named here, one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from urllib.parse import parse_qsl, urlsplit

import pytest

from azjit.sandbox.core import Response, Sandbox
from contract import openapi

_PLACE = "/subscriptions/[^/]+"
# Routes of which no contract is beside the repository.
WITHOUT_CONTRACT = {
    "sign-in": r"/[^/]+/oauth2/v2\.0/(token|devicecode|authorize)|/devicelogin"
    r"|/[^/]+/v2\.0/\.well-known/openid-configuration|/[^/]+/discovery/.+|/common/userrealm/.+"
    r"|/identities/.+",
    "the cloud's own description": "/metadata/endpoints",
    "tenants and subscriptions": f"/tenants|/subscriptions|{_PLACE}",
    "resource groups and resources": f"{_PLACE}/resourcegroups(/[^/]+)?"
    f"|{_PLACE}(/resourcegroups/[^/]+)?/resources",
    "resource providers": rf"{_PLACE}/providers(/[^/.]+\.[^/]+)?",
    "operations": rf"{_PLACE}/providers/Microsoft\.Solutions/locations/[^/]+/operation\w+/[^/]+",
    # The contract's path has a parent resource between provider and type; here it is empty.
    "permissions on an application": rf"{_PLACE}/resourcegroups/[^/]+/providers"
    r"/Microsoft\.Solutions/applications/[^/]+/providers/Microsoft\.Authorization/permissions",
    "Resource Graph": r"/providers/Microsoft\.ResourceGraph/resources",
    "the activity log": rf"{_PLACE}/providers/Microsoft\.Insights/eventtypes/management/values",
    "Microsoft Graph": r"/(v1\.0|beta)/.+",
    "Partner Center": r"/v1\.0/ingestion/.+|/api/.+",
}
# Versions of a contract other than the one that is beside the repository.
JUDGED = {"2021-07-01", "2022-04-01", "2020-10-01", "2021-01-01-preview"}
OTHER_VERSIONS = re.compile(rf"(?!{'|'.join(sorted(JUDGED))})\d{{4}}-.+")
_REFUSED = 400


@dataclass(frozen=True)
class Call:
    """One call and its answer."""

    method: str
    url: str
    agent: str
    body: bytes
    answer: Response

    @property
    def digest(self) -> bytes:
        """What tells it from every call that could be judged otherwise."""
        sent = (self.method, self.url, self.agent, len(self.body))
        told = repr((*sent, self.answer.status, self.answer.fault)).encode()
        return blake2b(told + self.body + self.answer.body, digest_size=16).digest()

    @cached_property
    def path(self) -> str:
        return re.sub("/{2,}", "/", urlsplit(self.url).path).rstrip("/") or "/"

    @property
    def version(self) -> str:
        return dict(parse_qsl(urlsplit(self.url).query)).get("api-version", "")

    @property
    def is_ours(self) -> bool:
        """Whether azjit itself sent it."""
        return self.agent.startswith("azjit/")

    @property
    def is_accepted(self) -> bool:
        return 0 < self.answer.status < _REFUSED

    @property
    def is_injured(self) -> bool:
        """Whether a fault that was asked for made the answer."""
        return bool(self.answer.fault)


@dataclass(frozen=True)
class Excuse:
    """A request that breaks its contract and is taken all the same: who sends it, and why."""

    why: str
    path: str
    fault: str
    is_for_ours: bool = False

    def excuses(self, call: Call, fault: str) -> bool:
        if call.is_ours and not self.is_for_ours:
            return False
        return bool(
            re.fullmatch(self.path, call.path, re.IGNORECASE) and re.search(self.fault, fault)
        )


EXCUSES = (
    Excuse(
        "azure-mgmt-managedapplications 1.0.0b2 spells the keys of updateAccess in PascalCase",
        r".+/applications/[^/]+/updateAccess",
        r"'Status'.+unexpected",
    ),
    Excuse(
        "Microsoft's own examples wrap the review of a stage in `properties`; its schema does not",
        r".*/roleAssignmentApprovals/[^/]+/stages/[^/]+",
        r"\('properties' was unexpected\)",
        is_for_ours=True,
    ),
    Excuse(
        "everyone filters the assignments of policies by role; no file declares it",
        r".*/roleManagementPolicyAssignments",
        r"undeclared \['\$filter'\]",
        is_for_ours=True,
    ),
    Excuse(
        "the portal asks for all children at once; no file declares it",
        r".*/eligibleChildResources",
        r"undeclared \['\$getAllChildren'\]",
    ),
    Excuse(
        "a test deploys again what it has read, read-only properties included, as the portal does",
        r".+/providers/Microsoft\.Solutions/(applications|applicationDefinitions)/[^/]+",
        r"'(createdBy|systemData)'.+unexpected",
    ),
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what no contract was held against: a skip is easily overlooked."""
    skipped = terminalreporter.stats.get("skipped", [])
    number = sum(openapi.ABSENT in str(report.longrepr) for report in skipped)
    if not openapi.present():
        terminalreporter.write_line(
            f"WARNING: {number} contract tests were skipped, and no traffic was judged:"
            f" {openapi.ABSENT}",
            yellow=True,
        )


_FAULTS: dict[bytes, list[str]] = {}


def faults_of(call: Call) -> list[str]:
    """What in a call breaks its contract; most calls are those of many tests, judged once."""
    key = call.digest
    if key not in _FAULTS:
        _FAULTS[key] = _judged(call)
    return _FAULTS[key]


def _judged(call: Call) -> list[str]:
    found = []
    for judge in (_judge_request, _judge_answer):
        try:
            judge(call)
        except openapi.Undeclared as fault:
            found.append(f"no contract, and not named as such: {fault}")
        except openapi.Broken as fault:
            found.append(f"{fault} [{call.agent or 'a test'}]")
    return found


def has_contract(call: Call) -> bool:
    """Whether there is a contract to hold a call to; what has none is named."""
    names = WITHOUT_CONTRACT.values()
    is_named = any(re.fullmatch(pattern, call.path, re.IGNORECASE) for pattern in names)
    return not is_named and not OTHER_VERSIONS.fullmatch(call.version) and call.version != ""


def _judge_request(call: Call) -> None:
    # A test may send what breaks the contract, to see it refused; azjit never may.
    if not has_contract(call) or not (call.is_ours or call.is_accepted):
        return
    try:
        openapi.validate_request(call.method, call.url, call.body)
    except openapi.Broken as fault:
        if not any(each.excuses(call, str(fault)) for each in EXCUSES):
            raise


def _judge_answer(call: Call) -> None:
    if not has_contract(call) or call.is_injured or not call.is_accepted:
        return
    openapi.validate_response(call.method, call.url, call.answer.status, call.answer.body)


@pytest.fixture(autouse=True)
def _judged_traffic() -> Iterator[None]:
    """Record what reaches a sandbox during a test, and judge it at the end."""
    if not openapi.present():
        yield
        return
    calls: list[Call] = []
    plain = Sandbox.handle

    def heard(
        self: Sandbox, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        answer = plain(self, method, url, headers, body)
        agent = next((v for k, v in headers.items() if k.lower() == "user-agent"), "")
        calls.append(Call(method.upper(), url, agent, body or b"", answer))
        return answer

    Sandbox.handle = heard  # type: ignore[method-assign]
    try:
        yield
    finally:
        Sandbox.handle = plain  # type: ignore[method-assign]
    broken = [fault for call in calls for fault in faults_of(call)]
    if broken:
        pytest.fail("\n".join(sorted(set(broken))), pytrace=False)
