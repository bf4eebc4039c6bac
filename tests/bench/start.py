"""Measures how long azjit takes to start: `just bench`, or this file with the environment's python.

Times are shown, never asserted: a test that measures a shared machine fails for no reason.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

COMMANDS = (
    ("--version",),
    ("--help",),
    ("publisher", "request", "--help"),
    ("publisher", "apps", "--sandbox", "-o", "json"),
    ("publisher", "apps", "--sandbox", "-o", "table"),
)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as state:
        environ = {**os.environ, "AZJIT_STATE_DIR": state}
        for command in COMMANDS:
            once(command, environ)  # the first run compiles, and seeds the sandbox
            took = [once(command, environ) for _ in range(runs)]
            middle, least = statistics.median(took), min(took)
            said = " ".join(command)
            sys.stdout.write(f"{middle:6.0f} ms median {least:6.0f} ms least   azjit {said}\n")


def once(command: tuple[str, ...], environ: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "azjit", *command], env=environ, check=True, capture_output=True
    )
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
