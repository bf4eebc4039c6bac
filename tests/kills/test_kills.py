"""The server is killed while clients write: what was acknowledged stays, nothing is half done.

The short run is part of every test run; `AZJIT_KILLS=50 pytest -s tests/kills` is the long one.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from azjit.sandbox.core import Sandbox

HERE = Path(__file__).parent
CLIENTS = 8
SHORT = 6
SEED = 20260302


class Victim:
    """The server under test: started, frozen, looked at, killed."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        command = [sys.executable, str(HERE / "server.py"), str(self.folder), str(self.port)]
        process = subprocess.Popen(command)
        while not ready.exists():
            assert process.poll() is None, "the server did not start"
            time.sleep(0.005)
        return process

    def kill(self, *, inside_a_write: bool, flag: mmap.mmap, patience: float = 20.0) -> bool:
        """Kill it, inside a write when asked for and one comes in time; whether it was."""
        until = time.monotonic() + patience
        while True:
            os.kill(self.process.pid, signal.SIGSTOP)
            os.waitpid(self.process.pid, os.WUNTRACED)
            is_inside = flag[0] == 1
            if is_inside or not inside_a_write or time.monotonic() > until:
                break
            os.kill(self.process.pid, signal.SIGCONT)
            time.sleep(0.001)
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        flag[0] = 0
        self.process = self._started()
        return is_inside

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def _clients(folder: Path) -> Iterator[None]:
    command = [sys.executable, str(HERE / "client.py"), str(folder)]
    running = [subprocess.Popen([*command, str(number)]) for number in range(CLIENTS)]
    try:
        yield
    finally:
        (folder / "stop").touch()
        codes = [process.wait(timeout=30) for process in running]
        assert codes == [0] * CLIENTS


def _prepare(folder: Path) -> int:
    sandbox = Sandbox(folder / "world.sqlite")
    world = sandbox.describe()
    sandbox.close()
    application = next(item for item in world["applications"] if item["name"] == "orders")
    facts = {
        "alice": next(p["objectId"] for p in world["people"] if p["alias"] == "alice"),
        "application": application["id"],
        "managed": f"{application['managedResourceGroupId']}/providers/Microsoft.Solutions",
    }
    (folder / "facts.json").write_text(json.dumps(facts))
    (folder / "writing").write_bytes(b"\0")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    (folder / "port").write_text(str(port))
    return port


@pytest.mark.parametrize("kills", [int(os.environ.get("AZJIT_KILLS", SHORT))])
def test_no_acknowledged_write_is_lost(tmp_path: Path, kills: int) -> None:
    victim = Victim(tmp_path, _prepare(tmp_path))
    dice, inside = random.Random(SEED), 0
    with (tmp_path / "writing").open("r+b") as file, mmap.mmap(file.fileno(), 1) as flag:
        with _clients(tmp_path):
            time.sleep(0.5)
            for number in range(kills):
                time.sleep(dice.uniform(0.05, 0.25))
                inside += victim.kill(inside_a_write=number % 2 == 0, flag=flag)
            time.sleep(0.5)
        victim.end()

    told = _told(tmp_path)
    said = f"{kills} kills, {inside} of them inside a write; {_count(told)} writes acknowledged"
    print(f"\n{said}")  # noqa: T201 the numbers are the point of the long run
    assert inside >= kills * 2 // 5
    assert _count(told) > kills
    assert _lost(tmp_path, told) == []
    assert _halves(tmp_path) == []


def _told(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """What each client sent for each request, and what was acknowledged, in order."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in folder.glob("client-*.jsonl"):
        for line in file.read_text().splitlines():
            name, method, what = json.loads(line)
            found[name].append((method, what))
    return found


def _count(told: dict[str, list[tuple[str, str]]]) -> int:
    return sum(what != "sent" for steps in told.values() for _, what in steps)


def _requests(folder: Path) -> dict[str, dict[str, Any]]:
    sandbox = Sandbox(folder / "world.sqlite")
    with sandbox._store.transaction(is_write=False) as connection:
        rows = connection.execute(
            "SELECT name, private FROM resources WHERE name LIKE 'client-%'"
        ).fetchall()
    sandbox.close()
    return {name: json.loads(private) for name, private in rows}


def _lost(folder: Path, told: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Requests that are not as the last acknowledged write left them."""
    found, lost = _requests(folder), []
    for name, steps in told.items():
        deletes = [what for method, what in steps if method == "DELETE"]
        is_created = ("PUT", "201") in steps or ("PUT", "200") in steps
        is_approved = ("POST", "202") in steps
        if "200" in deletes and name in found:
            lost.append(f"{name} was deleted and is there")
        if is_created and not deletes and name not in found:
            lost.append(f"{name} was made and is gone")
        if is_approved and name in found and found[name]["moves"][-1][1] != "Approved":
            lost.append(f"{name} was approved and is not")
    return lost


def _halves(folder: Path) -> list[str]:
    """What an interrupted write would leave: an approval without its grant, or the reverse."""
    connection = sqlite3.connect(folder / "world.sqlite")
    (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
    grants = {
        request.rsplit("/", 1)[-1]
        for (request,) in connection.execute(
            "SELECT request FROM assignments WHERE request LIKE '%/client-%'"
        )
    }
    kept = {
        target.rsplit("/", 1)[-1]
        for (target,) in connection.execute("SELECT target FROM operations")
    }
    connection.close()
    requests = _requests(folder)
    approved = {n for n, private in requests.items() if private["moves"][-1][1] == "Approved"}
    faults = [] if integrity == "ok" else [integrity]
    faults += [f"{name} is approved and has no grant" for name in approved - grants]
    faults += [
        f"{name} has a grant and is not approved" for name in (grants & set(requests)) - approved
    ]
    faults += [f"{name} was made without its operation" for name in set(requests) - kept]
    return faults
