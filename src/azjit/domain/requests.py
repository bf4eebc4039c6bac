"""JIT requests: their content, their states, and their phase at a given time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import NamedTuple, Self

from azjit.domain.applications import Application, ApprovalMode, RoleGrant
from azjit.domain.ids import ApplicationId, PrincipalId, RequestId, is_guid

REASON_TAG = "azjit-reason"
TICKET_TAG = "azjit-ticket"
TAG_LIMIT = 256

# Azure is documented to take 5 to 10 minutes until an approved request gives access.
ACCESS_DELAY = timedelta(minutes=15)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# Made once: `json.dumps` with options makes an encoder for each call.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Trait(Enum):
    """What a state means: a decision may follow, or access was granted or refused."""

    MAY_WAIT = auto()
    GRANTED = auto()
    REFUSED = auto()


class RequestState(StrEnum):
    """The state of a request in Azure, with its trait."""

    trait: Trait

    def __new__(cls, word: str, trait: Trait) -> Self:
        """Make a state that is equal to its word."""
        state = str.__new__(cls, word)
        state._value_, state.trait = word, trait
        return state

    PENDING = "pending", Trait.MAY_WAIT
    APPROVED = "approved", Trait.GRANTED
    DENIED = "denied", Trait.REFUSED
    FAILED = "failed", Trait.REFUSED
    CANCELED = "canceled", Trait.REFUSED
    EXPIRED = "expired", Trait.REFUSED
    TIMED_OUT = "timed out", Trait.REFUSED
    NOT_SPECIFIED = "not specified", Trait.MAY_WAIT
    UNKNOWN = "unknown", Trait.MAY_WAIT

    @property
    def may_wait(self) -> bool:
        """Whether a request may wait for a decision; one in an unknown state may too."""
        return self.trait is Trait.MAY_WAIT

    @property
    def is_refused(self) -> bool:
        """Whether a request can no longer be approved."""
        return self.trait is Trait.REFUSED


class Phase(StrEnum):
    """The state of a request at a given time, computed; it is no proof of access."""

    PENDING = "pending"
    SCHEDULED = "scheduled"
    OPEN = "approved"
    ENDED = "ended"
    CLOSED = "closed"
    UNKNOWN = "unknown"

    @property
    def is_granted(self) -> bool:
        """Whether access was granted and has not ended."""
        return self in {Phase.SCHEDULED, Phase.OPEN}


class Schedule(NamedTuple):
    """When a grant begins and how long it lasts; None if unreadable. The texts are Azure's."""

    kind: str
    start: datetime | None
    duration: timedelta | None
    start_text: str | None = None
    duration_text: str | None = None

    @property
    def end(self) -> datetime | None:
        """The end of the grant, aware UTC, if both parts are known."""
        if self.start is None or self.duration is None:
            return None
        try:
            return self.start + self.duration
        except OverflowError:
            return None

    def covers(self, start: datetime, end: datetime) -> bool:
        """Tell whether the grant covers all of start..end."""
        if self.start is None or self.end is None:
            return False
        return self.start <= start and end <= self.end


class JitRequest(NamedTuple):
    """A JIT request as it was read.

    `application_text` is the application's id as written; `application` is None if it is no valid
    id. `created_at` and `changed_at` come from Azure's `systemData`, which may be missing.
    `unread_rows` are role rows without a role or a principal: azjit approves none of those.
    `unreadable` says why nothing can be asked of Azure about it: its id is unusable.
    """

    id: RequestId
    application: ApplicationId | None
    application_text: str
    rows: tuple[RoleGrant, ...]
    schedule: Schedule
    state: RequestState = RequestState.UNKNOWN
    state_text: str | None = None
    publisher_tenant: str | None = None
    created_by: PrincipalId | None = None
    created_at: datetime | None = None
    changed_by: PrincipalId | None = None
    changed_at: datetime | None = None
    unread_rows: tuple[RoleGrant, ...] = ()
    location: str | None = None
    tags: Mapping[str, str] = MappingProxyType({})
    unreadable: str | None = None

    @property
    def name(self) -> str:
        """The request's name, usually a GUID."""
        return self.id.name

    @property
    def state_word(self) -> str:
        """The state, or Azure's own word for a state that azjit does not know."""
        return (self.state is RequestState.UNKNOWN and self.state_text) or self.state.value

    @property
    def state_clause(self) -> str:
        """The state as it follows "it is" in a sentence."""
        is_untold = self.state is RequestState.UNKNOWN and not self.state_text
        return "in an unknown state" if is_untold else self.state_word

    @property
    def is_whole(self) -> bool:
        """Whether all that it asks for could be read."""
        is_read = self.unreadable is None and bool(self.rows) and not self.unread_rows
        return is_read and self.schedule.end is not None

    @property
    def reason_claim(self) -> str | None:
        """The reason that the publisher put on the request: a claim, never a fact."""
        return self.tags.get(REASON_TAG)

    @property
    def ticket_claim(self) -> str | None:
        """The ticket that the publisher put on the request: a claim, never a fact."""
        return self.tags.get(TICKET_TAG)

    @property
    def age_key(self) -> tuple[datetime, str]:
        """The sort key: the time of filing, else the start."""
        at = self.created_at or self.schedule.start or _LONG_AGO
        return at, self.name

    @property
    def start_key(self) -> tuple[bool, datetime, str]:
        """The sort key by the start; a request without a readable one comes last."""
        start = self.schedule.start
        return start is None, start or _LONG_AGO, self.name

    def phase(self, now: datetime) -> Phase:
        """Compute the phase at `now` from the state and the times."""
        if self.state is RequestState.PENDING:
            return Phase.PENDING
        if self.state.is_refused:
            return Phase.CLOSED
        if self.state is not RequestState.APPROVED:
            return Phase.UNKNOWN
        start, end = self.schedule.start, self.schedule.end
        if start is None or end is None:
            return Phase.OPEN
        if now < start:
            return Phase.SCHEDULED
        return Phase.OPEN if now < end else Phase.ENDED

    def is_automatic(self, application: Application | None) -> bool:
        """Tell whether the settings approved it: they would, and Azure names no other decider.

        Azure may name the filer as the last to change it, who cannot have approved it.
        """
        policy = application.policy if application is not None else None
        approves = policy is not None and policy.enabled and policy.mode is ApprovalMode.AUTOMATIC
        is_nobodys = self.changed_by in {None, self.created_by}
        return approves and is_nobodys and self.state is RequestState.APPROVED

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether its access should exist by now, after Azure's usual delay."""
        start = self.schedule.start
        return self.phase(now) is Phase.OPEN and (start is None or now - start > ACCESS_DELAY)

    def has_ended(self, now: datetime) -> bool:
        """Tell whether start plus duration has passed."""
        end = self.schedule.end
        return end is not None and end <= now

    def concerns(self, principal: PrincipalId) -> bool:
        """Tell whether the principal filed it or would get its access."""
        return self.created_by == principal or any(r.principal == principal for r in self.rows)

    @property
    def possible_groups(self) -> tuple[PrincipalId, ...]:
        """The principals that may be groups: all but the filer, since no group can sign in."""
        found = dict.fromkeys(row.principal for row in self.rows)
        return tuple(each for each in found if each != self.created_by and is_guid(each.text))

    def digest(self) -> str:
        """Give the digest of everything that an approver judges.

        The state is not part of it, since a decision changes the state.
        """
        start, length = self.schedule.start, self.schedule.duration
        content = {
            "id": self.id.key,
            "application": self.application_text.lower(),
            "rows": sorted([r.principal.key, r.role.text.lower()] for r in self.rows),
            "kind": self.schedule.kind.lower(),
            "start": start.isoformat() if start is not None else self.schedule.start_text,
            "duration": (
                str(length.total_seconds()) if length is not None else self.schedule.duration_text
            ),
            "publisher": (self.publisher_tenant or "").lower(),
            "unread": len(self.unread_rows),
            "creator": self.created_by.key if self.created_by is not None else "",
            "claims": [self.reason_claim, self.ticket_claim],
        }
        return hashlib.sha256(_canonical(content).encode()).hexdigest()
