"""What help, version and a listing must not load, so that they start fast."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from azjit.cli.app import command_tree
from azjit.sandbox.core import Sandbox
from azjit.sandbox.transports.server import SandboxServer
from azjit.sandbox.transports.workloads import environment

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


def python(
    *words: str,
    state: Path | None = None,
    width: int = 80,
    environ: Mapping[str, str] | None = None,
) -> Any:
    """Run python in a surrounding of its own."""
    own = {
        **(environ or {}),
        "PATH": os.environ["PATH"],
        "AZJIT_STATE_DIR": str(state or "/nowhere"),
        "AZJIT_CONFIG_DIR": "/nowhere",
        "COLUMNS": str(width),
    }
    if "PYTHONPATH" in os.environ:
        own["PYTHONPATH"] = os.environ["PYTHONPATH"]
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, env=own
    )


def loaded(*command_lines: list[str], **surrounding: Any) -> dict[str, Any]:
    """Code, output and loaded modules after each command line, in one new process."""
    done = python("-c", PROBE, json.dumps(command_lines), **surrounding)
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
    lines = [[*path, "--help"] for path in commands(command_tree())]

    # On a narrow terminal typer makes the page.
    told = loaded(*lines, width=79)

    assert len(told) > 20
    assert {line: heavy(modules) for line, (_, _, modules) in told.items() if heavy(modules)} == {}
    assert {line: shown for line, (code, shown, _) in told.items() if code or not shown} == {}


def test_help_topics_are_light() -> None:
    topics = ("options", "exit-codes", "environment")

    told = loaded(*(["help", topic] for topic in topics))

    assert len(told) == len(topics)
    for code, shown, modules in told.values():
        assert (code, heavy(modules)) == (0, set())
        assert shown


def test_wrong_command_lines_are_light() -> None:
    told = loaded(["no-such-command"], ["consumer"], ["publisher", "request"])

    assert [(code, heavy(modules)) for code, _, modules in told.values()] == [(2, set())] * 3


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


# The packages that each start may load, and no others.
COMMAND = {"annotated_doc", "shellingham", "typer"}
CALL = {
    *COMMAND,
    "azure.core",
    "certifi",
    "charset_normalizer",
    "idna",
    "requests",
    "typing_extensions",
    "tzdata",  # on a machine without its own database of time zones
    "urllib3",
}
SIGN_IN = {*CALL, "azure.identity", "cryptography", "msal", "msal_extensions"}


def packages(modules: list[str]) -> set[str]:
    """The packages of these modules that are neither ours nor Python's."""
    names = {
        ".".join(name.split(".")[: 2 if name.startswith("azure.") else 1])
        for name in modules
        if not name.startswith(("_", "azjit", "cython_runtime")) and "__mypyc" not in name
    }
    return names - {*sys.stdlib_module_names, "azure"}


def test_listing_on_the_embedded_sandbox_loads_no_other_package(tmp_path: Path) -> None:
    lines = ["consumer apps", "consumer pending", "consumer history", "publisher history"]

    told = loaded(*([*line.split(), "--sandbox", "-o", "json"] for line in lines), state=tmp_path)

    assert len(told) == len(lines)
    for code, shown, modules in told.values():
        assert code == 0
        assert len(json.loads(shown)) > 0
        assert packages(modules) <= CALL


def test_approval_on_the_embedded_sandbox_loads_no_other_package_than_rich(tmp_path: Path) -> None:
    name = "11111111-2222-4333-8444-555555555555"
    end = ["--reason", "maintenance", "--sandbox", "-o", "json"]
    filing = ["publisher", "request", "orders", "--role", "Contributor", "--name", name, *end]
    approval = ["consumer", "approve", name, "--yes", *end]

    told = loaded(filing, approval, state=tmp_path)

    assert told[" ".join(filing)][0] == 0
    code, shown, modules = told[" ".join(approval)]
    assert code == 0
    assert json.loads(shown)[0]["result"] == "approved"
    assert packages(modules) <= {*CALL, "rich"}  # it shows the request on stderr


def test_show_by_a_secret_loads_no_other_package(tmp_path: Path) -> None:
    with (
        closing(Sandbox(tmp_path / "world.sqlite")) as sandbox,
        SandboxServer(sandbox, port=0, directory=tmp_path) as server,
    ):
        person = next(one for one in sandbox.people() if one.alias == "fabrikam-ci")
        signed_in = environment(sandbox, server.url, server.ca_file, person, "secret")
        environ = {**signed_in, "AZJIT_CLOUD": server.url}
        listing = ["publisher", "history", "--as", "alice", "-o", "json"]
        every = loaded(listing, state=tmp_path, environ=environ)[" ".join(listing)][1]
        argv = ["publisher", "show", json.loads(every)[0]["id"], "-o", "json"]

        code, shown, modules = loaded(argv, state=tmp_path, environ=environ)[" ".join(argv)]

    assert code == 0
    assert json.loads(shown)["id"] == argv[2]
    assert packages(modules) <= SIGN_IN
    assert "sqlite3" not in modules
    unneeded = ("azjit.sandbox", "azjit.store.receipts", "azjit.services.reconcile", "html")
    assert [name for name in modules if name.startswith(unneeded)] == []


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


ENDING = """
import atexit, sys, threading, time
from azjit import __main__ as edge

def work() -> None:
    time.sleep(0.05)
    print("thread")

def command() -> None:
    atexit.register(print, "exit function")
    threading.Thread(target=work).start()
    sys.exit(int(sys.argv[1]))

edge.main = command
edge.start()
"""


@pytest.mark.parametrize("code", [0, 7])
def test_the_short_way_out_waits_for_threads_and_exit_functions(code: int) -> None:
    words = [sys.executable, "-c", ENDING, str(code)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (code, "thread\nexit function\n")
