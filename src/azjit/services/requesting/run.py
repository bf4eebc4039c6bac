"""Runs a command while a request gives access, and watches the end of the access."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.durations import human_duration
from azjit.domain.requests import JitRequest
from azjit.domain.times import iso_instant, say_utc
from azjit.errors import AzjitError, NotFound, Refused
from azjit.services.requesting.cancel import Cancelling
from azjit.services.requesting.child import MISSING, NOT_EXECUTABLE, Beside, Child
from azjit.services.requesting.create import RequestPlan

WARNS_BEFORE = timedelta(minutes=10)
_LOOKS_EVERY = 1.0
_MINUTE = timedelta(minutes=1)
_NOT_NEEDED = "the command was not started"


class Work(NamedTuple):
    """A command to run, and what happens when the access ends."""

    words: Sequence[str]
    on_warning: str | None = None
    kill_at_end: bool = False


class Running:
    """Runs a command with access, and withdraws the request of one that is not started."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._beside: Beside | None = None

    def run(self, work: Work, request: JitRequest) -> int:
        """Run the command and give its exit code; 126 or 127 if it cannot be started."""
        program, end = work.words[0], request.schedule.end
        environ = {**self._context.process.environ, **_told(request)}
        child = Child(at_terminal=bool(self._context.process.terminal()))
        notes = self._context.notes
        try:
            with child.started(work.words, environ):
                code = self._watch(child, work, end, environ)
        except OSError as error:
            code = MISSING if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
            notes.must_say(f"{program} was not started: {error.strerror or error}")
        else:
            notes.say(f"{program} ended with code {code}")
            if self._beside is not None:
                self._beside.let_end()
        self.say_what_remains(request)
        return code

    def say_what_remains(self, request: JitRequest) -> None:
        """Say until when the access lasts, and how to give it back."""
        end, now = request.schedule.end, self._context.now()
        if end is None:
            return
        if end <= now:
            self._context.notes.say(f"the access of request {request.name} has ended by the clock")
            return
        self._context.notes.say(
            f"the access of request {request.name} lasts until {say_utc(end)}, {_rest(end - now)}"
            f" more; to give it back: azjit publisher cancel {request.name}"
        )

    def give_up(self, work: Work, plan: RequestPlan) -> bool:
        """Say that the command was not started; tell whether its own request is withdrawn."""
        notes, request = self._context.notes, plan.request
        notes.clear()
        notes.must_say(f"{work.words[0]} was not started")
        if plan.call is None:
            notes.say(f"request {request.name} was there before, and stays as it is")
            return False
        cancelling = self._context.service(Cancelling)
        try:
            case = cancelling.plan(request.id.text)
            if case.error is not None:
                notes.warn(f"request {request.name} is {case.request.state_clause}, and stays")
                self.say_what_remains(case.request)
                return False
            cancelling.apply(case, _NOT_NEEDED)
        except (Refused, NotFound):
            return False  # it gives no access, or was never filed
        except AzjitError as error:
            notes.warn(f"request {request.name} could not be withdrawn: {error.message}")
            return False
        notes.say(f"request {request.name} is withdrawn")
        return True

    def _watch(
        self, child: Child, work: Work, end: datetime | None, environ: Mapping[str, str]
    ) -> int:
        has_warned = has_ended = False
        while True:
            now = self._context.now()
            if end is not None and not has_warned and end - now <= WARNS_BEFORE:
                has_warned = True
                self._warn(work, end, now, environ)
            if end is not None and not has_ended and end <= now:
                has_ended = True
                self._end(child, work)
            code = child.wait(_LOOKS_EVERY)
            if code is not None:
                return code

    def _warn(self, work: Work, end: datetime, now: datetime, environ: Mapping[str, str]) -> None:
        fate = "is stopped then" if work.kill_at_end else "is not stopped"
        left = f"ends in {_rest(end - now)}" if end > now else "has ended"
        self._context.notes.warn(f"the access {left}, at {say_utc(end)}; {work.words[0]} {fate}")
        if work.on_warning is not None:
            self._beside = Beside(work.on_warning, environ)

    def _end(self, child: Child, work: Work) -> None:
        if not work.kill_at_end:
            self._context.notes.warn(f"the access has ended by the clock; {work.words[0]} goes on")
            return
        self._context.notes.warn(f"the access has ended by the clock; {work.words[0]} is stopped")
        child.kill()


def _told(request: JitRequest) -> dict[str, str]:
    """Give the variables that a command gets beside those of the caller; none is a secret."""
    end = request.schedule.end
    return {
        "AZJIT_REQUEST": request.name,
        "AZJIT_ACCESS_END": iso_instant(end) if end is not None else "",
    }


def _rest(left: timedelta) -> str:
    return human_duration(max(left // _MINUTE * _MINUTE, _MINUTE))
