"""`azjit whoami` tells who is signed in, how and why so, and until when."""

from __future__ import annotations

from azjit import __version__
from harness import Cli


def test_whoami_on_a_terminal(cli: Cli) -> None:
    done = cli("whoami", "--as", "bob", tty=True)

    assert done.code == 0, done.err
    lines = {line.partition("  ")[0]: line.split()[-1] for line in done.out.splitlines()}
    assert lines["Name"] == "bob@contoso.example"
    assert lines["Sign-in"] == "sandbox"
    assert lines["azjit"] == __version__


def test_whoami_in_a_pipe_is_a_row(cli: Cli) -> None:
    done = cli("whoami", "--as", "bob")

    assert (done.code, done.out.split("\t")[0]) == (0, "bob@contoso.example")


def test_whoami_as_json(cli: Cli) -> None:
    told = cli("whoami", "--as", "contoso-ci", "-o", "json").json

    assert told["kind"] == "service principal"
    assert told["cloud"].startswith("https://")
    assert told["signIn"] == "sandbox"
    assert told["chosenBy"] == []
    assert told["tokenEnds"] is not None
    assert {"id", "tenant", "version", "python"} <= told.keys()


def test_whoami_of_nobody_says_how_to_sign_in(cli: Cli) -> None:
    done = cli("whoami", "--as", "nobody")

    assert (done.code, done.out) == (4, "")
    assert "nobody" in done.error
