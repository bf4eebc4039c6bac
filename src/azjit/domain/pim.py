"""Privileged Identity Management: eligible roles, requests for them, and approvals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.ids import PrincipalId, ResourceId, RoleId
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict


class Route(StrEnum):
    """How a decision is sent; with `auto` azjit chooses."""

    AUTO = "auto"
    APPLICATION = "application"
    PIM = "pim"


class Holding(StrEnum):
    """How a principal holds a role in PIM."""

    ELIGIBLE = "eligible"
    ACTIVE = "active"


class PimRole(NamedTuple):
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
    """The state of a request in PIM; all intermediate states are pending."""

    WAITING = "waiting for approval"
    PENDING = "pending"
    GRANTED = "granted"
    SCHEDULED = "scheduled"
    REFUSED = "refused"
    ENDED = "ended"
    UNKNOWN = "unknown"

    @property
    def is_over(self) -> bool:
        """Whether the request can give no access any more."""
        return self in {PimState.REFUSED, PimState.ENDED}


class PimRequest(NamedTuple):
    """A request for a role assignment in PIM; `approval` is the approval's name.

    `unreadable` says why nothing can be concluded from it: a part of it could not be read.
    """

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
    unreadable: str | None = None

    @property
    def may_wait(self) -> bool:
        """Whether it waits for an approval; one that cannot be read may, too."""
        is_unknown = self.unreadable is not None and self.state is PimState.UNKNOWN
        return self.state is PimState.WAITING or is_unknown

    @property
    def role_label(self) -> str:
        """The name of the role if it is known, else its GUID."""
        return self.role_name or self.role.guid


_VERDICTS = {
    "approve": Verdict.APPROVE,
    "approved": Verdict.APPROVE,
    "deny": Verdict.DENY,
    "denied": Verdict.DENY,
}


class Stage(NamedTuple):
    """A stage of an approval."""

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
        """The answer; Microsoft's contracts and clients spell it in two ways."""
        return _VERDICTS.get((self.result or "").lower())


class Approval(NamedTuple):
    """An approval that the caller may answer, with its stages."""

    name: str
    stages: tuple[Stage, ...]


class ActivationRules(NamedTuple):
    """What a role's policy requires for an activation; None if it could not be read."""

    maximum: timedelta | None = None
    justification: bool = False
    ticket: bool = False
    second_factor: bool = False
    context: str | None = None
    approvers: tuple[str, ...] | None = None

    def words(self, length: str | None) -> list[str]:
        """Give the rules as phrases; `length` is the maximum duration as text."""
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


class PimInbox(NamedTuple):
    """The requests and approvals that PIM lists for the caller to decide.

    Without `is_whole` others may be among them: nothing is known to be the only one.
    """

    requests: tuple[PimRequest, ...] = ()
    approvals: tuple[Approval, ...] = ()
    is_whole: bool = True

    def matching(self, request: JitRequest) -> tuple[Approval, ...]:
        """Give the approvals with the scope, role and principal of a row.

        Azure documents no link between a JIT request and an approval. Both have only these three.
        """
        names = set[str]().union(*self._names_by_row(request))
        return tuple(each for each in self.approvals if each.name.lower() in names)

    def only(self, request: JitRequest) -> Approval | None:
        """Give the approval, if there is exactly one for sure and it covers every row."""
        if not self.is_whole:
            return None
        found = self.matching(request)
        by_row = self._names_by_row(request)
        is_whole = all(len(names) == 1 for names in by_row)
        return (
            found[0] if len(found) == 1 and is_whole and len(set(map(min, by_row))) == 1 else None
        )

    def requests_like(self, request: JitRequest, index: int) -> list[PimRequest]:
        """Give PIM's requests for the scope, role and principal of a row of a JIT request."""
        row, group = request.rows[index], request.id.group_id
        return [
            each
            for each in self.requests
            if each.scope == group and each.role == row.role and each.principal == row.principal
        ]

    def has_times_of(self, request: JitRequest) -> bool:
        """Tell whether PIM has the same times as the JIT request; a missing time differs."""
        times = request.schedule
        wanted = (times.start, times.duration)
        return None not in wanted and all(
            (each.start, each.duration) == wanted
            for index in range(len(request.rows))
            for each in self.requests_like(request, index)
        )

    def unmatched(self, requests: Iterable[JitRequest]) -> Sequence[PimRequest]:
        """Give PIM's requests that match none of these JIT requests."""
        taken = {
            each.id
            for request in requests
            for index in range(len(request.rows))
            for each in self.requests_like(request, index)
        }
        return [each for each in self.requests if each.id not in taken]

    def _names_by_row(self, request: JitRequest) -> list[set[str]]:
        return [
            {each.approval.lower() for each in self.requests_like(request, index) if each.approval}
            for index in range(len(request.rows))
        ]


def is_alone(request: JitRequest, among: Iterable[JitRequest]) -> bool:
    """Tell whether no other waiting request has one of its roles and principals.

    `among` are the requests of its resource group. If another fits, an approval in PIM may
    belong to that one.
    """
    rows = set(request.rows)
    waiting = (each for each in among if each.state.may_wait)
    fitting = [
        each.id
        for each in waiting
        if each.unread_rows or each.unreadable or not each.rows or rows & set(each.rows)
    ]
    return fitting == [request.id]
