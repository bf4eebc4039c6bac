"""Results of the services: facts with names, and how each is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from azjit.domain.access import Access, Proof
from azjit.domain.applications import Application, JitPolicy, NamedGrant
from azjit.domain.calls import Call
from azjit.domain.concerns import Sheet
from azjit.domain.decided import Decided
from azjit.domain.ids import RequestId
from azjit.domain.requests import JitRequest, Phase


class RequestReport(NamedTuple):
    """A request at the instant `at`, with the names that are known without further calls.

    `access` and `routes`, the ways to decide it, are None if they were not read. `revoked_at` is
    when a read confirmed, by a receipt of this machine, that the access was revoked. `sheet` is
    what an approver judges, if that was read; `decision` is None if it is not decided.
    """

    request: JitRequest
    at: datetime
    application: Application | None = None
    names: Mapping[str, str] = MappingProxyType({})
    access: Access | None = None
    routes: tuple[str, ...] | None = None
    known_by: Proof = Proof.REQUEST
    revoked_at: datetime | None = None
    sheet: Sheet | None = None
    decision: Decided | None = None

    @property
    def grants(self) -> tuple[NamedGrant, ...]:
        """Each role that it asks for, and for whom; at the end the rows that could not be read."""
        name = self.names.get
        return tuple(
            NamedGrant(row.role, name(row.role.guid), row.principal, name(row.principal.key))
            for row in (*self.request.rows, *self.request.unread_rows)
        )

    @property
    def lacks_access(self) -> bool:
        """Whether its time runs, but its access is missing for longer than Azure's usual delay."""
        if self.access is not None and self.access.held:
            return False
        is_seen = self.access is not None and self.access.held is False
        was_taken = self.revoked_at is not None and self.request.phase(self.at) is Phase.OPEN
        return was_taken or (is_seen and self.request.is_overdue(self.at))


class MayRequest(StrEnum):
    """Whether the caller may ask for an eligible role."""

    EXPLICIT = "yes"
    GROUP_ONLY = "group only"
    NOT_MINE = "not mine"
    UNKNOWN = "unknown"


class RoleReport(NamedTuple):
    """An eligible role, its state now, and how the state is known.

    `since` and `until` are set if a request limits its time.
    """

    grant: NamedGrant
    may_request: MayRequest
    state: str
    known_by: Proof
    since: datetime | None = None
    until: datetime | None = None
    request: RequestId | None = None
    access: Access | None = None


class Holder(NamedTuple):
    """A principal that holds a role in the managed resource group now.

    `standing` marks access that never ends. Without it and without `until`, the end is not
    known.
    """

    grant: NamedGrant
    until: datetime | None
    request: RequestId | None
    standing: bool
    known_by: Proof = Proof.ASSIGNMENT


class ApplicationReport(NamedTuple):
    """An application, its waiting requests and who has access; None if they could not be read."""

    application: Application
    at: datetime
    waiting: tuple[RequestReport, ...] | None
    holders: tuple[Holder, ...] | None


class SettingsChange(NamedTuple):
    """An application's settings before and after a change, which a read showed if it was sent.

    It is `planned` while its call is not sent.
    """

    application: Application
    before: JitPolicy
    after: JitPolicy
    changed: bool
    planned: Call | None = None
