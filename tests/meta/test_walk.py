"""The walk of one approval in CONTRIBUTING matches the call stack."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from azjit.azure.arm import Arm
from harness import Cli

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "azjit"
WALK = re.compile(r"^## One approval.*?(?=^## )", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^\d+\. `([\w/]+\.py)`", re.MULTILINE)
HOPS = 6


def steps() -> list[str]:
    """The files of the numbered steps, in order."""
    walk = WALK.search((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert walk is not None
    return STEP.findall(walk[0])


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The modules of ours on the stack at each write that reaches Resource Manager's client."""
    found: list[list[str]] = []
    send = Arm.send

    def listening(arm: Arm, call: Any, *options: Any, **named: Any) -> Any:
        if not call.is_read:
            found.append(["azure/arm.py", *modules_above()][::-1])
        return send(arm, call, *options, **named)

    monkeypatch.setattr(Arm, "send", listening)
    return found


def modules_above() -> list[str]:
    """Each module of ours on the stack once, the caller first."""
    frame, found = sys._getframe(2), dict[str, None]()
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(SOURCE):
            found[path.relative_to(SOURCE).as_posix()] = None
        frame = frame.f_back  # type: ignore[assignment] # the last has none
    return list(found)


@pytest.mark.parametrize("verb", ["approve", "deny", "revoke"])
def test_a_decision_takes_the_way_that_contributing_walks(
    cli: Cli, ways: list[list[str]], verb: str
) -> None:
    name = cli.file("orders")
    if verb == "revoke":
        cli("consumer", "approve", name, "--reason", "agreed")
    ways.clear()

    cli("consumer", verb, name, "--reason", "agreed")

    assert ways == [steps()]
    assert len(steps()) == HOPS
