"""When colour is used."""

from __future__ import annotations

import pytest

from azjit.output.render.styles import paint, wants_color


@pytest.mark.parametrize(
    ("environ", "on_terminal", "in_pipe"),
    [
        ({}, True, False),
        ({"TERM": "xterm-256color"}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": ""}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
    ],
)
def test_wants_color(environ: dict[str, str], *, on_terminal: bool, in_pipe: bool) -> None:
    assert wants_color(environ, is_terminal=True) is on_terminal
    assert wants_color(environ, is_terminal=False) is in_pipe


def test_unknown_state_has_no_colour() -> None:
    assert paint("Brand New", "state", color=True) == "Brand New"


def test_state_is_found_whatever_its_case() -> None:
    assert paint("Denied", "state", color=True) == "\x1b[31mDenied\x1b[0m"
