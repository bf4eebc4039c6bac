"""docs/explanation/azure-wire.md names every call that azjit sends, and no call that it does not.

A fixed life of commands goes over the sandbox, and each call that arrives there is compared with
the rows of the section "Every call". That this life leaves nothing out is held in two ways: no
module but the few named here writes a path, and each of their functions must have been asked.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from azjit.azure import resource_graph, routes
from azjit.azure.authorization import Authorization
from azjit.azure.graph import Graph
from azjit.azure.partner_center import PartnerCenter
from azjit.errors import NotAllowed
from azjit.sandbox.core import Response, Sandbox
from azjit.sandbox.pim import rules
from harness import Cli

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "azure-wire.md"
SOURCE = ROOT / "src" / "azjit"
# Resource Manager's; one in a message; Graph's, which the SDK writes; Partner Center's; what
# the activity log says, to compare with.
MAY_WRITE_PATHS = {
    "azure/routes.py",
    "azure/endpoints.py",
    "azure/graph.py",
    "azure/partner_center.py",
    "domain/ids.py",  # the id of a role that Azure names by its GUID alone
    "services/activity/concerned.py",
}
# What the page's short names stand for; the page says the same.
SHORT = {
    "{group}": "/subscriptions/{subscription}/resourceGroups/{name}",
    "{application}": "{group}/providers/Microsoft.Solutions/applications/{name}",
    "{definition}": "{group}/providers/Microsoft.Solutions/applicationDefinitions/{name}",
    "{request}": "{group}/providers/Microsoft.Solutions/jitRequests/{name}",
}
OFFER = ("--product", "fabrikam-orders", "--instance", "standard-draft")
MACHINES = "Virtual Machine Contributor"
ASK = ("publisher", "request", "orders", "--role")

_PATH = re.compile(r"/(?:providers|v1\.0)(?:/|$)|/metadata/|/subscriptions$")
_SECTION = re.compile(r"^## Every call$(.*?)^## ", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `(GET|POST|PUT|PATCH|DELETE) (\S+)` \| (\S+) \|", re.MULTILINE)

Sent = tuple[str, str, str]


def rows() -> list[Sent]:
    """Every row of the section: method, template, version."""
    section = _SECTION.search(PAGE.read_text(encoding="utf-8"))
    assert section is not None
    return _ROW.findall(section[1])


def matches(row: Sent, sent: Sent) -> bool:
    template = row[1]
    while any(short in template for short in SHORT):
        for short, whole in SHORT.items():
            template = template.replace(short, whole)
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
    same = re.fullmatch(pattern, sent[1], re.IGNORECASE) is not None
    return row[0] == sent[0] and row[2] == sent[2] and same


def fields_of(body: Any) -> Iterator[str]:
    """Every key of a body."""
    if isinstance(body, dict):
        yield from body
    for inside in body.values() if isinstance(body, dict) else body:
        if isinstance(inside, dict | list):
            yield from fields_of(inside)


class Ear:
    """Hears every call that reaches the sandbox, and every part of azjit that makes one."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.sent: set[Sent] = set()
        self.asked: set[str] = set()
        self.fields: set[str] = set()
        self.parameters: set[str] = set()
        self.refusal: Response | None = None
        self.senders: set[str] = set()
        self._listen_to_sandbox(patch)
        for sender in (routes, Graph, PartnerCenter):
            for name, made in inspect.getmembers(sender, inspect.isfunction):
                told = f"{sender.__name__}.{name}"
                self.senders.add(told)
                patch.setattr(sender, name, self._told(told, made))

    def _listen_to_sandbox(self, patch: pytest.MonkeyPatch) -> None:
        plain = Sandbox.handle

        def heard(
            world: Sandbox, method: str, url: str, headers: Mapping[str, str], body: bytes
        ) -> Response:
            parts = urlsplit(url)
            told = dict(parse_qsl(parts.query))
            self.sent.add((method.upper(), parts.path, told.pop("api-version", "-")))
            if "/operation" not in parts.path and "$skiptoken" not in parts.query.lower():
                self.parameters |= set(told)
            if body.startswith(b"{") and "/ingestion/" not in parts.path:
                self.fields |= set(fields_of(json.loads(body)))
            if self.refusal is not None and parts.path.endswith("/validate"):
                answer, self.refusal = self.refusal, None
                return answer
            return plain(world, method, url, headers, body)

        patch.setattr(Sandbox, "handle", heard)

    def _told(self, name: str, made: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*args: Any, **kwargs: Any) -> Any:
            self.asked.add(name)
            return made(*args, **kwargs)

        return asked


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    return Ear(monkeypatch)


def publish(cli: Cli) -> None:
    """Everything that a publisher may do."""
    run(cli, "publisher", "apps", "--refresh", "--expect-tenant", "fabrikam.example")
    run(cli, "publisher", "roles", managed_group(cli))
    run(cli, "publisher", "check", "shop-eu/shop", "--refresh")
    run(cli, "publisher", "refresh-permissions", "shop-eu/shop", "--as", "bob", code=9)
    run(cli, *ASK, "Contributor", "--name", NAMES[0])
    run(cli, "publisher", "history")
    run(cli, "publisher", "cancel", NAMES[0])
    run(cli, "publisher", "request", "reports", "--role", "Contributor", "--name", NAMES[1])
    run(cli, "publisher", "wait", NAMES[1], "--for", "active")
    run(cli, "doctor", "--app", "orders", "--side", "publisher", "--as", "alice")
    for command in ("show", "enable-jit"):
        run(cli, "publisher", "offer", command, *OFFER)
    run(cli, "publisher", "offer", "check", "--offer", "fabrikam-orders", "--plan", "standard")


def ask_where_little_may_be_read(cli: Cli) -> None:
    """What is read in place of what is not told: groups, roles by name, the caller's rights."""
    cli.world.set_switch(None, "token-groups", "overage")
    run(cli, "publisher", "roles", "archive", "--as", "dave", "--refresh")
    run(cli, "publisher", "roles", "orders", "--as", "fabrikam-ci", "--refresh")
    cli.world.set_switch(None, "publisher-read-application", "forbidden")
    run(cli, *ASK, "Support", "--dry-run", code=3)  # no built-in role: Azure is asked
    cli.world.set_switch(None, "publisher-read-application", "allowed")


def activate_through_pim(cli: Cli, ear: Ear) -> None:
    """PIM's own roles, and one that is asked for twice."""
    run(cli, "publisher", "roles", "orders", "--pim")
    activate = (*ASK, MACHINES, "--pim", "--reason", "INC-1", "--ticket", "1@Snow")
    run(cli, *activate)
    ear.refusal = Response(
        400,
        {"Content-Type": "application/json"},
        b'{"error": {"code": "PendingRoleAssignmentRequest", "message": "asked for already"}}',
    )
    run(cli, *activate, code=5)


def give_back_through_pim(cli: Cli, patch: pytest.MonkeyPatch) -> None:
    """An activation that is ended, and a request that is withdrawn."""
    cli.later(minutes=6)
    run(cli, "publisher", "cancel", "orders", "--pim")
    approver = next(one.object_id for one in cli.world.people() if one.alias == "bob")
    patch.setattr(rules, "approvers_of", lambda *_: (approver,))
    run(cli, *ASK, MACHINES, "--pim", "--reason", "INC-1", "--ticket", "1@Snow")
    run(cli, "publisher", "cancel", "orders", "--pim")


def consume(cli: Cli, patch: pytest.MonkeyPatch) -> None:
    """Everything that a consumer may do."""
    run(cli, "consumer", "apps", "--refresh")
    run(cli, "consumer", "show", "reports")
    run(cli, "consumer", "revoke", NAMES[1], "--reason", "done")
    run(cli, "consumer", "configure", "orders", "--add-approver", "carol@contoso.example")
    run(cli, "consumer", "pending", "--all")
    run(cli, *ASK, "Contributor", "--new", "--name", NAMES[2])
    run(cli, "consumer", "approve", NAMES[2], "--reason", "agreed")
    run(cli, "consumer", "history", "--activity")
    with patch.context() as unread:
        refused = NotAllowed("no right")
        unread.setattr(Authorization, "assignments", lambda *_: (_ for _ in ()).throw(refused))
        run(cli, "consumer", "access", "orders", code=7)
    run(cli, "doctor", "--app", "orders")


def decide_through_pim(cli: Cli) -> None:
    """Both ways to write a review."""
    cli.world.set_switch("orders", "update-access", "pim-linked")
    for name, form in zip(NAMES[3:], ("wrapped", "unwrapped"), strict=True):
        cli.world.set_switch(None, "pim-review-body", form)
        run(cli, *ASK, "Contributor", "--new", "--name", name)
        run(cli, "consumer", "approve", name, "--reason", "agreed", "--route", "pim")


def live(cli: Cli, ear: Ear, patch: pytest.MonkeyPatch) -> None:
    """A life in which everything happens that azjit can send."""
    publish(cli)
    ask_where_little_may_be_read(cli)
    activate_through_pim(cli, ear)
    give_back_through_pim(cli, patch)
    consume(cli, patch)
    decide_through_pim(cli)


NAMES = [f"bbbbbbbb-0000-4000-8000-00000000000{digit}" for digit in range(5)]


def managed_group(cli: Cli) -> str:
    return str(cli("publisher", "apps", "-o", "json").json[0]["managedResourceGroupId"])


def run(cli: Cli, *argv: str, code: int = 0) -> None:
    done = cli(*argv, tty=True, answer="y\n", sure=False)
    assert done.code == code, f"{argv}: {done.err}"


def test_every_call_is_a_row_of_the_page_and_every_row_a_call(
    cli: Cli, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(cli, ear, monkeypatch)

    table = rows()
    unnamed = [sent for sent in sorted(ear.sent) if not any(matches(row, sent) for row in table)]
    unsent = [row for row in table if not any(matches(row, sent) for sent in ear.sent)]
    assert unnamed == [], "sent, and not in the tables"
    assert unsent == [], "in the tables, and not sent"
    assert ear.senders - ear.asked == set(), "not called in this life: let it happen there"
    told = PAGE.read_text(encoding="utf-8").partition("<!-- sandbox-coverage")[0]
    assert {name for name in ear.fields if f'"{name}"' not in told} == set(), "fields not told"
    assert {name for name in ear.parameters if f"`{name}" not in told} == set(), "not told"


def test_the_queries_stand_in_the_page_word_for_word() -> None:
    told = " ".join(PAGE.read_text(encoding="utf-8").split())

    for query in (
        resource_graph._APPLICATIONS,
        resource_graph._UNDECIDED,
        resource_graph._ASSIGNMENTS,
    ):
        assert " ".join(query.split()) in told


def test_no_other_module_writes_a_path() -> None:
    written = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] != "sandbox" and any(map(_PATH.match, texts_of(path)))
    }

    assert written == MAY_WRITE_PATHS


def texts_of(path: Path) -> list[str]:
    """Every text in a module that is code, and no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(part.value)
        for part in ast.walk(tree)
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
    }
    return [
        part.value
        for part in ast.walk(tree)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in told
    ]
