"""A TAB in bash, zsh and fish: the resulting line, and the call of azjit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shells.conftest import Shell

Remember = Callable[..., None]

# What a name could do if a shell read it: run, expand, end the word, open a quote.
HOSTILE = {
    "w01": "w01 with spaces",
    "w02": "w02$(touch PWNED)",
    "w03": "w03`touch PWNED`",
    "w04": "w04;touch PWNED",
    "w05": "w05'quote",
    "w06": 'w06"double',
    "w07": "w07\\back\\",
    "w08": "w08=:@&|<>*?[x]{a,b}~#^%",
    "w09": "w09!!",
    "w10": "w10 Ünïcödé 日本",
    "w11": "w11${HOME}$HOME",
    "w12": "w12 'a' \"b\" `touch PWNED` $(touch PWNED) \\",
}
# These hold what no person sees or can type: they are never offered.
UNSEEN = {
    "v01": "v01\ntouch PWNED\n",
    "v02": "v02\ttouch PWNED",
    "v03": "v03\x1b[31mred\x07",
    "v04": "v04\u202egnp",
    "v05": "v05\x00",
}


def test_commands(shell: Shell) -> None:
    assert shell.run("azjit pub\thist\t") == ["publisher", "history"]


def test_options_and_their_values(shell: Shell) -> None:
    assert shell.run("azjit publisher apps --out\tjsonl") == [
        "publisher",
        "apps",
        "--output",
        "jsonl",
    ]
    assert shell.run("azjit publisher apps --output ya\t") == [
        "publisher",
        "apps",
        "--output",
        "yaml",
    ]
    assert shell.run("azjit publisher apps --output=ya\t") == [
        "publisher",
        "apps",
        "--output=yaml",
    ]
    assert shell.run("azjit publisher wait x --for dec\t")[-1] == "decided"


def test_applications_and_requests_from_the_cache(
    shell: Shell, remember: Remember, remember_requests: Remember
) -> None:
    remember("orders", "ledger")
    remember_requests({"338a9a54-872d-5f1a-965a-c46f21c219fc": "orders"})

    assert shell.run("azjit publisher roles or\t") == ["publisher", "roles", "orders"]
    assert shell.run("azjit consumer approve 338\t--reason x") == [
        "consumer",
        "approve",
        "338a9a54-872d-5f1a-965a-c46f21c219fc",
        "--reason",
        "x",
    ]


def test_roles_have_spaces(shell: Shell, remember: Remember) -> None:
    remember("orders", roles=("Virtual Machine Contributor", "Reader"))

    line = ["publisher", "request", "orders", "--role", "Virtual Machine Contributor"]
    assert shell.run("azjit publisher request orders --role Vir\t") == line
    assert shell.run('azjit publisher request orders --role "Vir\t') == line
    assert shell.run("azjit publisher request orders --role 'Vir\t") == line


def test_the_sandbox_has_names_of_its_own(shell: Shell, remember: Remember) -> None:
    remember("real-one")
    remember("rehearsed", sandbox=True)

    assert shell.run("azjit publisher roles re\t")[-1] == "real-one"
    assert shell.run("azjit publisher roles --sandbox re\t")[-1] == "rehearsed"
    assert shell.run("azjit publisher apps --sandbox --as al\t")[-1] == "alice"


def test_contexts_and_settings(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text('[contexts.production]\ntenant = "x"\n')

    assert shell.run("azjit publisher apps --context pro\t")[-1] == "production"
    # Nothing is set behind `output=`: no space is put there either.
    assert shell.run("azjit config set out\tcsv")[-1] == "output=csv"
    assert shell.run("azjit config set output=ya\t")[-1] == "output=yaml"


def test_folders(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "somewhere").mkdir()

    assert shell.run("azjit publisher apps --state-dir somew\t")[-1].rstrip("/") == "somewhere"


def test_a_word_about_each_is_shown(shell: Shell, remember_requests: Remember) -> None:
    remember_requests(
        {
            "338a9a54-872d-5f1a-965a-c46f21c219fc": "orders",
            "31df087a-d458-5b34-ba82-5e1dd049c4ac": "ledger",
        }
    )

    shell.type("azjit publisher show 3\t\t")

    shown = shell.hear("ledger")
    assert "orders" in shown + shell.settle()


# What cannot stand in an open quote of bash's is left out there: it has no escape for it.
LEFT_OUT = {("bash", "'"): {"w05", "w12"}, ("bash", '"'): {"w09"}}


@pytest.mark.parametrize("quote", ["", "'", '"'], ids=["bare", "single", "double"])
def test_names_from_the_other_side_are_one_word_and_never_run(
    shell: Shell, remember: Remember, quote: str
) -> None:
    remember(*HOSTILE.values(), *UNSEEN.values(), "-w99", "--sandbox")
    left_out = LEFT_OUT.get((shell.name, quote), set())

    for begin, name in HOSTILE.items():
        if begin not in left_out:
            argv = shell.run(f"azjit publisher roles {quote}{begin}\t")
            assert argv == ["publisher", "roles", name]
    for begin in (*UNSEEN, *left_out):
        # Nothing is offered: the quote is still open, and closed here.
        argv = shell.run(f"azjit publisher roles {quote}{begin}\t{quote}")
        assert argv == ["publisher", "roles", begin]

    assert not shell.was_tricked


def test_no_name_passes_for_an_option(shell: Shell, remember: Remember) -> None:
    remember("-x99", "--xsandbox", "orders")

    assert shell.run("azjit publisher roles -x\t")[-1] == "-x"
    assert shell.run("azjit publisher roles --xs\t")[-1] == "--xs"
    assert shell.run("azjit publisher roles \t")[-1] == "orders"


def test_a_tab_that_fails_leaves_the_line_alone(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "names.json").write_text("{ not json")

    assert shell.run("azjit publisher roles or\tders") == ["publisher", "roles", "orders"]
