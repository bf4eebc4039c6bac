"""Writes notes, warnings, progress and errors to stderr, a line each."""

from __future__ import annotations

from threading import RLock
from typing import TextIO

from azjit.errors import AzjitError
from azjit.output.fields import Style
from azjit.output.render.streams import writer
from azjit.output.render.styles import paint
from azjit.output.render.text import cells, cut_end, fold, harmless

_INDENT = "    "
_SANDBOX = "SANDBOX: nothing here is real"


class StderrNotes:
    """Writes what does not belong to the result; each call writes one line of any text."""

    def __init__(
        self,
        stream: TextIO,
        *,
        is_terminal: bool,
        color: bool,
        width: int,
        quiet: bool = False,
    ) -> None:
        self._stream = stream
        self._write = writer(stream, drawn=True)
        self._is_terminal = is_terminal
        self._color = color
        self._width = width
        self._quiet = quiet
        self._progress = 0
        self._turn = RLock()  # a batch speaks from several threads
        self._has_said_sandbox = False

    def say(self, text: str) -> None:
        """Write a note for people and scripts, such as who is acting."""
        if not self._quiet:
            self.must_say(text)

    def must_say(self, text: str) -> None:
        """Write what was asked for, or what the command waits for, also if it is quiet."""
        self._line("", text)

    def aside(self, text: str) -> None:
        """Write a note for a person; nothing if stderr is no terminal."""
        if self._is_terminal and not self._quiet:
            self._line("", text, "quiet")

    def hint(self, text: str) -> None:
        """Write the next step for a person."""
        if self._is_terminal and not self._quiet:
            self._line("next: ", text, folds=False)

    def paste(self, text: str) -> None:
        """Write a line to copy: it is never folded, and also written if it is quiet."""
        self._line("", text, folds=False)

    def warn(self, text: str) -> None:
        """Write a warning for people and scripts."""
        self._line("warning: ", text, lead_style="wait")

    def sandbox(self) -> None:
        """Write, once, that this is the sandbox."""
        if not self._has_said_sandbox:
            self._has_said_sandbox = True
            self._line("", _SANDBOX, "wait")

    def error(self, error: AzjitError) -> None:
        """Write an error: its message, Azure's code and request id, and the next step."""
        self._line("azjit: ", error.message, lead_style="bad")
        told = [error.code or "", f"request id {error.request_id}" if error.request_id else ""]
        azure = ", ".join(part for part in told if part)
        if azure:
            self._line("  azure: ", azure)
        if error.hint:
            self._line("  next: ", error.hint, folds=False)

    def interrupted(self, text: str) -> None:
        """Write one line about a change that was under way at an interruption."""
        self._line("azjit: ", text, lead_style="bad", folds=False)

    def progress(self, text: str) -> None:
        """Show progress on a line that the next text replaces; only on a terminal."""
        if not self._is_terminal or self._quiet:
            return
        # No erase sequence: TERM=dumb counts as a terminal too. The last column stays free,
        # for a full line moves the cursor to the next one.
        line = cut_end(harmless(text), self._width - 1)
        size = cells(line)
        with self._turn:
            self._write("\r" + line + " " * (self._progress - size))
            self._stream.flush()
            self._progress = size

    def wait(self, text: str) -> None:
        """Write why the command waits: as progress on a terminal, else as a note."""
        if self._is_terminal:
            self.progress(text)
        else:
            self.say(text)

    def clear(self) -> None:
        """Remove the progress line."""
        with self._turn:
            if self._progress:
                self._write("\r" + " " * self._progress + "\r")
                self._stream.flush()
                self._progress = 0

    def _line(
        self,
        lead: str,
        text: str,
        style: Style = "plain",
        *,
        lead_style: Style = "quiet",
        folds: bool = True,
    ) -> None:
        # A command to paste must stay in one piece: the next step is never folded.
        first, *more = self._folded(harmless(text), len(lead)) if folds else [harmless(text)]
        lines = [
            paint(lead, lead_style, color=self._color) + paint(first, style, color=self._color)
        ]
        lines += [_INDENT + paint(line, style, color=self._color) for line in more]
        with self._turn:
            self.clear()
            self._write("\n".join(lines) + "\n")
            self._stream.flush()

    def _folded(self, text: str, lead: int) -> list[str]:
        """Fold between words on a terminal; a script gets one line of any length."""
        if not self._is_terminal:
            return [text]
        return fold(text, self._width - lead, self._width - len(_INDENT))
