"""What a role can do, told from its definition."""

from __future__ import annotations

import pytest

from azjit.domain.access import Permissions, RoleDefinition
from azjit.domain.ids import RoleId
from azjit.domain.powers import Power, gives_access, powers_of

AUTHORIZATION = "Microsoft.Authorization"
# As Azure has them, from its page of built-in roles.
CONTRIBUTOR = Permissions(
    ("*",),
    (
        f"{AUTHORIZATION}/*/Delete",
        f"{AUTHORIZATION}/*/Write",
        f"{AUTHORIZATION}/elevateAccess/Action",
        "Microsoft.Blueprint/blueprintAssignments/write",
    ),
)
USER_ACCESS_ADMINISTRATOR = Permissions(("*/read", f"{AUTHORIZATION}/*", "Microsoft.Support/*"))


def role(*blocks: Permissions) -> RoleDefinition:
    return RoleDefinition(RoleId("r"), "a role", blocks)


def allowing(*actions: str) -> RoleDefinition:
    return role(Permissions(actions))


@pytest.mark.parametrize(
    ("told", "powers"),
    [
        (allowing("*"), {"anything", "give-access", "act-through"}),
        (role(CONTRIBUTOR), {"nearly-anything", "act-through"}),
        (role(USER_ACCESS_ADMINISTRATOR), {"give-access"}),
        (allowing("*/read"), {"read-only"}),
        (role(Permissions(("*/read",), (), ("Microsoft.Storage/*/read",))), {"read-data"}),
        (allowing("Microsoft.Compute/virtualMachines/*"), {"act-through"}),
        (allowing("Microsoft.Compute/virtualMachines/start/action"), set()),
    ],
)
def test_roles_have_the_powers_that_their_definitions_give(
    told: RoleDefinition, powers: set[str]
) -> None:
    assert powers_of(told) == powers


@pytest.mark.parametrize(
    "action",
    [
        f"{AUTHORIZATION}/roleAssignments/write",
        f"{AUTHORIZATION.upper()}/ROLEASSIGNMENTS/WRITE",
        f"{AUTHORIZATION}/roleDefinitions/*",
        f"{AUTHORIZATION}/*/write",
        f"{AUTHORIZATION}/roleEligibilityScheduleRequests/write",
        f"{AUTHORIZATION}/roleAssignmentScheduleRequests/write",
        f"{AUTHORIZATION}/elevateAccess/action",
        "*/write",
    ],
)
def test_each_way_to_give_access_is_seen(action: str) -> None:
    assert Power.GIVE_ACCESS in (powers_of(allowing(action)) or ())


@pytest.mark.parametrize(
    "action",
    [
        "Microsoft.Compute/virtualMachines/runCommand/action",
        "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommands/*",
        "Microsoft.HybridCompute/machines/extensions/write",
        "Microsoft.Resources/deploymentScripts/*",
        "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
        "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
        "Microsoft.KeyVault/vaults/*",
        "Microsoft.KeyVault/vaults/accessPolicies/write",
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "Microsoft.Storage/*",
        "*/storageAccounts/*",
        "*/storageAccounts/*/action",
        "Microsoft.Solutions/applications/listTokens/action",
    ],
)
def test_each_way_to_act_through_resources_is_seen(action: str) -> None:
    assert Power.ACT_THROUGH in (powers_of(allowing(action)) or ())


def test_what_one_block_takes_away_another_gives() -> None:
    apart = role(CONTRIBUTOR, Permissions((f"{AUTHORIZATION}/roleAssignments/write",)))

    assert powers_of(apart) == {"nearly-anything", "give-access", "act-through"}


def test_what_a_block_takes_away_it_does_not_give() -> None:
    keyless = Permissions(("Microsoft.Storage/*",), ("*/listKeys/action",))

    assert powers_of(role(keyless)) == set()
    assert powers_of(role(Permissions(("*",), ("*",)))) == set()


def test_data_actions_that_are_taken_away_read_nothing() -> None:
    taken = Permissions(("*/read",), (), ("Microsoft.Storage/*",), ("*",))

    assert powers_of(role(taken)) == {"read-only"}


@pytest.mark.parametrize(
    "unknown",
    [
        None,
        role(),
        role(Permissions()),
        role(Permissions(("*",), has_condition=True)),
        role(Permissions(("*/read",)), Permissions(("*",), has_condition=True)),
    ],
)
def test_powers_are_unknown_where_the_definition_does_not_tell(
    unknown: RoleDefinition | None,
) -> None:
    assert powers_of(unknown) is None


def test_a_condition_does_not_hide_that_access_can_be_given() -> None:
    assert gives_access(role(Permissions(("*",), has_condition=True)))


def test_patterns_of_many_stars_are_told_at_once() -> None:
    assert powers_of(allowing("*a" * 40)) == set()
