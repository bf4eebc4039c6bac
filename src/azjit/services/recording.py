"""Records every change in the receipts: its intent before it is sent, its outcome afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from azjit.context import Context
from azjit.errors import AnswerLost, AzjitError, Exit, Unavailable
from azjit.store.receipt_details import Details, encode_details
from azjit.store.receipts import Actor, Intent, OpenIntent, Outcome


class Change:
    """A change whose intent is recorded; its command concludes it."""

    def __init__(self, context: Context, opened: OpenIntent) -> None:
        self._context = context
        self._opened = opened

    def conclude(
        self,
        outcome: Outcome,
        *,
        state: str | None,
        detail: str = "",
        code: str | None = None,
        request_id: str | None = None,
    ) -> AzjitError | None:
        """Record the outcome; give the error if that fails.

        What a read showed stays true then: the command reports it, and ends with the error.
        """
        try:
            self._opened.conclude(
                outcome, state=state, detail=detail, code=code, request_id=request_id
            )
        except AzjitError as error:
            self._context.unrecorded.append(error)
            return error
        return None


@contextmanager
def record(
    context: Context, action: str, target: str, reason: str | None, details: Details
) -> Iterator[Change]:
    """Write the intent before the change and, if the change fails, its outcome.

    The caller concludes a change that did not fail.
    """
    caller = context.caller
    intent = Intent(
        action=action,
        target=target,
        actor=Actor(caller.id.text, caller.name, caller.kind, caller.tenant),
        cloud=context.cloud.arm,
        reason=reason,
        details=encode_details(details),
    )
    opened = context.receipts.intend(intent)
    change = Change(context, opened)
    try:
        yield change
    except AzjitError as error:
        if opened.is_open:
            change.conclude(
                _outcome_of(error),
                state=None,
                detail=error.message,
                code=error.code,
                request_id=error.request_id,
            )
        raise
    finally:
        # After Ctrl-C the intent stays open, so that the next command settles it.
        opened.release()


def _outcome_of(error: AzjitError) -> Outcome:
    if isinstance(error, AnswerLost) or error.exit is Exit.UNCONFIRMED:
        return Outcome.UNCONFIRMED
    if isinstance(error, Unavailable):
        return Outcome.FAILED
    return Outcome.REFUSED
