"""`azjit api` reads any path of Resource Manager, and never writes or leaves its host."""

from __future__ import annotations

import pytest

from harness import Cli

SUBSCRIPTIONS = "/subscriptions?api-version=2022-12-01"


@pytest.mark.parametrize("argv", [(), ("-o", "json")])
def test_api_prints_the_answer_as_json(cli: Cli, argv: tuple[str, ...]) -> None:
    told = cli("api", SUBSCRIPTIONS, *argv).json

    assert {each["displayName"] for each in told["value"]} >= {"Contoso Production"}


def test_api_takes_a_query(cli: Cli) -> None:
    done = cli("api", SUBSCRIPTIONS, "--query", "value[].displayName | [0]", "-o", "tsv")

    assert (done.code, len(done.out.splitlines())) == (0, 1)


@pytest.mark.parametrize(
    "path",
    [
        "subscriptions",
        "//evil.example/x",
        "/\\evil.example",
        "https://evil.example/x",
        "/a/../b",
        "/%2e%2e/b",
        "/a#b",
        "/a b",
        "/a\\b",
        "@evil.example/",
        "",
    ],
)
def test_api_leaves_its_host_for_no_path(cli: Cli, path: str) -> None:
    done = cli("api", path)

    assert (done.code, done.out) == (2, "")
    assert "is no path of Resource Manager" in done.error


@pytest.mark.parametrize("option", ["--method", "-X", "--body", "-d"])
def test_api_writes_nothing_and_names_what_does(cli: Cli, option: str) -> None:
    done = cli("api", option, "PUT", SUBSCRIPTIONS)

    assert (done.code, done.out) == (2, "")
    assert "az rest" in done.err


def test_a_refusal_is_told_as_any_other(cli: Cli) -> None:
    done = cli("api", "/subscriptions/00000000-0000-0000-0000-000000000000?api-version=2022-12-01")

    assert (done.code, done.out) == (3, "")
    assert "could not read /subscriptions/00000000" in done.error
