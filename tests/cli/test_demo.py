"""The demo: it fits a terminal, and the commands at its end can be pasted."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from azjit.cli.demo import typed
from azjit.process import Process
from harness import Cli, Clock, Stream


def test_the_demo_fits_eighty_columns(cli: Cli) -> None:
    told = cli("demo", tty=True).out.splitlines()

    assert [line for line in told if len(line) > 80] == []
    titles = [at for at, line in enumerate(told) if re.match(r"\d+\. ", line)]
    wrapped = [told[at + 1] for at in titles if not told[at + 1].startswith("$")]
    assert len(titles) == 10
    assert all(line.startswith("   ") for line in wrapped)
    assert max(len(line) for line in told[:5]) <= 79


@pytest.mark.parametrize(
    ("path", "called", "shown"),
    [
        ("/nowhere", ".venv/bin/azjit", ".venv/bin/azjit"),
        ("/nowhere", "/x/azjit/__main__.py", "python -m azjit"),
        (str(Path(sys.executable).parent), ".venv/bin/azjit", "azjit"),
    ],
)
def test_the_demo_ends_with_azjit_as_it_can_be_typed(path: str, called: str, shown: str) -> None:
    process = Process(
        Stream(), Stream(), Stream(), {"PATH": path}, Clock().now, str, print, int, called
    )

    assert typed(process) == shown
