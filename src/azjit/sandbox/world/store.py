"""The world's file: one SQLite database that several threads and processes share."""

from __future__ import annotations

import re
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = 4
_BUSY_SECONDS = 30

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE switches (application TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (application, key)) WITHOUT ROWID;
CREATE TABLE tenants (id TEXT PRIMARY KEY, name TEXT NOT NULL, domain TEXT NOT NULL);
CREATE TABLE subscriptions (id TEXT PRIMARY KEY, name TEXT NOT NULL, tenant TEXT NOT NULL);
CREATE TABLE people (
  alias TEXT PRIMARY KEY, name TEXT NOT NULL, upn TEXT NOT NULL, kind TEXT NOT NULL,
  tenant TEXT NOT NULL, oid TEXT NOT NULL UNIQUE, side TEXT NOT NULL, app_id TEXT UNIQUE,
  secret TEXT NOT NULL);
CREATE TABLE groups (id TEXT PRIMARY KEY, name TEXT NOT NULL, tenant TEXT NOT NULL);
CREATE TABLE members (grp TEXT NOT NULL, principal TEXT NOT NULL, PRIMARY KEY (grp, principal))
  WITHOUT ROWID;
CREATE INDEX members_of ON members (principal);
CREATE TABLE roles (
  id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE, description TEXT NOT NULL,
  permission TEXT NOT NULL, is_custom INTEGER NOT NULL, scopes TEXT NOT NULL);
CREATE TABLE resources (
  id TEXT PRIMARY KEY, type TEXT NOT NULL, subscription TEXT NOT NULL, grp TEXT NOT NULL,
  name TEXT NOT NULL, application TEXT, definition TEXT, publisher TEXT,
  body TEXT NOT NULL, private TEXT NOT NULL);
CREATE INDEX resources_in ON resources (type, subscription, grp, id);
CREATE INDEX resources_of ON resources (type, subscription, id);
CREATE INDEX resources_by_name ON resources (type, name);
CREATE INDEX resources_by_application ON resources (application) WHERE application IS NOT NULL;
CREATE INDEX resources_by_definition ON resources (definition) WHERE definition IS NOT NULL;
CREATE INDEX resources_by_publisher ON resources (subscription, publisher)
  WHERE publisher IS NOT NULL;
CREATE TABLE assignments (
  id TEXT PRIMARY KEY, scope TEXT NOT NULL, subscription TEXT NOT NULL, principal TEXT NOT NULL,
  role TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT NOT NULL, request TEXT, body TEXT NOT NULL)
  WITHOUT ROWID;
CREATE INDEX assignments_at ON assignments (scope, principal);
CREATE INDEX assignments_of ON assignments (principal, subscription, ends);
CREATE INDEX assignments_for ON assignments (request) WHERE request IS NOT NULL;
CREATE TABLE denials (id TEXT PRIMARY KEY, scope TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX denials_at ON denials (scope);
CREATE TABLE operations (
  id TEXT PRIMARY KEY, subscription TEXT NOT NULL, caller TEXT NOT NULL, polls INTEGER NOT NULL,
  target TEXT, started TEXT NOT NULL, outcome TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE faults (
  id INTEGER PRIMARY KEY, skip INTEGER NOT NULL, left INTEGER, body TEXT NOT NULL);
CREATE TABLE buckets (key TEXT PRIMARY KEY, tokens REAL NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE past (
  id TEXT PRIMARY KEY, type TEXT NOT NULL, subscription TEXT NOT NULL, grp TEXT NOT NULL,
  name TEXT NOT NULL, body TEXT, private TEXT, until TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE codes (
  code TEXT PRIMARY KEY, user_code TEXT UNIQUE, client TEXT NOT NULL, tenant TEXT NOT NULL,
  scope TEXT NOT NULL, oid TEXT, ends REAL NOT NULL, kept TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE certificates (
  thumbprint TEXT PRIMARY KEY, oid TEXT NOT NULL, modulus TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE activity (
  id TEXT PRIMARY KEY, subscription TEXT NOT NULL, at TEXT NOT NULL, target TEXT NOT NULL,
  provider TEXT NOT NULL, correlation TEXT NOT NULL, body TEXT NOT NULL, before TEXT)
  WITHOUT ROWID;
CREATE INDEX activity_in ON activity (subscription, at);
CREATE INDEX activity_on ON activity (at, target);
"""
_TABLES = [name for name in re.findall(r"CREATE TABLE (\w+)", _SCHEMA) if name != "meta"]
_WAITING = "SELECT EXISTS (SELECT 1 FROM faults) OR EXISTS (SELECT 1 FROM past)"


class Store:
    """Transactions over the world's file, which it creates and seeds when there is none."""

    def __init__(self, path: Path, seed: Callable[[sqlite3.Connection], None]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._seed = seed
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(path)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            if type(error) is not sqlite3.DatabaseError:
                raise
            raise ValueError(f"{path} is not a sandbox: {error}") from error
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, path: Path) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            raise ValueError(f"{path} is a sandbox of version {version}: delete it to start again")
        if version == 0:
            # Only a new file needs the switch to WAL, and only it can find the file locked.
            self._connection.execute("PRAGMA journal_mode=WAL").fetchone()
        # WAL with NORMAL: an acknowledged write outlives the death of every process. Only a loss
        # of power may lose the last ones, and the file stays intact.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        if version == 0:
            with self.transaction(is_write=True) as connection:
                self._create(connection)

    def _create(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == VERSION:
            return  # another process was first
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO meta VALUES ('signing-key', ?), ('offset', '0')", (secrets.token_hex(32),)
        )
        connection.execute(f"PRAGMA user_version={VERSION}")
        self._seed(connection)

    @contextmanager
    def transaction(self, *, is_write: bool) -> Iterator[sqlite3.Connection]:
        """Run one transaction; a write takes its lock at the start and never fails later."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE" if is_write else "BEGIN")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def empty(self, connection: sqlite3.Connection) -> None:
        """Delete everything but the signing keys, so that tokens outlive a reset."""
        for table in _TABLES:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 the names are ours
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'offset'")

    def has_faults(self) -> bool:
        """Whether any fault waits for calls, so that every call may have to write."""
        with self._lock:
            row = self._connection.execute(_WAITING).fetchone()
            return bool(row[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
