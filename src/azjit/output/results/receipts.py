"""Receipts: the recorded changes, what checking them found, and their heads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from azjit.domain.ids import PrincipalId
from azjit.domain.receipts import Check, Copy, Receipt
from azjit.output.cells import NONE, DisplayContext, called, named, short_id, with_id
from azjit.output.fields import Column, Columns, Field, Many, Result, Shape, Style
from azjit.output.results.parts import PERSON, Named
from azjit.output.view import Line, View

_NO_OUTCOME = "no outcome"
_OUTCOMES = (
    "confirmed (a read showed it), refused, failed (not sent), unconfirmed (sent, but no read"
    " showed it); null if none was recorded"
)
_DETAILS = "what the action changes; keys end in their unit"
_RECONCILED = "whether a later command read the outcome"


class Row(NamedTuple):
    """A receipt in an export, with the head of its source."""

    receipt: Receipt
    head: Copy

    @property
    def head_text(self) -> str:
        """The head as `receipts verify --against` reads it."""
        return f"{self.head.lines}:{self.head.hash}"


def _actor(receipt: Receipt) -> Named:
    return Named(PrincipalId(receipt.actor_id), receipt.actor_name or None)


RECEIPT = Shape[Receipt](
    "Receipt",
    "A change that azjit recorded before it sent it, and its outcome.",
    Field("id", str, lambda r: r.id),
    Field("source", str, lambda r: r.source, "the machine that wrote it: a folder's name"),
    Field("at", datetime, lambda r: r.began, "when the intent was recorded"),
    Field("action", str, lambda r: r.action, "request, approve, deny, revoke, configure, ..."),
    Field("target", str, lambda r: r.target, "id of the changed resource"),
    Field("application", str | None, lambda r: r.application, "its id; null if unknown"),
    Field("actor", PERSON, _actor),
    Field("tenant", str, lambda r: r.actor_tenant, "the tenant that the actor was signed in to"),
    Field("cloud", str, lambda r: r.cloud, "URL of Resource Manager"),
    Field("reason", str | None, lambda r: r.reason),
    Field("outcome", str | None, lambda r: r.outcome, _OUTCOMES),
    Field("ended", datetime | None, lambda r: r.ended, "when the outcome was recorded"),
    Field("state", str | None, lambda r: r.state, "the state that a read showed"),
    Field("detail", str | None, lambda r: r.detail, "why it was refused, failed or is in doubt"),
    Field("code", str | None, lambda r: r.code, "Azure's error code"),
    Field("requestId", str | None, lambda r: r.request_id, "Azure's id of the call"),
    Field("reconciled", bool, lambda r: r.is_reconciled, _RECONCILED),
    Field("details", dict, lambda r: r.details, _DETAILS),
)
EXPORTED = Shape[Row](
    "ExportedReceipt",
    "A receipt, with the head of its source when it was exported.",
    *RECEIPT.within(attrgetter("receipt")),
    Field("head", str, lambda row: row.head_text, "COUNT:HASH, for receipts verify --against"),
)
HEAD = Shape[Copy](
    "ReceiptsHead",
    "The end of the receipts of a machine; a copy kept elsewhere shows if they are rewritten.",
    Field("source", str, lambda h: h.source),
    Field("count", int, lambda h: h.lines, "number of lines"),
    Field("hash", str, lambda h: h.hash, "SHA-256 of the last line"),
    Field("size", int, lambda h: h.size, "bytes"),
)
CHECK = Shape[Check](
    "ReceiptsCheck",
    "What checking the receipts of a machine found.",
    Field("source", str, lambda c: c.source),
    Field("ok", bool, lambda c: c.ok, "whether no line was changed, removed, cut or added"),
    Field("count", int, lambda c: c.lines, "number of lines that follow each other"),
    Field("brokenLine", int | None, lambda c: c.broken_line, "the first wrong line, from 1"),
    Field("why", str | None, lambda c: c.why),
    Field("torn", bool, lambda c: c.torn, "an incomplete last line, which a kill leaves"),
    Field("withoutOutcome", Many(RECEIPT), lambda c: c.open, "changes whose outcome is unknown"),
)
LISTED = Result("receipts", Many(RECEIPT), "receipts list")
ONE = Result("receipt", RECEIPT, "receipts show")
CHECKED = Result("receipts-check", Many(CHECK), "receipts verify")
HEADS = Result("receipts-head", Many(HEAD), "receipts head")
ROWS = Result("receipts-export", Many(EXPORTED), "receipts export")

_EMPTY = "no receipts"
_STYLES: dict[str | None, Style] = {"confirmed": "good", "unconfirmed": "wait", None: "bad"}


def _who(receipt: Receipt) -> str:
    return named(receipt.actor_name, receipt.actor_id)


def _outcome(receipt: Receipt) -> str:
    return receipt.outcome or _NO_OUTCOME


def _style(receipt: Receipt) -> Style:
    return _STYLES.get(receipt.outcome, "quiet")


def _application(receipt: Receipt) -> str:
    return receipt.application.rsplit("/", 1)[-1] if receipt.application else NONE


def _target(receipt: Receipt) -> str:
    return short_id(receipt.target) if receipt.target != receipt.application else NONE


def receipts_view(receipts: Iterable[Receipt], display: DisplayContext) -> View:
    """List recorded changes."""
    picked: Columns[Receipt] = RECEIPT.columns(
        Column("at", "When", cut="never", priority=10),
        Column("action", "Action", style="strong", priority=9),
        Column("application", "Application", _application, priority=6),
        Column("target", "Target", _target, cut="middle", priority=5, shortens=True),
        Column(
            "actor.name", "Who", _who, priority=8, export=lambda r: called(*_ids(r)), shortens=True
        ),
        Column("outcome", "Outcome", _outcome, _style, priority=9),
        Column("reason", "Reason", cut="wrap", priority=7),
        Column("id", "Receipt", lambda r: short_id(r.id), priority=4, shortens=True),
        Column("source", "Source", priority=3, wide_only=True),
    )
    return View(LISTED, picked, receipts, display, _EMPTY)


def _ids(receipt: Receipt) -> tuple[str, str]:
    return receipt.actor_name, receipt.actor_id


def receipt_view(receipt: Receipt, display: DisplayContext) -> View:
    """Show a recorded change in full."""
    return View(ONE, RECEIPT.columns("id"), [receipt], display, details=_lines)


def _lines(receipt: Receipt, display: DisplayContext) -> Iterator[Line]:
    yield Line("Receipt", receipt.id, "title")
    yield Line("Action", receipt.action, "strong")
    yield Line("Outcome", _outcome(receipt), _style(receipt))
    shown = {
        "State": receipt.state,
        "Why": receipt.detail,
        "Reason": receipt.reason,
        "Recorded": display.whole(receipt.began),
        "Ended": display.whole(receipt.ended) if receipt.ended is not None else None,
        "Actor": with_id(receipt.actor_name, receipt.actor_id),
        "Tenant": receipt.actor_tenant,
        "Cloud": receipt.cloud,
        "Error code": receipt.code,
        "Azure's id": receipt.request_id,
        "Reconciled": "a later command read the outcome" if receipt.is_reconciled else None,
        "Source": receipt.source,
    }
    for title, text in shown.items():
        if text:
            yield Line(title, text)
    yield Line("Target", receipt.target, cut="middle")
    if receipt.application not in {None, receipt.target}:
        yield Line("Application", str(receipt.application), cut="middle")
    for key, value in receipt.details.items():
        if value not in (None, [], {}, receipt.application):
            yield Line(f"  {key}", _plain(value), "quiet", cut="middle")


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_plain(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)


def checks_view(checks: Iterable[Check], display: DisplayContext) -> View:
    """Show what checking the receipts found."""
    picked: Columns[Check] = CHECK.columns(
        Column("source", "Source", style="strong"),
        Column("ok", "Result", lambda c: "intact" if c.ok else "CHANGED", _check_style),
        Column("count", "Lines", align="right"),
        Column("brokenLine", "First wrong line", align="right", sparse=True),
        Column("why", "Why", cut="wrap", sparse=True),
        Column("withoutOutcome", "Without outcome", lambda c: len(c.open) or NONE),
    )
    return View(CHECKED, picked, checks, display)


def _check_style(check: Check) -> Style:
    return "good" if check.ok else "bad"


def heads_view(heads: Iterable[Copy]) -> View:
    """Show the heads."""
    picked = HEAD.columns(
        Column("source", "Source", style="strong"),
        Column("count", "Lines", align="right"),
        Column("hash", "Hash", cut="never"),
    )
    return View(HEADS, picked, heads)


def export_view(rows: Iterable[Row], display: DisplayContext) -> View:
    """Give receipts with the head of their source, for another program."""
    keys = [each.key for each in EXPORTED.fields if each.key not in {"actor", "details"}]
    keys[keys.index("tenant") : keys.index("tenant")] = ["actor.id", "actor.name"]
    return View(ROWS, EXPORTED.columns(*keys, "details"), rows, display)
