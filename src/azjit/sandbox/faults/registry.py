"""Injected faults: their kinds, and which and how many calls each affects."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from fnmatch import translate
from functools import lru_cache
from typing import Any, NamedTuple

_METHODS = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE")
_STATUSES = ("429", "500", "502", "503", "504")
_MOST_SECONDS = 86_400

# Each kind, and what it does to a call.
KINDS: dict[str, str] = {
    "429": "answers 429 with Retry-After, before anything is done",
    "buckets": "ARM's token buckets: 200 writes + 10/s, 250 reads + 25/s, then 429",
    "500": "answers 500 before anything is done, or after it with --acted",
    "502": "answers 502, as 500 does",
    "503": "answers 503, as 500 does",
    "504": "answers 504, as 500 does",
    "reset-before": "breaks the connection before anything is done",
    "reset-after": "does what is asked, then breaks the connection",
    "truncated": "does what is asked, and breaks the connection in the middle of the answer",
    "html": "answers with a gateway's HTML page, 200 or another --status",
    "slow": "does what is asked, and answers --seconds later",
    "expired-token": "answers 401: the access token has expired",
    "claims-challenge": "answers 401 until the token was asked for with the challenge's claims",
    "stale": "does the write, and shows the previous state for --seconds of the world's time",
    "operation-fails": "accepts the call, does nothing, and lets its operation fail",
    "operation-hangs": "does what is asked, and lets its operation run for ever",
    "operation-hides": "does what is asked, and omits the addresses to poll",
    "foreign-next-link": "points a listing's nextLink to another host",
    "foreign-location": "points Location to another host",
    "foreign-operation": "points Azure-AsyncOperation to another host",
}
_DEFAULT_SECONDS = {"slow": 5.0, "stale": 30.0}


class InjectedFault(NamedTuple):
    """One fault: its kind, the calls that it affects, how many it skips and how many it hits."""

    kind: str
    match: str = ""
    left: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    status: int = 0
    retry_after: int | None = None
    tokens: int | None = None
    has_acted: bool = False
    since: int = 0
    id: int = 0

    def matches(self, method: str, path: str, *, is_arm: bool) -> bool:
        """Whether the fault affects a call; without a pattern it affects any call to ARM."""
        if not self.match:
            return is_arm
        verb, pattern = _split(self.match)
        return (not verb or verb == method) and _regex(pattern).search(path) is not None


def checked(fault: InjectedFault) -> InjectedFault:
    """The fault with its defaults filled in.

    Raises:
        ValueError: there is no such kind, or a number makes no sense.
    """
    if fault.kind not in KINDS:
        raise ValueError(f"no fault is named {fault.kind!r}: {', '.join(KINDS)}")
    if fault.left is not None and fault.left < 1:
        raise ValueError("a fault waits for at least one call")
    if fault.skip < 0 or not 0 <= fault.seconds <= _MOST_SECONDS:
        raise ValueError(f"a fault skips 0 calls or more and takes 0 to {_MOST_SECONDS} seconds")
    if fault.has_acted and fault.kind not in _STATUSES:
        raise ValueError(
            f"only {', '.join(_STATUSES)} can come after the server has acted, not {fault.kind}"
        )
    if fault.kind == "html":
        return fault._replace(status=fault.status or 200)
    if fault.kind == "429" and fault.retry_after is None:
        return fault._replace(retry_after=1)
    return fault._replace(seconds=fault.seconds or _DEFAULT_SECONDS.get(fault.kind, 0.0))


def add(connection: sqlite3.Connection, fault: InjectedFault) -> int:
    """Add a fault; give its id."""
    body = {
        key: value for key, value in fault._asdict().items() if key not in ("id", "left", "skip")
    }
    done = connection.execute(
        "INSERT INTO faults (skip, left, body) VALUES (?,?,?)",
        (fault.skip, fault.left, json.dumps(body)),
    )
    if fault.kind == "buckets":
        _empty_buckets(connection)
    return int(done.lastrowid or 0)


def waiting(connection: sqlite3.Connection) -> Iterator[InjectedFault]:
    """The active faults, oldest first."""
    rows = connection.execute("SELECT id, skip, left, body FROM faults ORDER BY id").fetchall()
    for key, skip, left, body in rows:
        yield InjectedFault(**json.loads(body), id=key, skip=skip, left=left)


def spend(connection: sqlite3.Connection, fault: InjectedFault) -> None:
    """Count a call that a fault has affected; remove the fault after its last one."""
    if fault.left == 1:
        remove(connection, fault.id)
    elif fault.left is not None:
        connection.execute("UPDATE faults SET left = left - 1 WHERE id = ?", (fault.id,))


def count_skipped(connection: sqlite3.Connection, fault: InjectedFault) -> None:
    """Count a call that a fault lets pass first."""
    connection.execute("UPDATE faults SET skip = skip - 1 WHERE id = ?", (fault.id,))


def remove(connection: sqlite3.Connection, fault_id: int) -> bool:
    """Remove a fault; whether there was one."""
    return connection.execute("DELETE FROM faults WHERE id = ?", (fault_id,)).rowcount > 0


def clear(connection: sqlite3.Connection) -> int:
    """Remove every fault with its effects; give how many there were."""
    _empty_buckets(connection)
    connection.execute("DELETE FROM past")
    return connection.execute("DELETE FROM faults").rowcount


def describe(fault: InjectedFault) -> dict[str, Any]:
    """Describe a fault, ready for JSON."""
    return {
        "id": fault.id,
        "kind": fault.kind,
        "match": fault.match or None,
        "left": fault.left,
        "skip": fault.skip,
        "seconds": fault.seconds or None,
        "status": fault.status or None,
        "retryAfter": fault.retry_after,
        "tokens": fault.tokens,
        "acted": fault.has_acted,
        "meaning": KINDS[fault.kind],
    }


def _empty_buckets(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM buckets WHERE key >= 'arm/' AND key < 'arm0'")


def _split(match: str) -> tuple[str, str]:
    """The method and the pattern of a match: `PUT jitRequests`, `GET`, `*/updateAccess`."""
    first, _, rest = match.strip().partition(" ")
    if first.upper() in _METHODS:
        return first.upper(), rest.strip()
    return "", match.strip()


@lru_cache(maxsize=64)
def _regex(pattern: str) -> re.Pattern[str]:
    """A pattern as an expression: with a `*` it is the whole path, else a part of it."""
    text = translate(pattern) if "*" in pattern else re.escape(pattern)
    return re.compile(text.replace("(?s:", "(?s:^", 1), re.IGNORECASE)
