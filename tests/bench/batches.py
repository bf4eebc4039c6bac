"""Measures batches of decisions and a long listing. Numbers, never a test.

`python tests/bench/batches.py [embedded|history|served|buckets]...`; the first three when none is
named. `buckets` takes about a minute.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

AZJIT = [sys.executable, "-m", "azjit"]
CALL_SECONDS = 0.05
RUNS = 3


def main() -> None:
    wanted = sys.argv[1:] or ["embedded", "history", "served"]
    load, cores = os.getloadavg()[0], os.cpu_count()
    say(f"load {load:.1f} on {cores} cores", "numbers are worth little when it is above them")
    for name in wanted:
        {"embedded": embedded, "history": history, "served": served, "buckets": buckets}[name]()


def embedded() -> None:
    """100 approvals by prefix on the embedded sandbox with 10,000 requests."""
    with tempfile.TemporaryDirectory() as folder:
        environ = environ_of(folder)
        seed(environ, "--requests", "10000", "--waiting", "200")
        prefixes = [name_of(each)[:18] for each in waiting(environ)[:100]]
        took = measured(approval(prefixes, "--sandbox"), environ)
        say("100 approvals by prefix, embedded, 10,000 requests", took)


def history() -> None:
    """`history -o jsonl` of 1,000 and of 10,000 requests, in pages of 100."""
    for count in ("1000", "10000"):
        with tempfile.TemporaryDirectory() as folder:
            environ = environ_of(folder)
            seed(environ, "--requests", count, "--switch", "page-size=100")
            for _ in range(RUNS):
                took = measured(["consumer", "history", "-o", "jsonl", "--sandbox"], environ)
                say(f"history -o jsonl of {count} requests", took)


def served() -> None:
    """100 approvals of named requests, each call of which takes 50 ms."""
    with tempfile.TemporaryDirectory() as folder:
        environ = environ_of(folder)
        seed(environ, "--requests", "1500", "--waiting", "500")
        names = list(map(name_of, waiting(environ)))
        with server(environ) as reached:
            fault(environ, "slow", "--seconds", str(CALL_SECONDS), "--always")
            for run in range(RUNS):
                # A state directory of its own: no name is known from an earlier run.
                own = {**reached, "AZJIT_STATE_DIR": f"{folder}/client-{run}"}
                batch = names[run * 100 : run * 100 + 100]
                took = measured(approval(batch), own)
                say("100 approvals of named requests, served, 50 ms a call", took)


def buckets() -> None:
    """500 approvals in one subscription under ARM's token buckets."""
    with tempfile.TemporaryDirectory() as folder:
        environ = environ_of(folder)
        seed(environ, "--requests", "2000", "--waiting", "900")
        names = list(map(name_of, waiting(environ)))
        with server(environ) as reached:
            fault(environ, "buckets", "--always")
            own = {**reached, "AZJIT_STATE_DIR": f"{folder}/client", "AZJIT_DEBUG": "1"}
            took = measured(approval(names[:500]), own)
            refused = f"{took.said.count('-> 429')} times 429"
            say("500 approvals of named requests under ARM's buckets", f"{took}, {refused}")


class Used(NamedTuple):
    """What a run of azjit took, and what it wrote."""

    code: int
    rows: int
    seconds: float
    cpu_seconds: float
    megabytes: float
    said: str

    def __str__(self) -> str:
        times = f"{self.seconds:.2f} s, {self.cpu_seconds:.2f} s CPU"
        return f"exit {self.code}, {self.rows} rows, {times}, {self.megabytes:.0f} MB"


def measured(arguments: list[str], environ: dict[str, str]) -> Used:
    """Run azjit.

    The memory that the system counts for a process begins with that of the process which started
    it: this one has to stay small.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen([*AZJIT, *arguments], env=environ, stdout=out, stderr=err)
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        rows, said = sum(1 for _ in out), err.read().decode()
    if process.returncode:
        sys.stdout.write(said[-2000:])
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    return Used(process.returncode, rows, took, cpu, memory, said)


def approval(names: list[str], *more: str) -> list[str]:
    accepted = ["--accept", "overlap,far-start,stale"]  # what the seeded requests have
    end = ["--reason", "a batch", "--yes", *accepted, "-o", "jsonl"]
    return ["consumer", "approve", *names, *end, *more]


def waiting(environ: dict[str, str], *, everywhere: bool = False) -> list[str]:
    """The ids of pending requests of the largest subscription, or of all, from the world's file.

    No cache of names learns them, and this process need not hold the whole world.
    """
    path = Path(environ["AZJIT_STATE_DIR"]) / "sandbox" / "world.sqlite"
    rows = sqlite3.connect(path).execute(
        "SELECT subscription, json_extract(body, '$.id') FROM resources"
        " WHERE type = 'microsoft.solutions/jitrequests' AND body LIKE '%fleet-%'"
        " AND json_array_length(private, '$.moves') = 1"
        " AND json_extract(body, '$.properties.jitSchedulingPolicy.startTime')"
        " > strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
        " ORDER BY json_extract(body, '$.systemData.createdAt') DESC"
    )
    found = rows.fetchall()
    ((largest, _),) = Counter(place for place, _ in found).most_common(1)
    return [each for place, each in found if everywhere or place == largest]


def name_of(resource: str) -> str:
    return resource.rpartition("/")[2]


def environ_of(folder: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AZJIT_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "AZJIT_STATE_DIR": folder}


def seed(environ: dict[str, str], *sizes: str) -> None:
    made = [*AZJIT, "sandbox", "seed", "--apps", "40", *sizes, "-o", "none"]
    subprocess.run(made, env=environ, check=True, capture_output=True)


def fault(environ: dict[str, str], *what: str) -> None:
    made = [*AZJIT, "sandbox", "fault", "add", *what, "-o", "none"]
    subprocess.run(made, env=environ, check=True, capture_output=True)


@contextmanager
def server(environ: dict[str, str]) -> Iterator[dict[str, str]]:
    """Serve the world; give the environment of its clients."""
    note = Path(environ["AZJIT_STATE_DIR"]) / "sandbox" / "server.json"
    process = subprocess.Popen(
        [*AZJIT, "sandbox", "serve", "--port", "0"], env=environ, stderr=subprocess.DEVNULL
    )
    try:
        while not note.exists():
            time.sleep(0.01)
        time.sleep(0.1)
        told = json.loads(note.read_text())
        yield {
            **environ,
            "AZJIT_CLOUD": told["url"],
            "REQUESTS_CA_BUNDLE": told["ca"],
            "AZJIT_AS": "bob",
        }
    finally:
        process.terminate()
        process.wait()


def say(what: str, told: object) -> None:
    sys.stdout.write(f"{what:<56} {told!s}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
