"""Streams that end early: a closed pipe, a full disk, a closed stdout or stderr."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("watched")

Shell = Callable[[str], subprocess.CompletedProcess[str]]
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")

# A command that takes this long never ends.
HANGING_SECONDS = 120


def bash(script: str, folder: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in bash, with the azjit of a folder on the path and a sandbox of its own."""
    environ = {
        **{key: value for key, value in os.environ.items() if "COV" in key},
        "PATH": os.pathsep.join([str(folder), os.environ["PATH"]]),
        "HOME": str(place),
        "AZJIT_STATE_DIR": str(place / "state"),
        "AZJIT_SANDBOX": "1",
        "TZ": "UTC",
    }
    return subprocess.run(
        ["bash", "-c", script],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGING_SECONDS,
    )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Bash with the real azjit: it meets the streams as Python opens and closes them."""
    return lambda script: bash(script, Path(sys.executable).parent, tmp_path)


@pytest.fixture
def beside(tmp_path: Path, preloaded: Path) -> Shell:
    """Bash for what is done before and after, over the same sandbox."""

    def run(script: str) -> subprocess.CompletedProcess[str]:
        done = bash(script, preloaded, tmp_path)
        assert done.returncode == 0, done.stderr
        return done

    return run


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What stderr holds beside the sandbox's banner."""
    return [line for line in done.stderr.splitlines() if not line.startswith("SANDBOX")]


@pytest.fixture
def waiting(beside: Shell) -> str:
    """The name of the request that waits."""
    return beside("azjit consumer pending -o json --query '[0].name' | tr -d '\"'").stdout.strip()


@pytest.mark.parametrize(
    "command",
    [
        "consumer apps",
        "consumer apps -o json",
        "consumer apps -o table",
        "--help",
        "--version",
        "schema",
        "sandbox export",
        "help options",
    ],
)
def test_a_reader_that_left_is_no_failure_of_what_only_reads(shell: Shell, command: str) -> None:
    done = shell(f"azjit {command} | true; echo ${{PIPESTATUS[0]}}")

    assert done.stdout == "0\n"
    assert said(done) == []


def test_head_takes_what_it_wants_of_a_long_listing(shell: Shell, beside: Shell) -> None:
    beside("azjit sandbox seed --apps 7 --requests 3000")

    done = shell("azjit consumer history -o jsonl | head -1 | wc -l; echo ${PIPESTATUS[0]}")

    assert done.stdout.split() == ["1", "0"]
    assert said(done) == []


def test_a_filed_request_is_done_though_nobody_reads_it(shell: Shell, beside: Shell) -> None:
    count = "azjit publisher history orders --state pending -o json --query 'length(@)'"
    before = int(beside(count).stdout)

    done = shell("azjit publisher request orders --role Contributor | true; echo ${PIPESTATUS[0]}")

    assert done.stdout == "0\n"
    assert int(beside(count).stdout) == before + 1


def test_a_batch_keeps_its_code_though_nobody_reads_it(shell: Shell, waiting: str) -> None:
    done = shell(
        f"azjit consumer approve {waiting} deadbeef --reason x --yes | true;"
        " echo ${PIPESTATUS[0]}"
    )

    assert done.stdout == "7\n"
    assert "1 of 2 requests failed" in done.stderr


def test_nobody_at_stderr_never_passes_for_done(shell: Shell, beside: Shell, waiting: str) -> None:
    done = shell(
        f"azjit consumer approve {waiting} --reason x --yes 2>&1 >/dev/null | true;"
        " echo ${PIPESTATUS[0]}"
    )

    assert done.stdout == "1\n"
    state = beside(f"azjit publisher show {waiting} -o json --query state")
    assert state.stdout == '"pending"\n'


def test_an_error_that_nobody_hears_keeps_its_code(shell: Shell) -> None:
    done = shell("azjit publisher roles nope 2>&1 >/dev/null | true; echo ${PIPESTATUS[0]}")

    assert done.stdout in {"3\n", "1\n"}  # 1 where even the banner met nobody


@FULL
def test_an_approval_that_cannot_be_written_is_told_on_stderr(shell: Shell, waiting: str) -> None:
    done = shell(f"azjit consumer approve {waiting} --reason x --yes >/dev/full")

    assert done.returncode == 1
    assert "azjit: the result could not be written: No space left on device" in done.stderr
    assert "  approved  " in done.stderr
    assert "and in the receipts" in done.stderr
    assert "bug" not in done.stderr


@FULL
@pytest.mark.parametrize("command", ["--version", "--help", "schema roles", "consumer apps"])
def test_what_cannot_be_written_fails(shell: Shell, command: str) -> None:
    done = shell(f"azjit {command} >/dev/full")

    assert done.returncode == 1
    assert said(done)[0].startswith("azjit: the result could not be written")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("command", ["consumer apps", "--version", "--help"])
def test_what_the_caller_closed_is_nowhere(shell: Shell, command: str, closed: str) -> None:
    done = shell(f"azjit {command} {closed}")

    assert done.returncode == 0
    assert said(done) == []
