"""Every request that azjit sends matches Microsoft's OpenAPI files exactly."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from azjit.cli.app import command_tree
from azjit.sandbox.core import Response, Sandbox
from contract import openapi, openapi_pim
from harness import Cli, Result

MACHINES = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
VERSIONS = {"2021-07-01", "2022-04-01", "2020-10-01", "2021-01-01-preview"}
# Routes whose contracts are not among the files beside the repository; nothing else may be.
WITHOUT_CONTRACT = {
    "tokens": r"POST https://login\.microsoftonline\.com/[\w-]+/oauth2/v2\.0/token",
    "names": r"POST https://graph\.microsoft\.com/v1\.0/directoryObjects/getByIds",
    "members of a group": r"GET https://graph\.microsoft\.com/v1\.0/groups/[\w-]+"
    r"/transitiveMembers\?.+",
    "licences": r"GET https://graph\.microsoft\.com/v1\.0/subscribedSkus",
    # Declared with the path of a parent between provider and type, which is empty here.
    "permissions on an application": r"GET /subscriptions/[\w-]+/resourceGroups/[\w-]+/providers"
    r"/Microsoft\.Solutions/applications/[\w-]+/providers/Microsoft\.Authorization/permissions"
    r" 2022-04-01",
    "resource graph": r"POST /providers/Microsoft\.ResourceGraph/resources 2021-03-01",
    "endpoints": r"GET /metadata/endpoints 2022-09-01",
    "subscriptions": r"GET /subscriptions 2022-12-01",
    "a provider": r"GET /subscriptions/[\w-]+/providers/Microsoft\.Solutions 2021-04-01",
    "resource groups": r"GET /subscriptions/[\w-]+/resourcegroups 2021-04-01",
    "a resource group": r"GET /subscriptions/[\w-]+/resourceGroups/[\w-]+ 2021-04-01",
    "activity log": r"GET /subscriptions/[\w-]+/providers/Microsoft\.Insights/eventtypes/management"
    r"/values 2015-04-01",
    "an operation": r"GET /subscriptions/[\w-]+/providers/Microsoft\.Solutions/locations/\w+"
    r"/operation(Statuses|Results)/[\w=-]+ 2021-07-01",
}
SIDES = ("publisher", "consumer")
# Commands over files, and over Partner Center, whose contract is not here.
ELSEWHERE = {("publisher", "package"), ("publisher", "offer")}

pytestmark = pytest.mark.usefixtures("specs")


@dataclass(frozen=True)
class Sent:
    """A request as it left."""

    method: str
    url: str
    body: bytes

    @property
    def line(self) -> str:
        parts = urlsplit(self.url)
        if parts.hostname != "management.azure.com":
            return f"{self.method} {self.url}"
        version = "".join(parse_qs(parts.query).get("api-version", []))
        return f"{self.method} {parts.path} {version}"


class Recorded:
    """The command line, and everything that it sent."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli
        self.sent: list[Sent] = []
        self.commands: set[tuple[str, ...]] = set()

    def __call__(self, *argv: str, code: int | None = 0) -> Result:
        """Run a command; with a code of None, what it comes to is not this test's matter."""
        self.commands.add(argv[:2] if argv[0] in SIDES else argv[:1])
        result = self.cli(*argv, "-o", "json")
        assert code in {None, result.code}, result.err
        return result

    def request(self, *more: str) -> str:
        asked = self("publisher", "request", "orders", "--role", "Contributor", "--new", *more)
        return str(asked.json["name"])


@pytest.fixture
def record(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    recorded = Recorded(cli)
    handle = Sandbox.handle

    def heard(
        world: Sandbox, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        recorded.sent.append(Sent(method, url, body))
        return handle(world, method, url, headers, body)

    monkeypatch.setattr(Sandbox, "handle", heard)
    return recorded


def publish(run: Recorded) -> None:
    run("publisher", "apps")
    run("publisher", "roles", "orders")
    run("publisher", "check", "orders", code=None)
    run("publisher", "refresh-permissions", "orders", "--yes", code=None)
    run("publisher", "request", "orders", "--role", "Contributor", "--dry-run")
    name = run.request("--reason", "INC-1: it's ünusual", "--ticket", "T/1", "--start", "+30m")
    run("publisher", "request", "orders", "--role", CONTRIBUTOR, "--name", name)
    run("publisher", "history")
    run("publisher", "history", "orders", "--mine", "--state", "pending")
    run("publisher", "show", name)
    run("publisher", "wait", name, "--for", "decided", "--timeout", "5s", code=8)
    run("publisher", "cancel", name, "--yes")
    work = ("--role", "Contributor", "--", sys.executable, "-c", "")
    run("publisher", "run", "reports", *work)


def publish_blind(run: Recorded) -> None:
    """A publisher whose rights end at the managed resource group."""
    run.cli.world.set_switch(None, "publisher-read-application", "forbidden")
    group = run("consumer", "show", "orders").json["managedResourceGroupId"]
    run("publisher", "apps")
    run("publisher", "request", group, "--role", "Contributor", "--dry-run")
    run("publisher", "roles", group, code=3)
    run("publisher", "request", group, "--role", "it's none", "--dry-run", code=3)


def consume(run: Recorded) -> None:
    first, second, third = (run.request("--duration", each) for each in ("1h", "2h", "3h"))
    run("consumer", "apps")
    run("consumer", "show", "orders")
    run("consumer", "pending")
    run("consumer", "pending", "orders")
    run("consumer", "deny", second, third, "--reason", "no change window")
    run("consumer", "approve", first, "--reason", "agreed", "--dry-run")
    run("consumer", "approve", first, "--reason", "agreed")
    run("publisher", "wait", first, "--for", "active")
    run("publisher", "extend", first, "--by", "30m")
    run("publisher", "roles", "orders")
    run("consumer", "revoke", first, "--reason", "done", "--timeout", "5s")
    run("consumer", "history")
    run("consumer", "history", "orders", "--since", "7d")
    run("consumer", "history", "orders", "--activity")
    run("consumer", "history", "--activity")
    run("consumer", "access")
    run("consumer", "report", code=None)
    run("publisher", "report", code=None)
    run("consumer", "stop", "orders", "--reason", "done", "--dry-run", code=None)


def configure(run: Recorded) -> None:
    someone = "user:11111111-1111-1111-1111-111111111111=Ada"
    run("consumer", "configure", "orders", "--max-duration", "90m", "--dry-run")
    run("consumer", "settings", "export")
    run("consumer", "configure", "orders", "--max-duration", "90m", "--add-approver", someone)
    run("consumer", "configure", "orders", "--mode", "automatic", "--remove-approver", someone)
    run("consumer", "configure", "orders", "--mode", "manual", "--approvers", someone)


def examine(run: Recorded) -> None:
    run("doctor", code=5)
    run("doctor", "--app", "orders", "--side", "consumer")


def privileged(run: Recorded) -> None:
    """PIM, and what waits over all subscriptions."""
    run.cli.world.set_switch("orders", "update-access", "pim-linked")
    activate = ("publisher", "request", "orders", "--pim", "--role", MACHINES)
    words = ("--reason", "INC-1: it's ünusual", "--ticket", "1@Snow")
    run("publisher", "roles", "orders", "--pim")
    run(*activate, *words, "--dry-run")
    run(*activate, *words, "--start", "+1h", "--duration", "90m")
    run(*activate, *words)
    run(*activate, *words)
    end = ("publisher", "cancel", "orders", "--pim", "--role", MACHINES, "--yes")
    run(*end, code=5)
    run.cli.later(minutes=6)
    run(*end)
    run(*end, code=5)
    jit = ("publisher", "request", "orders", "--role", MACHINES, "--new")
    name = run(*jit).json["name"]
    run("consumer", "pending", "--all")
    run("consumer", "pending", "--all", "--management-group", "contoso-production")
    run("consumer", "approve", name, "--reason", "agreed", "--route", "pim", "--dry-run")
    run("consumer", "approve", name, "--reason", "agreed", "--route", "pim")
    run.cli.world.set_switch(None, "pim-review-body", "unwrapped")
    name = run(*jit, "--start", "+5h").json["name"]
    run("consumer", "deny", name, "--reason", "no change window")
    run.cli.world.set_switch("orders", "update-access", "honoured")


STORIES: tuple[Callable[[Recorded], None], ...] = (
    examine,
    publish,
    consume,
    privileged,
    configure,
    publish_blind,
)


def like_the_schema(sent: Sent) -> bytes:
    """The body, a review as the schema has it: Microsoft's example has it in `properties`."""
    if sent.method != "PUT" or "/stages/" not in sent.url:
        return sent.body
    body = json.loads(sent.body)
    shown = openapi_pim.sent_in("PutRoleAssignmentApprovalStepById.json")
    assert openapi_pim.missing(shown, body) == []
    return json.dumps(body["properties"]).encode()


def outside(sent: Sent) -> str | None:
    """The name of the route without a contract that this is, if it is one."""
    names = [n for n, pattern in WITHOUT_CONTRACT.items() if re.fullmatch(pattern, sent.line)]
    return names[0] if names else None


def test_every_request_is_declared(record: Recorded) -> None:
    for story in STORIES:
        story(record)
    faults: set[str] = set()
    declared: list[Sent] = []
    met: set[str] = set()
    for each in record.sent:
        name = outside(each)
        if name is not None:
            met.add(name)
            continue
        declared.append(each)
        try:
            openapi.validate_request(each.method, each.url, like_the_schema(each))
        except (openapi.Undeclared, openapi.Broken) as error:
            faults.add(f"{each.line}: {error}")

    assert faults == set()
    assert met == set(WITHOUT_CONTRACT)
    assert {each.line.rsplit(" ", 1)[-1] for each in declared} == VERSIONS
    assert {each.method for each in declared} == {"GET", "PUT", "PATCH", "POST", "DELETE"}
    assert record.commands == _commands()


def _commands() -> set[tuple[str, ...]]:
    """All commands of both sides that talk to Azure: a new one has to be in a story."""
    tree: Any = command_tree()
    found = {(side, name) for side in SIDES for name in tree.commands[side].commands}
    return {*found, ("doctor",)} - ELSEWHERE


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/applications/a/approve?api-version=2021-07-01", b"{}"),
        ("GET", "/jitRequests?api-version=2021-07-01&$filter=x", b""),
        ("GET", "/jitRequests?api-version=2020-01-01", b""),
        ("PUT", "/jitRequests/r?api-version=2021-07-01", b'{"properties": {"reason": "x"}}'),
    ],
)
def test_judge_of_requests_is_strict(method: str, path: str, body: bytes) -> None:
    place = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers"

    with pytest.raises((openapi.Undeclared, openapi.Broken)):
        openapi.validate_request(method, f"{place}/Microsoft.Solutions{path}", body)
