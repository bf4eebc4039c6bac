"""Output and questions of a command: results on stdout, everything else on stderr."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from azjit.errors import Failed, Usage
from azjit.process import Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azjit.domain.reports import RequestReport
    from azjit.output.render.notes import StderrNotes
    from azjit.output.render.show import Target
    from azjit.output.view import View

_STREAMED = {"jsonl", "csv", "tsv"}
_OF_DOCUMENTS = {"json", "jsonl", "yaml", "none"}
# Results of a change: the person must see them, even if they do not fit the format.
_OF_CHANGES = {"activation", "decisions", "offer", "refreshed", "request", "settings"}


def stderr_notes(process: Process, *, quiet: bool = False) -> StderrNotes:
    """Give the notes of a process, which go to its stderr; `quiet` keeps errors and warnings."""
    from azjit.output.render.notes import StderrNotes
    from azjit.output.render.styles import wants_color

    stream = process.stderr
    is_terminal = stream.isatty()
    color = wants_color(process.environ, is_terminal=is_terminal)
    return StderrNotes(
        stream, is_terminal=is_terminal, color=color, width=process.width(), quiet=quiet
    )


class Console:
    """The streams of one command, and the options about their format."""

    def __init__(self, settings: Settings, process: Process) -> None:
        self._settings = settings
        self._process = process

    @cached_property
    def notes(self) -> StderrNotes:
        """Notes on the command, on stderr."""
        return stderr_notes(self._process, quiet=self._settings.quiet)

    @cached_property
    def typed_zone(self) -> tzinfo:
        """The zone that typed times are read in; one that cannot be used refuses local times."""
        from azjit.domain.zones import local_zone

        return local_zone(self._settings.timezone, self._process.environ)

    @cached_property
    def zone(self) -> tzinfo:
        """The zone that times are shown in: UTC if there is none that can be used."""
        from azjit.domain.zones import NoZone

        zone = self.typed_zone
        if not isinstance(zone, NoZone):
            return zone
        if zone.was_set:
            self.notes.warn(f"{zone.why}: times are shown in UTC")
        return UTC

    @property
    def is_text(self) -> bool:
        """Whether a person reads the whole result as a table."""
        return self._form == "table" and self._settings.query is None

    @property
    def form_shown(self) -> str | None:
        """The format in which a result shows all of each item; None if it does not."""
        from azjit.output.render.streams import leads_nowhere

        stdout = self._process.stdout
        is_drawn = self._form == "table" and not stdout.isatty()
        is_cut = self._settings.query is not None or self._form == "none"
        return None if is_cut or is_drawn or leads_nowhere(stdout) else self._form

    @property
    def _form(self) -> str:
        """The format asked for, else the one that fits stdout."""
        return self._settings.output or ("table" if self._process.stdout.isatty() else "tsv")

    def check(self) -> None:
        """Refuse a malformed query or an unknown time zone before anything is sent."""
        if any(
            one.option.name == "timezone" and one.source in {"flag", "variable"}
            for one in self._settings.sources
        ):
            _ = self.typed_zone
        if self._settings.query is not None:
            from azjit.output.render.query import check_query

            check_query(self._settings.query)

    def show(self, view: View, form: str | None = None) -> dict[str, str]:
        """Show a result on stdout in `form`, else in the format asked for.

        Gives the digests of the undecided requests that somebody can judge from then on: those that
        a terminal shows, or a format for scripts shows whole. If the pipe is closed the command
        goes on: its exit code tells what it did.

        Raises:
            Unwritten: the result does not fit there; what became of a change is on stderr.
        """
        from azjit.output.render.show import show
        from azjit.output.render.streams import ReaderGone, Unwritten

        shown: dict[str, str] = {}
        try:
            target = self._target(self._process.stdout, form or self._settings.output)
            show(_noting(view, self.form_shown, shown), target)
        except ReaderGone:
            return {}
        except Unwritten as error:
            if view.kind not in _OF_CHANGES:
                raise
            self._present(view)
            kept = "the result is above, and in the receipts"
            raise Unwritten(error.message, hint=kept) from error
        return shown

    def write(self, path: Path, view: View, form: str | None) -> None:
        """Write a result to a file in `form`, else in the format asked for.

        Raises:
            Failed: the file could not be written.
        """
        from azjit.output.render.show import show
        from azjit.store.disk import replacing

        try:
            with replacing(path) as stream:
                show(view, self._target(stream, form or self._settings.output))
        except OSError as error:
            why = error.strerror or type(error).__name__
            hint = "nothing was changed; check its folder, permissions and free space"
            raise Failed(f"{path} could not be written: {why}", hint=hint) from error
        self.notes.say(f"wrote {path}")

    def make_private(self) -> None:
        """Let only its owner read the new file that stdout leads to, if it leads to one."""
        from azjit.output.render.streams import make_private

        make_private(self._process.stdout)

    @property
    def is_page(self) -> bool:
        """Whether a page of text is printed as it is, because no data was asked for."""
        return self._settings.output in {None, "table"} and self._settings.query is None

    @property
    def _is_asked(self) -> bool:
        """Whether the command line itself names a format."""
        sources = self._settings.sources
        return any(one.option.name == "output" and one.source == "flag" for one in sources)

    @property
    def form_for_shell(self) -> str | None:
        """The format of a result that a shell evaluates: lines, unless the command line asks."""
        is_asked = self._is_asked or self._settings.query is not None
        return self._settings.output if is_asked else "tsv"

    def form_of_document(self, natural: str) -> str:
        """Give the format of a result that is one document, which has rows only with a query.

        Raises:
            Usage: a flag asks for rows; a variable or a context is ignored instead.
        """
        asked = self._settings.output
        if asked in _OF_DOCUMENTS:
            return asked
        if self._settings.query is not None:
            return asked or natural
        if self._is_asked:
            raise Usage(
                f"this result is one document and has no rows for {asked}",
                hint=f"use -o {natural}, or select rows with --query",
            )
        return natural

    def form_of_drawing(self, flag: str) -> str:
        """Give the format of a result that is drawn, which is no data.

        Raises:
            Usage: a flag asks for data; a variable or a context is ignored instead.
        """
        asked = self._settings.output if self._is_asked else None
        if self._settings.query is not None or asked not in {None, "table", "none"}:
            raise Usage(f"{flag} draws, and gives no data", hint=f"leave out {flag}")
        return asked or "table"

    def present(self, view: View) -> dict[str, str]:
        """Show a table on stderr, in addition to the result; give the digests that it shows.

        A quiet command shows none where nobody could be asked about it.
        """
        return self._present(view) if self._process.may_prompt or not self._settings.quiet else {}

    def _present(self, view: View) -> dict[str, str]:
        from azjit.output.render.show import show

        shown: dict[str, str] = {}
        stderr = self._process.stderr
        form = "table" if stderr.isatty() else None
        target = self._target(stderr, "table")._replace(query=None, limit=None)
        show(_noting(view, form, shown), target)
        stderr.write("\n")
        return shown

    def in_order(
        self, reports: Iterable[RequestReport], *, by_start: bool = False
    ) -> Iterable[RequestReport]:
        """Sort requests, newest first or `by_start`, which is the first to start.

        Streamed formats without a query keep the order of reading. With a query `[0]` is the first
        one in every format.
        """
        form = self._form
        if form in _STREAMED and self._settings.query is None:
            if self._settings.limit is not None:
                which = "the first to start" if by_start else "the newest"
                self.notes.aside(f"with {form} --limit keeps the first rows, not {which}")
            return reports
        if by_start:
            return sorted(reports, key=lambda report: report.request.start_key)
        return sorted(reports, key=lambda report: report.request.age_key, reverse=True)

    def confirm(self, question: str) -> None:
        """Ask a person at the terminal to confirm a change.

        Raises:
            Failed: the answer is not yes.
            Usage: there is no terminal.
        """
        if not self._process.may_prompt:
            raise Usage(
                "this needs a confirmation, and there is no terminal; nothing was sent",
                hint="add --yes",
            )
        if self.ask(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
            raise Failed(
                "not confirmed, so nothing was done", hint="use --yes to skip the confirmation"
            )

    def ask(self, question: str) -> str:
        """Ask a question at the terminal, and give the answer."""
        self.notes.clear()
        self._process.stderr.write(question)
        self._process.stderr.flush()
        return self._process.stdin.readline()

    def _target(self, stream: TextIO, form: str | None) -> Target:
        from azjit.output.render.show import Target
        from azjit.output.render.styles import wants_color

        is_terminal = stream.isatty()
        return Target(
            stdout=stream,
            is_terminal=is_terminal,
            width=self._process.width(),
            color=wants_color(self._process.environ, is_terminal=is_terminal),
            format=form,
            query=self._settings.query,
            limit=self._settings.limit,
            notes=self.notes,
        )


def _noting(view: View, form: str | None, shown: dict[str, str]) -> View:
    """Give a view that keeps the digest of each request that it writes and that may be decided."""
    requests = view.requests
    if requests is None or form is None:
        return view

    def items() -> Iterator[object]:
        try:
            for item in view.items:
                for each in requests(item, form):
                    if each.state.may_wait:
                        shown[each.id.text] = each.digest()
                yield item
        finally:
            if isinstance(view.items, Generator):
                view.items.close()

    return view._replace(items=items())
