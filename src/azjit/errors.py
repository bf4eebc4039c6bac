"""The one error tree: what happened, to what, what to do next, and the exit code that says so."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """What the process tells its caller; documented in `azjit help exit-codes`."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    REFUSED = 5
    UNAVAILABLE = 6
    PARTLY = 7
    PENDING = 8
    UNCONFIRMED = 9
    INTERRUPTED = 130


class AzjitError(Exception):
    """Something a person must hear about.

    `message` is one line, lower case, that says what happened and to what; `hint` is the next
    step; `code` and `request_id` are Azure's own error code and request id where there are any,
    and `status` is the HTTP status that Azure refused with.
    """

    exit: ClassVar[Exit] = Exit.FAILED
    status: int | None = None

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
        self.request_id = request_id


class Failed(AzjitError):
    """Failed for any other reason."""

    exit = Exit.FAILED


class Usage(AzjitError):
    """The command was called wrongly; nothing was sent."""

    exit = Exit.USAGE


class NotFound(AzjitError):
    """No such application, request or role."""

    exit = Exit.NOT_FOUND


class NotAllowed(AzjitError):
    """Signed in, but not allowed to do this."""

    exit = Exit.NOT_ALLOWED


class NotSignedIn(AzjitError):
    """No usable sign-in."""

    exit = Exit.NOT_ALLOWED


class Refused(AzjitError):
    """Denied, expired, or against a rule of the application or of this tool."""

    exit = Exit.REFUSED


class Unavailable(AzjitError):
    """Azure could not be reached, throttles or fails; the same call may work later.

    `wait_seconds` is how long Azure asks to wait, if it does.
    """

    exit = Exit.UNAVAILABLE
    wait_seconds: float | None = None


class AnswerLost(Unavailable):
    """Sent, but no usable answer came: whether Azure acted is not known until it is read."""


class PartlyDone(AzjitError):
    """Some items of a batch failed, others did not."""

    exit = Exit.PARTLY


class StillPending(AzjitError):
    """The wait ended before what it waited for."""

    exit = Exit.PENDING


class Unconfirmed(AzjitError):
    """Sent, but no read shows the change yet."""

    exit = Exit.UNCONFIRMED


def meant(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Give the start of a hint, "did you mean X? ", where something known is close."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return f"did you mean {by_lower[near[0]]}? " if near else ""
