"""What users of the Azure CLI type works, or is answered with what to type instead."""

from __future__ import annotations

import pytest

from azjit import __version__
from azjit.settings import resolve
from harness import Cli


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_version_is_told_for_both_words(cli: Cli, word: str) -> None:
    done = cli(word)

    assert (done.code, done.out) == (0, f"azjit {__version__}\n")


@pytest.mark.parametrize(
    "path", ["publisher", "consumer approve", "publisher package", "doctor", "publisher offer show"]
)
def test_help_with_a_command_is_its_help(cli: Cli, path: str) -> None:
    assert cli("help", *path.split()).out == cli(*path.split(), "--help").out


def test_help_with_a_topic_is_the_topic(cli: Cli) -> None:
    done = cli("help", "sign-in")

    assert (done.code, "Kinds of sign-in" in done.out) == (0, True)


def test_verbose_logs_the_calls(cli: Cli) -> None:
    assert "GET " in cli("consumer", "apps", "--verbose").err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("AzureCloud", "public"),
        ("AzureUSGovernment", "usgov"),
        ("azurechinacloud", "china"),
        ("public", "public"),
    ],
)
def test_clouds_have_the_names_of_az_too(typed: str, meant: str) -> None:
    assert resolve({"cloud": typed}, {}).cloud == meant
    assert resolve({}, {"AZJIT_CLOUD": typed}).cloud == meant


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("login", "az login"),
        ("logout", "az logout"),
        ("account show", "azjit whoami"),
        ("consumer show -g contoso-apps -n orders", "GROUP/NAME"),
        ("consumer show --resource-group contoso-apps orders", "GROUP/NAME"),
        ("publisher request -n orders", "GROUP/NAME"),
    ],
)
def test_a_habit_of_az_is_answered_with_what_works_here(cli: Cli, line: str, hint: str) -> None:
    done = cli(*line.split())

    assert (done.code, done.out) == (2, "")
    assert hint in done.err


@pytest.mark.parametrize("line", ["publisher lst", "foo", "consumer frobnicate"])
def test_nothing_far_away_is_suggested(cli: Cli, line: str) -> None:
    done = cli(*line.split())

    assert done.code == 2
    assert "did you mean" not in done.err
