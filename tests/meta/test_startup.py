"""What help, version and a listing must not load, so that they start fast."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from azjit.cli.app import tree

HEAVY = {
    "aiohttp",
    "azure",
    "cryptography",
    "filelock",
    "httpx",
    "kiota_abstractions",
    "jmespath",
    "jwt",
    "msal",
    "msgraph",
    "pydantic",
    "requests",
    "rich",
    "sqlite3",
    "yaml",
}
# Runs one command line after the other in a fresh process and tells what each loaded.
PROBE = """
import io, json, sys
from azjit.__main__ import main

told = {}
for argv in json.loads(sys.argv[1]):
    sys.argv = ["azjit", *argv]
    out, sys.stdout = sys.stdout, io.StringIO()
    try:
        main()
        code = 0
    except SystemExit as exit:
        code = exit.code
    shown, sys.stdout = sys.stdout.getvalue(), out
    told[" ".join(argv)] = [code, shown, sorted(sys.modules)]
print(json.dumps(told))
"""


# Runs one command line in a fresh process that has loaded nothing else, and tells what it loaded.
BARE_PROBE = """
import sys
before = set(sys.modules)
try:
    from azjit.__main__ import main
    main()
finally:
    print(*(set(sys.modules) - before), file=sys.stderr)
"""


def python(*words: str, state: Path | None = None, width: int = 80) -> Any:
    """Run python in a surrounding of its own."""
    environ = {
        "PATH": os.environ["PATH"],
        "AZJIT_STATE_DIR": str(state or "/nowhere"),
        "COLUMNS": str(width),
    }
    if "PYTHONPATH" in os.environ:
        environ["PYTHONPATH"] = os.environ["PYTHONPATH"]
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, env=environ
    )


def loaded(*command_lines: list[str], state: Path | None = None, width: int = 80) -> dict[str, Any]:
    """Code, output and loaded modules after each command line, in one new process."""
    done = python("-c", PROBE, json.dumps(command_lines), state=state, width=width)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def heavy(modules: list[str]) -> set[str]:
    """Which of the modules that cost tens of milliseconds are among these."""
    return {name.partition(".")[0] for name in modules} & HEAVY


def commands(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command of the tree, groups too."""
    inside = getattr(command, "commands", {})
    return [path, *(each for name, one in inside.items() for each in commands(one, (*path, name)))]


def test_help_of_every_command_is_light() -> None:
    lines = [[*path, "--help"] for path in commands(get_command(tree()))]

    # On a narrow terminal typer makes the page.
    told = loaded(*lines, width=79)

    assert len(told) > 20
    assert {line: heavy(modules) for line, (_, _, modules) in told.items() if heavy(modules)} == {}
    assert {line: shown for line, (code, shown, _) in told.items() if code or not shown} == {}


@pytest.mark.parametrize("topic", ["options", "exit-codes", "environment"])
def test_help_topics_are_light(topic: str) -> None:
    told = loaded(["help", topic])

    code, shown, modules = told[f"help {topic}"]
    assert code == 0
    assert shown
    assert heavy(modules) == set()


@pytest.mark.parametrize("argv", [["no-such-command"], ["consumer"], ["publisher", "request"]])
def test_wrong_command_lines_are_light(argv: list[str]) -> None:
    code, _, modules = loaded(argv)[" ".join(argv)]

    assert code == 2
    assert heavy(modules) == set()


@pytest.mark.parametrize(
    ("line", "code", "start", "modules"),
    [
        ("--version", 0, "azjit ", set()),
        ("", 2, "Usage: azjit ", {"azjit.help_pages"}),
        ("-h", 0, "Usage: azjit ", {"azjit.help_pages"}),
        ("publisher", 2, "Usage: azjit publisher ", {"azjit.help_pages"}),
        ("sandbox fault --help", 0, "Usage: azjit sandbox fault ", {"azjit.help_pages"}),
        ("publisher request --help", 0, "Usage: azjit publisher req", {"azjit.help_pages"}),
    ],
)
def test_version_and_help_load_nothing_else(
    line: str, code: int, start: str, modules: set[str]
) -> None:
    done = python("-c", BARE_PROBE, *line.split())

    assert done.returncode == code
    assert done.stdout.startswith(start)
    assert set(done.stderr.split()) == {"__future__", "azjit", "azjit.__main__", *modules}


def test_listing_over_the_sandbox_needs_no_sign_in_library(tmp_path: Path) -> None:
    argv = ["consumer", "apps", "--sandbox", "-o", "json"]

    code, shown, modules = loaded(argv, state=tmp_path)[" ".join(argv)]

    assert code == 0
    assert len(json.loads(shown)) > 0
    unwanted = {
        "azure.identity",
        "cryptography",
        "httpx",
        "jmespath",
        "jwt",
        "msal",
        "msgraph",
        "pydantic",
        "rich",
        "yaml",
    }
    assert unwanted & set(modules) == set()


GRAPH = {"httpx", "kiota_abstractions", "msgraph"}


def test_commands_with_nothing_to_resolve_never_load_graph(tmp_path: Path) -> None:
    lines = [
        ["consumer", "apps", "--sandbox", "-o", "table"],
        ["consumer", "pending", "--sandbox", "-o", "table"],
        ["publisher", "roles", "orders", "--sandbox", "-o", "json"],
        ["publisher", "request", "orders", "--role", "Contributor", "--sandbox", "-o", "table"],
        ["publisher", "history", "--sandbox", "-o", "table"],
        ["consumer", "show", "orders", "--sandbox", "-o", "table"],
    ]

    told = loaded(*lines, state=tmp_path)

    assert {line: code for line, (code, _, _) in told.items() if code} == {}
    assert {line for line, (_, _, modules) in told.items() if GRAPH & set(modules)} == set()


def test_names_once_looked_up_need_no_graph_again(tmp_path: Path) -> None:
    line = ["publisher", "roles", "orders", "--sandbox", "-o", "table"]

    first = loaded(line, state=tmp_path)[" ".join(line)]
    again = loaded(line, state=tmp_path)[" ".join(line)]

    assert set(first[2]) >= GRAPH
    assert [name for name in first[2] if name.startswith("msgraph.generated.models.")] == []
    assert "fabrikam-ci" in again[1]
    assert GRAPH & set(again[2]) == set()
