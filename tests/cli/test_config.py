"""Named contexts: saved in TOML, selected by flag, variable or `use`, and explained."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from azjit.options import KEYS
from azjit.store.disk import locked
from azjit.store.locations import config_file
from harness import Cli

PROD = "11111111-1111-4111-8111-111111111111"


def written(cli: Cli, text: str) -> Path:
    cli.config.parent.mkdir(parents=True, exist_ok=True)
    cli.config.write_text(text)
    return cli.config


def row(name: str, current: str, **kept: str) -> str:
    """A context as TSV: every key has its place, whether it is kept or not."""
    return "\t".join([name, current, *(kept.get(key, "") for key in KEYS)]) + "\n"


def told(cli: Cli, setting: str, *more: str, **environ: str) -> tuple[object, str, str | None]:
    """What `explain` says of one setting."""
    # The harness acts as somebody of the sandbox, which is not what is explained here.
    real = {"AZJIT_SANDBOX": "", "AZJIT_AS": "", **environ}
    result = cli("config", "explain", "-o", "json", *more, environ=real)
    assert result.code == 0, result.err
    (row,) = [row for row in result.json if row["setting"] == setting]
    return row["value"], row["source"], row["where"]


# Set, get, unset


def test_the_first_context_is_made_and_becomes_the_current_one(cli: Cli) -> None:
    result = cli("config", "set", "output=json", f"tenant={PROD}", tty=True)

    assert result.code == 0
    assert result.out == f"Context  default\nCurrent  yes\nOutput   json\nTenant   {PROD}\n"
    assert cli.config.read_text() == (
        f'current = "default"\n\n[contexts.default]\noutput = "json"\ntenant = "{PROD}"\n'
    )


def test_set_in_a_pipe_and_as_json(cli: Cli) -> None:
    piped = cli("config", "set", "timezone=UTC")
    data = cli("config", "set", "auth=cli", "-o", "json")

    assert piped.out == row("default", "true", timezone="UTC")
    assert data.json == {
        "name": "default",
        "current": True,
        "settings": {"timezone": "UTC", "auth": "cli"},
    }


def test_a_second_context_does_not_become_the_current_one(cli: Cli) -> None:
    cli("config", "set", "output=json")

    cli("config", "set", "--context", "prod", "cloud=usgov")

    listed = cli("config", "list", "-o", "json")
    assert [(one["name"], one["current"]) for one in listed.json] == [
        ("default", True),
        ("prod", False),
    ]


def test_get_prints_the_bare_value(cli: Cli) -> None:
    cli("config", "set", "timezone=Europe/Berlin")

    assert cli("config", "get", "timezone").out == "Europe/Berlin\n"
    assert cli("config", "get", "timezone", tty=True).out == "Europe/Berlin\n"
    assert cli("config", "get", "timezone", "-o", "json").json == {
        "key": "timezone",
        "value": "Europe/Berlin",
    }


def test_get_of_what_is_not_kept_exits_3(cli: Cli) -> None:
    cli("config", "set", "output=json")

    result = cli("config", "get", "tenant")

    assert result.code == 3
    assert result.error == "context 'default' has no tenant"


def test_unset_forgets_and_may_be_repeated(cli: Cli) -> None:
    cli("config", "set", "output=csv", "auth=cli")

    first, second = (cli("config", "unset", "output", "-o", "tsv") for _ in "12")

    assert (first.code, second.code) == (0, 0)
    assert first.out == second.out == row("default", "true", auth="cli")


def test_unset_mends_an_unknown_key(cli: Cli) -> None:
    written(cli, 'current = "a"\n[contexts.a]\nnonsense = "x"\n')
    assert cli("publisher", "apps").code == 2

    assert cli("config", "unset", "nonsense").code == 0

    assert cli("publisher", "apps").code == 0


def test_without_any_context_get_says_how_to_make_one(cli: Cli) -> None:
    result = cli("config", "get", "output")

    assert result.code == 2
    assert result.error == "there is no current context"
    assert "azjit config set KEY=VALUE" in result.err


@pytest.mark.parametrize(
    ("pair", "error"),
    [
        ("output=jsn", "output accepts table, json, jsonl, yaml, csv, tsv, none, not 'jsn'"),
        ("tenant=a b", "tenant accepts a GUID or a domain name, not 'a b'"),
        ("subscription=,", "subscription accepts ids or names, separated by commas, not ','"),
        ("cloud=mars", "no cloud named 'mars'"),
        ("cloud=http://arm.example", "no cloud named 'http://arm.example'"),
        ("timezone=Mars/Olympus", "no time zone named 'Mars/Olympus'"),
        ("tenant=", "tenant is empty"),
        ("tennant=x", "no setting is named 'tennant'"),
        ("limit=3", "a context cannot set 'limit'"),
        ("tenant", "a setting is KEY=VALUE"),
    ],
)
def test_a_value_is_checked_when_it_is_set(cli: Cli, pair: str, error: str) -> None:
    result = cli("config", "set", pair)

    assert result.code == 2
    assert result.error == error
    assert not cli.config.exists()


def test_a_mistyped_key_is_guessed_at_and_never_set(cli: Cli) -> None:
    assert "did you mean tenant?" in cli("config", "set", "tennant=x").err


@pytest.mark.parametrize(
    "key", ["client-secret", "password", "ACCESS_TOKEN", "api-key", "certificate", "pat"]
)
def test_secrets_are_not_kept_and_not_repeated(cli: Cli, key: str) -> None:
    result = cli("config", "set", f"{key}=hunter2")

    assert result.code == 2
    assert result.error == f"{key!r} looks like a secret; azjit stores no secrets"
    assert "hunter2" not in result.out + result.err
    assert not cli.config.exists()


@pytest.mark.parametrize("pair", ["sandbox=1", "as=alice", "cloud=https://localhost:8443"])
def test_no_context_turns_azure_into_the_sandbox(cli: Cli, pair: str) -> None:
    result = cli("config", "set", pair)

    assert result.code == 2
    assert "sandbox" in result.error


@pytest.mark.parametrize(
    "line", ["sandbox = true", 'as = "alice"', 'cloud = "https://127.0.0.1:8443/"']
)
def test_a_file_written_by_hand_does_not_either(cli: Cli, line: str) -> None:
    path = written(cli, f'current = "a"\n[contexts.a]\n{line}\n')

    result = cli("publisher", "apps", environ={"AZJIT_SANDBOX": "", "AZJIT_AS": ""})

    assert result.code == 2
    assert result.error.startswith(f"{path}:3: ")
    assert "sandbox" in result.error


def test_a_context_needs_a_plain_name(cli: Cli) -> None:
    result = cli("config", "set", "output=json", "--context", "a/b")

    assert result.code == 2
    assert result.error == "'a/b' is not a valid name of a context"


# Use, remove, list, path


def test_use_changes_the_current_one(cli: Cli) -> None:
    cli("config", "set", "output=json")
    cli("config", "set", "--context", "prod", "output=csv")

    used = cli("config", "use", "prod", "-o", "json")

    assert used.json["current"] is True
    assert cli("publisher", "apps").out.startswith("name,") or "," in cli("publisher", "apps").out


def test_use_of_an_unknown_one_exits_2_and_guesses(cli: Cli) -> None:
    cli("config", "set", "output=json", "--context", "prod")

    result = cli("config", "use", "pord")

    assert result.code == 2
    assert result.error == "no context named 'pord'"
    assert "did you mean prod?" in result.err


def test_remove_forgets_a_context_and_that_it_was_current(cli: Cli) -> None:
    cli("config", "set", "output=json", "--context", "prod")

    removed = cli("config", "remove", "prod", "-o", "table", tty=True)

    assert removed.code == 0
    assert removed.out == "Context  prod\nCurrent  yes\nOutput   json\n"
    assert cli.config.read_text().strip() == ""
    assert cli("config", "remove", "prod").code == 2


def test_list_on_a_terminal(cli: Cli) -> None:
    cli("config", "set", "output=json")
    cli("config", "set", "--context", "prod", "tenant=fabrikam.example", "cloud=usgov")

    listed = cli("config", "list", "-o", "table", tty=True)

    assert listed.out.splitlines()[0].split()[:3] == ["Context", "Current", "Output"]
    assert listed.out.splitlines()[1].split() == ["default", "yes", "json"]
    assert listed.out.splitlines()[2].split() == ["prod", "no", "fabrikam.example", "usgov"]


def test_an_empty_list_ends_with_the_next_command(cli: Cli) -> None:
    listed = cli("config", "list", tty=True)

    assert (listed.code, listed.out) == (0, "")
    assert "azjit config set --context NAME" in listed.err
    assert cli("config", "list", "-o", "json").json == []


def test_path_prints_where_the_file_is_even_if_it_is_broken(cli: Cli) -> None:
    path = written(cli, "nonsense")

    assert cli("config", "path").out == f"{path}\n"
    assert cli("config", "path", "-o", "json").json == {"path": str(path), "exists": True}


def test_a_byte_order_mark_is_read_and_kept(cli: Cli) -> None:
    path = written(cli, "")
    path.write_bytes(
        b'\xef\xbb\xbfcurrent = "a"\r\n\r\n[contexts.a]\r\ntimezone = "Europe/Berlin"\r\n'
    )

    assert cli("config", "get", "timezone").out == "Europe/Berlin\n"
    assert cli("config", "set", "output=json").code == 0
    assert path.read_bytes().startswith(b'\xef\xbb\xbfcurrent = "a"')


# Which of them holds


def test_flag_before_variable_before_context_before_default(cli: Cli) -> None:
    path = written(cli, 'current = "a"\n\n[contexts.a]\ncloud = "usgov"\n')

    assert told(cli, "cloud", "--cloud", "china", AZJIT_CLOUD="public") == (
        "china",
        "flag",
        "--cloud",
    )
    assert told(cli, "cloud", AZJIT_CLOUD="china") == ("china", "variable", "AZJIT_CLOUD")
    assert told(cli, "cloud") == ("usgov", "context", f"{path}:4")
    path.unlink()
    assert told(cli, "cloud") == ("public", "default", None)
    assert told(cli, "tenant") == (None, "none", None)


def test_flag_before_variable_before_current_for_the_context_itself(cli: Cli) -> None:
    text = "".join(f'[contexts.{name}]\ntimezone = "UTC"\n' for name in ("a", "b", "c"))
    path = written(cli, f'current = "a"\n{text}')

    assert told(cli, "context", "--context", "c", AZJIT_CONTEXT="b") == ("c", "flag", "--context")
    assert told(cli, "context", AZJIT_CONTEXT="b") == ("b", "variable", "AZJIT_CONTEXT")
    assert told(cli, "context") == ("a", "context", f"{path}:1")


def test_explain_on_a_terminal_and_in_a_pipe(cli: Cli) -> None:
    path = written(cli, 'current = "a"\n[contexts.a]\nauth = "cli"\n')
    real = {"AZJIT_SANDBOX": "", "AZJIT_AS": "", "AZJIT_TENANT": "fabrikam.example"}

    shown = cli("config", "explain", tty=True, width=1000, environ=real)
    piped = cli("config", "explain", environ=real)

    lines = [line.split() for line in shown.out.splitlines()]
    assert ["tenant", "fabrikam.example", "variable", "AZJIT_TENANT"] in lines
    assert ["auth", "cli", "context", f"{path}:3"] in lines
    assert f"auth\tcli\tcontext\t{path}:3" in piped.out.splitlines()


def test_what_leads_to_azure_does_not_reach_the_sandbox(cli: Cli) -> None:
    path = written(cli, f'current = "a"\n[contexts.a]\ntenant = "{PROD}"\noutput = "json"\n')

    apps = cli("publisher", "apps")

    assert apps.code == 0
    assert [one["name"] for one in apps.json][:1], "the sandbox's own, as JSON"
    tenant = told(cli, "tenant", AZJIT_SANDBOX="1")
    assert tenant == (None, "none", f"{path}:3 is not for the sandbox")


def test_nor_a_sandbox_that_is_served(served: Cli) -> None:
    written(served, f'current = "a"\n[contexts.a]\ntenant = "{PROD}"\noutput = "json"\n')

    apps = served("publisher", "apps")

    assert apps.code == 0, apps.err
    assert apps.json


# Files that are not as they should be


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('current = "a"\n[contexts.a\n', ":2: expected "),
        ('[contexts.a]\n\ntennant = "x"\n', ":3: no setting is named 'tennant'"),
        ('[contexts.a]\nlimit = "x"\n', ":2: a context cannot set 'limit'"),
        (
            '[contexts.a]\noutput = "jsn"\n',
            ":2: output accepts table, json, jsonl, yaml, csv, tsv, none, not 'jsn'",
        ),
        ("[contexts.a]\nauth = 3\n", ":2: auth accepts a string in quotes"),
        ('[contexts.a]\nclient_secret = "x"\n', ":2: 'client_secret' looks like a secret"),
        ('tenant = "x"\n[contexts.a]\n', ":1: 'tenant' stands outside a context"),
        ('current = "b"\n[contexts.a]\n', ":1: no context named 'b'"),
        ("current = 3\n[contexts.a]\n", ":1: current accepts a string in quotes"),
        ("contexts = 3\n", ": contexts is not a table"),
        ("[contexts]\na = 3\n", ": context 'a' is not a table"),
    ],
)
def test_a_wrong_file_is_one_line_with_its_place(cli: Cli, text: str, error: str) -> None:
    path = written(cli, text)
    has_current = "current" in text or "[contexts.a]" not in text

    result = cli("publisher", "apps", *(() if has_current else ("--context", "a")))

    assert result.code == 2
    assert result.error.startswith(f"{path}{error}")
    assert result.out == ""


def test_a_file_that_is_no_utf8_or_cannot_be_read(cli: Cli) -> None:
    path = written(cli, "")
    path.write_bytes(b"\xff")
    assert cli("publisher", "apps").error == f"{path} is not UTF-8"

    path.unlink()
    path.mkdir()

    result = cli("publisher", "apps")
    assert (result.code, result.error) == (2, f"{path} cannot be read: Is a directory")


def test_an_unknown_context_asked_for_exits_2(cli: Cli) -> None:
    bare = cli("publisher", "apps", "--context", "prod")
    cli("config", "set", "output=json", "--context", "prod")
    near = cli("publisher", "apps", environ={"AZJIT_CONTEXT": "prdo"})

    assert (bare.code, bare.error) == (2, "no context named 'prod'")
    assert (near.code, near.error) == (2, "no context named 'prdo'")
    assert "did you mean prod?" in near.err


def test_help_needs_no_configuration(cli: Cli) -> None:
    written(cli, "nonsense")

    topic, command = cli("help", "options"), cli("publisher", "apps", "--help")

    assert (topic.code, command.code) == (0, 0)
    assert "--subscription" in topic.out
    assert "azjit publisher apps" in command.out


# How the file is written


def test_comments_order_and_what_else_is_there_stay(cli: Cli) -> None:
    path = written(
        cli,
        "# ours\n"
        'current = "b"  # for now\n\n'
        "[contexts.b]\n"
        "# the customer in Berlin\n"
        'timezone = "Europe/Berlin"\n'
        'output = "json"  # scripts\n\n'
        "[contexts.a]\n"
        'output = "csv"\n',
    )

    cli("config", "set", "output=tsv", "auth=cli")

    assert path.read_text() == (
        "# ours\n"
        'current = "b"  # for now\n\n'
        "[contexts.b]\n"
        "# the customer in Berlin\n"
        'timezone = "Europe/Berlin"\n'
        'output = "tsv"  # scripts\n'
        'auth = "cli"\n\n'
        "[contexts.a]\n"
        'output = "csv"\n'
    )


def test_an_unusual_form_is_left_alone_rather_than_spoiled(cli: Cli) -> None:
    text = 'contexts = {a = {output = "json"}}\n'
    path = written(cli, text)

    result = cli("config", "set", "output=csv", "--context", "b")

    assert result.code == 1
    assert result.error == f"{path} cannot be edited safely in its present form"
    assert path.read_text() == text


def test_the_file_is_for_its_owner_only(cli: Cli) -> None:
    cli("config", "set", "output=json")

    assert stat.S_IMODE(cli.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(cli.config.parent.stat().st_mode) == 0o700


def test_a_link_stays_a_link(cli: Cli, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "azjit.toml"
    real.parent.mkdir()
    real.write_text("# kept elsewhere\n")
    cli.config.parent.mkdir()
    cli.config.symlink_to(real)

    cli("config", "set", "output=json")

    assert cli.config.is_symlink()
    assert real.read_text().startswith("# kept elsewhere\n")
    assert 'output = "json"' in real.read_text()


def test_a_place_that_cannot_be_written_is_said(cli: Cli) -> None:
    cli.config.parent.parent.mkdir(exist_ok=True)
    cli.config.parent.write_text("a file where a folder should be")

    result = cli("config", "set", "output=json")

    assert result.code in {1, 2}
    assert str(cli.config) in result.error


def test_a_file_that_another_azjit_is_changing_is_left_to_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("azjit.store.contexts._LOCK_SECONDS", 0.0)
    cli.config.parent.mkdir()

    with locked(cli.config.with_name(".config.toml.lock"), seconds=0):
        result = cli("config", "set", "output=json")

    assert result.code == 1
    assert result.error == f"{cli.config} is being changed by another azjit"


def test_a_disk_that_takes_nothing_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("azjit.store.disk.replace", full)

    result = cli("config", "set", "output=json")

    assert result.code == 1
    assert result.error == f"{cli.config} cannot be written: No space left on device"


def test_remove_of_another_leaves_the_current_one(cli: Cli) -> None:
    written(cli, 'current = "a"\n[contexts.a]\noutput = "csv"\n[contexts.b]\n')

    cli("config", "remove", "b")

    assert cli.config.read_text() == 'current = "a"\n[contexts.a]\noutput = "csv"\n'


def test_remove_leaves_the_others(cli: Cli) -> None:
    written(cli, 'current = "a"\n[contexts.a]\n[contexts.b]\noutput = "csv"\n')

    cli("config", "remove", "a")

    assert cli.config.read_text() == '[contexts.b]\noutput = "csv"\n'


def test_two_writers_lose_nothing(cli: Cli) -> None:
    environ = {**os.environ, "AZJIT_CONFIG_DIR": str(cli.config.parent)}
    names = [f"c{number}" for number in range(6)]
    line = [sys.executable, "-m", "azjit", "config", "set", "output=json", "--context"]

    writers = [
        subprocess.Popen([*line, name], env=environ, stdout=subprocess.DEVNULL) for name in names
    ]

    assert [writer.wait(60) for writer in writers] == [0] * len(names)
    listed = cli("config", "list", "-o", "json").json
    assert sorted(one["name"] for one in listed) == names


def test_without_a_file_nothing_of_toml_is_loaded(cli: Cli) -> None:
    environ = {**os.environ, "AZJIT_CONFIG_DIR": str(cli.config.parent)}
    look = (
        "import sys; from azjit.services.configuring.contexts import resolve_settings;"
        "began = set(sys.modules);"
        f"resolve_settings({{}}, {environ!r});"
        "print(sorted(m for m in set(sys.modules) - began if not m.startswith('encodings')))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", look], env=environ, check=True, capture_output=True, text=True
    )

    assert loaded.stdout == "[]\n"


def test_the_place_is_the_one_that_platformdirs_gives(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    platformdirs = pytest.importorskip("platformdirs")
    for variables in ({}, {"XDG_CONFIG_HOME": str(tmp_path / "x")}):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        environ = {"HOME": os.environ["HOME"], **variables}

        expected = str(Path(platformdirs.user_config_dir("azjit", appauthor=False)) / "config.toml")

        assert config_file(environ) == expected


def test_the_list_shows_what_a_context_keeps_and_no_empty_columns(cli: Cli) -> None:
    tenant = "43d6cf76-e6b5-5558-9d34-e89982865423"
    cli("config", "set", f"tenant={tenant}", "--context", "prod")

    shown = cli("config", "list", tty=True)
    piped = cli("config", "list")

    assert shown.out.splitlines()[0].split() == ["Context", "Current", "Tenant"]
    assert tenant in shown.out
    assert len(piped.out.splitlines()[0].split("\t")) == 12


def test_a_context_says_for_whom_doctor_looks(cli: Cli) -> None:
    cli("config", "set", "--context", "shop", "side=publisher")

    by_context = cli("doctor", "--context", "shop", "-o", "json", environ={"AZJIT_AS": "alice"})
    by_flag = cli("doctor", "--context", "shop", "--side", "consumer", "-o", "json")
    by_variable = cli(
        "doctor", "-o", "json", environ={"AZJIT_SIDE": "publisher", "AZJIT_AS": "alice"}
    )

    publishers = {found["code"] for found in by_context.json}
    assert "DOC110" in publishers or "DOC113" in publishers
    assert {found["code"] for found in by_variable.json} == publishers
    assert "DOC102" in {found["code"] for found in by_flag.json}


def test_a_side_reaches_no_command_that_has_one(cli: Cli) -> None:
    cli("config", "set", "--context", "shop", "side=publisher")

    seen = cli("consumer", "apps", "--context", "shop", "-o", "json")

    assert len(seen.json) == 7


def test_a_side_is_one_of_two(cli: Cli) -> None:
    wrong = cli("config", "set", "--context", "shop", "side=customer")
    explained = cli("config", "explain", "-o", "json", environ={"AZJIT_SIDE": "publisher"})

    assert wrong.code == 2
    assert "consumer, publisher" in wrong.error
    row = next(each for each in explained.json if each["setting"] == "side")
    assert (row["value"], row["where"]) == ("publisher", "AZJIT_SIDE")
