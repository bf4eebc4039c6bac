"""The world's file: one SQLite database that several threads and processes share."""

from __future__ import annotations

import errno
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

VERSION = 4
_BUSY_SECONDS = 30
_AGAIN_SECONDS = 0.01

# What SQLite says where the disk or the file is at fault, and no statement of ours.
# Source: https://www.sqlite.org/rescode.html
_OF_THE_DISK = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}

_SCHEMA = Path(__file__).with_name("schema.sql")
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'meta'"
_WAITING = "SELECT EXISTS (SELECT 1 FROM faults) OR EXISTS (SELECT 1 FROM past)"


class Store:
    """Transactions over the world's file, which it creates and seeds when there is none."""

    def __init__(self, path: Path, seed: Callable[[sqlite3.Connection], None]) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._seed = seed
        self._lock = threading.RLock()
        with self._told_as_of_the_disk():
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            with self._told_as_of_the_disk():
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
            self._switch_to_wal()
        # WAL with NORMAL: an acknowledged write outlives the death of every process. Only a loss
        # of power may lose the last ones, and the file stays intact.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        if version == 0:
            with self.transaction(is_write=True) as connection:
                self._create(connection)

    def _switch_to_wal(self) -> None:
        """Switch as soon as no other process does: SQLite does not wait here by itself."""
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode=WAL").fetchone()
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > deadline:
                    raise
                threading.Event().wait(_AGAIN_SECONDS)
            else:
                return

    def _create(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == VERSION:
            return  # another process was first
        for statement in _SCHEMA.read_text(encoding="utf-8").split(";"):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO meta VALUES ('signing-key', ?), ('offset', '0')", (secrets.token_hex(32),)
        )
        connection.execute(f"PRAGMA user_version={VERSION}")
        self._seed(connection)

    @contextmanager
    def transaction(self, *, is_write: bool) -> Iterator[sqlite3.Connection]:
        """Run one transaction; a write takes its lock at the start and never waits later.

        Raises:
            OSError: the disk or the file is at fault.
        """
        with self._lock, self._told_as_of_the_disk():
            self._connection.execute("BEGIN IMMEDIATE" if is_write else "BEGIN")
            try:
                yield self._connection
            except BaseException:
                with suppress(sqlite3.Error):  # after some errors SQLite has done it
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def empty(self, connection: sqlite3.Connection) -> None:
        """Delete everything but the signing keys, so that tokens outlive a reset."""
        for (table,) in connection.execute(_TABLES).fetchall():
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 the names are ours
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'offset'")

    def has_faults(self) -> bool:
        """Whether any fault waits for calls, so that every call may have to write."""
        with self._lock, self._told_as_of_the_disk():
            row = self._connection.execute(_WAITING).fetchone()
            return bool(row[0])

    @contextmanager
    def _told_as_of_the_disk(self) -> Iterator[None]:
        """Raise what SQLite says of the disk as the error of the system that it is."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code is None or code & 0xFF not in _OF_THE_DISK:
                raise
            raise OSError(errno.EIO, f"the sandbox cannot be used: {error}", str(self._path)) from (
                error
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
