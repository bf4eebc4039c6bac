"""Privileged Identity Management: roles that one may activate, requests for them, approvals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from azjit.domain.ids import PrincipalId, ResourceId, RoleId
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict


class Route(StrEnum):
    """Through what a request is decided; `auto` lets azjit choose."""

    AUTO = "auto"
    APPLICATION = "application"
    PIM = "pim"


class Holding(StrEnum):
    """How a principal has a role in PIM."""

    ELIGIBLE = "eligible"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class PimRole:
    """A role that the caller has in PIM at a scope: eligible, or active now.

    `schedule` is the eligibility's own name, which an activation is linked to; `member` is
    Direct, Inherited or Group, and `how` is Activated or Assigned, both as Azure spells them.
    """

    holding: Holding
    role: RoleId
    scope: ResourceId
    principal: PrincipalId
    role_name: str | None = None
    principal_name: str | None = None
    member: str | None = None
    how: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    schedule: str | None = None


class PimState(StrEnum):
    """What PIM says of a request; what is on the way counts as pending."""

    WAITING = "waiting for approval"
    PENDING = "pending"
    GRANTED = "granted"
    SCHEDULED = "scheduled"
    REFUSED = "refused"
    ENDED = "ended"
    UNKNOWN = "unknown"

    @property
    def is_over(self) -> bool:
        """Whether the request gives no access any more."""
        return self in {PimState.REFUSED, PimState.ENDED}


@dataclass(frozen=True, slots=True)
class PimRequest:
    """A request for a role assignment as PIM has it; `approval` is the approval's name."""

    id: ResourceId
    principal: PrincipalId
    role: RoleId
    scope: ResourceId
    state: PimState
    state_text: str
    start: datetime | None = None
    duration: timedelta | None = None
    approval: str | None = None
    requestor: PrincipalId | None = None
    created_at: datetime | None = None
    justification: str | None = None
    ticket: str | None = None
    role_name: str | None = None
    principal_name: str | None = None


_VERDICTS = {
    "approve": Verdict.APPROVE,
    "approved": Verdict.APPROVE,
    "deny": Verdict.DENY,
    "denied": Verdict.DENY,
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of an approval; `is_open` while the caller may answer it."""

    id: str
    is_mine: bool
    status: str
    result: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for the caller's answer."""
        return self.is_mine and self.status.lower() == "inprogress"

    @property
    def verdict(self) -> Verdict | None:
        """How it was answered; Microsoft's contracts and clients have two spellings."""
        return _VERDICTS.get((self.result or "").lower())


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval that the caller may answer, with its stages."""

    name: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class ActivationRules:
    """What the policy of a role asks of who activates it; None where it does not tell."""

    maximum: timedelta | None = None
    justification: bool = False
    ticket: bool = False
    second_factor: bool = False
    context: str | None = None
    approvers: tuple[str, ...] | None = None

    def words(self, length: str | None) -> list[str]:
        """Say the rules; `length` is the maximum as a person reads it."""
        said = [f"at most {length}"] if length is not None else []
        wanted = {
            "a justification": self.justification,
            "a ticket": self.ticket,
            "a second factor": self.second_factor,
            f"the authentication context {self.context}": self.context is not None,
        }
        said += [word for word, is_wanted in wanted.items() if is_wanted]
        if self.approvers is not None:
            said.append(f"approval by {', '.join(self.approvers) or 'somebody'}")
        return said


@dataclass(frozen=True, slots=True)
class PimInbox:
    """What PIM lists for the caller to decide: requests, and the approvals they wait in."""

    requests: tuple[PimRequest, ...] = ()
    approvals: tuple[Approval, ...] = ()

    def matching(self, request: JitRequest) -> tuple[Approval, ...]:
        """Give the listed approvals of the same scope, role and principal as a row.

        Azure documents no link between a JIT request and an approval: these three are all that
        both tell.
        """
        names = set[str]().union(*self._names_by_row(request))
        return tuple(each for each in self.approvals if each.name.lower() in names)

    def only(self, request: JitRequest) -> Approval | None:
        """Give the approval, if exactly one is listed and it is for every row."""
        found = self.matching(request)
        by_row = self._names_by_row(request)
        is_whole = all(len(names) == 1 for names in by_row)
        return (
            found[0] if len(found) == 1 and is_whole and len(set(map(min, by_row))) == 1 else None
        )

    def alike(self, request: JitRequest, index: int) -> list[PimRequest]:
        """Give PIM's requests for the scope, role and principal of a row of a JIT request."""
        row, group = request.rows[index], request.id.group_id
        return [
            each
            for each in self.requests
            if each.scope == group and each.role == row.role and each.principal == row.principal
        ]

    def agree(self, request: JitRequest) -> bool:
        """Tell whether PIM's times are those of the JIT request; what is not told differs."""
        times = request.schedule
        wanted = (times.start, times.duration)
        return None not in wanted and all(
            (each.start, each.duration) == wanted
            for index in range(len(request.rows))
            for each in self.alike(request, index)
        )

    def unmatched(self, requests: Iterable[JitRequest]) -> Sequence[PimRequest]:
        """Give what PIM has and none of these requests is."""
        taken = {
            each.id
            for request in requests
            for index in range(len(request.rows))
            for each in self.alike(request, index)
        }
        return [each for each in self.requests if each.id not in taken]

    def _names_by_row(self, request: JitRequest) -> list[set[str]]:
        return [
            {each.approval.lower() for each in self.alike(request, index) if each.approval}
            for index in range(len(request.rows))
        ]


def is_alone(request: JitRequest, among: Iterable[JitRequest]) -> bool:
    """Tell whether a request is the only one that waits for any of its roles and principals.

    `among` are the requests of its resource group: where a second one fits, an approval of PIM
    may be that one's.
    """
    rows = set(request.rows)
    waiting = (each for each in among if each.state.may_wait)
    fitting = [each.id for each in waiting if each.unread_rows or rows & set(each.rows)]
    return fitting == [request.id]
