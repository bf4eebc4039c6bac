"""Measures how long azjit takes to start: `just bench`, or this file with the environment's python.

Times are shown, never asserted: a test that measures a shared machine fails for no reason.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = (
    ("--version",),
    ("--help",),
    ("publisher", "--help"),
    ("publisher", "request", "--help"),
    ("publisher", "apps", "--sandbox", "-o", "json"),
    ("publisher", "apps", "--sandbox", "-o", "table"),
)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    lines = command_lines()
    with tempfile.TemporaryDirectory() as state:
        environ = {**os.environ, "AZJIT_STATE_DIR": state}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        for words in lines:
            once(words, environ)  # the first run compiles, and seeds the sandbox
        # In turns, so that a busy moment of the machine meets every command.
        rounds = [[once(words, environ) for words in lines] for _ in range(runs)]
    for words, took in zip(lines, zip(*rounds, strict=True), strict=True):
        said = " ".join([Path(words[0]).name, *words[1:]])
        middle, least = statistics.median(took), min(took)
        sys.stdout.write(f"{middle:6.0f} ms median {least:6.0f} ms least   {said}\n")


def command_lines() -> list[list[str]]:
    """Give what is measured: python itself, gh where it is installed, and azjit."""
    gh = shutil.which("gh")
    azjit = str(Path(sys.executable).with_name("azjit"))
    return [
        [sys.executable, "-c", "pass"],
        *([[gh, "pr", "list", "--help"]] if gh else []),
        *([azjit, *command] for command in COMMANDS),
    ]


def once(words: list[str], environ: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, env=environ, check=True, capture_output=True)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
