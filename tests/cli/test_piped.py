"""What a file or pipe gets: UTF-8 with bare line feeds, whole tables, and a quiet stderr."""

from __future__ import annotations

import io

import pytest

from azjit.output.render.show import Target, show
from azjit.output.render.streams import cleaned, outlet
from azjit.output.results.config import config_file_view
from harness import Cli

NAME = "größe-łódź"


class Windows(io.TextIOWrapper):
    """A pipe as Windows makes it."""

    def __init__(self) -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding="cp1252", newline="\r\n")


@pytest.mark.parametrize("form", ["tsv", "csv", "json", "jsonl", "yaml", None])
def test_formats_for_scripts_are_utf8_with_bare_line_feeds(form: str | None) -> None:
    pipe = Windows()
    stream = outlet(cleaned(pipe, str))

    target = Target(stream, is_terminal=False, width=80, color=False, format=form)
    show(config_file_view(NAME, exists=True), target)

    told = pipe.bytes.getvalue()
    assert NAME in told.decode("utf-8")
    assert b"\r\n" not in told.replace(b"\r\n", b"\n" if form == "csv" else b"\r\n")


@pytest.mark.parametrize("width", [20, 80])
def test_a_table_in_a_pipe_is_whole(cli: Cli, width: int) -> None:
    narrow = cli("consumer", "apps", "-o", "table", width=width)
    wide = cli("consumer", "apps", "-o", "table", width=500)

    assert narrow.out == wide.out
    assert "…" not in narrow.out


def test_a_table_on_a_terminal_fits_it(cli: Cli) -> None:
    told = cli("consumer", "apps", "-o", "table", width=60, tty=True)

    assert max(map(len, told.out.splitlines())) <= 60


# Quiet


@pytest.mark.parametrize(
    "argv",
    [
        ("publisher", "request", "orders", "--role", "Contributor", "-o", "none"),
        ("consumer", "approve", "338a9a54", "--reason", "x", "-o", "json"),
        ("consumer", "configure", "orders", "--max-duration", "4h", "-o", "none"),
    ],
)
@pytest.mark.parametrize("way", ["-q", "--quiet", "variable"])
def test_a_quiet_command_that_succeeds_says_nothing_else(
    cli: Cli, argv: tuple[str, ...], way: str
) -> None:
    flags = () if way == "variable" else (way,)

    done = cli(*argv, *flags, environ={"AZJIT_QUIET": "1"} if way == "variable" else None)

    assert done.code == 0
    assert done.err == "SANDBOX: nothing here is real\n"


def test_a_quiet_command_tells_errors_and_warnings(cli: Cli) -> None:
    failed = cli("consumer", "show", "nowhere", "-q")
    warned = cli("publisher", "show", "338a9a54", "-q", "-o", "table", environ={"TZ": "No/Such"})

    assert failed.error.startswith("no application named 'nowhere'")
    assert "next: " in failed.err
    assert "warning: " in warned.err


def test_a_person_who_is_asked_sees_what_about_in_spite_of_quiet(cli: Cli) -> None:
    done = cli("consumer", "approve", "338a9a54", "--reason", "x", "-q", tty=True, answer="n\n")

    assert done.code == 1
    assert "Contributor" in done.err


def test_a_quiet_log_of_calls_is_still_a_log(cli: Cli) -> None:
    assert "GET " in cli("consumer", "apps", "-q", "--debug").err
