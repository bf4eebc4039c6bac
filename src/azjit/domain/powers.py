"""What the holder of a role can do, according to its definition.

Source: https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

from enum import StrEnum

from azjit.domain.access import Permissions, RoleDefinition, covers


class Power(StrEnum):
    """A power of a role, as the key of a result; `words` is for a person."""

    ANYTHING = "anything"
    NEARLY_ANYTHING = "nearly-anything"
    GIVE_ACCESS = "give-access"
    ACT_THROUGH = "act-through"
    READ_DATA = "read-data"
    READ_ONLY = "read-only"

    @property
    def words(self) -> str:
        """What the role can do, after its name."""
        return _WORDS[self]


_WORDS = {
    Power.ANYTHING: "can do anything",
    Power.NEARLY_ANYTHING: "can do nearly anything",
    Power.GIVE_ACCESS: "can give access to others",
    Power.ACT_THROUGH: "can act through resources (run commands, keys, identities)",
    Power.READ_DATA: "can read data or secrets",
    Power.READ_ONLY: "can only read settings",
}
_AUTHORIZATION = "Microsoft.Authorization"
_GIVES_ACCESS = (
    f"{_AUTHORIZATION}/roleAssignments/write",
    f"{_AUTHORIZATION}/roleDefinitions/write",
    f"{_AUTHORIZATION}/roleAssignmentScheduleRequests/write",
    f"{_AUTHORIZATION}/roleEligibilityScheduleRequests/write",
    f"{_AUTHORIZATION}/elevateAccess/action",
)
_ACTS_THROUGH = (
    "Microsoft.Compute/virtualMachines/runCommand/action",
    "Microsoft.Compute/virtualMachines/runCommands/write",
    "Microsoft.Compute/virtualMachines/extensions/write",
    "Microsoft.Compute/virtualMachineScaleSets/extensions/write",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommand/action",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommands/write",
    "Microsoft.HybridCompute/machines/extensions/write",
    "Microsoft.HybridCompute/machines/runCommands/write",
    "Microsoft.Resources/deploymentScripts/write",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.KeyVault/vaults/accessPolicies/write",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.DocumentDB/databaseAccounts/listKeys/action",
    "Microsoft.CognitiveServices/accounts/listKeys/action",
    "Microsoft.Cache/redis/listKeys/action",
    "Microsoft.EventHub/namespaces/authorizationRules/listKeys/action",
    "Microsoft.ServiceBus/namespaces/authorizationRules/listKeys/action",
    "Microsoft.OperationalInsights/workspaces/listKeys/action",
    "Microsoft.AppConfiguration/configurationStores/listKeys/action",
    "Microsoft.Solutions/applications/listTokens/action",
)
# Actions of any provider with one of these ends count where a role names them.
_ENDS = (
    "/assign/action",  # as Managed Identity Operator has it: userAssignedIdentities/*/assign/action
    "/runcommand/action",
    "/runcommands/write",
    "/extensions/write",
    "/listkeys/action",
    "/listtokens/action",
)
_ANY_PART = "any-part"


def powers_of(role: RoleDefinition | None) -> frozenset[Power] | None:
    """Give the powers of a role; None if they are not known.

    They are not known of a definition that was not read, that allows nothing, or that has a
    condition. What one block takes away, another may give, so each block counts for itself.
    """
    if role is None or not role.blocks or any(block.has_condition for block in role.blocks):
        return None
    blocks = role.blocks
    if not any(block.actions or block.data_actions for block in blocks):
        return None
    found = set()
    if any("*" in block.actions and not block.not_actions for block in blocks):
        found.add(Power.ANYTHING)
    elif any(_is_nearly_all(block) for block in blocks):
        found.add(Power.NEARLY_ANYTHING)
    if gives_access(role):
        found.add(Power.GIVE_ACCESS)
    if any(_acts_through(block) for block in blocks):
        found.add(Power.ACT_THROUGH)
    if any(_has_data_action(block) for block in blocks):
        found.add(Power.READ_DATA)
    elif all(each.lower().endswith("/read") for block in blocks for each in block.actions):
        found.add(Power.READ_ONLY)
    return frozenset(found)


def said_of(powers: frozenset[Power] | None) -> str:
    """Say in plain words what a role with these powers can do, as it follows the role's name."""
    if powers is None:
        return "what it can do is not known"
    told = [each.words for each in Power if each in powers]
    told = told or ["can change some resources"]
    is_bound = Power.GIVE_ACCESS not in powers and Power.READ_ONLY not in powers
    return ", ".join(told) + (", but cannot give access to others" if is_bound else "")


def gives_access(role: RoleDefinition) -> bool:
    """Tell whether a role allows giving access to others, even if only under a condition."""
    return any(block.allows(action) for block in role.blocks for action in _GIVES_ACCESS)


def _acts_through(block: Permissions) -> bool:
    named = (each for each in map(_plain, block.actions) if each.lower().endswith(_ENDS))
    return any(block.allows(action) for action in (*_ACTS_THROUGH, *named))


def _is_nearly_all(block: Permissions) -> bool:
    is_all = "*" in block.actions
    return is_all and not any(each.startswith("*") for each in block.not_actions)


def _has_data_action(block: Permissions) -> bool:
    return any(not covers(block.not_data_actions, _plain(each)) for each in block.data_actions)


def _plain(pattern: str) -> str:
    return pattern.replace("*", _ANY_PART)
