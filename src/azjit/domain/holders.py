"""Who holds a role on a managed resource group at a time, until when, and by what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.access import PUBLISHER_OPERATOR, Proof, RoleAssignment
from azjit.domain.applications import Application, NamedGrant, RoleGrant
from azjit.domain.ids import RequestId
from azjit.domain.pim import PimRole
from azjit.domain.requests import JitRequest, RequestState


class Basis(StrEnum):
    """By what a principal has a role."""

    JIT = "jit"
    PIM = "pim"
    STANDING = "standing"
    UNKNOWN = "unknown"
    SCHEDULED = "scheduled"


class GroupMember(NamedTuple):
    """A person or a service principal in a group."""

    id: str
    name: str | None


class HeldRole(NamedTuple):
    """A role that a principal holds on a managed resource group, or will hold.

    `scope` is where the role was assigned; None for a role that only a request shows.
    `is_publisher` is None if neither the application nor its definition names the publisher's
    principals.
    `members` are those of a group, None if it is no group or they could not be read.
    """

    application: Application
    grant: NamedGrant
    basis: Basis
    known_by: Proof
    scope: str | None = None
    kind: str | None = None
    is_publisher: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    request: RequestId | None = None
    members: tuple[GroupMember, ...] | None = None

    @property
    def is_operators(self) -> bool:
        """Whether it is the role of every publisher, which reads and files requests."""
        return self.grant.role.guid == PUBLISHER_OPERATOR


def basis_of(
    assignment: RoleAssignment, instances: Iterable[PimRole], *, may_be_jit: bool
) -> tuple[Basis, datetime | None]:
    """Give by what a principal has a role that no request explains, and until when.

    It `may_be_jit` if a request that was deleted may have given it: then Azure may still end it.
    """
    of_it = [each for each in instances if _is_of(each, assignment)]
    ends = [each.until for each in of_it if each.until is not None]
    if ends:
        return Basis.PIM, max(ends)
    is_active_only = any((each.how or "").lower() == "activated" for each in of_it)
    is_standing = bool(of_it) and not is_active_only and not may_be_jit
    return (Basis.STANDING if is_standing else Basis.UNKNOWN), None


def _is_of(instance: PimRole, assignment: RoleAssignment) -> bool:
    is_same = RoleGrant(instance.principal, instance.role) == RoleGrant(
        assignment.principal, assignment.role
    )
    return is_same and instance.scope.key == assignment.scope.lower()


def held_by_requests(requests: Iterable[JitRequest], at: datetime) -> list[JitRequest]:
    """Give the approved requests whose time covers an instant."""
    return [
        each
        for each in requests
        if each.state is RequestState.APPROVED
        and each.schedule.start is not None
        and each.schedule.start <= at
        and (each.schedule.end is None or at < each.schedule.end)
    ]


def not_begun(requests: Iterable[JitRequest], at: datetime) -> list[JitRequest]:
    """Give the approved requests that begin after an instant."""
    return [
        each
        for each in requests
        if each.state is RequestState.APPROVED
        and each.schedule.start is not None
        and each.schedule.start > at
    ]
