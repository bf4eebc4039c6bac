from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from azjit.output.schema import RESULTS, schema_of
from harness import Cli


@pytest.mark.parametrize("kind", RESULTS)
def test_each_schema_is_itself_valid(kind: str) -> None:
    Draft202012Validator.check_schema(schema_of(kind))


def check(kind: str, text: str) -> None:
    Draft202012Validator(schema_of(kind)).validate(json.loads(text))


def test_what_commands_print_is_what_their_schema_says(cli: Cli) -> None:
    name = cli.file("orders")
    look = ("-o", "json")

    check("applications", cli("publisher", "apps", *look).out)
    check("applications", cli("consumer", "apps", *look).out)
    check("roles", cli("publisher", "roles", "orders", *look).out)
    check("requests", cli("consumer", "pending", *look).out)
    check("request", cli("publisher", "show", name, *look).out)
    check("application", cli("consumer", "show", "orders", *look).out)
    check("planned", cli("publisher", "cancel", name, "--dry-run", *look).out)
    check("decisions", cli("consumer", "approve", name, "--reason", "x", *look).out)
    check("decisions", cli("consumer", "approve", "deadbeef", "--reason", "x", *look).out)
    check("application", cli("consumer", "show", "ledger", *look).out)
    change = ("consumer", "configure", "orders", "--max-duration", "4h")
    check("settings", cli(*change, *look).out)
    check("requests", cli("publisher", "history", *look).out)
    check("checkup", cli("doctor", *look).out)
    check("activity", cli("consumer", "history", "--activity", *look).out)


def test_the_command_prints_one_schema_or_all(cli: Cli) -> None:
    one, every = cli("schema", "roles"), cli("schema")

    assert json.loads(one.out)["title"] == "roles"
    assert set(json.loads(every.out)) == set(RESULTS)


def test_an_unknown_result_is_named(cli: Cli) -> None:
    result = cli("schema", "rolls")

    assert result.code == 2
    assert result.error == "no result named 'rolls'"
