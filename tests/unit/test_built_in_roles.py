"""The list of Azure's built-in roles, for Microsoft's clouds and the sandbox's only."""

from __future__ import annotations

import pytest

from azjit.azure.clouds import NAMED, SANDBOX_NAME, Cloud, known_cloud
from azjit.sandbox.world.people import ROLES
from azjit.services.lookup.built_in_roles import _names_in

PRIVATE = NAMED["public"]._replace(arm="https://management.local.example")
REGION = known_cloud("https://westeurope.management.azure.com", None)


@pytest.mark.parametrize(
    ("cloud", "is_known"),
    [
        *((each, True) for each in (*NAMED.values(), REGION)),
        (PRIVATE._replace(name=SANDBOX_NAME), True),
        # Any cloud may call itself AzureCloud.
        (PRIVATE, False),
    ],
)
def test_roles_are_known_on_microsofts_hosts_and_in_a_sandbox(
    cloud: Cloud,
    is_known: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert bool(_names_in(cloud)) is is_known


def test_the_sandboxs_built_in_roles_are_microsofts() -> None:
    names = _names_in(NAMED["public"])

    assert {r.id: r.name for r in ROLES if not r.is_custom}.items() <= names.items()
    assert len(names) > 490
