"""Records every change in the receipts: its intent before it is sent, its outcome afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from azjit.context import Context
from azjit.errors import AnswerLost, AzjitError, Exit, Unavailable
from azjit.store.receipt_details import Details, encode_details
from azjit.store.receipts import Actor, Intent, OpenIntent, Outcome


class Change:
    """A change whose intent is recorded; its command concludes it.

    `is_sent` tells whether its call has left; `seen` is the state that a read showed after that.
    """

    def __init__(self, context: Context, opened: OpenIntent, intent: Intent) -> None:
        self._context = context
        self._opened = opened
        self.action, self.target = intent.action, intent.target
        self.is_sent = False
        self.seen: str | None = None

    def leaves(self) -> None:
        """Note that the call leaves now.

        Raises:
            KeyboardInterrupt: the command has been interrupted, so the call must not leave.
        """
        if self._context.stop.is_set():
            raise KeyboardInterrupt
        self.is_sent = True

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
        self.seen = state
        try:
            self._opened.conclude(
                outcome, state=state, detail=detail, code=code, request_id=request_id
            )
        except AzjitError as error:
            self._context.unrecorded.append(error)
            return error
        return None


class ChangesUnderWay:
    """The changes of a command that are recorded and not concluded."""

    def __init__(self, _: Context) -> None:
        self.changes: list[Change] = []


@contextmanager
def record(
    context: Context, action: str, target: str, reason: str | None, details: Details
) -> Iterator[Change]:
    """Write the intent before the change and, if the change fails, its outcome.

    The caller concludes a change that did not fail.

    Raises:
        RuntimeError: the command has not settled the receipts of killed commands before.
    """
    if not context.has_settled:
        raise RuntimeError("a change is recorded before settle_receipts")
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
    change = Change(context, opened, intent)
    under_way = context.service(ChangesUnderWay).changes
    under_way.append(change)
    try:
        yield change
        under_way.remove(change)
    except AzjitError as error:
        if opened.is_open:
            change.conclude(
                _outcome_of(error),
                state=None,
                detail=error.message,
                code=error.code,
                request_id=error.request_id,
            )
        under_way.remove(change)
        raise
    except KeyboardInterrupt:
        if opened.is_open and not change.is_sent:
            change.conclude(Outcome.FAILED, state=None, detail="interrupted before it was sent")
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
