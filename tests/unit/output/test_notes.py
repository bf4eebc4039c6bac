"""The content of stderr, on a terminal and elsewhere."""

from __future__ import annotations

import io

from azjit.errors import NotFound, Usage
from azjit.output.render.notes import StderrNotes


def elsewhere(stream: io.StringIO) -> StderrNotes:
    return StderrNotes(stream, is_terminal=False, color=False, width=80)


def test_terminal_hears_everything(notes: StderrNotes, stderr: io.StringIO) -> None:
    notes.say("acting as alice")
    notes.aside("3 requests")
    notes.hint("azjit consumer pending")
    notes.warn("the change is near")

    assert stderr.getvalue() == (
        "acting as alice\n3 requests\nnext: azjit consumer pending\nwarning: the change is near\n"
    )


def test_scripts_hear_no_chatter(stderr: io.StringIO) -> None:
    notes = elsewhere(stderr)

    notes.say("acting as alice")
    notes.aside("3 requests")
    notes.hint("azjit consumer pending")
    notes.progress("waiting")
    notes.warn("the change is near")

    assert stderr.getvalue() == "acting as alice\nwarning: the change is near\n"


def test_sandbox_is_said_once_and_everywhere(stderr: io.StringIO) -> None:
    notes = elsewhere(stderr)

    notes.sandbox()
    notes.sandbox()

    assert stderr.getvalue() == "SANDBOX: nothing here is real\n"


def test_error_says_what_azure_said_and_the_next_step(
    notes: StderrNotes, stderr: io.StringIO
) -> None:
    error = NotFound(
        "no application named 'x'", hint="list yours", code="ResourceNotFound", request_id="12"
    )

    notes.error(error)

    assert stderr.getvalue() == (
        "azjit: no application named 'x'\n"
        "  azure: ResourceNotFound, request id 12\n"
        "  next: list yours\n"
    )


def test_error_of_ours_is_one_line(notes: StderrNotes, stderr: io.StringIO) -> None:
    notes.error(Usage("no such option"))

    assert stderr.getvalue() == "azjit: no such option\n"


def test_request_id_alone_is_told(notes: StderrNotes, stderr: io.StringIO) -> None:
    notes.error(Usage("odd", request_id="12"))

    assert stderr.getvalue() == "azjit: odd\n  azure: request id 12\n"


def test_hostile_text_can_not_forge_lines(notes: StderrNotes, stderr: io.StringIO) -> None:
    notes.error(Usage("x\nazjit: approved\x1b[2K", hint="\u202e", code="A\rB"))

    assert stderr.getvalue() == ("azjit: x␊azjit: approved␛[2K\n  azure: A␍B\n  next: <U+202E>\n")


def test_progress_is_replaced_and_cleared(notes: StderrNotes, stderr: io.StringIO) -> None:
    notes.progress("page 10")
    notes.progress("p 9")
    notes.say("done")
    notes.clear()

    assert stderr.getvalue() == "\rpage 10\rp 9    \r   \rdone\n"


def test_progress_stays_within_one_line(notes: StderrNotes, stderr: io.StringIO) -> None:
    notes.progress("日" * 50)

    assert stderr.getvalue() == "\r" + "日" * 19 + "…"


def test_colours_mark_the_lead(stderr: io.StringIO) -> None:
    notes = StderrNotes(stderr, is_terminal=True, color=True, width=80)

    notes.warn("careful")
    notes.error(Usage("bad"))
    notes.say("plain")

    assert stderr.getvalue() == (
        "\x1b[33mwarning: \x1b[0mcareful\n\x1b[31mazjit: \x1b[0mbad\nplain\n"
    )


def test_a_person_gets_long_notes_folded_between_words() -> None:
    stream = io.StringIO()
    notes = StderrNotes(stream, is_terminal=True, color=False, width=20)

    notes.warn("one two three four five six")

    assert stream.getvalue() == "warning: one two\n    three four five\n    six\n"


def test_a_script_gets_a_long_note_in_one_line() -> None:
    stream = io.StringIO()
    notes = StderrNotes(stream, is_terminal=False, color=False, width=20)

    notes.warn("one two three four five six")

    assert stream.getvalue() == "warning: one two three four five six\n"
