"""Records every change in the receipts: its intent before it is sent, its outcome afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from azjit.context import Context
from azjit.errors import AnswerLost, AzjitError, Exit, Unavailable
from azjit.store.receipt_details import Details, encode_details
from azjit.store.receipts import Actor, Intent, OpenIntent, Outcome


@contextmanager
def record(
    context: Context, action: str, target: str, reason: str | None, details: Details
) -> Iterator[OpenIntent]:
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
    try:
        yield opened
    except AzjitError as error:
        if opened.is_open:
            opened.conclude(
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
