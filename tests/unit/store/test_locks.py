"""Locks between processes: who waits, who does not, and what a deleted file means."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from azjit.store.disk import Busy, locked, make_private_file, try_lock

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has filelock's own lock")

HOLDER = """
import sys
from contextlib import closing
from pathlib import Path
from azjit.store.disk import try_lock
lock = try_lock(Path(sys.argv[1]))
print(lock is not None, flush=True)
sys.stdin.read()
"""


def test_a_held_lock_is_not_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"

    with locked(path, seconds=0):
        assert try_lock(path) is None
        with pytest.raises(Busy), locked(path, seconds=0.01):
            pass

    again = try_lock(path)
    assert again is not None
    again.release()
    again.release()


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    words = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        assert try_lock(path) is None
        holder.kill()

    with locked(path, seconds=1):
        pass


def test_the_lock_of_a_deleted_file_holds_up_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    first = try_lock(path)
    assert first is not None

    path.unlink()
    second = try_lock(path)

    assert second is not None
    assert try_lock(path) is None
    first.release()
    second.release()


def test_a_lock_is_its_owners_only_and_follows_no_link(tmp_path: Path) -> None:
    path, link = tmp_path / "a.lock", tmp_path / "b.lock"
    link.symlink_to(tmp_path / "elsewhere")

    with locked(path, seconds=0):
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OSError, match=r"b\.lock"):
        try_lock(link)
    assert not (tmp_path / "elsewhere").exists()


OPENS = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as world:
    world.execute("SELECT count(*) FROM t")
world.close()
"""


def test_a_database_that_is_open_here_stays_so_for_other_processes(tmp_path: Path) -> None:
    path = tmp_path / "world.sqlite"
    make_private_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as world:
        world.execute("PRAGMA journal_mode=WAL")
        world.execute("CREATE TABLE t (x)")

        make_private_file(path)
        subprocess.run([sys.executable, "-c", OPENS, str(path)], check=True)

        # A process that takes itself for the last one deletes the log.
        assert path.with_name("world.sqlite-wal").exists()
        world.execute("INSERT INTO t VALUES (1)")


def test_a_file_that_is_there_becomes_private_and_a_link_is_refused(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "b"
    path.touch()
    path.chmod(0o666)
    link.symlink_to(path)

    make_private_file(path)

    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OSError, match="symbolic links"):
        make_private_file(link)
