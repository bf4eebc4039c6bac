"""The sandbox answers what Microsoft's contracts declare, and its page lists the routes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import traffic
from azjit.sandbox.dispatch import routes
from contract import openapi

ROOT = Path(__file__).parents[2]
# Declared and not answered: each is a decision.
LEFT_OUT = {
    # The actions of every provider of Azure: a catalog that this world does not have.
    ("get", "/providers/Microsoft.Authorization/providerOperations"),
    ("get", "/providers/Microsoft.Authorization/providerOperations/{resourceProviderNamespace}"),
    # What the provider itself can do: the same.
    ("get", "/providers/Microsoft.Authorization/operations"),
}


@pytest.mark.usefixtures("specs")
@pytest.mark.parametrize("version", sorted(traffic.JUDGED))
def test_every_declared_operation_is_answered(version: str) -> None:
    missing = {
        (operation.method, operation.template)
        for operation in openapi._operations(version)
        if routes.find(operation.method.upper(), _example(operation.template)) is None
    }

    assert missing - LEFT_OUT == set()


def _example(template: str) -> str:
    """A path of a route: whole ids where a part stands for one."""
    place = "/subscriptions/s/resourceGroups/g"
    known = {
        "applicationId": f"{place}/providers/Microsoft.Solutions/applications/a",
        "applicationDefinitionId": (
            f"{place}/providers/Microsoft.Solutions/applicationDefinitions/a"
        ),
        "roleAssignmentId": f"{place}/providers/Microsoft.Authorization/roleAssignments/a",
        "roleId": f"{place}/providers/Microsoft.Authorization/roleDefinitions/a",
        "roleDefinitionId": "a",
        "denyAssignmentId": "a",
        "scope": place,
    }
    if template in {"/{denyAssignmentId}", "/{roleDefinitionId}"}:
        kind = template.strip("/{}").removesuffix("Id") + "s"
        return f"{place}/providers/Microsoft.Authorization/{kind}/a"
    text = re.sub(r"\{(\w+)\}", lambda part: known.get(part[1], part[1]), template)
    return re.sub("/{2,}", "/", text)


def test_page_says_what_the_sandbox_covers() -> None:
    script = ROOT / "scripts" / "sandbox_coverage.py"

    done = subprocess.run(
        [sys.executable, str(script), "--check"], check=False, capture_output=True, text=True
    )

    assert done.stdout == "", "run: python scripts/sandbox_coverage.py"
    assert done.returncode == 0, done.stderr
