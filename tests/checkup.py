"""What the tests of `azjit doctor` share: a run, its findings by code, and what may go wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.core import Response, Sandbox
from azjit.sandbox.world.rights import ALWAYS, Assignment
from behind import CONTRIBUTOR, Wire
from harness import Cli

if TYPE_CHECKING:
    import pytest

SOMEBODY = "11111111-1111-4111-8111-111111111111"
APPROVERS, PLATFORM = stable_id("group/approvers"), stable_id("group/platform")
NINA, CI = stable_id("principal/nina.novak"), stable_id("principal/contoso-ci")


class GraphWatch:
    """Sees the calls to Graph, and may answer in its place."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        self._answers: list[tuple[str, Response, bool]] = []
        original = Sandbox.handle

        def handle(world: Sandbox, method: str, url: str, headers: Any, body: bytes) -> Response:
            path = urlsplit(url).path
            if path.startswith("/v1.0/"):
                self.paths.append(path)
                for row in self._answers:
                    part, answer, is_lasting = row
                    if part in path:
                        if not is_lasting:
                            self._answers.remove(row)
                        return answer
            return original(world, method, url, headers, body)

        patch.setattr(Sandbox, "handle", handle)

    def on(self, part: str, body: Any, *, status: int = 200) -> None:
        self._answers.append((part, Response(status, {}, json.dumps(body).encode()), True))

    def fails_once(self, part: str, status: int, headers: dict[str, str]) -> None:
        self._answers.append((part, Response(status, headers, b"{}"), False))


def examined(
    cli: Cli, *argv: str, code: int | None = None, who: str | None = None
) -> list[dict[str, Any]]:
    environ = {"AZJIT_AS": who} if who is not None else None
    done = cli("doctor", *argv, "-o", "json", environ=environ)
    assert code in {None, done.code}, done.err
    assert done.out, done.err
    found: list[dict[str, Any]] = done.json
    return found


def of(found: list[dict[str, Any]], code: str) -> dict[str, Any]:
    """Give the diagnosis of a code that matters most: a finding, else unchecked, else ok."""
    order = ["problem", "warning", "note", "not checked", "ok"]
    return min((f for f in found if f["code"] == code), key=lambda f: order.index(f["severity"]))


def severity(found: list[dict[str, Any]], code: str) -> str:
    return str(of(found, code)["severity"])


def application_id(cli: Cli, name: str) -> str:
    return str(cli("consumer", "show", name, "-o", "json").json["id"])


def give(cli: Cli, scope: str, principal: str) -> None:
    """Give a principal Contributor behind everybody's back."""
    with cli.world._world() as world:
        world.assign(Assignment(SOMEBODY, scope, principal, CONTRIBUTOR, ALWAYS))


def named(wire: Wire, *approvers: tuple[str, str]) -> None:
    """Make everybody's settings name these approvers: kinds and ids."""

    def edit(body: Any) -> None:
        policy = body.get("properties", {}).get("jitAccessPolicy")
        if policy is not None:
            policy["jitApprovers"] = [
                {"id": key, "type": kind, "displayName": f"one{count}"}
                for count, (kind, key) in enumerate(approvers)
            ]

    wire.rewrite("/applications", edit)


def take_standing(cli: Cli, principal: str) -> None:
    with cli.world._world() as world:
        for each in world.every_assignment():
            if each.principal == principal:
                world.unassign(each)
