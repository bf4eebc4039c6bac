"""Intents: the changes that are about to be sent, and the outcome of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from azjit.store.chain import ReceiptEntry
from azjit.store.disk import Lock
from azjit.store.receipt_details import Details, decode_details

Writer = Callable[["OpenIntent", Mapping[str, object]], None]


class Outcome(StrEnum):
    """The outcome of an intent."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"

    @classmethod
    def read(cls, word: object) -> Outcome:
        """Read an outcome; an unknown word counts as unconfirmed."""
        return next((each for each in cls if each == word), cls.UNCONFIRMED)


class Actor(NamedTuple):
    """The principal that makes a change."""

    id: str
    name: str
    kind: str
    tenant: str


class Intent(NamedTuple):
    """A change before it is sent; `target` is the resource that is changed, `details` are JSON."""

    action: str
    target: str
    actor: Actor
    cloud: str
    reason: str | None
    details: Mapping[str, object]

    @property
    def known_details(self) -> Details | None:
        """The typed details; None if azjit does not know the action."""
        return decode_details(self.action, self.details)

    @classmethod
    def read(cls, body: Mapping[str, object]) -> Self:
        """Read an intent of a receipt; missing values are empty."""
        actor, details, reason = body.get("actor"), body.get("details"), body.get("reason")
        named = {key: str(value) for key, value in actor.items()} if isinstance(actor, dict) else {}
        return cls(
            action=str(body.get("action", "")),
            target=str(body.get("target", "")),
            actor=Actor(*(named.get(key, "") for key in Actor._fields)),
            cloud=str(body.get("cloud", "")),
            reason=reason if isinstance(reason, str) else None,
            details=details if isinstance(details, dict) else {},
        )

    def body(self) -> dict[str, object]:
        """Give the intent as the JSON of a receipt."""
        return {
            "action": self.action,
            "target": self.target,
            "actor": self.actor._asdict(),
            "cloud": self.cloud,
            "reason": self.reason,
            "details": dict(self.details),
        }


class OpenIntent:
    """An intent without an outcome; its lock shows that its process still runs."""

    def __init__(self, name: str, lock: Lock, write: Writer) -> None:
        self.id = name
        self._write = write
        self._lock = lock
        self.is_open = True  # this process may still write its outcome

    def conclude(
        self,
        outcome: Outcome,
        *,
        state: str | None,
        detail: str = "",
        code: str | None = None,
        request_id: str | None = None,
        reconciled: bool = False,
    ) -> None:
        """Write the outcome, once; it is on disk when this returns.

        Raises:
            AzjitError: it could not be written; a later run finds the intent unfinished.
            RuntimeError: it is concluded, or released, already.
        """
        body: dict[str, object] = {
            "outcome": outcome.value,
            "state": state,
            "detail": detail,
            "code": code,
            "request_id": request_id,
            "reconciled": reconciled,
        }
        self._write(self, body)

    def release(self) -> None:
        """Leave it without an outcome, for a later command to settle."""
        if self.is_open:
            self.close()

    def close(self) -> None:
        """Release the lock; `Receipts` calls this.

        Raises:
            RuntimeError: it was released before.
        """
        if not self.is_open:
            raise RuntimeError(f"intent {self.id} is no longer open")
        self.is_open = False
        with suppress(OSError):
            self._lock.release()


class Unfinished(OpenIntent):
    """An intent whose process has ended: the caller concludes it after a read, or releases it."""

    def __init__(self, entry: ReceiptEntry, lock: Lock, write: Writer) -> None:
        super().__init__(entry.id, lock, write)
        self.intent = Intent.read(entry.body)
        self.at = entry.at


class RecordedChange(NamedTuple):
    """An intent of the receipts with its outcome; `outcome` and `ended` are None if it has none.

    `is_reconciled` tells that a later command read the outcome.
    """

    intent: Intent
    began: datetime
    outcome: Outcome | None = None
    ended: datetime | None = None
    is_reconciled: bool = False

    @property
    def was_confirmed(self) -> bool:
        """Whether a read showed the change."""
        return self.outcome is Outcome.CONFIRMED

    @property
    def may_be_done(self) -> bool:
        """Whether Azure may have made the change: it was neither refused nor failed to arrive."""
        return self.outcome not in {Outcome.REFUSED, Outcome.FAILED}
