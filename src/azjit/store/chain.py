"""The chain of receipts: one line per entry, each with the hash of the line before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from azjit.store.formats import RECEIPTS

GENESIS = "0" * 64
_SEALS = ("sequence", "at", "id", "kind", "previous", "hash", "version")


class ReceiptEntry(NamedTuple):
    """One line of the receipts.

    An outcome has the `id` of its intent. The `body` of an intent has `action`, `target`, `actor`,
    `cloud`, `reason` and `details`; that of an outcome `outcome`, `state`, `detail`, `code`,
    `request_id` and `reconciled`.
    """

    sequence: int
    at: datetime
    id: str
    kind: str
    body: Mapping[str, object]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the receipts: their count, the hash of the last one, and their size in bytes.

    `coming` is the number of lines that are about to be written together, if they are several.
    """

    count: int = 0
    hash: str = GENESIS
    size: int = 0
    coming: int = 0

    @property
    def most_ahead(self) -> int:
        """The most lines that a kill can leave behind this head."""
        return max(1, self.coming)


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a verification, and the first broken line.

    `torn` marks an incomplete last line, which a kill during a write leaves. It is no tampering,
    and the next write moves it to another file.
    """

    ok: bool
    count: int
    broken_line: int | None = None
    why: str | None = None
    torn: bool = False


def encode_entry(
    head: Head, *, at: datetime, name: str, kind: str, body: Mapping[str, object]
) -> bytes:
    """Make the line that follows `head`.

    Raises:
        TypeError, ValueError: the body is not JSON.
    """
    entry: dict[str, object] = {
        # A round trip first: a number as a key becomes text, which sorts in another order.
        **json.loads(_canonical(body)),
        "sequence": head.count + 1,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "id": name,
        "kind": kind,
        "previous": head.hash,
        "version": RECEIPTS,
    }
    return _canonical({**entry, "hash": _digest(entry)}) + b"\n"


def decode_entry(line: bytes) -> ReceiptEntry | None:
    """Read a line; None unless it is exactly as it was written."""
    try:
        entry = json.loads(line)
        digest = entry.pop("hash")
        # Of all bytes but the hash, whose place is known because the keys are sorted.
        rest = line.rstrip(b"\n").replace(b'"hash":"%b",' % digest.encode(), b"")
        if digest != hashlib.sha256(rest).hexdigest():
            return None
        return ReceiptEntry(
            sequence=int(entry["sequence"]),
            at=datetime.fromisoformat(entry["at"]),
            id=str(entry["id"]),
            kind=str(entry["kind"]),
            body={key: value for key, value in entry.items() if key not in _SEALS},
            previous=str(entry["previous"]),
            hash=str(digest),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _canonical(entry: Mapping[str, object]) -> bytes:
    """Write JSON in a canonical form, so that the hash covers every byte."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _digest(entry: Mapping[str, object]) -> str:
    return hashlib.sha256(_canonical(entry)).hexdigest()


def head_after(head: Head, line: bytes) -> Head | None:
    """Give the head after `line`; None unless the line is intact and follows `head`."""
    entry = decode_entry(line) if line.endswith(b"\n") else None
    if entry is None or entry.previous != head.hash or entry.sequence != head.count + 1:
        return None
    return Head(entry.sequence, entry.hash, head.size + len(line))


def verify(lines: Iterable[bytes], head: Head, against: Head | None = None) -> Verification:
    """Follow the chain from its first line, and compare its end with the head.

    Who can write both files can forge a whole chain: only `against`, a copy of the head that was
    kept elsewhere, shows it.
    """
    reached, is_on_chain = Head(), head.count == 0
    named, copied, is_torn = replace(head, coming=0), against or Head(), False
    for number, line in enumerate(lines, start=1):
        if not line.endswith(b"\n") and reached.count >= head.count:
            is_torn = True
            break
        following = head_after(reached, line)
        if following is None:
            return Verification(
                ok=False, count=reached.count, broken_line=number, why=_why(reached, line)
            )
        reached = following
        is_on_chain = is_on_chain or reached == named
        if reached.count == copied.count and reached.hash != copied.hash:
            why = "it is not the line that the copied head names: the receipts were rewritten"
            return Verification(ok=False, count=reached.count, broken_line=number, why=why)
    if reached.count < copied.count:
        why = f"the copied head knows {copied.count} receipts, and there are {reached.count}"
        return Verification(ok=False, count=reached.count, broken_line=reached.count + 1, why=why)
    return _end(reached, head, torn=is_torn, is_on_chain=is_on_chain)


def _end(reached: Head, head: Head, *, torn: bool, is_on_chain: bool) -> Verification:
    broken, why = None, None
    if reached.count < head.count:
        broken = reached.count + 1
        why = f"the last {head.count - reached.count} of {head.count} receipts are missing"
    elif not is_on_chain:
        broken, why = head.count, "the head was written for another receipt"
    elif reached.count > head.count + head.most_ahead:
        # A kill between lines and head leaves as many more as the head said; azjit never more.
        broken = head.count + 1
        known = f"counts {head.count} receipts" if head.count else "is missing"
        why = f"the head {known}, and there are {reached.count}"
    return Verification(broken is None, reached.count, broken, why, torn)


def _why(reached: Head, line: bytes) -> str:
    if not line.endswith(b"\n"):
        return "it is incomplete"
    entry = decode_entry(line)
    if entry is None:
        return "it was changed after it was written"
    if entry.sequence > reached.count + 1:
        return f"receipts {reached.count + 1} to {entry.sequence - 1} are missing before it"
    return "it does not follow the line before it"
