"""Callers, role definitions, role assignments, and how access is known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.ids import PrincipalId, ResourceId, RoleId, reaches

# The role that the service itself assigns to every publisher: it reads, and files requests.
# Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
PUBLISHER_OPERATOR = "b9331d33-8a36-4f8c-b097-4f54124fdb44"


class Caller(NamedTuple):
    """The principal that azjit acts as, read from the access token.

    `groups` is None if the token does not list the caller's groups; they are of the time when it
    was `issued`.
    """

    id: PrincipalId
    name: str
    kind: str
    tenant: str
    groups: frozenset[str] | None = None
    issued: datetime | None = None
    expires: datetime | None = None

    @property
    def is_person(self) -> bool:
        """Whether it is a person; PIM lets no service principal decide."""
        return self.kind == "user"

    def is_in(self, group: PrincipalId) -> bool | None:
        """Tell whether the caller is in the group; None if the token does not list groups."""
        return None if self.groups is None else group.key in self.groups


class Identity(NamedTuple):
    """The caller, the address of the cloud, the kind of sign-in, and what chose that."""

    caller: Caller
    cloud: str
    sign_in: str
    variables: tuple[str, ...] = ()


class Permissions(NamedTuple):
    """One block of allowed actions of a role definition or of the answer of `permissions`.

    `has_condition` marks a block that applies under a condition only.
    """

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    has_condition: bool = False

    def allows(self, action: str) -> bool:
        """Tell whether the block allows a management action, e.g. `a.b/c/write`."""
        return covers(self.actions, action) and not covers(self.not_actions, action)

    def same(self, other: Permissions) -> bool:
        """Tell whether both allow the same actions, in any order and case."""
        return self._key() == other._key()

    def _key(self) -> tuple[frozenset[str], ...]:
        parts = (self.actions, self.not_actions, self.data_actions, self.not_data_actions)
        return tuple(frozenset(each.lower() for each in part) for part in parts)


class RoleDefinition(NamedTuple):
    """A role's id, name and what it allows; a built-in one is the same in the whole cloud."""

    id: RoleId
    name: str
    blocks: tuple[Permissions, ...] = ()
    is_built_in: bool = False


class RoleAssignment(NamedTuple):
    """A role that a principal holds at a scope now."""

    id: str
    principal: PrincipalId
    role: RoleId
    scope: str
    principal_kind: str | None = None
    created_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether Azure names its role and its principal."""
        return bool(self.principal.text and self.role.text)

    def applies_in(self, place: ResourceId) -> bool:
        """Tell whether it was made at a place or above it; a listing has those below, too."""
        return reaches(self.scope, place)


class Proof(StrEnum):
    """How a state is known."""

    ASSIGNMENT = "role assignment"
    PERMISSIONS = "permissions"
    REQUEST = "request state"
    PIM = "PIM"
    RECEIPT = "receipt"
    LOG = "activity log"
    INDEX = "index"
    UNKNOWN = "unknown"


class Access(NamedTuple):
    """Whether a principal holds a role now; None if no read showed it."""

    held: bool | None
    proof: Proof


def has_every_block(role: RoleDefinition, held: Iterable[Permissions]) -> bool:
    """Tell whether each block of the role is among the blocks that the caller holds."""
    present = tuple(held)
    return bool(role.blocks) and all(
        any(mine.same(block) for mine in present) for block in role.blocks
    )


def covers(patterns: Iterable[str], action: str) -> bool:
    """Tell whether one of these patterns has an action; `*` is any text, and case is ignored."""
    return any(_matches(pattern.lower(), action.lower()) for pattern in patterns)


def _matches(pattern: str, action: str) -> bool:
    # A regular expression takes exponential time for a pattern of many stars.
    start, *inner = pattern.split("*")
    if not inner:
        return action == pattern
    if not action.startswith(start):
        return False
    at = len(start)
    for part in inner[:-1]:
        found = action.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return action.endswith(inner[-1]) and len(action) - len(inner[-1]) >= at
