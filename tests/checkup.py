"""Helpers for the tests of `azjit doctor`: runs, findings by code, and failures."""

from __future__ import annotations

from typing import Any

from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.world.rights import ALWAYS, Assignment
from behind import CONTRIBUTOR, Wire
from harness import Cli

SOMEBODY = "11111111-1111-4111-8111-111111111111"
APPROVERS, PLATFORM = stable_id("group/approvers"), stable_id("group/platform")
NINA, CI = stable_id("principal/nina.novak"), stable_id("principal/contoso-ci")


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
