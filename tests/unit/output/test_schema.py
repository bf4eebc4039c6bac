from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from azjit.output.schema import RESULTS, schema_of
from harness import Cli
from package_file import make_package
from schemas import check


@pytest.mark.parametrize("kind", RESULTS)
def test_each_schema_is_itself_valid(kind: str) -> None:
    judge = Draft202012Validator(Draft202012Validator.META_SCHEMA)

    assert [fault.message for fault in judge.iter_errors(schema_of(kind))] == []


# A command for every kind of result; NAME is a request that waits, RECEIPT its receipt, PATH a
# package.
COMMANDS = {
    "applications": ["consumer apps", "publisher apps"],
    "application": ["consumer show orders", "consumer show ledger"],
    "access": ["consumer access"],
    "report": ["consumer report --format json", "publisher report -o json"],
    "requestActivity": ["consumer show NAME --activity"],
    "work": ["consumer history --activity --outside-grants"],
    "stop": ["consumer stop orders --reason x --yes"],
    "roles": ["publisher roles orders"],
    "requests": ["consumer pending", "publisher history", "consumer history --state denied"],
    "activity": ["consumer history --activity"],
    "checkup": ["doctor", "doctor --side publisher"],
    "request": [
        "publisher show NAME",
        "publisher request orders --role Contributor",
        "publisher wait NAME --for decided --timeout 1m",
    ],
    "decisions": [
        "consumer approve 338a9a54 --reason x",
        "consumer deny deadbeef --reason x",
        "publisher cancel NAME",
    ],
    "settings": [
        "consumer configure orders --max-duration 4h",
        "consumer configure orders --max-duration 8h --yes",
    ],
    "filings": ["publisher request orders nothing --role Contributor"],
    "settings-file": ["consumer settings export"],
    "settings-of-many": ["consumer configure orders shop-us/shop ledger --max-duration 2h --yes"],
    "contexts": ["config list"],
    "context": ["config set output=json", "config use default"],
    "setting": ["config get timezone"],
    "config-file": ["config path"],
    "cleared-cache": ["config clear-cache"],
    "explained": ["config explain"],
    "installation": ["completion install fish --dry-run"],
    "script": ["completion show zsh"],
    "findings": [
        "publisher package check PATH",
        "publisher check shop-eu/shop",
        "publisher offer check --offer fabrikam-orders --plan standard",
    ],
    "package-edit": ["publisher package add-jit PATH --dry-run"],
    "package-preview": ["publisher package preview PATH"],
    "refreshed": ["publisher refresh-permissions shop-eu/shop --as bob"],
    "offer": ["publisher offer show --offer fabrikam-orders --plan standard"],
    "pim-roles": ["publisher roles archive --pim --as dave", "publisher roles orders --pim"],
    "activation": [
        "publisher request orders --role 'Virtual Machine Contributor' --pim --reason x --ticket 1",
    ],
    "planned": ["publisher cancel NAME --dry-run"],
    "world": ["sandbox show"],
    "clock": ["sandbox clock", "sandbox clock +1h", "sandbox reset"],
    "counts": ["sandbox seed --apps 7 --requests 30"],
    "switches": ["sandbox switch", "sandbox switch orders"],
    "faults": ["sandbox fault add html --status 502 --next 2", "sandbox fault list"],
    "fault-kinds": ["sandbox fault list --kinds"],
    "environment": ["sandbox env", "sandbox env --as bob"],
    "world-file": ["sandbox export"],
    "topic": ["help sign-in"],
    "story": ["demo"],
    "receipts": ["receipts list --request NAME"],
    "receipt": ["receipts show RECEIPT"],
    "receipts-check": ["receipts verify"],
    "receipts-head": ["receipts head"],
    "receipts-export": ["receipts export --request NAME"],
    "receipts-ocsf": ["receipts export --format ocsf --request NAME"],
    "identity": ["whoami"],
    "api": ["api /subscriptions?api-version=2022-12-01"],
    "schema": ["schema roles", "schema", "sandbox seed --schema"],
}


@pytest.mark.parametrize("kind", RESULTS)
def test_what_commands_print_is_what_their_schema_says(kind: str, cli: Cli, tmp_path: Path) -> None:
    (cli.state / "sandbox" / "server.json").write_text('{"url": "https://localhost:1", "ca": "c"}')
    cli("config", "set", "timezone=UTC")
    package = tmp_path / "app.zip"
    make_package(package)
    known = {"PATH": str(package)}
    if any("NAME" in command or "RECEIPT" in command for command in COMMANDS[kind]):
        known["NAME"] = cli.file("orders")
        known["RECEIPT"] = cli("receipts", "list", "-o", "json").json[0]["id"]

    for command in COMMANDS[kind]:
        words = [known.get(word, word) for word in shlex.split(command)]
        result = cli(*words, "-o", "json")
        assert result.out, f"{command}: {result.err}"
        is_lines = "ocsf" in command  # an event per line, whatever -o says
        check(
            kind,
            [json.loads(each) for each in result.out.splitlines()] if is_lines else result.json,
        )


def test_the_command_prints_one_schema_or_all(cli: Cli) -> None:
    one, every = cli("schema", "roles"), cli("schema")

    assert json.loads(one.out)["title"] == "roles"
    assert set(json.loads(every.out)) == set(RESULTS)


def test_an_unknown_result_is_named(cli: Cli) -> None:
    result = cli("schema", "rolls")

    assert result.code == 2
    assert result.error == "no result named 'rolls'"
