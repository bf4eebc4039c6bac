"""Managed applications, their JIT settings and the roles their publisher may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from azjit.domain.ids import ApplicationId, GroupId, PrincipalId, RoleId


class ApprovalMode(StrEnum):
    """Who decides a request: the service at once, or one of the approvers."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    NOT_SPECIFIED = "not specified"
    UNKNOWN = "unknown"


class JitState(StrEnum):
    """Whether just-in-time access governs an application."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


class Approver(NamedTuple):
    """A user or group of the consumer's tenant that may decide; `kind` as Azure spells it.

    `has_kind` is False if Azure gave no kind and `kind` is assumed. `extra` keeps the fields that
    azjit does not interpret, since a change of settings writes every approver again.
    """

    id: PrincipalId
    kind: str
    name: str | None = None
    has_kind: bool = True
    extra: Mapping[str, object] = MappingProxyType({})

    @property
    def is_blank(self) -> bool:
        """Whether nothing of it could be read, so that it cannot be written again."""
        return not (self.id.text or self.name or self.has_kind or self.extra)

    def same(self, other: Approver) -> bool:
        """Tell whether both are the same principal of the same kind; names do not count."""
        return self.id == other.id and self.kind.lower() == other.kind.lower()


class JitPolicy(NamedTuple):
    """An application's JIT settings.

    `maximum` is None if Azure gave none, or one without an exact length. `maximum_text` and
    `mode_text` keep what Azure wrote.
    """

    enabled: bool
    mode: ApprovalMode
    approvers: tuple[Approver, ...]
    maximum: timedelta | None
    mode_text: str | None = None
    maximum_text: str | None = None
    extra: Mapping[str, object] = MappingProxyType({})

    @property
    def mode_word(self) -> str:
        """The approval mode; one that azjit does not know in Azure's own word."""
        return (self.mode is ApprovalMode.UNKNOWN and self.mode_text) or self.mode.value

    def same(self, other: JitPolicy) -> bool:
        """Tell whether both have the same effect, in any spelling and order of approvers."""
        return (
            self.enabled == other.enabled
            and self._mode_key() == other._mode_key()
            and self._maximum_key() == other._maximum_key()
            and self._approver_keys() == other._approver_keys()
        )

    def is_as(self, other: JitPolicy) -> bool:
        """Tell whether both have the same effect, also in the fields that azjit only keeps."""
        return self.same(other) and self._kept() == other._kept()

    def _kept(self) -> tuple[Mapping[str, object], dict[str, Mapping[str, object]]]:
        return self.extra, {each.id.key: each.extra for each in self.approvers}

    def _mode_key(self) -> str:
        return (
            self.mode_text.lower()
            if self.mode is ApprovalMode.UNKNOWN and self.mode_text
            else self.mode
        )

    def _maximum_key(self) -> object:
        return self.maximum if self.maximum is not None else self.maximum_text

    def _approver_keys(self) -> set[tuple[str, str]]:
        return {(each.id.key, each.kind.lower()) for each in self.approvers}


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role and its principal: eligible on an application, or requested."""

    principal: PrincipalId
    role: RoleId
    extra: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def is_whole(self) -> bool:
        """Whether Azure's row names both."""
        return bool(self.principal.text and self.role.text)


class NamedGrant(NamedTuple):
    """A role for a principal, with their names as far as they are known."""

    role: RoleId
    role_name: str | None
    principal: PrincipalId
    principal_name: str | None

    @property
    def is_whole(self) -> bool:
        """Whether Azure's row names both."""
        return bool(self.principal.text and self.role.text)


class Application(NamedTuple):
    """A managed application as it was read.

    `roles` is None if the application does not show its eligible roles; a row may lack its role or
    principal. `is_read` is False if only its id is known: the other fields are empty then.
    `unreadable` says why not even that is known.
    """

    id: ApplicationId
    name: str
    managed_group: GroupId | None = None
    policy: JitPolicy | None = None
    roles: tuple[RoleGrant, ...] | None = None
    definition: str | None = None
    location: str | None = None
    kind: str | None = None
    publisher_tenant: str | None = None
    has_identity: bool = False
    changed_by: PrincipalId | None = None
    is_read: bool = True
    unreadable: str | None = None

    @property
    def label(self) -> str:
        """`GROUP/NAME`, as a person may type it."""
        return f"{self.id.group}/{self.name}"

    @property
    def jit(self) -> JitState:
        """Whether JIT access is on; unknown if the application could not be read."""
        if not self.is_read:
            return JitState.UNKNOWN
        return JitState.ON if self.policy is not None and self.policy.enabled else JitState.OFF
