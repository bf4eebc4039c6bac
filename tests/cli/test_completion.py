"""Completion: its candidates, its cost and its scripts; shells/ tests real shells."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from azjit.complete.answer import answer
from azjit.complete.installation import SCRIPTS, script_of
from azjit.complete.tree import CHOICES, COMMANDS, GROUPS
from azjit.options import OPTIONS
from azjit.store import completion_reader
from azjit.store.names import KnownApplication, KnownNames, KnownRequest
from harness import Cli

ROOT = Path(__file__).parents[2]
BREAKS = " \t\n\"'@><=;|&(:"
REQUEST = "338a9a54-872d-5f1a-965a-c46f21c219fc"
OLDER = "31df087a-d458-5b34-ba82-5e1dd049c4ac"
START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "AZJIT_STATE_DIR": str(tmp_path / "state"),
        "AZJIT_CONFIG_DIR": str(tmp_path / "config"),
    }


def names(place: Path, at: datetime = START) -> KnownNames:
    return KnownNames(place, now=lambda: at)


def application(name: str, group: str = "group") -> KnownApplication:
    return KnownApplication(f"/subscriptions/s/{group}/{name}", name, group, "mrg")


def offered(environ: dict[str, str], *words: str) -> list[str]:
    """The values offered for the last word, as zsh and fish are told."""
    return [line.partition("\t")[0] for line in answer(["zsh", *words], environ).splitlines()]


def replies(environ: dict[str, str], line: str, comp_type: str = "9") -> list[str]:
    return answer(["bash", line, comp_type, BREAKS], environ).splitlines()


# Commands and options


def test_every_command_is_offered_with_a_word_about_it(environ: dict[str, str]) -> None:
    told = answer(["fish", "publisher", "hi"], environ)

    assert told == f"history\t{GROUPS['publisher']['history']}\n"
    assert set(GROUPS[""]) == set(offered(environ, ""))


def test_nested_groups(environ: dict[str, str]) -> None:
    assert offered(environ, "publisher", "package", "add") == ["add-jit"]


def test_own_options_come_before_the_common_ones(environ: dict[str, str]) -> None:
    found = offered(environ, "publisher", "request", "orders", "--")

    assert found.index("--role") < found.index("--output") < found.index("--help")
    assert {option.flag for option in OPTIONS} <= set(found)


def test_an_option_is_offered_once_unless_it_may_repeat(environ: dict[str, str]) -> None:
    once = offered(environ, "publisher", "apps", "-o", "json", "--")
    again = offered(environ, "consumer", "configure", "x", "--add-approver", "y", "--")

    assert "--output" not in once
    assert "--add-approver" in again


def test_options_that_are_hidden_stay_hidden(environ: dict[str, str]) -> None:
    assert "--origin-request-id" not in offered(environ, "consumer", "approve", "--")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("publisher", "apps", "--output", "j"), ["json", "jsonl"]),
        (("publisher", "apps", "-o", "j"), ["json", "jsonl"]),
        (("publisher", "apps", "--output=j"), ["--output=json", "--output=jsonl"]),
        (("-o", "j"), ["json", "jsonl"]),
        (("publisher", "--output=j"), ["--output=json", "--output=jsonl"]),
        (("-o", "json", "publisher", "--sandbox", "ro"), ["roles"]),
        (("publisher", "apps", "--cloud", ""), ["public", "usgov", "china"]),
        (("publisher", "wait", "x", "--for", "a"), ["approved", "active"]),
        (("publisher", "history", "--state", "denied,pe"), ["denied,pending"]),
        (("consumer", "history", "--phase", "ended,cl"), ["ended,closed"]),
        (("consumer", "configure", "x", "--mode", "m"), ["manual"]),
        (("completion", "show", "p"), ["powershell"]),
        (("help", "e"), ["exit-codes", "environment"]),
        (("help", "s"), ["sign-in"]),
        (("doctor", "--side", "p"), ["publisher"]),
        (("sandbox", "fault", "add", "reset"), ["reset-before", "reset-after"]),
        (("sandbox", "env", "--sign-in", "g"), ["github"]),
        (("sandbox", "seed", "--file", ""), [":files"]),
        (("sandbox", "reset", "--switch", "upd"), ["update-access="]),
        (("publisher", "nonsense", ""), []),
        (("nonsense", ""), []),
        (("schema", "role"), ["roles"]),
        (("config", "set", "out"), ["output="]),
        (("config", "set", "auth=c"), ["auth=cli"]),
        (("config", "get", "time"), ["timezone"]),
        (("sandbox", "switch", "update-access=h"), ["update-access=honoured"]),
        (("publisher", "apps", "--as", "al"), ["alice"]),
        (("publisher", "apps", "--state-dir", "x"), [":dirs"]),
        (("publisher", "request", "x", "--reason", ""), []),
        (("publisher", "apps", "--", "--out"), []),
        (("nonsense", "x"), []),
        (("publisher", "apps", "--nonsense=x"), []),
    ],
)
def test_values(environ: dict[str, str], words: tuple[str, ...], expected: list[str]) -> None:
    assert [
        one for one in offered(environ, *words) if one in expected or expected == []
    ] == expected


def test_options_before_and_beside_their_values_are_understood(environ: dict[str, str]) -> None:
    line = ("publisher", "request", "x", "--role=Reader", "-ojson", "--dry-run", "--")

    left = offered(environ, *line)

    assert not {"--role", "--output", "--dry-run"} & set(left)
    assert "--reason" in left


def test_switches_go_with_an_application_or_without(
    environ: dict[str, str], tmp_path: Path
) -> None:
    names(tmp_path / "state" / "sandbox").remember_applications([application("orders")])

    first = offered(environ, "sandbox", "switch", "")
    second = offered(environ, "sandbox", "switch", "orders", "")

    assert first[0] == "orders"
    assert {"update-access="} < set(first)
    assert second == first[1:]


def test_without_arguments_left_the_options_are_offered(environ: dict[str, str]) -> None:
    assert "--output" in offered(environ, "publisher", "apps", "")


def test_options_where_no_command_is_yet(environ: dict[str, str]) -> None:
    found = offered(environ, "--nonsense", "--")

    assert found == [*(option.flag for option in OPTIONS), "--help"]


@pytest.mark.parametrize("typed", ["'virtual m", '"virtual m', r"virtual\ m", "Virtual"])
def test_what_zsh_and_fish_have_of_an_open_quote(
    environ: dict[str, str], tmp_path: Path, typed: str
) -> None:
    names(tmp_path / "state").remember_roles("here", {"1": "Virtual Machine Contributor"})

    line = ("publisher", "request", "x", "--role", typed)
    assert offered(environ, *line) == ["Virtual Machine Contributor"]


# Names


def test_applications_go_by_name_or_by_group_where_two_share_one(
    environ: dict[str, str], tmp_path: Path
) -> None:
    names(tmp_path / "state").remember_applications(
        [application("orders"), application("ledger", "a"), application("Ledger", "b")]
    )

    assert sorted(offered(environ, "publisher", "roles", "")) == ["a/ledger", "b/Ledger", "orders"]


def test_requests_come_newest_first_with_their_application(
    environ: dict[str, str], tmp_path: Path
) -> None:
    for day, name, app in ((0, OLDER, "ledger"), (3, REQUEST, "orders")):
        names(tmp_path / "state", START + timedelta(days=day)).remember_requests(
            [KnownRequest(f"/x/{name}", name, f"/y/{app}")]
        )

    told = answer(["zsh", "consumer", "approve", "3"], environ)

    assert told == f"{REQUEST}\torders\n{OLDER}\tledger\n"
    assert offered(environ, "consumer", "approve", REQUEST, "3") == [OLDER]


def test_role_names_once_each(environ: dict[str, str], tmp_path: Path) -> None:
    names(tmp_path / "state").remember_roles("here", {"1": "Reader", "2": "Reader", "3": "Owner"})

    line = ("publisher", "request", "x", "--role", "")
    assert sorted(offered(environ, *line)) == ["Owner", "Reader"]


@pytest.mark.parametrize(
    ("more", "variables"),
    [
        (["--sandbox"], {}),
        ([], {"AZJIT_SANDBOX": "1"}),
        ([], {"AZJIT_CLOUD": "https://localhost:8443"}),
        (["--cloud", "https://127.0.0.1:8443"], {}),
    ],
)
def test_the_sandbox_has_a_cache_of_its_own(
    environ: dict[str, str], tmp_path: Path, more: list[str], variables: dict[str, str]
) -> None:
    names(tmp_path / "state").remember_applications([application("real")])
    names(tmp_path / "state" / "sandbox").remember_applications([application("rehearsed")])

    assert offered(environ, "publisher", "roles", "re") == ["real"]
    inside = {**environ, **variables}
    assert offered(inside, "publisher", "roles", *more, "re") == ["rehearsed"]


def test_the_state_folder_may_be_named_on_the_line(tmp_path: Path) -> None:
    names(tmp_path / "else").remember_applications([application("orders")])

    line = ("publisher", "roles", "--state-dir", str(tmp_path / "else"), "")
    assert offered({"HOME": str(tmp_path)}, *line) == ["orders"]


def test_contexts(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(
        'current = "prod"\n[contexts.prod] # ours\n[contexts."new.one"]\n[other]\n'
    )

    assert offered(environ, "config", "use", "") == ["prod", "new.one"]
    assert offered(environ, "publisher", "apps", "--context", "p") == ["prod"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"applications": []}', '{"applications": {"a": 3, "b": {"id": 1}}}']
)
def test_a_broken_cache_offers_nothing(
    environ: dict[str, str], tmp_path: Path, content: str
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "names.json").write_text(content)

    assert offered(environ, "publisher", "roles", "") == []


def test_what_cannot_be_seen_is_not_offered(environ: dict[str, str], tmp_path: Path) -> None:
    hostile = [
        "a\nb",
        "a\tb",
        "a\x1b[2J",
        "a\u202eb",
        "a\u200bb",
        "--sandbox",
        ":files",
        "",
        "fine",
    ]
    names(tmp_path / "state").remember_applications(application(name) for name in hostile)

    assert offered(environ, "publisher", "roles", "") == ["fine"]


def test_a_word_about_a_name_is_harmless_too(environ: dict[str, str], tmp_path: Path) -> None:
    names(tmp_path / "state").remember_requests(
        [KnownRequest("/x/1", REQUEST, "/y/a\x1b[2J\nrm -rf\t\u202e")]
    )

    assert answer(["fish", "publisher", "show", "3"], environ) == (f"{REQUEST}\ta?[2J?rm -rf??\n")


def test_without_files_nothing_is_offered(environ: dict[str, str]) -> None:
    assert offered(environ, "config", "use", "") == []
    assert offered(environ, "publisher", "roles", "") == []


def test_at_most_200_are_offered(environ: dict[str, str], tmp_path: Path) -> None:
    names(tmp_path / "state").remember_applications(
        application(f"app-{number}") for number in range(300)
    )

    assert len(offered(environ, "publisher", "roles", "")) == 200


# Bash reads and quotes for itself


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("azjit publisher hi", ["history"]),
        ("azjit  publisher   hi", ["history"]),
        ("/usr/bin/azjit 'publisher' hi", ["history"]),
        ("azjit publisher apps --output=js", ["json", "jsonl"]),
        ("azjit publisher apps --output=", [*CHOICES["output"]]),
        ("azjit config set output=ya", ["yaml"]),
        ("azjit publisher roles Or", [r"or\ d\$\(x\)\!\'s"]),
        ('azjit publisher roles "or', []),
        ("azjit publisher roles 'or", []),
        ("azjit publisher roles 'or'", []),
        (r"azjit publisher roles or\ d", [r"or\ d\$\(x\)\!\'s"]),
        (r'azjit publisher roles "pl\$a\`i\"', [r"pl\$a\`i\"n\\"]),
        (r'azjit publisher roles "pl\q', []),
        ("azjit publisher roles 'pl", ['pl$a`i"n\\']),
        ('azjit publisher roles "pl', [r"pl\$a\`i\"n\\"]),
        ("azjit publisher apps --state-dir x", [":dirs"]),
        ("azjit publisher apps --state-dir", ["--state-dir"]),
    ],
)
def test_bash_gets_what_it_can_put_into_the_line(
    environ: dict[str, str], tmp_path: Path, line: str, expected: list[str]
) -> None:
    names(tmp_path / "state").remember_applications(
        [application("or d$(x)!'s"), application('pl$a`i"n\\')]
    )

    assert replies(environ, line) == expected


def test_bash_shows_a_word_about_each_only_where_it_lists(environ: dict[str, str]) -> None:
    inserted, listed = (replies(environ, "azjit sandbox s", kind) for kind in ("9", "63"))

    assert "serve" in inserted
    assert all("(" not in line for line in inserted)
    assert listed[0].startswith("serve")
    assert listed[0].endswith(")")


# What it costs


def test_a_tab_loads_next_to_nothing(tmp_path: Path) -> None:
    look = (
        "import sys; before = set(sys.modules); sys.argv = ['azjit', '__complete', 'bash',"
        " 'azjit publisher --', '9', ' ']; from azjit.__main__ import main; main();"
        "sys.stderr.write(' '.join(sorted(set(sys.modules) - before)))"
    )

    ran = subprocess.run(
        [sys.executable, "-c", look],
        # Without what measures coverage in every process of the tests.
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )

    assert set(ran.stderr.split()) == {
        "__future__",
        "azjit",
        "azjit.__main__",
        "azjit.complete",
        "azjit.complete.answer",
        "azjit.complete.bash",
        "azjit.complete.engine",
        "azjit.complete.tree",
    }


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize(
    "argv", [[], ["bash"], ["bash", "a", "b", "c", "d"], ["zsh"], ["x", "\udcff"]]
)
def test_nonsense_is_answered_with_nothing_and_no_traceback(argv: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "azjit", "__complete", *argv], capture_output=True, check=True
    )

    assert ran.stderr == b""


# The table and the scripts


def test_what_is_generated_is_up_to_date() -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "generate_completions.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr


def test_every_kind_of_value_is_one_that_completion_knows() -> None:
    known = {
        *CHOICES,
        "app",
        "request",
        "role",
        "person",
        "context",
        "states",
        "phases",
        "file",
        "dir",
    }
    known |= {"setting", "switch", "-", ""}

    used = {kind.removesuffix("...") for arguments, _, _ in COMMANDS.values() for kind in arguments}
    used |= {kind for _, options, _ in COMMANDS.values() for kind, _, _ in options.values()}

    assert used <= known


def test_names_are_read_as_they_are_written(tmp_path: Path) -> None:
    kept = names(tmp_path)
    kept.remember_applications([application("orders", "contoso-apps")])
    kept.remember_requests([KnownRequest("/x", REQUEST, "/subscriptions/s/applications/orders")])
    kept.remember_roles("here", {"g": "Reader"})

    assert completion_reader.applications(str(tmp_path)) == [("orders", "contoso-apps")]
    assert completion_reader.requests(str(tmp_path)) == [(REQUEST, "orders")]
    assert completion_reader.roles(str(tmp_path)) == [("Reader", "")]


def test_powershell_is_compared_as_text_only() -> None:
    script = script_of("powershell")

    assert "Not tested." in script.splitlines()[0]
    assert "Register-ArgumentCompleter -Native -CommandName azjit" in script
    assert "EscapeSingleQuotedStringContent" in script
    assert "Invoke-Expression" not in script


# azjit completion


@pytest.mark.parametrize("shell", SCRIPTS)
def test_show_prints_the_script_as_it_stands(cli: Cli, shell: str) -> None:
    shown, piped = cli("completion", "show", shell, tty=True), cli("completion", "show", shell)

    assert shown.out == piped.out == (ROOT / "completions" / SCRIPTS[shell]).read_text()
    assert shown.err == ""


def test_show_as_json(cli: Cli) -> None:
    assert cli("completion", "show", "zsh", "-o", "json").json == {
        "shell": "zsh",
        "script": script_of("zsh"),
    }


def test_an_unknown_shell_exits_2(cli: Cli) -> None:
    for command in ("show", "install"):
        result = cli("completion", command, "tcsh")

        assert result.code == 2
        assert result.error == "no completion for 'tcsh'"
        assert "bash, zsh, fish, powershell" in result.err


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", ".local/share/bash-completion/completions/azjit"),
        ("zsh", ".local/share/zsh/site-functions/_azjit"),
        ("fish", ".config/fish/completions/azjit.fish"),
        ("powershell", ".config/powershell/azjit.ps1"),
    ],
)
def test_install_writes_once_and_says_so(cli: Cli, tmp_path: Path, shell: str, place: str) -> None:
    home = {"HOME": str(tmp_path)}
    line = ("completion", "install", shell, "-o", "json")

    planned = cli(*line, "--dry-run", environ=home).json
    was_there = (tmp_path / place).exists()
    first, second = cli(*line, environ=home).json, cli(*line, environ=home).json

    assert (planned["result"], was_there) == ("would be written", False)
    assert (first["result"], second["result"]) == ("written", "unchanged")
    assert first["path"] == str(tmp_path / place)
    assert (tmp_path / place).read_text() == script_of(shell)


def test_install_on_a_terminal_and_in_a_pipe(cli: Cli, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}

    shown = cli("completion", "install", "fish", tty=True, width=200, environ=home)
    piped = cli("completion", "install", "fish", environ=home)

    path = tmp_path / ".config/fish/completions/azjit.fish"
    assert [line.split(maxsplit=1) for line in shown.out.splitlines()] == [
        ["Shell", "fish"],
        ["File", str(path)],
        ["Result", "written"],
        ["Next", "open a new shell"],
    ]
    assert piped.out == f"fish\t{path}\tunchanged\t\n"


def test_install_for_zsh_says_the_line_until_it_is_there(cli: Cli, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    folder = tmp_path / ".local/share/zsh/site-functions"

    first = cli("completion", "install", "zsh", "-o", "json", environ=home).json["next"]
    (tmp_path / ".zshrc").write_text(f"fpath=({folder} $fpath)\n")
    second = cli("completion", "install", "zsh", "-o", "json", environ=home).json["next"]

    assert first == f"add to {tmp_path}/.zshrc, before compinit: fpath=({folder} $fpath)"
    assert second is None


def test_install_for_bash_names_the_line_where_no_loader_is(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("azjit.complete.installation._BASH_COMPLETION", (str(tmp_path / "none"),))

    told = cli("completion", "install", "bash", "-o", "json", environ={"HOME": str(tmp_path)}).json

    assert told["next"] == f"bash-completion was not found; add to ~/.bashrc: . {told['path']}"


def test_install_for_bash_says_when_nothing_loads_bash_completion(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = tmp_path / "bash_completion"
    loader.touch()
    monkeypatch.setattr("azjit.complete.installation._BASH_COMPLETION", (str(loader),))
    monkeypatch.setattr("azjit.complete.installation._BASH_OF_ALL", str(tmp_path / "none"))
    home = {"HOME": str(tmp_path)}
    startup = tmp_path / ".bashrc"
    startup.write_text(f"# . {loader}\n")

    without = cli("completion", "install", "bash", "-o", "json", environ=home).json["next"]
    startup.write_text(f"  . {loader}\n")
    loaded = cli("completion", "install", "bash", "-o", "json", environ=home).json["next"]

    assert without == (f"bash-completion is installed but not loaded; add to ~/.bashrc: . {loader}")
    assert loaded is None


def test_switches_of_a_new_world_are_of_no_application(environ: dict[str, str]) -> None:
    names(Path(environ["AZJIT_STATE_DIR"]) / "sandbox").remember_applications(
        [application("orders")]
    )

    assert "orders" in offered(environ, "sandbox", "switch", "")
    assert "orders" not in offered(environ, "sandbox", "reset", "--switch", "")


def test_install_where_nothing_can_be_written_fails(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file where a folder should be")

    result = cli("completion", "install", "fish", environ={"HOME": str(tmp_path)})

    assert result.code == 1
    assert "azjit.fish cannot be written" in result.error


def test_a_broken_configuration_does_not_stop_it(cli: Cli) -> None:
    cli.config.parent.mkdir()
    cli.config.write_text("nonsense")

    shown = cli("completion", "show", "bash")

    assert (shown.code, shown.err) == (0, "")
    assert "complete -o" in shown.out
