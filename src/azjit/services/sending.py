"""Sends a change once, then reads until its effect shows: only a read is proof."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import NamedTuple, TypeVar

from azjit.azure.arm import OPERATION_TIME
from azjit.azure.network import MAX_WAIT_SECONDS
from azjit.azure.pacing import Room
from azjit.azure.responses import Answer
from azjit.context import Context
from azjit.domain.calls import Call
from azjit.domain.ids import RequestId
from azjit.domain.polling import growing, poll
from azjit.domain.requests import JitRequest
from azjit.errors import AnswerLost, AzjitError, TokenRenewed, Unavailable

_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(seconds=10)
# How often a write is tried that no read shows; a person does not sit out a longer wait.
_ATTEMPTS = 5
_LONGEST_WAIT = timedelta(seconds=MAX_WAIT_SECONDS)
_REPORTED_WAIT = timedelta(seconds=3)
_STEP_SECONDS = 1.0
_OLDEST = timedelta(seconds=2)
_MOST_READS = 5
_T = TypeVar("_T")


class SentCall(NamedTuple):
    """A call that was sent; `trouble` is what went wrong on the way back, if anything did."""

    call: Call
    answer: Answer | None = None
    trouble: AzjitError | None = None

    @property
    def request_id(self) -> str | None:
        """Azure's id of the call."""
        if self.answer is not None:
            return self.answer.request_id
        return self.trouble.request_id if self.trouble is not None else None

    @property
    def said(self) -> str:
        """What is known of the call, in words."""
        return self.trouble.message if self.trouble is not None else "Azure accepted the call"


def send(
    context: Context,
    call: Call,
    leaving: Callable[[], None] | None = None,
    room: Room | None = None,
) -> SentCall:
    """Send a change; a lost answer is not an error, because Azure may have acted."""
    try:
        return SentCall(call, context.arm.send(call, leaving, room))
    except AnswerLost as lost:
        return SentCall(call, trouble=lost)


class _TooOld(Exception):
    """The read is too old for the write, which did not leave."""


class FreshRead:
    """Reads and checks a request right before a write, which leaves at most two seconds later.

    So a request that changed is not decided, however long the write waited for its turn. `prepare`
    reads what else the judgement needs, before each read of the request. `is_needed` judges what
    was read: it raises an error, or says whether to write at all. `seen` is what the last read
    showed; `has_left` tells whether a write was sent.
    """

    seen: JitRequest

    def __init__(
        self,
        context: Context,
        request: RequestId,
        is_needed: Callable[[JitRequest], bool],
        room: Room,
        leaving: Callable[[], None],
        prepare: Callable[[], None],
    ) -> None:
        self._context = context
        self._prepare = prepare
        self._request = request
        self._is_needed = is_needed
        self._room = room
        self._leaving = leaving
        self._began: datetime | None = None
        self._has_new_token = False
        self.has_left = False

    def send(self, call: Call) -> SentCall | None:
        """Send a call right after a read; None if the read shows that it is not needed.

        Raises:
            Unavailable: all reads were too old when the call was to leave, so it was not sent.
            AzjitError: of the read, of `is_needed`, or of the call.
        """
        for _ in range(_MOST_READS):
            self._prepare()
            self._room.wait()
            if not self._is_young():
                self.seen = self._context.solutions.request(self._request, self._begin)
                if not self._is_needed(self.seen):
                    return None
            try:
                return send(self._context, call, self._leave, self._room)
            except _TooOld:
                self._began = None
            except TokenRenewed:
                if self._has_new_token:
                    raise
                self._has_new_token = True
        raise Unavailable(
            f"could not {call.what}: the read before it was more than"
            f" {_OLDEST.total_seconds():.0f} seconds old, {_MOST_READS} times; nothing was sent",
            hint="try again when Azure answers faster",
        )

    def _begin(self) -> None:
        self._began = self._context.clock.now()

    def _is_young(self) -> bool:
        if self._began is None:
            return False
        return timedelta(0) <= self._context.clock.now() - self._began <= _OLDEST

    def _leave(self) -> None:
        if not self._is_young():
            raise _TooOld
        self._leaving()
        self.has_left = True
        self._began = None  # another form of the call needs a read of its own


def send_if_undone(
    context: Context,
    call: Call,
    is_undone: Callable[[], bool],
    leaving: Callable[[], None],
    attempts: int = _ATTEMPTS,
) -> SentCall:
    """Send a change, and send it again only if a read shows it undone.

    That is after no answer, 429 or 5xx, and once with a newer token if Azure refused the first.

    Somebody else may have changed the same thing meanwhile: `is_undone` tells whether everything is
    as before the first attempt. Otherwise a later read tells what the change came to. `leaving`
    runs right before each attempt.

    Raises:
        AzjitError: Azure has refused the change.
    """
    pauses = growing(_FIRST_PAUSE, 2, _LONGEST_PAUSE)
    tried, may_be_done, was_sent = 0, False, False
    while True:
        try:
            return _send_with_any_token(context, call, is_undone, leaving)
        except Unavailable as error:
            trouble = error
        except AzjitError as error:
            if may_be_done:  # by an earlier attempt
                return SentCall(call, trouble=error)
            raise
        tried += 1
        may_be_done |= isinstance(trouble, AnswerLost)
        was_sent |= may_be_done or trouble.status is not None
        asked = trouble.wait_seconds
        pause = next(pauses) if asked is None else timedelta(seconds=asked)
        is_last = tried == attempts or pause > _LONGEST_WAIT
        if not is_last:
            _wait(context, pause, trouble)
        is_known_undone = _try(is_undone)
        if not was_sent and is_known_undone is None:
            raise trouble
        if not is_known_undone or (is_last and may_be_done):
            return SentCall(call, trouble=trouble)
        if is_last:
            raise trouble


def _send_with_any_token(
    context: Context, call: Call, is_undone: Callable[[], bool], leaving: Callable[[], None]
) -> SentCall:
    try:
        return SentCall(call, context.arm.send(call, leaving))
    except TokenRenewed as error:
        if not _try(is_undone):
            return SentCall(call, trouble=error)
        return SentCall(call, context.arm.send(call, leaving))


def _wait(context: Context, pause: timedelta, trouble: AzjitError) -> None:
    if pause >= _REPORTED_WAIT:
        seconds = pause.total_seconds()
        context.notes.wait(f"{trouble.message}; azjit reads it again in {seconds:.0f} s")
    context.clock.sleep(pause.total_seconds())


def _try(read: Callable[[], bool]) -> bool | None:
    try:
        return read()
    except AzjitError:
        return None


def follow(context: Context, sent: SentCall, timeout: timedelta = OPERATION_TIME) -> SentCall:
    """Follow the operation that Azure began; an error is stored in the result, not raised."""
    if sent.answer is None:
        return sent
    context.notes.progress(f"waiting for Azure to {sent.call.what}")
    try:
        has_ended = context.arm.settle(sent.answer, sent.call.what, min(timeout, OPERATION_TIME))
    except AzjitError as error:
        # Azure has the call: not being allowed to poll, say, undoes nothing.
        return sent._replace(trouble=error)
    if not has_ended:
        context.notes.warn(f"Azure has not finished to {sent.call.what}; azjit keeps reading")
    return sent


class Watch:
    """Reads until a condition holds or the timeout has passed; all its reads share the timeout."""

    def __init__(self, context: Context, timeout: timedelta, stop: Event | None = None) -> None:
        self._notes = context.notes
        self._clock = context.clock
        self._stop = stop
        self._deadline = context.clock.now() + timeout

    def until(
        self, look: Callable[[], _T], is_settled: Callable[[_T], bool], saying: str
    ) -> tuple[_T | None, AzjitError | None]:
        """Give what the last successful read showed, and the error of the last read if it failed.

        Only an unavailable Azure is read again; any other error ends the watch.
        """
        seen: _T | None = None
        pauses = growing(_FIRST_PAUSE, 2, _LONGEST_PAUSE)

        def read() -> AzjitError | None:
            nonlocal seen
            try:
                seen = look()
            except AzjitError as error:
                return error
            return None

        def is_done(trouble: AzjitError | None) -> bool:
            if trouble is not None:
                return not isinstance(trouble, Unavailable)
            return seen is not None and is_settled(seen)

        def pause(_: AzjitError | None) -> timedelta:
            self._notes.progress(saying)
            return next(pauses)

        clock = self._clock._replace(sleep=self._sleep)
        trouble = poll(read, is_done, pause, self._deadline, clock)
        return seen, trouble

    def _sleep(self, seconds: float) -> None:
        # In steps, so that Ctrl-C in the main thread soon ends the others too.
        while seconds > 0:
            if self._stop is not None and self._stop.is_set():
                raise KeyboardInterrupt
            self._clock.sleep(min(seconds, _STEP_SECONDS))
            seconds -= _STEP_SECONDS
