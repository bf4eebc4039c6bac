"""A misspelled command line gets a suggestion, and sends nothing."""

from __future__ import annotations

import shlex

import pytest

from harness import Cli


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("help exitcodes", "no help on 'exitcodes'", "did you mean exit-codes? one of: "),
        ("schema reqest", "no result named 'reqest'", "did you mean request? one of: "),
        ("completion show bsh", "no completion for 'bsh'", "did you mean bash? one of: "),
        (
            "consumer approve x --reason y --route pmi",
            "invalid value for '--route': 'pmi' is not one of",
            "did you mean pim? see: azjit consumer approve --help",
        ),
        (
            "publisher wait x --for actve",
            "invalid value for '--for': 'actve' is not one of",
            "did you mean active? see: azjit publisher wait --help",
        ),
        (
            "consumer apps --auth clii",
            "--auth accepts ",
            "did you mean cli? see: azjit help options",
        ),
        ("consumer apps -o jsn", "--output accepts ", "did you mean json? see: azjit help options"),
        (
            "sandbox switch updat-access=ignored",
            "no switch is named 'updat-access'",
            "did you mean update-access? see: azjit sandbox switch",
        ),
        (
            "sandbox switch update-access=ignord",
            "update-access accepts honoured, ignored, forbidden, pim-linked, not 'ignord'",
            "did you mean ignored? see: azjit sandbox switch",
        ),
        (
            "sandbox fault add 53",
            "no fault is named '53'",
            "did you mean 503? see: azjit sandbox fault list --kinds",
        ),
        (
            "consumer apps --timezone Europe/Berln",
            "no time zone named 'Europe/Berln'",
            "did you mean Europe/Berlin?",
        ),
        (
            "publisher aproove x",
            "no such command 'aproove'",
            "did you mean: azjit consumer approve?",
        ),
        (
            "publisher approve x",
            "no such command 'approve'",
            "did you mean: azjit consumer approve?",
        ),
        ("request orders", "no such command 'request'", "did you mean: azjit publisher request?"),
        (
            "publisher reqest x",
            "no such command 'reqest'",
            "did you mean: azjit publisher request?",
        ),
        ("nonsense", "no such command 'nonsense'", "see: azjit --help"),
        (
            "-y consumer approve x",
            "no such option: -y",
            "this option follows its command: azjit COMMAND -y ...",
        ),
        (
            "publisher --role Reader request orders",
            "no such option: --role",
            "this option follows its command: azjit publisher COMMAND --role ...",
        ),
        (
            "publisher request orders --role Reader --durration 1h",
            "no such option: --durration",
            "did you mean --duration? see: azjit publisher request --help",
        ),
        (
            "publisher request orders --zzz",
            "no such option: --zzz",
            "see: azjit publisher request --help",
        ),
        (
            "publisher request orders",
            "missing option '--role'",
            "choose one of: azjit publisher roles orders",
        ),
        ("publisher show", "missing argument 'APP|REQUEST'", "see: azjit publisher show --help"),
    ],
)
def test_what_was_meant_is_said(cli: Cli, line: str, message: str, hint: str) -> None:
    result = cli(*shlex.split(line))

    assert result.code == 2
    assert result.error.startswith(message)
    assert f"next: {hint}" in result.err
    assert result.out == ""


def test_a_time_zone_is_checked_where_no_time_is_shown(cli: Cli) -> None:
    result = cli("consumer", "apps", environ={"AZJIT_TIMEZONE": "Nowhere/Else"})

    assert (result.code, result.out) == (2, "")


def test_a_person_that_the_sandbox_does_not_have(cli: Cli) -> None:
    result = cli("consumer", "apps", "--as", "bobb")

    assert result.code == 4
    assert result.error == "the sandbox has no person named 'bobb'"
    assert "next: did you mean bob? there are alice, " in result.err
    assert "AADSTS" not in result.err


@pytest.mark.parametrize("who", ["BOB", "bob@contoso.example"])
def test_a_person_by_any_name(cli: Cli, who: str) -> None:
    mine = cli("consumer", "apps", "--as", "bob", "-o", "json")

    result = cli("consumer", "apps", "--as", who, "-o", "json")

    assert result.code == 0
    assert result.json == mine.json != []


def test_a_world_file_that_is_not_there_is_named_once(cli: Cli) -> None:
    result = cli("sandbox", "seed", "--file", "/nonexistent")

    assert result.code == 3
    assert result.error == "/nonexistent cannot be read: No such file or directory"
    assert "next: create such a file: azjit sandbox export" in result.err


@pytest.mark.parametrize("command", ["list", "clear"])
def test_no_fault_is_said_at_a_terminal(cli: Cli, command: str) -> None:
    assert "no active faults" in cli("sandbox", "fault", command, tty=True).err
    assert cli("sandbox", "fault", command).err.count("no fault") == 0
