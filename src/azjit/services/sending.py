"""Sends a change once and watches what comes of it: after the sending only reads tell the truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import NamedTuple, TypeVar

from azjit.azure.arm import OPERATION_TIME
from azjit.azure.responses import Answer
from azjit.context import Context
from azjit.domain.calls import Call
from azjit.errors import AnswerLost, AzjitError, Unavailable

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 10.0
_STEP = 1.0
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
        """What is known of it, in words."""
        return self.trouble.message if self.trouble is not None else "Azure took the call"


def send(context: Context, call: Call) -> SentCall:
    """Send a change; a lost answer is no failure, for Azure may have acted.

    Raises:
        AzjitError: Azure refused it, or was not reached.
    """
    try:
        return SentCall(call, context.arm.send(call))
    except AnswerLost as lost:
        return SentCall(call, trouble=lost)


def follow(context: Context, sent: SentCall, timeout: timedelta = OPERATION_TIME) -> SentCall:
    """Follow the operation that Azure answered with; its trouble is kept, not raised."""
    if sent.answer is None:
        return sent
    context.notes.progress(f"waiting for Azure to {sent.call.what}")
    try:
        has_ended = context.arm.settle(sent.answer, sent.call.what, min(timeout, OPERATION_TIME))
    except AzjitError as error:
        # Azure has the call: not being allowed to poll, say, undoes nothing.
        return sent._replace(trouble=error)
    if not has_ended:
        context.notes.warn(f"Azure has not finished to {sent.call.what}; reading goes on")
    return sent


class Watch:
    """Reads again and again until something shows or the time is up."""

    def __init__(self, context: Context, timeout: timedelta, stop: Event | None = None) -> None:
        self._context = context
        self._stop = stop
        self._deadline = context.clock.now() + timeout

    def until(
        self, look: Callable[[], _T], is_settled: Callable[[_T], bool], saying: str
    ) -> tuple[_T | None, AzjitError | None]:
        """Give what the last readable look showed, and why the last look failed if it did.

        Only an unavailable Azure is asked again; any other failure ends the watch.
        """
        seen: _T | None = None
        trouble: AzjitError | None = None
        pause = _FIRST_PAUSE
        while True:
            try:
                seen, trouble = look(), None
            except Unavailable as error:
                trouble = error
            except AzjitError as error:
                return seen, error
            if trouble is None and seen is not None and is_settled(seen):
                return seen, None
            left = (self._deadline - self._context.clock.now()).total_seconds()
            if left <= 0:
                return seen, trouble
            self._context.notes.progress(saying)
            self._pause(min(pause, left))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _pause(self, seconds: float) -> None:
        # In steps, so that Ctrl-C in the main thread soon ends the others too.
        while seconds > 0:
            if self._stop is not None and self._stop.is_set():
                raise KeyboardInterrupt
            self._context.clock.sleep(min(seconds, _STEP))
            seconds -= _STEP
