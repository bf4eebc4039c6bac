"""Every command: its help, its example, the common options, the exit codes."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from azjit.cli.app import command_tree
from azjit.cli.help_topics import EXIT_CODES
from azjit.errors import Exit
from azjit.options import OPTIONS
from azjit.output.render import show
from azjit.output.render.show import FORMATS
from azjit.output.view import View
from harness import Cli, Stream
from package_file import make_package
from schemas import check, kinds_of

ROOT = Path(__file__).parents[2]

# The verbs that the help of a command can begin with.
VERBS = frozenset(
    (
        *("Add", "Apply", "Approve", "Cancel", "Change", "Check", "Clear", "Create", "Deny"),
        *(
            "Explain",
            "Install",
            "List",
            "Make",
            "Print",
            "Remove",
            "Report",
            "Request",
            "Reset",
            "Revoke",
        ),
        *("Run", "Save", "Serve", "Set", "Show", "Stop", "Wait", "Write"),
    )
)
# It ends when somebody ends it: the page about the server runs it.
ENDLESS = {"sandbox serve"}
# One document each: it has no rows, and so no table.
DOCUMENTS = {"schema", "sandbox export"}
# What runs another command has no result of its own.
WITHOUT_RESULT = {"publisher run"}
ROWS = {"table", "csv", "tsv"}
# Options with which a run besides the one as pasted costs less.
QUICK = {"sandbox seed": ["--apps", "7", "--requests", "30"]}


def commands(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Give every command that does something, with the words that name it."""
    command = command or command_tree()
    if not hasattr(command, "commands"):
        yield " ".join(path), command
        return
    for name, child in command.commands.items():
        yield from commands(child, (*path, name))


COMMANDS = dict(commands())
NAMES = sorted(COMMANDS)


def example_of(name: str) -> str:
    _, _, told = (COMMANDS[name].help or "").partition("Example:")
    lines = [line.strip() for line in told.splitlines() if line.strip().startswith("azjit ")]
    return lines[0] if len(lines) == 1 else ""


def request_for(name: str, cli: Cli) -> str:
    """Give a request that the example can work on, as a person would have one."""
    request = cli.file("orders")
    if name in {"consumer revoke", "publisher extend", "publisher wait"}:
        cli.approve(request)
    return request


@pytest.mark.parametrize("name", NAMES)
def test_help_begins_with_a_verb(name: str) -> None:
    first = (COMMANDS[name].help or COMMANDS[name].get_short_help_str()).split()[0]

    assert first in VERBS


@pytest.mark.parametrize("name", NAMES)
def test_help_says_everything_in_a_line_of_its_own(name: str) -> None:
    summary = (COMMANDS[name].help or "").splitlines()[0]

    assert summary.endswith((".", "?")), "the first line of the docstring is a whole sentence"
    assert len(summary) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_help_has_one_example_of_this_very_command(name: str) -> None:
    assert example_of(name).startswith(f"azjit {name}")


def example_for(name: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a command's example, as its words, with all there that it needs."""
    example = example_of(name)
    monkeypatch.chdir(tmp_path)
    if name == "sandbox env":
        served = {"url": "https://localhost:1", "ca": "ca.pem"}
        (cli.state / "sandbox" / "server.json").write_text(json.dumps(served))
    if "REQUEST" in example:
        example = example.replace("REQUEST", request_for(name, cli))
    if "RECEIPT" in example:
        cli.approve(cli.file("orders"))
        example = example.replace("RECEIPT", cli.receipts()[-1]["id"])
    if "app.zip" in example:
        make_package(tmp_path / "app.zip")
    if name == "publisher offer check":
        cli(*shlex.split(example.replace("check", "enable-jit", 1))[1:], "--yes")
    if name.startswith("config "):
        cli("config", "set", "output=json")
    # Where the shell would put the result does not matter here.
    return shlex.split(example.partition(" > ")[0])[1:]


@pytest.mark.parametrize("name", sorted(set(NAMES) - ENDLESS))
def test_the_example_runs_as_pasted(
    name: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = example_for(name, cli, tmp_path, monkeypatch)

    result = cli(*words)

    assert result.code == Exit.DONE, result.err


@pytest.mark.parametrize("name", sorted(set(NAMES) - ENDLESS - DOCUMENTS - WITHOUT_RESULT))
def test_every_command_shows_a_table(
    name: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = example_for(name, cli, tmp_path, monkeypatch)

    result = cli(*words, *QUICK.get(name, []), "-o", "table")

    # What is not confirmed yet is shown all the same.
    assert result.code in {Exit.DONE, Exit.UNCONFIRMED}, result.err
    assert "\r" not in result.out


@pytest.mark.parametrize("form", sorted(ROWS))
@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_document_has_no_rows(name: str, form: str, cli: Cli) -> None:
    result = cli(*name.split(), "-o", form)

    assert (result.code, result.out) == (Exit.USAGE, "")
    assert f"no rows for {form}" in result.error


@dataclass(frozen=True)
class Shown:
    """The result of one run, which can be shown again in any format."""

    view: View
    target: show.Target

    def again(self, form: str, query: str | None = None) -> str:
        stream = Stream()
        show.show(self.view, self.target._replace(stdout=stream, format=form, query=query))
        return stream.getvalue()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Shown]:
    """What the commands of a test show from here on, in their order."""
    heard: list[Shown] = []
    plain = show.show

    def hear(view: View, target: show.Target) -> None:
        kept = view._replace(items=list(view.items))
        heard.append(Shown(kept, target))
        plain(kept, target)

    monkeypatch.setattr(show, "show", hear)
    return heard


@pytest.mark.parametrize("name", sorted(set(NAMES) - ENDLESS - WITHOUT_RESULT))
def test_every_command_gives_its_result_in_every_format_and_lets_a_query_pick(
    name: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: list[Shown]
) -> None:
    words = example_for(name, cli, tmp_path, monkeypatch)

    result = cli(*words, *QUICK.get(name, []), "-o", "json")

    assert result.code in {Exit.DONE, Exit.UNCONFIRMED}, result.err
    assert shown[-1].again("json") == result.out
    kinds = kinds_of(name)
    assert kinds, f"azjit schema knows no result of azjit {name}"
    is_planned = "--dry-run" in words and isinstance(result.json, list)
    check("planned" if is_planned else kinds[0], result.json)
    for form in set(FORMATS) - {"table"}:
        assert is_readable(form, shown[-1].again(form)), form
    assert shown[-1].again("json", "type(@)") in {'"array"\n', '"object"\n'}


def is_readable(form: str, text: str) -> bool:
    """Whether users of a format can read it; what they take for a fault of it may also raise."""
    if form == "none":
        return text == ""
    if form == "json":
        return json.loads(text) is not None
    if form == "jsonl":
        return len([json.loads(line) for line in text.splitlines()]) == text.count("\n")
    if form == "yaml":
        return yaml.safe_load(text) is not None
    if form == "csv":
        return len({len(row) for row in csv.reader(io.StringIO(text, newline=""))}) <= 1
    return "\r" not in text


@pytest.mark.parametrize("name", NAMES)
def test_every_command_takes_the_common_options(name: str) -> None:
    taken = {flag for parameter in COMMANDS[name].params for flag in parameter.opts}

    assert {option.flag for option in OPTIONS} <= taken


@pytest.mark.parametrize("name", NAMES)
def test_every_option_says_what_it_does(name: str) -> None:
    silent = [p.name for p in COMMANDS[name].params if not getattr(p, "help", None)]

    assert silent == []


def test_the_help_topic_has_every_exit_code() -> None:
    assert set(EXIT_CODES) == set(Exit)


def test_help_exit_codes_shows_them_all(cli: Cli) -> None:
    shown = cli("help", "exit-codes").out

    for code, text in EXIT_CODES.items():
        assert re.search(rf"^ +{int(code)} +{re.escape(text)}$", shown, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "docs/how-to/in-scripts.md"])
def test_the_pages_have_every_exit_code(page: str) -> None:
    rows = [line for line in (ROOT / page).read_text().splitlines() if line.startswith("| ")]
    cells = [cell for row in rows for cell in re.findall(r"(?<=\| )([\d, ]+)(?= \|)", row)]
    codes = {int(code) for cell in cells for code in cell.split(", ")}

    assert codes == {int(code) for code in Exit}
