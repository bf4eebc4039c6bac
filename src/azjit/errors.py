"""The error classes: what happened, to what, what to do next, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """The exit codes of the process, which `azjit help exit-codes` documents."""

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
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


class Interrupted(KeyboardInterrupt):
    """A signal like Ctrl-C; the process ends with 128 and its number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit = Exit(128 + number)


class AzjitError(Exception):
    """The base class of all errors that a user sees.

    `message` is one line in lower case that says what happened and to what. `hint` is the next
    step. `code`, `request_id` and `status` are Azure's error code, request id and HTTP status, if
    there are any.
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
    """Wrong usage; nothing was sent."""

    exit = Exit.USAGE


class NotFound(AzjitError):
    """No such application, request or role."""

    exit = Exit.NOT_FOUND


class NotAllowed(AzjitError):
    """The caller is signed in, but not allowed to do this."""

    exit = Exit.NOT_ALLOWED


class NotSignedIn(AzjitError):
    """No usable sign-in."""

    exit = Exit.NOT_ALLOWED


class TokenRenewed(NotSignedIn):
    """Azure refused the token of a write; with the newer one it may leave after a read."""


class Refused(AzjitError):
    """Denied, expired, or against a rule of the application or of this tool."""

    exit = Exit.REFUSED


class Unavailable(AzjitError):
    """Azure could not be reached, throttles or fails; the same call may work later.

    `wait_seconds` is the wait that Azure asks for, if any.
    """

    exit = Exit.UNAVAILABLE
    wait_seconds: float | None = None


class AnswerLost(Unavailable):
    """The call was sent without a usable answer: only a read shows whether Azure acted."""


class PartlyDone(AzjitError):
    """Some items of a batch failed, others did not."""

    exit = Exit.PARTLY


class StillPending(AzjitError):
    """The wait ended before its goal was reached."""

    exit = Exit.PENDING


class Unconfirmed(AzjitError):
    """Sent, but no read shows the change yet."""

    exit = Exit.UNCONFIRMED


def meant(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Give "did you mean X? " as the start of a hint, if a known word is similar."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return f"did you mean {by_lower[near[0]]}? " if near else ""
