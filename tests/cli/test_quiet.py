"""Libraries log nothing to stderr: an error is one line and a hint."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def azjit(state: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own: in a test's process pytest takes what is logged."""
    environ = {**os.environ, "AZJIT_STATE_DIR": str(state), "AZJIT_SANDBOX": "1"}
    return subprocess.run(
        [sys.executable, "-m", "azjit", *argv],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_answer_that_breaks_off_is_told_once_and_by_azjit(tmp_path: Path) -> None:
    azjit(tmp_path, "sandbox", "fault", "add", "truncated", "--always")

    done = azjit(tmp_path, "consumer", "apps")

    assert done.returncode == 6
    assert [line.split(":")[0].strip() for line in done.stderr.splitlines()] == [
        "SANDBOX",
        "azjit",
        "next",
    ]
