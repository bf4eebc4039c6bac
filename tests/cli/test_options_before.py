"""The common options before the command: at the root or a group, they mean what they mean after."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from azjit.options import OPTIONS
from harness import Cli
from package_file import make_package

GUID = "fa11d9a1-0ff9-5600-a23b-4ed7c79661c3"
# A value that each option accepts, and a command whose result depends on it.
ACCEPTED = {
    "output": ("json", "publisher apps"),
    "query": ("[0].name", "publisher apps -o json"),
    "limit": ("1", "publisher apps -o json"),
    "context": ("work", "config explain"),
    "tenant": ("contoso.example", "config explain"),
    "expect-tenant": (GUID, "config explain"),
    "subscription": (GUID, "config explain"),
    "cloud": ("usgov", "config explain"),
    "authority": ("https://login.example", "config explain"),
    "auth": ("env", "config explain"),
    "timezone": ("Europe/Berlin", "config explain"),
    "receipts-shared": ("/elsewhere", "config explain"),
    "state-dir": ("elsewhere", "config explain"),
    "refresh": ("", "config explain"),
    "no-token-cache": ("", "config explain"),
    "quiet": ("", "config explain"),
    "debug": ("", "config explain"),
    "sandbox": ("", "config explain"),
    "as": ("dave", "config explain"),
}
REFUSED = {
    "output": "jsn",
    "query": "[",
    "limit": "0",
    "context": "nowhere",
    "tenant": "a b",
    "expect-tenant": "contoso",
    "subscription": "x",
    "cloud": "nowhere",
    "authority": "login.example",
    "auth": "clii",
    "timezone": "Europe/Berln",
    "receipts-shared": "share",
    "as": "bobb",
}


@pytest.fixture(autouse=True)
def work(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder, with a context to choose."""
    monkeypatch.chdir(tmp_path)
    cli("config", "set", "side=consumer", "--context", "home")
    cli("config", "set", "output=yaml", "--context", "work")


def test_every_option_is_tried() -> None:
    assert {f"--{name}" for name in ACCEPTED} == {option.flag for option in OPTIONS}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_option_means_the_same_before_and_after_the_command(cli: Cli, name: str) -> None:
    value, line = ACCEPTED[name]
    group, *rest = line.split()
    option = [f"--{name}", value] if value else [f"--{name}"]

    after = cli(group, *rest, *option)
    at_group = cli(group, *option, *rest)
    at_root = cli(*option, group, *rest, environ={"AZJIT_AS": "alice"})

    assert after.code == 0, after.err
    assert after.out != cli(group, *rest).out
    assert at_root == at_group == after


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_value_is_refused_in_the_same_words(cli: Cli, name: str) -> None:
    after = cli("publisher", "apps", f"--{name}", REFUSED[name])
    at_root = cli(f"--{name}", REFUSED[name], "publisher", "apps")

    assert after.code != 0
    assert at_root == after


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "yaml", "csv", "tsv", "none"])
@pytest.mark.parametrize("typed", ["-o {}", "-o{}", "--output {}", "--output={}"])
def test_a_format_before_the_command(cli: Cli, form: str, typed: str) -> None:
    before = cli(*typed.format(form).split(), "publisher", "apps")

    assert before == cli("publisher", "apps", "-o", form)


@pytest.mark.parametrize(
    "line",
    [
        "-o yaml config list -o json",
        "config -o yaml list -o json",
        "-o yaml config -o json list",
        "-o yaml -o json config list",
        "-o csv config -o yaml list -o json",
    ],
)
def test_of_two_the_last_one_applies(cli: Cli, line: str) -> None:
    assert cli(*line.split()) == cli("config", "list", "-o", "json")


def test_a_flag_overrides_its_variable_before_the_command(cli: Cli) -> None:
    result = cli("-o", "json", "config", "list", environ={"AZJIT_OUTPUT": "yaml"})

    assert result == cli("config", "list", "-o", "json")


def test_options_before_a_group_in_a_group(cli: Cli) -> None:
    result = cli("-o", "json", "sandbox", "fault", "list", "--kinds")

    assert result == cli("sandbox", "fault", "list", "--kinds", "-o", "json")


def test_an_option_before_a_command_is_not_its_own_of_the_same_name(cli: Cli) -> None:
    make_package(Path("app.zip"))

    result = cli("--output", "json", "publisher", "package", "add-jit", "app.zip", "--dry-run")

    assert result.code == 0, result.err
    assert isinstance(result.json, dict)
    assert not Path("json").exists()


def test_a_group_without_a_command_shows_its_help(cli: Cli) -> None:
    assert cli("-o", "json", "publisher") == cli("publisher")


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("--outptu json publisher apps", "no such option: --outptu", "did you mean --output? see:"),
        ("--zzz publisher apps", "no such option: --zzz", "see: azjit --help"),
        ("publisher --zzz apps", "no such option: --zzz", "see: azjit publisher --help"),
        ("-o", "option '-o' requires an argument", "see: azjit --help"),
        ("-o json", "missing command", "see: azjit --help"),
        ("-o json nonsense", "no such command 'nonsense'", "see: azjit --help"),
        ("-o json publisher aps", "no such command 'aps'", "did you mean: azjit publisher apps?"),
        ("--sandbox=1 publisher apps", "option '--sandbox' does not take a value", "see: azjit"),
        ("--as=bob publisher nonsense", "no such command 'nonsense'", "see: azjit publisher"),
    ],
)
def test_mistakes_before_the_command(cli: Cli, line: str, message: str, hint: str) -> None:
    result = cli(*shlex.split(line))

    assert (result.code, result.out) == (2, "")
    assert result.error.startswith(message)
    assert f"next: {hint}" in result.err
