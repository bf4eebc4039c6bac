"""The generated help pages are what typer prints, and typer answers wherever it would differ."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from azjit.cli.app import command_tree
from azjit.help_pages import page_of
from harness import Cli

# Answers each command line at each width, first as the process does and then through typer.
PROBE = """
import io, json, os, sys
from contextlib import redirect_stdout
from azjit.__main__ import main

def shown(call):
    with redirect_stdout(io.StringIO()) as out:
        try:
            code = call()
        except SystemExit as exit:
            code = exit.code
    return [code, out.getvalue()]

def answer(argv):
    sys.argv = ["azjit", *argv]
    return shown(main)

def each(call):
    for width in widths:
        os.environ["COLUMNS"] = width
        yield [call(argv) for argv in lines]

lines, widths = json.loads(sys.argv[1])
pages = [*each(answer)]
loads_typer = "typer" in sys.modules
from azjit.cli.run import run
from azjit.process import real_process
typers = [*each(lambda argv: shown(lambda: run(argv, real_process())))]
print(json.dumps([loads_typer, pages, typers]))
"""


def help_lines(command: Any, path: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """Give every command line that asks for help; a group shows it without asking."""
    yield [*path, "--help"]
    yield [*path, "-h"]
    children = getattr(command, "commands", {})
    if children:
        yield [*path]
    for name, child in children.items():
        yield from help_lines(child, (*path, name))


LINES = list(help_lines(command_tree()))


def test_every_page_is_what_typer_prints() -> None:
    words = json.dumps([LINES, ["80", "100", "140"]])

    done = subprocess.run(
        [sys.executable, "-c", PROBE, words], capture_output=True, text=True, check=True
    )

    loads_typer, pages, typers = json.loads(done.stdout)
    assert not loads_typer
    for at_width, typers_own in zip(pages, typers, strict=True):
        assert dict(zip(map(" ".join, LINES), at_width, strict=True)) == dict(
            zip(map(" ".join, LINES), typers_own, strict=True)
        )
    assert {code for code, _ in pages[0]} == {0, 2}


@pytest.mark.parametrize("group", ["publisher", "consumer", "publisher package", "sandbox fault"])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_a_group_lists_all_its_commands_whatever_follows(cli: Cli, group: str, flag: str) -> None:
    words = [*group.split(), flag]
    whole, _ = page_of(words, {})

    for command in re.findall(r"^  ([a-z-]+) ", whole.partition("Commands:")[2], re.MULTILINE):
        assert (shown := cli(*words, command, sure=False)).code == 0, shown.err
        assert shown.out == whole


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_every_stream_can_carry_a_page(line: list[str]) -> None:
    page, _ = page_of(line, {})

    assert page.startswith("Usage: azjit")
    assert page.isascii()


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense", "--help"],
        ["publisher", "nonsense", "-h"],
        ["publisher", "nonsense"],
        ["publisher", "apps"],
        ["publisher", "request", "orders", "--help"],
        ["publisher", "request", "--role", "Reader", "--help"],
        ["publisher", "request", "--role", "--help"],
        ["--help", "publisher"],
        ["publisher", "--help", "apps"],
        ["publisher", "--help", "--help"],
        ["--debug", "--help"],
        ["-o", "json", "publisher", "--help"],
        ["publisher", "-o", "json", "apps", "--help"],
        ["--", "--help"],
        ["publisher", "--sandbox"],
        ["publisher apps", "--help"],
        ["publisher\nUsage:", "--help"],
        ["publisher\fconsumer", "--help"],
        ["...", "--help"],
        ["publisher", "...", "--help"],
        ["", "--help"],
        [""],
        ["help", "options"],
        ["Publisher", "--help"],
        ["--version", "--help"],
    ],
    ids=" ".join,
)
def test_anything_odd_is_for_typer(argv: list[str]) -> None:
    assert page_of(argv, {})[0] == ""


@pytest.mark.parametrize(
    "columns", ["79", "40", "1", "0", "-80", "wide", "8e2", " 80", "80000", "²"]
)
def test_a_width_that_may_be_narrow_is_for_typer(columns: str) -> None:
    assert page_of(["--help"], {"COLUMNS": columns})[0] == ""


@pytest.mark.parametrize("columns", ["80", "100", "999", ""])
def test_a_wide_screen_gets_the_page(columns: str) -> None:
    assert page_of(["--help"], {"COLUMNS": columns})[0] != ""


def test_without_the_pages_typer_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("azjit.help_pages.__file__", "/nowhere/help_pages.py")

    assert page_of(["--help"], {})[0] == ""


def on_terminal(width: int, script: str, environ: Mapping[str, str]) -> str:
    """Give what a python script prints on a terminal of some width."""
    outer, inner = pty.openpty()
    termios.tcsetwinsize(inner, (24, width))
    words = [sys.executable, "-c", script, "publisher", "request", "--help"]
    with subprocess.Popen(words, stdout=inner, env={**os.environ, **environ}) as process:
        os.close(inner)
        parts = []
        while part := read(outer):
            parts.append(part)
    os.close(outer)
    assert process.returncode == 0
    return b"".join(parts).decode().replace("\r\n", "\n")


def read(terminal: int) -> bytes:
    """Read from a terminal; on Linux its end is an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


MAIN = "from azjit.__main__ import main; main()"
TYPER = (
    "import sys; from azjit.cli.run import run; from azjit.process import real_process;"
    " sys.exit(run(sys.argv[1:], real_process()))"
)


@pytest.mark.parametrize("width", [60, 79, 80, 140, 0])
def test_a_terminal_shows_what_typer_prints_there(width: int) -> None:
    shown = on_terminal(width, MAIN, {})

    assert shown == on_terminal(width, TYPER, {})
    if width not in {60, 79}:
        assert shown == page_of(["publisher", "request", "--help"], {})[0]


def test_columns_counts_for_more_than_the_terminal() -> None:
    shown = on_terminal(140, MAIN, {"COLUMNS": "60"})

    assert shown == on_terminal(60, TYPER, {})
