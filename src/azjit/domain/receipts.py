"""Receipts as they are read back: each change with its outcome, and what checking them found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from azjit.domain.ids import ResourceId, is_guid

_PREFIX = 8


class Receipt(NamedTuple):
    """A recorded change; times are UTC.

    `outcome` is confirmed, refused, failed or unconfirmed, and None if none was recorded. `details`
    are JSON as written, whose keys carry their units. `source` names the machine that wrote it.
    """

    id: str
    source: str
    began: datetime
    action: str
    target: str
    application: str | None
    actor_id: str
    actor_name: str
    actor_tenant: str
    cloud: str
    reason: str | None
    details: Mapping[str, object]
    outcome: str | None = None
    ended: datetime | None = None
    state: str | None = None
    detail: str | None = None
    code: str | None = None
    request_id: str | None = None
    is_reconciled: bool = False

    @property
    def target_name(self) -> str:
        """The last name of the target's id."""
        return last_name(self.target)


class ReceiptFilter(NamedTuple):
    """Which receipts are wanted; what is None restricts nothing."""

    application: str | None = None
    request: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, receipt: Receipt) -> bool:
        """Tell whether a receipt is wanted."""
        app, request, actor = self.application, self.request, self.actor
        return (
            (app is None or names(receipt.application, app))
            and (request is None or _is_request(receipt.target, request))
            and (actor is None or _is_actor(receipt, actor))
            and (self.since is None or receipt.began >= self.since)
            and (self.until is None or receipt.began < self.until)
        )


class Copy(NamedTuple):
    """The head of the receipts of a source: its lines, the last one's hash, and its bytes."""

    source: str
    lines: int
    hash: str
    size: int


class Check(NamedTuple):
    """What checking the receipts of a source found.

    `broken_line` is the first that is wrong, counted from 1. `torn` is an incomplete last line,
    which a kill leaves. `open` are the changes without an outcome.
    """

    source: str
    ok: bool
    lines: int
    broken_line: int | None
    why: str | None
    torn: bool
    open: tuple[Receipt, ...] = ()


def names(told: str | None, text: str) -> bool:
    """Tell whether a text names an id: whole, as GROUP/NAME, or by its name."""
    if told is None:
        return False
    return text.lower() in _spellings(told)


def _spellings(told: str) -> set[str]:
    found = {told.lower(), last_name(told).lower()}
    whole = ResourceId.try_parse(told)
    if whole is not None and whole.group_id is not None:
        found.add(f"{whole.group_id.name}/{whole.name}".lower())
    return found


def last_name(told: str) -> str:
    """Give the last name of an id."""
    return told.rsplit("/", 1)[-1]


def _is_request(target: str, text: str) -> bool:
    if text.startswith("/"):
        return target.lower() == text.lower()
    name = last_name(target).lower()
    is_prefix = len(text) >= _PREFIX and name.startswith(text.lower())
    return "/jitrequests/" in target.lower() and (name == text.lower() or is_prefix)


def _is_actor(receipt: Receipt, text: str) -> bool:
    told = receipt.actor_id if is_guid(text) else receipt.actor_name
    return told.lower() == text.lower()
