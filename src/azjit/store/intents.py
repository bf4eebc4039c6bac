"""Intents: the changes that are about to be sent, and the outcome of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Self

from azjit.store.chain import ReceiptEntry
from azjit.store.disk import Lock
from azjit.store.receipt_details import Details, decode_details

Writer = Callable[["OpenIntent", Mapping[str, object]], None]


class Outcome(StrEnum):
    """What became of an intent."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"

    @classmethod
    def read(cls, word: object) -> Outcome:
        """Read an outcome; a word that azjit does not know confirms nothing."""
        return next((each for each in cls if each == word), cls.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Actor:
    """As whom something is done."""

    id: str
    name: str
    kind: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be sent: `details` is JSON, `target` the resource that is changed."""

    action: str
    target: str
    actor: Actor
    cloud: str
    reason: str | None
    details: Mapping[str, object]

    @property
    def known_details(self) -> Details | None:
        """The details as what they are; None where azjit does not know the action."""
        return decode_details(self.action, self.details)

    def is_at(self, target: str) -> bool:
        """Tell whether it changes a resource."""
        return self.target.lower() == target.lower()

    @classmethod
    def read(cls, body: Mapping[str, object]) -> Self:
        """Read an intent as a receipt keeps it; what is missing there is empty."""
        actor, details, reason = body.get("actor"), body.get("details"), body.get("reason")
        named = {key: str(value) for key, value in actor.items()} if isinstance(actor, dict) else {}
        return cls(
            action=str(body.get("action", "")),
            target=str(body.get("target", "")),
            actor=Actor(*(named.get(field.name, "") for field in fields(Actor))),
            cloud=str(body.get("cloud", "")),
            reason=reason if isinstance(reason, str) else None,
            details=details if isinstance(details, dict) else {},
        )

    def body(self) -> dict[str, object]:
        """Give the intent as a receipt keeps it."""
        return {
            "action": self.action,
            "target": self.target,
            "actor": asdict(self.actor),
            "cloud": self.cloud,
            "reason": self.reason,
            "details": dict(self.details),
        }


class OpenIntent:
    """An intent on the disk without an outcome; its lock says that somebody is still at it."""

    def __init__(self, name: str, lock: Lock, write: Writer) -> None:
        self.id = name
        self._write = write
        self._lock = lock
        self._is_open = True

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
        """Write what became of it, once; it is on the disk when this returns.

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
        """Leave it unfinished, for a later run to reconcile."""
        if self._is_open:
            self.close()

    def close(self) -> None:
        """Let go of the lock; `Receipts` calls this.

        Raises:
            RuntimeError: it was let go of before.
        """
        if not self._is_open:
            raise RuntimeError(f"intent {self.id} is no longer open")
        self._is_open = False
        with suppress(OSError):
            self._lock.release()

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its outcome here."""
        return self._is_open


class Unfinished(OpenIntent):
    """An intent whose writer is gone: read what Azure shows, then conclude it, or release it."""

    def __init__(self, entry: ReceiptEntry, lock: Lock, write: Writer) -> None:
        super().__init__(entry.id, lock, write)
        self.intent = Intent.read(entry.body)
        self.at = entry.at


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """An intent as the receipts tell of it; `outcome` and `ended` are None while it is open."""

    intent: Intent
    began: datetime
    outcome: Outcome | None = None
    ended: datetime | None = None

    @property
    def was_confirmed(self) -> bool:
        """Whether a read showed the change."""
        return self.outcome is Outcome.CONFIRMED

    @property
    def may_be_done(self) -> bool:
        """Whether Azure may have done it: all but a change that was refused or never arrived."""
        return self.outcome not in {Outcome.REFUSED, Outcome.FAILED}
